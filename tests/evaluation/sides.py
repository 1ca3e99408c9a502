"""Two sides of a comparison, with rows made by hand."""

from collections.abc import Mapping, Sequence
from typing import Any

from ctqa.evaluation.comparing.measured import Measured
from ctqa.evaluation.outcome import Row


def make_row(id: str, values: Mapping[str, float] | None = None, **others: Any) -> Row:
    """Make the row of a question whose words are its id's."""
    return Row(
        **{
            "id": id,
            "question": f"Why {id}?",
            "kind": "",
            "half": "",
            "impossible": False,
            "expected": "",
            "judgments": 1,
            "problems": (),
            "values": {} if values is None else values,
            "first_right": None,
            "documents": {},
        }
        | others
    )


def make_rows(name: str, values: Sequence[float], **others: Any) -> tuple[Row, ...]:
    """Make a row for each value of one measure."""
    return tuple(make_row(f"q{n}", {name: value}, **others) for n, value in enumerate(values))


def measured(rows: Sequence[Row], name: str = "A", **others: Any) -> Measured:
    """Make one side of a comparison."""
    return Measured(**{"name": name, "gold": "g", "gold_sha256": "0", "rows": tuple(rows)} | others)
