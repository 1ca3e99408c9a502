"""Word (DOCX) -> content, with the pages as Word last laid them out.

A page begins where Word left a mark of its last layout, or its author set a break. A paragraph that
lies on two pages stays whole and belongs to the first; so does a row of a table.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

import docx
from docx.exceptions import PythonDocxError
from docx.opc.constants import RELATIONSHIP_TYPE as RT
from docx.opc.exceptions import OpcError

from ctqa.sources.archive import ENCRYPTED, Encrypted, damage_told, office_package, open_archive
from ctqa.sources.content import Loaded, ReadOptions
from ctqa.sources.office import author_of, counted, title_of, year_of
from ctqa.sources.word_body import BodyWriter
from ctqa.sources.word_parts import Parts
from ctqa.sources.word_text import W


def load_word(data: bytes, options: ReadOptions = ReadOptions()) -> Loaded:
    """Read a Word document: headings, lists with their marks, tables, notes after their paragraph.

    Deletions under tracked changes are left out, insertions are kept; comments, hidden text and
    macros are left out and told. Page heads and feet are asides, each said once.

    Raises:
        SourceError: the file is damaged, of the old format, or larger than is reasonable.

    """
    try:
        package = office_package(data, options.passwords)
    except Encrypted:
        return ENCRYPTED
    with damage_told(PythonDocxError, OpcError):
        document = docx.Document(BytesIO(package))
        body, core = document.element.body, document.core_properties
        parts = Parts(document.part)
        title, author, year = title_of(core), author_of(core), year_of(core)
    with damage_told():  # attributes of the XML may hold anything
        writer = BodyWriter(parts)
        writer.write(body)
    content = writer.manuscript.content(title=writer.title or title, author=author, year=year)
    left_out = "; ".join(_left_out(parts, writer, body, open_archive(package).names))
    if not content.text.strip():
        return Loaded(state="empty", reason=left_out or "no text")
    return Loaded(contents=(content,), reason=left_out)


def _left_out(parts: Parts, writer: BodyWriter, body: Any, names: Sequence[str]) -> Iterator[str]:
    comments = parts.root(RT.COMMENTS)
    if comments is not None:
        yield from counted(len(list(comments.iterchildren(W + "comment"))), "comment")
    yield from counted(writer.reader.hidden, "hidden text")
    embedded = [name for name in names if name.startswith("word/embeddings/")]
    imported = list(body.iter(W + "altChunk"))
    yield from counted(len(embedded) + len(imported), "embedded file")
    yield from counted(sum(name.startswith("word/charts/chart") for name in names), "chart")
    yield from counted(sum(name.endswith("vbaProject.bin") for name in names), "macro project")
    if not writer.manuscript.length:
        yield from counted(sum(name.startswith("word/media/") for name in names), "picture")
