"""Random damage to an index, and what it says then: for `test_mutations.py`.

Each case is a seed. It is tried in a forked process, which may die of it or come to no end.
"""

import random
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from crashing import AFTER, BEFORE
from encoders import WordEncoder
from kills import QUESTIONS, finish, in_child, prepare, start
from library import build, write_texts

from ctqa.answering.qa import QA
from ctqa.config import SearchConfig
from ctqa.errors import CtqaError, IndexLoadError, IndexWriteError
from ctqa.index.english import english
from ctqa.index.local import open_index

_LIMIT_S = 60  # for one case, on however busy a machine
_PAGE = 4096
_AT_ONCE = 2
_MANIFESTS = ("builds/2/vectors/segments.json", "builds/2/lexical/meta.json")
Change = Callable[[random.Random, bytearray], None]


def one_byte(chance: random.Random, data: bytearray) -> None:
    """Change one byte, or one bit of it."""
    data[chance.randrange(len(data))] ^= chance.choice([1 << chance.randrange(8), 0xFF])


def bytes_in_a_row(chance: random.Random, data: bytearray) -> None:
    """Write random bytes over some that lie together."""
    place = chance.randrange(len(data))
    length = min(chance.randint(2, 64), len(data) - place)
    data[place : place + length] = chance.randbytes(length)


def zeroed_page(chance: random.Random, data: bytearray) -> None:
    """Lose a page."""
    place = chance.randrange(0, len(data), _PAGE)
    data[place : place + _PAGE] = bytes(len(data[place : place + _PAGE]))


def swapped_pages(chance: random.Random, data: bytearray) -> None:
    """Have two pages at each other's places; or, half the time, one of them at both."""
    one, other = (_PAGE * chance.randrange(max(1, len(data) // _PAGE)) for _ in range(2))
    first, second = data[one : one + _PAGE], data[other : other + _PAGE]
    data[other : other + len(first)] = first
    if chance.random() < 0.5:
        data[one : one + len(second)] = second


def cut_off(chance: random.Random, data: bytearray) -> None:
    """Lose the end, often at the end of a page."""
    place = chance.randrange(len(data))
    del data[place - place % _PAGE if chance.random() < 0.5 else place :]


def appended(chance: random.Random, data: bytearray) -> None:
    """Add bytes at the end."""
    data += chance.randbytes(chance.choice([1, 100, _PAGE]))


CHANGES: tuple[Change, ...] = (
    *(one_byte, one_byte, one_byte, bytes_in_a_row, bytes_in_a_row),
    *(zeroed_page, swapped_pages, cut_off, appended),
)


def changed_row(chance: random.Random, catalog: Path) -> str:
    """Change, lose, double or swap a value or a row of the catalog, by way of SQLite."""
    with closing(sqlite3.connect(catalog, isolation_level=None)) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
            if connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
        ]
        table = chance.choice(names)
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        column = chance.choice(columns)
        keys = {"pages": ("document", "number")}.get(table, ("rowid",))
        found = connection.execute(f'SELECT {", ".join(keys)}, "{column}" FROM {table}').fetchall()
        *where, value = chance.choice(found)
        *elsewhere, other = chance.choice(found)
        condition = " AND ".join(f"{key} = ?" for key in keys)
        kind = chance.choice(
            ["value", "value", "value", "value", "other", "swap", "delete", "copy"]
        )
        try:
            if kind == "delete":
                connection.execute(f"DELETE FROM {table} WHERE {condition}", where)
            elif kind == "copy":
                rest = [name for name in columns if name not in {"key", "number"}]
                listed = ", ".join(f'"{name}"' for name in rest)
                connection.execute(
                    f"INSERT INTO {table} ({listed}) SELECT {listed} FROM {table} WHERE "
                    f"{condition}",
                    where,
                )
            else:
                changed = other if kind in {"other", "swap"} else another(chance, value)
                sql = f'UPDATE {table} SET "{column}" = ? WHERE {condition}'
                connection.execute(sql, (changed, *where))
                if kind == "swap":
                    connection.execute(sql, (value, *elsewhere))
        except sqlite3.IntegrityError:
            return f"{kind} {table} (refused by SQLite)"
        return f"{kind} {table}.{column}"


def another(chance: random.Random, value: Any) -> Any:
    """Give another value, near or far."""
    if chance.random() < 0.15:
        return chance.choice(["", 0, -1, 1 << 40, 1.5, b"", b"\0\xff", "x" * 9, None])
    if isinstance(value, int):
        return value + chance.choice([-1, 1, 2, 1000])
    if isinstance(value, str | bytes) and value:
        place = chance.randrange(len(value))
        piece = "7" if isinstance(value, str) else b"7"
        return value[:place] + piece + value[place + 1 :]  # type: ignore[operator]
    return 7


def damage(seed: int, index: Path) -> str:
    """Damage an index as a seed says; tell how."""
    chance = random.Random(seed)  # noqa: S311 -- the same damage again is what is wanted
    catalog = index / "catalog.db"
    if chance.random() < 0.35:
        return changed_row(chance, catalog)
    log = index / "catalog.db-wal"
    share = chance.random()
    target = catalog if share < 0.9 else index / chance.choice(_MANIFESTS)
    if log.exists() and share < 0.6:
        target = log
    change = chance.choice(CHANGES)
    data = bytearray(target.read_bytes())
    change(chance, data)
    target.write_bytes(data)
    return f"{change.__name__} {target.name}"


def said(index: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Name all that is asked of an index, with how to ask it; opening it comes first."""
    opened = open_index(index)
    encoder = WordEncoder(name=opened.build.encoder.name)
    qa = QA(opened, encoder, None, SearchConfig(rerank=0))
    within = ["lakes.txt", "new name.txt"]
    for question in QUESTIONS:
        yield f"ask {question}", partial(_reply, qa, question, None)
        yield f"ask {question} of some", partial(_reply, qa, question, within)
    yield "documents", lambda: repr(qa.documents())
    for name in AFTER:
        if not name.endswith(".pdf"):
            yield f"document {name}", partial(_document, qa, name)
    yield "status", lambda: repr(replace(opened.status(), folder=""))
    yield "ledger", lambda: repr(opened.ledger())


def _reply(qa: QA, question: str, within: Sequence[str] | None) -> str:
    return repr(replace(qa.ask(question, documents=within), elapsed_ms={}))


def _document(qa: QA, name: str) -> str:
    return repr(qa.document(name))


def answers(index: Path) -> dict[str, str]:
    """Give what an index says to each question; "refused" where it says that it is damaged."""
    signal.alarm(_LIMIT_S)
    found: dict[str, str] = {}
    try:
        for name, ask in said(index):
            try:
                found[name] = str(ask())
            except (IndexLoadError, IndexWriteError):
                found[name] = "refused"
            except CtqaError as error:
                found[name] = f"{type(error).__name__}: {error}"
    except (IndexLoadError, IndexWriteError):
        return {"opening": "refused"}
    return found


class Mutations:
    """An index at rest, one with a log that is not yet in the catalog, and copies to damage."""

    def __init__(self, root: Path) -> None:
        self._root = root
        documents = root / "documents"
        self._bases = (root / "rest", root / "logged")
        write_texts(documents, BEFORE)
        _must(in_child(lambda: build(documents, root / "rest") and None))
        self._earlier = self._told(root / "rest")
        shutil.rmtree(documents)
        write_texts(documents, AFTER)
        _must(in_child(lambda: self._build_beside_a_reader(documents)))
        self._whole = self._told(root / "rest")
        assert self._told(root / "logged") == self._whole

    def fail(self, seed: int, index: Path) -> tuple[str, str, str]:
        """Try a seed: what was damaged, what came of it, and what is wrong with that."""
        shutil.rmtree(index, ignore_errors=True)
        shutil.copytree(self._bases[seed % 2], index)
        how = damage(seed, index)
        code, found = in_child(partial(answers, index))
        if code != 0:
            return how, "died", f"seed {seed}, {how}: ended with {code}"
        logged = seed % 2 == 1 and how.endswith("-wal")
        if logged and found == self._earlier:
            return how, "the build before", ""
        wrong = [
            f"seed {seed}, {how}: {name}: {answer[:300]}"
            for name, answer in found.items()
            if answer not in {"refused", self._whole.get(name)}
        ]
        if wrong:
            return how, "wrong", wrong[0]
        refused = [name for name, answer in found.items() if answer == "refused"]
        if not refused:
            return how, "harmless", ""
        return how, "refused" if refused == ["opening"] else "refused in part", ""

    def _told(self, index: Path) -> dict[str, str]:
        copy = self._root / "copy"
        shutil.copytree(index, copy)
        found: dict[str, str] = _must(in_child(partial(answers, copy)))
        shutil.rmtree(copy)
        assert "refused" not in found.values()
        return found

    def _build_beside_a_reader(self, documents: Path) -> None:
        rest, logged = self._bases
        reader = open_index(rest)
        build(documents, rest)
        shutil.copytree(rest, logged, ignore=shutil.ignore_patterns("*-shm"))
        assert (logged / "catalog.db-wal").stat().st_size > 0
        reader.close()


def try_all(root: Path, seeds: int) -> tuple[dict[str, dict[str, int]], list[str]]:
    """Try so many seeds; count what came of each kind of damage, and list what is wrong."""
    prepare()
    english().frequency("lake")
    mutations = Mutations(root)
    started = [start(partial(_try, mutations, part, seeds)) for part in range(_AT_ONCE)]
    counts: dict[str, Counter[str]] = {}
    failures = []
    for each in started:
        for how, came, wrong in _must(finish(each)):
            counts.setdefault(how, Counter())[came] += 1
            failures += [wrong] if wrong else []
    return {how: dict(found) for how, found in sorted(counts.items())}, failures


def _try(mutations: Mutations, part: int, seeds: int) -> list[tuple[str, str, str]]:
    index = mutations._root / f"index-{part}"
    return [mutations.fail(seed, index) for seed in range(part, seeds, _AT_ONCE)]


def _must(found: tuple[int, Any]) -> Any:
    code, gave = found
    assert code == 0, f"a process ended with {code}"
    return gave
