"""The parts of a Word package beside its body: styles, notes, page heads and feet."""

from itertools import pairwise
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE as RT

from ctqa.sources.archive import damage_told, parse_xml
from ctqa.sources.word_text import W

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SAME_PAGE = frozenset({"continuous", "nextColumn"})


class Parts:
    """Gives the roots of a package's parts; None where it has none, or names one outside."""

    def __init__(self, main: Any) -> None:
        self._relations = main.rels

    def root(self, kind: str) -> Any:
        """Give the root of the first part of a kind."""
        found = (relation for relation in self._relations.values() if relation.reltype == kind)
        return self._root(next(found, None))

    def notes(self) -> dict[tuple[str, str], Any]:
        """Map "footnote" or "endnote" and an id to the note, without the lines that part them."""
        found: dict[tuple[str, str], Any] = {}
        for kind, name in ((RT.FOOTNOTES, "footnote"), (RT.ENDNOTES, "endnote")):
            root = self.root(kind)
            for note in () if root is None else root.iterchildren(W + name):
                if note.get(W + "type", "normal") == "normal":
                    found[name, note.get(W + "id", "")] = note
        return found

    def running(self, body: Any, name: str) -> list[Any]:
        """List the page heads ("header") or feet ("footer") that the sections of a body use."""
        used = (reference.get(_RELATION, "") for reference in body.iter(f"{W}{name}Reference"))
        roots = [self._root(self._relations.get(relation)) for relation in dict.fromkeys(used)]
        return [root for root in roots if root is not None]

    def _root(self, relation: Any) -> Any:
        if relation is None or relation.is_external:
            return None
        with damage_told():
            return parse_xml(relation.target_part.blob)


def breaks_after(body: Any) -> set[Any]:
    """Give the w:sectPr within paragraphs after which the next section begins a page."""
    ends = list(body.iter(W + "sectPr"))
    breaking = set()
    for end, following in pairwise(ends):
        kind = following.find(W + "type")
        if kind is None or kind.get(W + "val", "nextPage") not in _SAME_PAGE:
            breaking.add(end)
    return breaking
