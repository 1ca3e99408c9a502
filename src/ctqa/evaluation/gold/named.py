"""Gold by the name that a person gives: a file, a folder, or what was judged on the page."""

from pathlib import Path

from ctqa.evaluation.gold.judged_gold import NAME, as_gold
from ctqa.evaluation.gold.judgments import Judgments
from ctqa.evaluation.gold.load import load_gold
from ctqa.evaluation.gold.questions import Gold


def load_named(path: Path, index: Path) -> Gold:
    """Load gold; the word "judgments" is what people judged, unless something is of that name.

    Raises:
        GoldError: there is nothing of that name, or it cannot be read as gold.

    """
    if path == Path(NAME) and not path.exists():
        return as_gold(Judgments(index).read().judged)
    return load_gold(path)
