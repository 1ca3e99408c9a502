"""A plane to draw in as SVG, its values going from 0 to 1; colours come from the theme."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ctqa.ui import words
from ctqa.ui.markup import Html, element

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What a drawing is called, and what it shows in words."""

    id: str
    title: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """Where things stand in a drawing, in its own units."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int

    def x(self, share: float) -> str:
        """Place a share on the axis that goes to the right."""
        return f"{self.left + share * (self.right - self.left):.1f}"

    def y(self, share: float) -> str:
        """Place a share on the axis that goes upwards."""
        return f"{self.bottom - share * (self.bottom - self.top):.1f}"

    def pairs(self, points: Sequence[Point]) -> str:
        """Write the corners of a line."""
        if len(points) == 1:  # a line needs two
            points = [*points, *points]
        return " ".join(f"{self.x(x)},{self.y(y)}" for x, y in points)

    def interval(self, at: float, low: float, high: float) -> Html:
        """Draw an interval at a place of the lower axis."""
        x = self.x(at)
        return element("line", x1=x, x2=x, y1=self.y(low), y2=self.y(high), class_="interval")

    def dot(self, x: float, y: float, size: float = 4) -> Html:
        """Draw a point."""
        return element("circle", cx=self.x(x), cy=self.y(y), r=f"{size:g}", class_="dot")

    def drawing(self, about: Described, *children: Html) -> Html:
        """Put a drawing together."""
        return element(
            "svg",
            element("title", about.title, id=f"{about.id}-title"),
            element("desc", about.told, id=f"{about.id}-desc"),
            *children,
            viewBox=f"0 0 {self.width} {self.height}",
            role="img",
            aria_labelledby=f"{about.id}-title {about.id}-desc",
            class_="chart",
        )

    def rows(self, ticks: Iterable[float]) -> Iterator[Html]:
        """Draw the lines from left to right, each with its share."""
        for tick in ticks:
            y = self.y(tick)
            yield element("line", x1=str(self.left), x2=str(self.right), y1=y, y2=y, class_="grid")
            yield element(
                "text",
                words.share(tick),
                x=str(self.left - 6),
                y=f"{float(y) + 4:.1f}",
                class_="tick end",
            )

    def columns(self, ticks: Iterable[float]) -> Iterator[Html]:
        """Draw the lines from top to bottom, each with its share."""
        for tick in ticks:
            x = self.x(tick)
            yield element("line", x1=x, x2=x, y1=str(self.top), y2=str(self.bottom), class_="grid")
            yield self.below(tick, words.share(tick))

    def below(self, at: float, told: str) -> Html:
        """Write something below a place of the lower axis."""
        return element("text", told, x=self.x(at), y=str(self.bottom + 16), class_="tick middle")

    def axes(self, below: str, above: str) -> Iterator[Html]:
        """Name the axes."""
        yield element("text", below, x=self.x(0.5), y=str(self.height - 8), class_="axis middle")
        yield element("text", above, x="0", y="14", class_="axis")
