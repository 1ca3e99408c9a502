"""What happens on the evaluation tab: plain functions, without Gradio."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ctqa.errors import ConfigError, CtqaError
from ctqa.evaluation.kept import Result
from ctqa.ui import render_comparison, render_results, words
from ctqa.ui import render_evaluation as render
from ctqa.ui.evaluating import Evaluations, Outcome
from ctqa.ui.gold_care import GoldCare
from ctqa.ui.gold_sets import GoldSets
from ctqa.ui.markup import NOTHING, Html, element, joined

_LISTED = 100  # results


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one browser looks at."""

    shown: str = ""  # the id of a result
    beside: str = ""  # the one it is compared with
    mine: tuple[str, ...] = ()  # the keys of the gold files it sent
    ended: int | None = None  # evaluations that had ended when it last looked; None: never did
    errand: str = ""  # the key of what it had done behind the page
    awaits: bool = False  # whether that was not done when it last looked


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the tab's places become, as HTML; None: they stay as they are."""

    view: View
    is_running: bool
    progress: str
    errand: str
    told: str | None = None  # in a line, read aloud by a screen reader
    sets: str | None = None
    result: str | None = None
    earlier: str | None = None


class Workbench:
    """The evaluation tab of all browsers; what is one browser's own is in its `View`."""

    def __init__(self, evaluations: Evaluations, gold: GoldSets, care: GoldCare) -> None:
        self._evaluations = evaluations
        self._gold = gold
        self._care = care
        self._presses: Mapping[str, Callable[[Mapping[str, str], View, bool], Shown]] = {
            "evaluate": self._run,
            "stop-evaluation": self._stop,
            "show-result": self._show,
            "compare-result": self._compare,
            "end-comparison": self._end_comparison,
            "remove-result": self._remove,
            "check-gold": self._check,
            "suggest-gold": self._suggest,
            "close-errand": self._close,
        }

    @property
    def storage_key(self) -> str:
        """The name by which a browser keeps the keys of the gold files that it sent."""
        return self._gold.storage_key

    def with_kept(self, view: View, keys: object) -> View:
        """Give a view with the gold files whose keys the browser kept from before."""
        return replace(view, mine=self._gold.known([*view.mine, *_listed(keys)]))

    def open(self, view: View) -> Shown:
        """Show the tab anew; what ended before a browser first looks is no news to it."""
        if view.ended is None:
            view = replace(view, ended=self._evaluations.state.ended)
        shown = self._guarded(view, lambda: self._whole(view))
        if shown.result is not None:
            return shown
        afresh = replace(view, shown="", beside="")  # somebody else may have removed the result
        return self._guarded(afresh, lambda: self._whole(afresh))

    def press(
        self, data: Mapping[str, str], view: View, *, only_searching: bool = False
    ) -> Shown | None:
        """Do what a button says; None: it is none of this tab's."""
        do = self._presses.get(data.get("do", ""))
        if do is None:
            return None
        return self._guarded(view, lambda: do(data, view, only_searching))

    def take(self, file: Path | None, within: Path, view: View) -> Shown:
        """Take a gold file that a browser sent into the folder `within`."""

        def take() -> Shown:
            if file is None:
                raise ConfigError(words.NO_GOLD_ARRIVED)
            key = self._gold.take(file, within)
            return self._whole(replace(view, mine=(*view.mine, key)), told=words.GOLD_TAKEN)

        return self._guarded(view, take)

    def look(self, view: View) -> Shown:
        """Show how far the evaluation is and, once it has ended, what came of it."""
        if view.awaits and not self._care.is_doing(view.errand):
            done = self._now(replace(view, awaits=False))
            return replace(done, told=joined(words.ERRAND_DONE).markup)
        state = self._evaluations.state
        if state.ended == view.ended or state.running is not None or state.last is None:
            return self._now(view)
        last = state.last
        result = last.result if view.shown == "" else view.shown
        seen = replace(view, ended=state.ended, shown=result)
        return self._guarded(seen, lambda: self._whole(seen, told=_told(last)))

    def _run(self, data: Mapping[str, str], view: View, only_searching: bool) -> Shown:
        key = data.get("gold", "")
        name = self._gold.name_of(key, view.mine)
        begun = replace(view, shown="", beside="", ended=self._evaluations.state.ended)
        self._evaluations.start(name, lambda: self._gold.load(key), answers=not only_searching)
        return self._whole(begun, told=words.run_begun(name))

    def _stop(self, _: Mapping[str, str], view: View, __: bool) -> Shown:
        self._evaluations.stop()
        return self._now(view)

    def _show(self, data: Mapping[str, str], view: View, _: bool) -> Shown:
        return self._whole(replace(view, shown=data.get("result", ""), beside=""))

    def _compare(self, data: Mapping[str, str], view: View, _: bool) -> Shown:
        return self._whole(replace(view, beside=data.get("result", "")))

    def _end_comparison(self, _: Mapping[str, str], view: View, __: bool) -> Shown:
        return self._whole(replace(view, beside=""))

    def _remove(self, data: Mapping[str, str], view: View, _: bool) -> Shown:
        removed = data.get("result", "")
        self._evaluations.results.remove(removed)
        left = replace(
            view,
            shown="" if view.shown == removed else view.shown,
            beside="" if removed in (view.shown, view.beside) else view.beside,
        )
        return self._whole(left, told=words.RESULT_REMOVED)

    def _check(self, data: Mapping[str, str], view: View, _: bool) -> Shown:
        key = data.get("gold", "")
        begun = self._care.check(key, self._gold.name_of(key, view.mine))
        return self._now(replace(view, errand=begun, awaits=True))

    def _suggest(self, _: Mapping[str, str], view: View, __: bool) -> Shown:
        return self._now(replace(view, errand=self._care.suggest(), awaits=True))

    def _close(self, _: Mapping[str, str], view: View, __: bool) -> Shown:
        closed = self._now(replace(view, errand="", awaits=False))
        return replace(closed, told=joined(words.ERRAND_CLOSED).markup)

    def _whole(self, view: View, told: Html | str | None = None) -> Shown:
        """Draw everything."""
        results = self._evaluations.results
        result = self._result(view)
        listed = results.listed(_LISTED)
        now = self._now(view)
        return replace(
            now,
            told=None if told is None else joined(told).markup,
            sets=self._sets(view, is_running=now.is_running).markup,
            result=result.markup,
            earlier=render_results.results(listed, view.shown).markup,
        )

    def _now(self, view: View) -> Shown:
        running = self._evaluations.state.running
        return Shown(
            view=view,
            is_running=running is not None or self._care.is_doing(view.errand),
            progress=render.progress(running).markup,
            errand=self._care.shown(view.errand).markup,
        )

    def _sets(self, view: View, *, is_running: bool) -> Html:
        try:
            return render.gold_sets(self._gold.offered(view.mine), is_running=is_running)
        except CtqaError as error:
            return render.problem(str(error))

    def _result(self, view: View) -> Html:
        if view.shown == "":
            return NOTHING
        shown = self._opened(view.shown)
        if view.beside == "":
            return render.result(shown)
        a, b = sorted((self._opened(view.beside), shown), key=lambda each: each.summary.id)
        return render_comparison.side_by_side(a, b)

    def _opened(self, id: str) -> Result:
        return self._evaluations.results.open(id)

    def _guarded(self, view: View, do: Callable[[], Shown]) -> Shown:
        """Do it, or say why it cannot be done; what is shown then stays."""
        try:
            return do()
        except CtqaError as error:
            return replace(self._now(view), told=render.problem(str(error)).markup)


def _listed(keys: object) -> list[object]:
    return list(keys) if isinstance(keys, (list, tuple)) else []


def _told(outcome: Outcome) -> Html | str:
    """Say in a line how an evaluation ended."""
    if outcome.how == "kept":
        done = words.run_done(outcome.gold, outcome.seconds)
        return joined(done, " ", element("a", words.GO_TO_RESULT, href=f"#{render.RESULT_PLACE}"))
    if outcome.how == "stopped":
        return words.run_stopped(outcome.gold)
    return words.problem_evaluating(outcome.why)
