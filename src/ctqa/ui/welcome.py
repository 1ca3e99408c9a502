"""What stands on the page before anything is asked, of the build that is the current one."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from ctqa.answering.qa import QA
from ctqa.answering.serving import Serving
from ctqa.errors import CtqaError
from ctqa.index.local import IndexStatus
from ctqa.ui import filters, render
from ctqa.ui.examples import EXAMPLES, Examples
from ctqa.ui.filters import Choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What the page shows of an index before anything is asked."""

    status: IndexStatus
    choices: Choices


class Welcome:
    """Looks each build over once."""

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._examples = Examples(serving)
        self._known: WeakKeyDictionary[QA, Front] = WeakKeyDictionary()

    def header(self) -> str:
        """Give what is searched, as HTML, or why that cannot be told."""
        try:
            return render.header(self._front().status, self._serving.notices).markup
        except CtqaError as error:
            return render.problem(str(error)).markup

    def examples(self) -> list[str]:
        """Give what might be asked: `EXAMPLES` questions, "" where fewer are found so far."""
        found = self._examples.now()
        return [*found, *[""] * (EXAMPLES - len(found))]

    def looking(self) -> bool:
        """Tell whether more examples may be found."""
        return self._examples.looking()

    def choices(self) -> Choices:
        """Give what questions can be narrowed to; nothing where that cannot be told."""
        try:
            return self._front().choices
        except CtqaError:  # the header says it
            return Choices()

    def _front(self) -> Front:
        with self._serving.lend() as qa:
            if qa not in self._known:
                self._known[qa] = Front(status=qa.status(), choices=filters.choices(qa))
            return self._known[qa]
