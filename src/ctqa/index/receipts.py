"""Checking receipts against the catalog alone: no model, no search, no network.

A receipt is verified where every single thing that it claims of its source stands there. Nothing is
matched fuzzily: words that stand elsewhere now are found only where they stand exactly.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ctqa.index.catalog import Catalog
from ctqa.index.receipt_claims import Claims, read_claims, seal_of
from ctqa.index.receipt_evidence import Difference, Evidence, first_difference
from ctqa.index.rows import FileRow
from ctqa.index.schema import never_completed
from ctqa.sources import sha256_of

__all__ = ["Checked", "Now", "seal_of", "verify_receipts"]

Judgement = Literal["verified", "changed", "gone", "false"]
Disk = Literal["same", "changed", "gone", ""]

_MOST_PLACES = 10  # where the words stand now, that are told
_AT_HAND = 64  # documents
_DISK: dict[Disk, str] = {
    "same": "the file is as it was read",
    "changed": "the file has changed since it was read",
    "gone": "the file is not where it was read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """Where the very words of a receipt stand now."""

    build: int
    page: int
    page_label: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What became of a receipt.

    "verified": all that it claims stands there. "changed": the document is there otherwise, `now`
    tells where its words stand. "gone": no build that is kept has the document. "false": what it
    claims is not what stands there.
    """

    place: str  # in what was given; "": it was alone
    verdict: Judgement
    why: str
    document: str  # its id, as claimed
    claim: str = ""  # the first that differs
    now: tuple[Now, ...] = ()
    on_disk: Disk = ""  # whether the source file is still as it was read; "": it is not known


def verify_receipts(folder: Path, text: str) -> list[Checked]:
    """Check receipts, or the answers of replies, against the builds that an index keeps.

    Raises:
        ConfigError: the text is no receipt and no reply, or one that cannot be checked.
        IndexLoadError: there is no index, or it is damaged.

    """
    claims = read_claims(text)
    with closing(Catalog.open(folder)) as catalog:
        court = _Court(catalog)
        return [court.judge(each) for each in claims]


class _Court:
    """Judges claims, with the documents that it was last asked about at hand."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._builds = [build.number for build in catalog.builds()]
        if not self._builds:
            raise never_completed(catalog.folder)
        self._current = self._builds[-1]
        self._next = catalog.head().next
        self._evidence: dict[tuple[int, str], Evidence | None] = {}
        self._disk = _Disk(catalog)

    def judge(self, claims: Claims) -> Checked:
        """Judge what is claimed."""
        if claims.seal is not None and claims.seal != claims.expected_seal:
            return _false(claims, Difference.of("seal", claims.seal, claims.expected_seal))
        if not 1 <= claims.build < self._next:
            return _false(claims, Difference.of("build", claims.build, self._current))
        now = self._of(self._current, claims.source["id"])
        then = self._then(claims)
        if now is None:
            return _gone(claims) if then is None else self._judge_then(claims, then)
        return self._judge_now(claims, now, then)

    def _judge_now(self, claims: Claims, now: Evidence, then: Evidence | None) -> Checked:
        """Judge claims about a document that is in the current build."""
        differs = self._differs(claims, now)
        if differs is None:
            return self._verified(claims, now)
        if then is not None:
            differed = self._differs(claims, then)
            if differed is None:
                why = f"it stood so in build {then.build}; in build {now.build} {differs}"
                return self._changed(claims, now, why)
            if then.build == claims.build and not differed.is_of_file:
                return _false(claims, differed)
        if differs.is_of_file:
            return self._changed(claims, now, f"the document is another one now: {differs}")
        if claims.build not in self._builds and claims.text in now.text:
            lost = f"what stood in build {claims.build} is not kept any more"
            return self._changed(claims, now, f"{differs}; {lost}")
        return _false(claims, differs)

    def _judge_then(self, claims: Claims, then: Evidence) -> Checked:
        """Judge claims about a document that has left the index, and that an older build has."""
        differs = self._differs(claims, then)
        left = f"the document is in build {then.build}, and in build {self._current} no more"
        if differs is None or differs.is_of_file:
            return self._changed(claims, None, left if differs is None else f"{left}; {differs}")
        return _false(claims, differs)

    def _verified(self, claims: Claims, now: Evidence) -> Checked:
        if claims.build in self._builds:
            then = self._of(claims.build, now.document.id)
            if then is None or self._differs(claims, then) is not None:
                return _false(claims, Difference.of("build", claims.build, now.build))
        disk = self._disk.state(now)
        label = claims.source["title"] or now.document.id
        where = f"page {claims.page}, characters {claims.start}-{claims.end} of {label}"
        why = f"the words stand on {where} (build {now.build}); {_DISK[disk]}"
        return _checked(claims, "verified", why, on_disk=disk)

    def _changed(self, claims: Claims, now: Evidence | None, why: str) -> Checked:
        places = () if now is None else tuple(_places(claims.text, now))
        told = f"the words stand now {_told(places)}" if places else "the words stand there no more"
        disk: Disk = "" if now is None else self._disk.state(now)
        return _checked(claims, "changed", f"{why}; {told}", now=places, on_disk=disk)

    def _then(self, claims: Claims) -> Evidence | None:
        """Give the document as the claimed build has it, or another that is kept beside this."""
        others = sorted(self._builds[:-1], key=lambda number: (number != claims.build, -number))
        found = (self._of(number, claims.source["id"]) for number in others)
        return next((each for each in found if each is not None), None)

    def _differs(self, claims: Claims, found: Evidence) -> Difference | None:
        return first_difference(claims, found, lambda name: self._of(found.build, name))

    def _of(self, build: int, document_id: str) -> Evidence | None:
        wanted = (build, document_id)
        if wanted not in self._evidence:
            if len(self._evidence) >= _AT_HAND:
                self._evidence = {}
            self._evidence[wanted] = Evidence.fetch(self._catalog, *wanted)
        return self._evidence[wanted]


class _Disk:
    """The source files, as they lie on the disk now."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._files: dict[int, FileRow] = {}
        self._states: dict[str, Disk] = {}

    def state(self, found: Evidence) -> Disk:
        """Tell whether the file of a document is still what was read."""
        if found.file not in self._files:
            self._files = {row.key: row for row in self._catalog.files(found.build)}
        row = self._files[found.file]
        if row.path not in self._states:
            self._states[row.path] = _state(row)
        return self._states[row.path]


def _state(row: FileRow) -> Disk:
    try:
        return "same" if sha256_of(Path(row.path)) == row.sha256 else "changed"
    except OSError:
        return "gone"


def _false(claims: Claims, differs: Difference) -> Checked:
    return _checked(claims, "false", str(differs), claim=differs.name)


def _gone(claims: Claims) -> Checked:
    why = f"no build that is kept has a document called {claims.source['id']}"
    return _checked(claims, "gone", why)


def _checked(claims: Claims, verdict: Judgement, why: str, **more: Any) -> Checked:
    what = f"{claims.source['id']}: {why}"
    return Checked(
        place=claims.place,
        verdict=verdict,
        why=f"{claims.place}: {what}" if claims.place else what,
        document=claims.source["id"],
        **more,
    )


def _places(text: str, now: Evidence) -> Iterator[Now]:
    """Give the first places at which a text stands, exactly."""
    start = now.text.find(text) if text else -1
    for _ in range(_MOST_PLACES):
        if start < 0:
            return
        page = now.page(start)
        yield Now(
            build=now.build,
            page=page.number,
            page_label=page.label,
            start=start,
            end=start + len(text),
        )
        start = now.text.find(text, start + 1)


def _told(places: Sequence[Now]) -> str:
    return ", ".join(f"on page {each.page} at {each.start}-{each.end}" for each in places)
