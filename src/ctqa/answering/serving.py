"""What a process that runs long holds instead of a QA: always the current build's.

Another build is opened beside the one that answers, and takes its place when it is ready: no
question waits for that, and none fails because of it. Models are loaded behind: what needs none
of them does not wait for them. Few questions are answered at a time, the others wait in line.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Semaphore, Thread

from ctqa.answering.qa import QA
from ctqa.config import SearchConfig
from ctqa.errors import BusyError, CtqaError
from ctqa.index.files import Checked
from ctqa.index.local import state_of
from ctqa.index.schema import FILE_NAME
from ctqa.models import Behind, Encoder, Reranker, SpanReader

_LONGEST_WAIT_S = 10.0  # between two tries to open a build that cannot be opened
_LOOK_S = 0.1  # between two looks whether somebody is being answered
_PATIENCE_S = 5  # for a build that is being opened, when all is closed
AT_ONCE = 4  # questions answered at the same time; each uses all cores by itself
IN_LINE = 32  # questions that wait for that: each holds a thread, and the last one some seconds

State = tuple[int, int, int, str]  # the catalog's file, which may be another, and what it says


@dataclass(slots=True)
class _Lent:
    """A QA, and how many have it at the moment; it is closed when the last one gives it back."""

    qa: QA
    state: State
    borrowers: int = 0
    is_over: bool = False


class Serving:
    """Lends the QA of an index's current build to any number of threads."""

    def __init__(
        self,
        folder: Path,
        config: SearchConfig | None = None,
        *,
        encoder: Encoder | None = None,
        reranker: Reranker | None = None,
        span_reader: SpanReader | None = None,
    ) -> None:
        """Open the index as `QA.load` does, with the same arguments and errors.

        Only whether its models are on this machine, and whole, is looked at now.
        """
        self._folder = folder
        self._checked: Checked = {}
        self._behind = Behind()
        file = _file_of(folder)
        qa = QA.load(
            folder,
            config,
            encoder=encoder,
            reranker=reranker,
            span_reader=span_reader,
            checked=self._checked,
            behind=self._behind,
        )
        self._current = _Lent(qa, (*file, *qa.state))
        self._lock = Lock()
        self._answering = Semaphore(AT_ONCE)
        self.asked = 0  # questions that are being answered or wait
        self._stop = Event()
        self._thread: Thread | None = None
        self._holds_log = True
        self.problem = ""  # why the current build is not the one that answers; "": it is

    @contextmanager
    def lend(self) -> Iterator[QA]:
        """Give the QA that is current, which stays open until it is given back.

        Raises:
            RuntimeError: all is closed.

        """
        with self._lock:
            lent = self._current
            if lent.is_over:
                raise RuntimeError("nothing is served any more")
            lent.borrowers += 1
        try:
            yield lent.qa
        finally:
            with self._lock:
                lent.borrowers -= 1
                unused = lent.is_over and not lent.borrowers
            if unused:
                lent.qa.close()

    @contextmanager
    def lend_to_ask(self) -> Iterator[QA]:
        """Wait in line, then give the QA that is current, to ask it one question.

        Raises:
            BusyError: too many wait already.
            RuntimeError: all is closed.

        """
        with self._place_in_line(), self._answering, self.lend() as qa:
            yield qa

    @contextmanager
    def _place_in_line(self) -> Iterator[None]:
        with self._lock:
            if self.asked == AT_ONCE + IN_LINE:
                raise BusyError(
                    f"{self.asked} questions are being answered or wait for that: ask again in a "
                    "moment"
                )
            self.asked += 1
        try:
            yield
        finally:
            with self._lock:
                self.asked -= 1

    def stand_back(self) -> bool:
        """Wait until models are there and nobody is being answered; False: all was closed first."""
        while not self.ready or self.asked:
            if self._stop.wait(_LOOK_S):
                break
        return not self._stop.is_set()

    def load_models(self, *, while_importing: bool = False) -> None:
        """Begin to load the models, unless that has begun already.

        While large libraries are imported, only models that share none with them are loaded.
        """
        if self._behind.is_apart or not while_importing:
            self._behind.start()

    @property
    def ready(self) -> bool:
        """Tell whether a question is answered without waiting for models."""
        return self._behind.is_over

    @property
    def is_settled(self) -> bool:
        """Tell whether the current build is the one that answers, or cannot be taken up."""
        with self.lend() as qa, suppress(CtqaError, OSError):
            return bool(self.problem) or qa.state == state_of(self._folder)
        return True

    @property
    def folder(self) -> Path:
        """The index's folder."""
        return self._folder

    @property
    def notices(self) -> tuple[str, ...]:
        """What the user should know, a line each."""
        with self.lend() as qa:
            return (*qa.notices, *self._behind.problems, *filter(None, [self.problem]))

    def start(self, told: Callable[[str], object] | None = None, *, every_s: float = 1.0) -> None:
        """Look from now on whether another build or calibration is the current one.

        `told` is given a line whenever one was taken up, or cannot be.
        """
        self._thread = Thread(
            target=self._watch,
            args=(every_s, _silent if told is None else told),
            name="ctqa-serving",
            daemon=True,
        )
        self._thread.start()

    def close(self) -> None:
        """Look no more, and let go of the index when the last question is answered."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)
        self._end(self._current)

    def look(self) -> bool:
        """Take up another build or calibration if one is the current one; tell whether it was.

        Raises:
            CtqaError: it cannot be opened; the one before goes on.

        """
        file = _file_of(self._folder)
        if (*file, *state_of(self._folder)) == self._current.state:
            self._let_go_of_the_log()
            return False
        qa = self._current.qa.opened_again(self._folder, self._checked)
        self._take_up(_Lent(qa, (*file, *qa.state)))
        self._holds_log = True
        return True

    def _let_go_of_the_log(self) -> None:
        """Let the catalog's log be used again: who opened a build meanwhile still holds it."""
        if self._holds_log:
            self._current.qa.renew()
            self._holds_log = False

    def _take_up(self, fresh: _Lent) -> None:
        with self._lock:
            before, self._current = self._current, fresh
        self._end(before)
        if self._stop.is_set():  # it was closed meanwhile
            self._end(fresh)

    def _end(self, lent: _Lent) -> None:
        with self._lock:
            unused = not lent.borrowers and not lent.is_over
            lent.is_over = True
        if unused:
            lent.qa.close()

    def _watch(self, every_s: float, told: Callable[[str], object]) -> None:
        wait_s = every_s
        while not self._stop.wait(wait_s):
            try:
                if self.look():
                    told(f"Serving build {self._current.qa.build} now.")
                self.problem, wait_s = "", every_s
            except (CtqaError, OSError) as error:  # OSError: its files come and go meanwhile
                self._keep_on(str(error), told)
                wait_s = min(2 * wait_s, max(every_s, _LONGEST_WAIT_S))

    def _keep_on(self, why: str, told: Callable[[str], object]) -> None:
        problem = f"build {self._current.qa.build} goes on answering: {why}"
        if problem != self.problem:
            told(problem[0].upper() + problem[1:])
        self.problem = problem


def _file_of(folder: Path) -> tuple[int, int]:
    """Tell the catalog's file from any other that is put in its place; (0, 0): there is none."""
    try:
        status = (folder / FILE_NAME).stat()
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino


def _silent(line: str) -> None:
    """Tell nobody."""
