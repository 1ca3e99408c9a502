"""CSV and TSV -> contents: a document a row where there is a text column, else one document."""

import hashlib
from collections.abc import Iterator

from ctqa.sources.content import Content, Loaded, page_of
from ctqa.sources.corpus import Part, content_of_part, gathered, is_gold
from ctqa.sources.decode import decode
from ctqa.sources.rows import Table, table_with


def load_table(data: bytes) -> Loaded:
    """Read delimited text: a corpus if a column is named "text", else a text of rows.

    A corpus may have the columns "_id" (or "id") and "title"; without an id, a document is known
    by the number of its row. Rows are left out and reported as in `load_corpus`. Any other
    table is one document, its text the file's own. Gold questions are "skipped".

    Raises:
        SourceError: the bytes are no text.

    """
    text = decode(data)
    table = table_with(text, "text")
    if table is not None:
        return gathered(_parts(table))
    if _is_gold(text):
        return Loaded(state="ignored", reason="gold questions or judgments, not a document")
    return Loaded(contents=(Content(text=text, pages=(page_of(1, 0, text),), layout="rows"),))


def _is_gold(text: str) -> bool:
    for columns in (("question",), ("query-id",)):
        table = table_with(text, *columns)
        if table is not None and is_gold(table.columns):
            return True
    return False


def _parts(table: Table) -> Iterator[Part]:
    for number, row in enumerate(table.rows(), 1):
        text = row.cells.get("text", "")
        if row.problem:
            yield Part(line=row.line, problem=row.problem)
        else:
            name = row.cells.get("_id", row.cells.get("id", "")).strip()
            title = row.cells.get("title", "")
            digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
            content = content_of_part(number, name, title, text, digest)
            yield Part(line=row.line, content=content)
