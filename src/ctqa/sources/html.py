"""A web page -> content: all that is shown, in order; what is beside its text becomes asides."""

import re
from copy import deepcopy
from typing import Any

import lxml.html
from lxml import etree
from trafilatura.metadata import extract_metadata

from ctqa.sources.archive import DAMAGE, damage_told
from ctqa.sources.content import Loaded, year_within
from ctqa.sources.decode import clean, decode, tidy
from ctqa.sources.html_blocks import html_blocks, write_block
from ctqa.sources.html_main import asides_of, quiet_trafilatura
from ctqa.sources.manuscript import Manuscript
from ctqa.text import squeeze

_HEAD_BYTES = 4_096
_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]*?\b(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE
)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_KNOWN = re.compile(
    r"(?:utf-?8|iso-?8859-?\d+|latin-?\d+|windows-?\d+|cp-?\d+|koi8-?[ru]|gb(?:k|2312|18030)|big5"
    r"|euc-?(?:jp|kr)|shift[-_]?jis|iso-2022-jp|macintosh|tis-?620)"
)
_AS_BROWSERS_DO = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_DATES = {"extensive_search": False, "original_date": False, "outputformat": "%Y-%m-%d"}


def load_html(data: bytes) -> Loaded:
    """Read a saved web page; nothing that it names is ever fetched.

    Raises:
        SourceError: the bytes are no text.

    """
    tree, left_out = parse_html(decode_html(data))
    if tree is None:
        return Loaded(state="empty", reason="no text")
    manuscript = Manuscript()
    blocks = html_blocks(tree)
    asides = asides_of(tree, blocks)
    for at, block in enumerate(blocks):
        write_block(manuscript, block, aside=at in asides)
    title, author, year = told_by(tree)
    if not manuscript.length:
        return Loaded(state="empty", reason=left_out or "no text that is shown without scripts")
    content = manuscript.content(title=title, author=author, year=year)
    return Loaded(contents=(content,), reason=left_out)


def decode_html(data: bytes) -> str:
    """Decode a page by its byte order mark, by what it declares, or as any text.

    Raises:
        SourceError: the bytes are no text.

    """
    declared = _CHARSET.search(data[:_HEAD_BYTES])
    if declared is not None and not data.startswith(_MARKS):
        name = declared[1].decode("ascii", "replace").lower()
        if _KNOWN.fullmatch(name) is not None:
            try:
                return clean(data.decode(_AS_BROWSERS_DO.get(name, name)))
            except (UnicodeDecodeError, LookupError):
                pass
    return decode(data)


def parse_html(text: str) -> tuple[Any, str]:
    """Parse a page into its root element, None where it holds none, and what was left out."""
    parser = lxml.html.HTMLParser(no_network=True, huge_tree=True, remove_pis=True)
    with damage_told():
        try:
            tree = lxml.html.document_fromstring(_DECLARATION.sub("", text), parser=parser)
        except etree.ParserError:  # nothing but comments or white space
            return None, ""
    is_cut = any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)
    return tree, "what is nested too deeply is left out" if is_cut else ""


def told_by(tree: Any) -> tuple[str, str, str]:
    """Give title, author and year as a page's head tells them, each "" where it does not.

    A first heading that stands in the title is the title without the name of the site.
    """
    named = "" if tree.find("head/title") is None else squeeze(tree.find("head/title").text or "")
    top = [squeeze(heading.text_content()) for heading in tree.iter("h1")]
    title = next((heading for heading in top if heading and heading in named), named)
    page = lxml.html.document_fromstring("<html><body></body></html>")
    if tree.find("head") is not None:
        page.insert(0, deepcopy(tree.find("head")))
    with quiet_trafilatura():
        try:
            found = extract_metadata(page, date_config=dict(_DATES))
        except DAMAGE:
            return title, "", ""
    author = tidy(found.author or "")
    return title or found.title or "", author, year_within(found.date or "")
