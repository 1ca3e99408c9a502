"""References for programs: BibTeX, RIS and CSL-JSON."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from ctqa.citing import pages
from ctqa.citing.names import Name
from ctqa.citing.reference import Kind, Reference

_BIBTEX: dict[Kind, str] = {
    "journal": "article",
    "magazine": "article",
    "webpage": "misc",
    "report": "techreport",
    "document": "misc",
}
_RIS: dict[Kind, str] = {
    "journal": "JOUR",
    "magazine": "MGZN",
    "webpage": "ELEC",
    "report": "RPRT",
    "document": "GEN",
}
_CSL: dict[Kind, str] = {
    "journal": "article-journal",
    "magazine": "article-magazine",
    "webpage": "webpage",
    "report": "report",
    "document": "document",
}
_LATEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "&%$#_"},
    }
)
_NOT_IN_URLS = re.compile(r"[\s{}\\\"<>^`|]")
_NOT_IN_KEYS = re.compile(r"[^a-z0-9]+")
_LITTLE_WORDS = frozenset({"a", "an", "and", "for", "from", "in", "of", "on", "the", "to"})
_DIGEST_CHARS = 8


def bibtex(found: Reference, page: str = "") -> str:
    """Write a BibTeX entry in UTF-8; its key tells the document and the page."""
    kind = _BIBTEX[found.kind]
    if kind == "techreport" and not found.publisher:
        kind = "misc"  # BibTeX asks a techreport for its institution
    fields = ",\n".join(f"  {name} = {{{value}}}" for name, value in _bibtex_fields(found, page))
    return f"@{kind}{{{_key(found, page)},\n{fields}\n}}"


def _bibtex_fields(found: Reference, page: str) -> Iterator[tuple[str, str]]:
    if found.names:
        yield "author", " and ".join(_bibtex_name(name) for name in found.names)
    # The second pair of braces keeps capitals as they are.
    yield "title", f"{{{_latex(found.title)}}}"
    cited = pages.bare(page)
    in_pages = cited if pages.is_number(cited) else _joined_pages(found)
    told = {
        "journal": found.container,
        "institution": found.publisher,
        "year": found.year,
        "volume": found.volume,
        "number": found.issue,
        "pages": re.sub(r"\s*[-–—]\s*", "--", in_pages) if pages.ends(in_pages) else in_pages,
        "note": "" if pages.is_number(cited) else cited,
    }
    yield from ((name, _latex(value)) for name, value in told.items() if value)
    if found.url:
        yield "url", _NOT_IN_URLS.sub(_percent, found.url)


def _bibtex_name(name: Name) -> str:
    if name.literal:
        return f"{{{_latex(name.literal)}}}"
    return f"{_latex(name.family)}, {_latex(name.given)}"


def _latex(text: str) -> str:
    return text.translate(_LATEX)


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


def _key(found: Reference, page: str) -> str:
    """Name an entry the same wherever it is cited: miller2011care-1f0c9d2a."""
    first = found.names[0] if found.names else Name()
    words = [word for word in _folded(found.title).split() if word not in _LITTLE_WORDS]
    author = "".join(_folded(first.literal or first.family).split()[:1])
    years = [str(year) for year in found.years[:1]]
    digest = hashlib.sha256(found.id.encode(errors="replace")).hexdigest()[:_DIGEST_CHARS]
    cited = "-".join(_folded(pages.bare(page)).split())
    return f"{author}{''.join(years)}{''.join(words[:1])}-{digest}{f'-p{cited}' if cited else ''}"


def _folded(text: str) -> str:
    """Put a text into small letters and digits of ASCII, parted by spaces."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_KEYS.sub(" ", bare).strip()


def ris(found: Reference, page: str = "") -> str:
    """Write an RIS record; every line of it ends with a carriage return and a line feed."""
    return "".join(f"{tag}  - {value}\r\n" for tag, value in _ris_fields(found, page))


def _ris_fields(found: Reference, page: str) -> Iterator[tuple[str, str]]:
    cited = pages.bare(page)
    numbered = cited if pages.is_number(cited) else _joined_pages(found)
    first, last = pages.ends(numbered) or (numbered, "")
    yield "TY", _RIS[found.kind]
    yield from (("AU", name.literal or f"{name.family}, {name.given}") for name in found.names)
    told = {
        "TI": found.title,
        "T2": found.container,
        "PY": "".join(str(year) for year in found.years[:1]),
        "VL": found.volume,
        "IS": found.issue,
        "SP": first,
        "EP": last,
        "PB": found.publisher,
        "UR": found.url,
        "N1": "" if pages.is_number(cited) else cited,
    }
    yield from ((tag, value) for tag, value in told.items() if value)
    yield "ER", ""


def csl_json(found: Reference, page: str = "") -> str:
    """Write an item of CSL-JSON on one line; the page cited is its locator."""
    return json.dumps(_csl(found, pages.bare(page)), ensure_ascii=False)


def _csl(found: Reference, cited: str) -> dict[str, Any]:
    id = f"{found.id}#page={cited}" if cited else found.id
    told = {
        "title": found.title,
        "author": [_csl_name(name) for name in found.names],
        "issued": _csl_date(found),
        "container-title": found.container,
        "volume": found.volume,
        "issue": found.issue,
        "page": _joined_pages(found),
        "publisher": found.publisher,
        "URL": found.url,
        "locator": cited,
    }
    item = {"id": id, "type": _CSL[found.kind]}
    return item | {name: value for name, value in told.items() if value}


def _csl_name(name: Name) -> dict[str, str]:
    if name.literal:
        return {"literal": name.literal}
    return {"family": name.family, "given": name.given}


def _csl_date(found: Reference) -> dict[str, Any]:
    if found.year == "":
        return {}
    if [found.year] == [str(year) for year in found.years]:
        return {"date-parts": [[int(found.year)]]}
    return {"literal": found.year}


def _joined_pages(found: Reference) -> str:
    return f"{found.first_page}-{found.last_page}" if found.last_page else found.first_page
