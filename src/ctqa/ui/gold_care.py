"""What helps with gold sets: what is to mend in one, and questions to make one of."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePath

from ctqa.answering.serving import Serving
from ctqa.evaluation import Gold
from ctqa.evaluation.gold.check import check
from ctqa.evaluation.gold.suggest import suggest
from ctqa.ui import sheets, words
from ctqa.ui.downloads import Downloads
from ctqa.ui.errands import Errands
from ctqa.ui.gold_sets import GoldSets
from ctqa.ui.markup import NOTHING, Html
from ctqa.ui.render_care import begun, done, findings, suggested

SUGGESTED = "suggest"
_SUGGESTIONS = 50  # a person goes through them one by one


class GoldCare:
    """Checks gold sets and suggests questions, behind the page."""

    def __init__(self, serving: Serving, gold: GoldSets, downloads: Downloads) -> None:
        self._serving = serving
        self._gold = gold
        self._downloads = downloads
        self._errands = Errands()

    def check(self, key: str, name: str) -> str:
        """Begin to look a gold set over; give the errand's key.

        Raises:
            ConfigError: something else is being done.

        """
        return self._begin(f"check {key}", lambda: self._checked(key, name))

    def suggest(self) -> str:
        """Begin to look for questions in the documents; give the errand's key.

        Raises:
            ConfigError: something else is being done.

        """
        return self._begin(SUGGESTED, self._suggested)

    def is_doing(self, errand: str) -> bool:
        """Tell whether an errand is being done at the moment."""
        return self._errands.is_doing(errand)

    def shown(self, errand: str) -> Html:
        """Show how far an errand is, or what came of it; nothing where there is none."""
        if self._errands.is_doing(errand):
            return begun(words.SUGGESTING if errand == SUGGESTED else words.CHECKING)
        found = self._errands.found(errand)
        return NOTHING if found is None else done(found)

    def close(self) -> None:
        """Wait a little for what is being done."""
        self._errands.close()

    def _begin(self, errand: str, do: Callable[[], Html]) -> str:
        self._errands.begin(errand, do)
        return errand

    def _checked(self, key: str, name: str) -> Html:
        gold = _without_paths(self._gold.load(key))
        with self._serving.lend() as qa:
            return findings(name, check([gold], qa))

    def _suggested(self) -> Html:
        with self._serving.lend() as qa:
            found = suggest(qa, _SUGGESTIONS)
        if not found:
            return suggested(0, "")
        sheet = sheets.suggestions(found)
        url = self._downloads.put(sheet, sheets.SUGGESTIONS, sheets.MEDIA_TYPE)
        return suggested(len(found), url)


def _without_paths(gold: Gold) -> Gold:
    """Have lines named by their file alone: a page need not tell where files lie."""
    return replace(gold, where={key: PurePath(where).name for key, where in gold.where.items()})
