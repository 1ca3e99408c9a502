"""Processes that write to and read one index at the same time: for `test_concurrency.py`."""

import os
import re
import signal
import time
import traceback
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from encoders import WordEncoder
from kills import finish, prepare, start
from library import build, open_qa, write_texts

from ctqa.index.english import english

BUILDS = 12
READERS = 8
_DOCUMENTS = 3
_ASKED_EACH = 3  # times that a reader asks before it opens the index anew


def texts_of(number: int) -> dict[str, str]:
    """Give documents in each of whose passages the number of their build stands."""
    return {
        f"{name}.txt": f"Lake {name}\n\nThe lake is {number}{name} metres deep in build {number}.\n"
        for name in range(_DOCUMENTS)
    }


def build_and_wait(documents: Path, index: Path, writing: Event) -> None:
    """Begin a build, tell of it, and wait to be killed."""

    def wait(*_: object) -> None:
        writing.set()
        signal.pause()

    build(documents, index, WordEncoder(), progress=wait)


def build_while_others_read(documents: Path, index: Path) -> dict[str, Any]:
    """Make one build after the other while readers open the index and ask; for a fresh process."""
    prepare()
    english().frequency("lake")
    done = documents.parent / "done"
    readers = [start(partial(_read, index, done)) for _ in range(READERS)]
    code, written = finish(start(partial(_write, documents, index)))
    done.touch()
    found = [finish(reader) for reader in readers]
    said = [each for _, each in found if each is not None]
    return {
        "writer": written,
        "failures": [failure for each in said for failure in each["failures"]]
        + [f"a process ended with {code}" for code, _ in (*found, (code, None)) if code != 0],
        "readers": [(each["asked"], each["builds"]) for each in said],
    }


def _write(documents: Path, index: Path) -> int:
    for number in range(2, BUILDS + 1):
        write_texts(documents, texts_of(number))
        assert build(documents, index).build == number
        time.sleep(0.05)  # readers come to their turn
    return BUILDS


def _read(index: Path, done: Path) -> dict[str, Any]:
    """Open an index and ask, again and again; the last time when all is written."""
    failures: list[str] = []
    asked, seen = 0, set()
    last = False
    while not last and not failures:
        last = done.exists()
        try:
            qa = open_qa(index)
            seen.add(qa.build)
            for _ in range(_ASKED_EACH):
                failures += _mixed(qa)
                asked += 1
            qa.close()
        except Exception:  # noqa: BLE001 -- whatever it is, no reader may see it
            failures.append(f"{os.getpid()}: {traceback.format_exc()}")
    return {"asked": asked, "builds": sorted(seen), "failures": failures}


def _mixed(qa: Any) -> list[str]:
    """Tell what of a reply is not of the build that it names."""
    reply = qa.ask("How deep is the lake in the build?")
    texts = [hit.passage.text for hit in reply.hits]
    texts += [qa.text_of(source.id) for source in qa.documents()]
    numbers = {int(found) for text in texts for found in re.findall(r"build (\d+)", text)}
    whole = len(reply.hits) == len(texts) - len(reply.hits) == _DOCUMENTS
    if numbers == {reply.build} and whole:
        return []
    return [f"build {reply.build} gives {texts}"]
