"""The spreadsheets for gold questions that the page hands out."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from ctqa.evaluation.gold.suggest import Suggestion
from ctqa.evaluation.gold.suggestions_out import write_suggestions
from ctqa.evaluation.gold.template import write_template

TEMPLATE = "gold-template.xlsx"
"""The name that the empty one is saved under, and its address below the page's."""
SUGGESTIONS = "gold-suggestions.xlsx"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@cache
def template() -> bytes:
    """Make a spreadsheet to fill in, once."""
    return _written(TEMPLATE, write_template)


def suggestions(found: Sequence[Suggestion]) -> bytes:
    """Make a spreadsheet of suggested questions, for a person to accept or not."""
    return _written(SUGGESTIONS, lambda path: write_suggestions(path, found))


def _written(name: str, write: Callable[[Path], None]) -> bytes:
    with TemporaryDirectory(prefix="ctqa-") as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()
