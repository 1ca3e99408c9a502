"""Work of some seconds that is done behind the page, one piece at a time."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock, Thread

from ctqa.errors import ConfigError, CtqaError
from ctqa.ui import words
from ctqa.ui.markup import Html, element

_KEPT = 20  # of what came of errands, of all browsers together
_PATIENCE_S = 5.0


class Errands:
    """Does one piece of work at a time in a thread, and keeps what came of the last ones."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running = ""  # the key of what is being done
        self._found: OrderedDict[str, Html] = OrderedDict()
        self._thread: Thread | None = None

    def begin(self, key: str, do: Callable[[], Html]) -> None:
        """Begin to do something; an error of CTQA's own is what comes of it then.

        Raises:
            ConfigError: something else is being done.

        """
        with self._lock:
            if self._running:
                raise ConfigError(words.ERRAND_IN_PROGRESS)
            self._found.pop(key, None)
            self._running = key
            self._thread = Thread(target=self._run, args=(key, do), name="ctqa-errand", daemon=True)
            self._thread.start()

    def is_doing(self, key: str) -> bool:
        """Tell whether this is being done at the moment."""
        with self._lock:
            return bool(key) and self._running == key

    def found(self, key: str) -> Html | None:
        """Give what came of an errand; None: nothing as yet, or it is kept no more."""
        with self._lock:
            return self._found.get(key)

    def close(self) -> None:
        """Wait a little for what is being done."""
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)

    def _run(self, key: str, do: Callable[[], Html]) -> None:
        found = _problem(words.RUN_FAILED)  # unless told otherwise
        try:
            found = do()
        except CtqaError as error:
            found = _problem(str(error))
        finally:
            with self._lock:
                self._found[key] = found
                while len(self._found) > _KEPT:
                    self._found.popitem(last=False)
                self._running = ""


def _problem(message: str) -> Html:
    return element("p", words.could_not(message), class_="problem")
