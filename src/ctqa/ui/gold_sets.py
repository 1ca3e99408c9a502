"""Which gold sets there are to choose from: judgments, files beside the documents, files sent."""

import hashlib
import os
import secrets
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from ctqa.answering.serving import Serving
from ctqa.api import roots_of
from ctqa.errors import ConfigError, GoldError
from ctqa.evaluation import Gold, load_gold
from ctqa.evaluation.gold.judged_gold import as_gold, settle
from ctqa.evaluation.gold.judgments import Judgments
from ctqa.evaluation.gold.reading import name_of
from ctqa.evaluation.gold.trec import QUERIES
from ctqa.ui import words

MAX_BYTES = 20_000_000  # some 50,000 questions: a night's work, which is the command line's
_SUFFIXES = frozenset({".jsonl", ".ndjson", ".csv", ".tsv", ".xlsx", ".xlsm", ".ods", ".json"})
_BEGINS = "gold"
_MOST_FOUND = 50
_COUNTED_BYTES = 2_000_000  # of a file that is read to tell how many questions it has
_MOST_SENT = 20  # kept, of all browsers together
_JUDGMENTS = "judgments"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldSet:
    """A gold set that can be chosen."""

    key: str
    name: str
    origin: str
    notes: str = ""  # what is known of it before it is read


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    name: str
    gold: Gold


class GoldSets:
    """The gold sets of an index; what a browser has sent is known by a key nobody guesses."""

    def __init__(self, serving: Serving, judgments: Judgments) -> None:
        self._serving = serving
        self._judgments = judgments
        self._lock = Lock()
        self._sent: OrderedDict[str, _Sent] = OrderedDict()
        self._counted: dict[Path, tuple[tuple[int, int], str]] = {}

    @property
    def storage_key(self) -> str:
        """The name by which a browser keeps the keys of what it sent for this index, no other."""
        folder = str(self._serving.folder.absolute())
        return f"ctqa-gold-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]}"

    def known(self, keys: Sequence[object]) -> tuple[str, ...]:
        """Give those of the keys that a browser kept, whatever they are, that still mean a file."""
        with self._lock:
            return tuple(key for key in self._sent if key in keys)

    def offered(self, mine: Collection[str] = ()) -> list[GoldSet]:
        """List what can be chosen; of the files that were sent, those whose keys are in `mine`.

        Raises:
            IndexLoadError: the judgments, or the index, cannot be read.

        """
        found = []
        judged = len(settle(self._judgments.read().judged).questions)
        if judged:
            notes = words.gold_notes(judged, ())
            name = words.JUDGED_GOLD
            found.append(
                GoldSet(key=_JUDGMENTS, name=name, origin=words.FROM_JUDGMENTS, notes=notes)
            )
        for key, path in self._files().items():
            origin, notes = words.BESIDE_DOCUMENTS, self._notes_of(path)
            found.append(GoldSet(key=key, name=name_of(path), origin=origin, notes=notes))
        with self._lock:
            sent = [(key, each) for key, each in self._sent.items() if key in mine]
        for key, each in sent:
            notes = words.gold_notes(len(each.gold.questions), each.gold.notes)
            found.append(GoldSet(key=key, name=each.name, origin=words.SENT_HERE, notes=notes))
        return found

    def name_of(self, key: str, mine: Collection[str] = ()) -> str:
        """Name a gold set that is offered.

        Raises:
            ConfigError: there is none of that key.

        """
        for each in self.offered(mine):
            if each.key == key:
                return each.name
        raise ConfigError(words.NO_SUCH_GOLD)

    def load(self, key: str) -> Gold:
        """Read a gold set.

        Raises:
            ConfigError: there is none of that key.
            GoldError: it cannot be read as gold.

        """
        if key == _JUDGMENTS:
            return as_gold(self._judgments.read().judged)
        with self._lock:
            sent = self._sent.get(key)
        if sent is not None:
            return sent.gold
        path = self._files().get(key)
        if path is None:
            raise ConfigError(words.NO_SUCH_GOLD)
        return load_gold(path)

    def take(self, file: Path, within: Path) -> str:
        """Read a gold file that a browser sent into the folder `within`; give its key.

        Raises:
            ConfigError: no such file lies there.
            GoldError: it is too large, or cannot be read as gold.

        """
        real = Path(os.path.realpath(file))
        if not real.is_relative_to(os.path.realpath(within)) or not real.is_file():
            raise ConfigError(words.NO_GOLD_ARRIVED)
        name = real.name
        if real.stat().st_size > MAX_BYTES:
            raise GoldError(f"{name}: {words.gold_too_large(MAX_BYTES)}")
        try:
            gold = load_gold(real)
        except GoldError as error:  # it need not tell where files are put that browsers send
            raise GoldError(str(error).replace(str(real), name)) from error
        key = f"sent-{secrets.token_urlsafe(16)}"
        with self._lock:
            self._sent[key] = _Sent(name=name, gold=replace(gold, name=name))
            while len(self._sent) > _MOST_SENT:
                self._sent.popitem(last=False)
        return key

    def _notes_of(self, path: Path) -> str:
        """Say what is known of a file, read anew when it has changed; "" of what is not one."""
        try:
            status = path.stat()
        except OSError:
            return ""
        if not path.is_file() or status.st_size > _COUNTED_BYTES:
            return ""
        stamp = (status.st_mtime_ns, status.st_size)
        with self._lock:
            before, notes = self._counted.get(path, (None, ""))
        if before != stamp:
            notes = _notes(path)
            with self._lock:
                self._counted[path] = stamp, notes
        return notes

    def _files(self) -> dict[str, Path]:
        """Find gold beside the documents, by a key that tells nothing of the path."""
        paths = sorted({path for folder in self._folders() for path in _gold_in(folder)})
        return {
            f"file-{hashlib.sha256(os.fsencode(path)).hexdigest()[:16]}": path
            for path in paths[:_MOST_FOUND]
        }

    def _folders(self) -> set[Path]:
        try:
            roots = roots_of(self._serving.folder)
        except ConfigError:  # the index came from another machine: its documents are not here
            return set()
        return {root if root.is_dir() else root.parent for root in roots}


def _notes(path: Path) -> str:
    try:
        gold = load_gold(path)
    except GoldError:  # why, is said when it is run
        return words.NO_GOLD_IN_IT
    return words.gold_notes(len(gold.questions), gold.notes)


def _gold_in(folder: Path) -> Iterator[Path]:
    try:
        entries = list(folder.iterdir())
    except OSError:  # it has gone, or may not be looked into
        return
    if any(entry.name == QUERIES for entry in entries):
        yield folder
    for entry in entries:
        begins = entry.name.lower().startswith(_BEGINS)
        if begins and entry.suffix.lower() in _SUFFIXES and entry.is_file():
            yield entry
