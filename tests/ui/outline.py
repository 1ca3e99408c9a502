"""HTML read as a browser reads it: its elements, and the text in each."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Node:
    """An element with its attributes and all text within it."""

    tag: str
    attributes: dict[str, str | None]
    text: str = ""

    @property
    def classes(self) -> list[str]:
        return str(self.attributes.get("class", "")).split()


@dataclass(slots=True)
class Outline:
    """All elements in the order of their start tags."""

    nodes: list[Node] = field(default_factory=list)

    def texts(self, name: str) -> list[str]:
        """Give the text of every element of that tag, or of that class when it starts with "."."""
        return [
            node.text
            for node in self.nodes
            if (name[1:] in node.classes if name.startswith(".") else node.tag == name)
        ]

    def text(self, name: str) -> str:
        (only,) = self.texts(name)
        return only


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.outline = Outline()
        self.open: list[Node] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attrs))
        self.outline.nodes.append(node)
        self.open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        for node in self.open:
            node.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"a processing instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")


def outline(markup: str) -> Outline:
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    assert not reader.open, f"never closed: {[node.tag for node in reader.open]}"
    return reader.outline
