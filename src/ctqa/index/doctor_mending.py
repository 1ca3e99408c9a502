"""Mending an index, in an order in which a kill at any moment leaves it no worse than it was.

What is damaged beside the passages is taken out first. Files whose rows are damaged then end with
the current build, which readers do not notice; missing vectors are encoded; and what is left is
committed as a new build whose derived files are made anew. Only then do the damaged builds go.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ctqa.errors import IndexLoadError
from ctqa.index.derive import commit_build
from ctqa.index.repair import Repairer
from ctqa.index.rows import Build
from ctqa.index.store import let_go, store_of
from ctqa.index.verify import Progress, verify_index
from ctqa.index.verify_catalog import Examination
from ctqa.index.verify_findings import BLOCKING, Finding, Kind, Verdict, anew, listed, roll_back_to
from ctqa.index.verify_vectors import LEAST_COSINE, faulty_vectors
from ctqa.models import Encoder

_BATCH = 512  # passages between two commits of the cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What was done to mend an index, and what is left to do."""

    build: int  # the current one now; 0: the catalog does not tell
    found: tuple[Finding, ...]  # before anything was done
    done: tuple[str, ...]
    left_out: tuple[str, ...]  # paths of the files that left the index: a build reads them again
    left: tuple[Finding, ...]


class Mending:
    """Mends one index; whoever makes it holds the index's lock."""

    def __init__(self, folder: Path, encoder: Encoder | None, progress: Progress) -> None:
        self._folder = folder
        self._encoder = encoder  # the index's own; None: it is not at hand
        self._progress = progress
        self._done: list[str] = []
        self._left_out: list[str] = []
        self._left: list[Finding] = []

    def run(self, no_encoder: Sequence[Finding]) -> Mended:
        """Mend; `no_encoder` tells why there is none, which is left to do where one is needed."""
        first = verdict = self._verified()
        if _has(verdict, "sqlite", "catalog") and self._rebuilt():
            verdict = self._verified()
        if verdict.findings and not _has(verdict, *BLOCKING):
            with closing(Repairer.open(self._folder)) as catalog:
                self._mend(catalog, verdict.findings)
            verdict = self._verified()
        if not verdict.findings and not self._done:
            self._tell(first.findings, "rows that had ended without a commit go on")
        needed = no_encoder if _has(verdict, "vector") else ()
        return Mended(
            build=verdict.build,
            found=first.findings,
            done=tuple(self._done),
            left_out=tuple(self._left_out),
            left=(*verdict.findings, *(self._left if verdict.findings else ()), *needed),
        )

    def _verified(self) -> Verdict:
        return verify_index(self._folder, encoder=self._encoder, progress=self._progress)

    def _rebuilt(self) -> bool:
        """Let SQLite make anew what it makes of the tables, where its structure is then sound."""
        try:
            with closing(Repairer.open(self._folder)) as catalog:
                rebuilt = catalog.reindex() or catalog.write_anew()
        except IndexLoadError:
            return False
        self._tell(rebuilt, "the catalog's structure was damaged: SQLite has made it anew")
        return rebuilt

    def _tell(self, happened: object, what: str) -> None:
        if happened:
            self._done.append(what)

    def _mend(self, catalog: Repairer, findings: Sequence[Finding]) -> None:
        *before, current = catalog.sealed_builds()
        lost = catalog.drop_unsealed_builds()
        self._tidy(catalog, findings)
        hurt = {finding.file for finding in findings if finding.file}
        staged = hurt & set(catalog.staged_files(catalog.head().next))
        self._unstage(catalog, staged, "damaged")
        only_before = {
            key
            for build in before
            for key in catalog.held_files(build.number, hurt)
            if not catalog.held_files(current.number, [key])
        }
        of_current = hurt - staged - only_before
        if of_current or self._is_hurt(catalog, current, findings):
            self._renew(catalog, current, of_current | only_before, findings)
        elif lost or only_before or any(self._is_hurt(catalog, b, findings) for b in before):
            self._forget_before(catalog, current)
            self._tell(
                True,
                f"the build kept to go back to was damaged: only build {current.number} is left",
            )
        catalog.remove_orphans()

    def _tidy(self, catalog: Repairer, findings: Iterable[Finding]) -> None:
        """Take out what is damaged and belongs to no build."""
        count = catalog.remove_calibrations()
        self._tell(
            count, f"damaged calibrations removed: {count}; `ctqa calibrate` makes them anew"
        )
        if any(finding.kind == "sequence" for finding in findings):
            catalog.note_last_key(self._largest_key(catalog))
            self._tell(True, "the last key of a passage was noted wrongly: it is noted anew")
        count = catalog.remove_orphans()
        self._tell(count, f"rows removed that belonged to no file or document: {count}")
        count = catalog.remove_unused_vectors()
        self._tell(count, f"cached vectors removed that were no passage's: {count}")
        with closing(Examination.begin(self._folder)) as exam:
            wrong = [
                row
                for row, _ in faulty_vectors(exam, _dimensions(catalog.sealed_builds()), _nothing)
            ]
        catalog.remove_vectors(wrong)
        self._tell(wrong, f"damaged cached vectors removed: {len(wrong)}")

    def _largest_key(self, catalog: Repairer) -> int:
        """Find the largest key in the catalog and in the stores, the dead among them."""
        keys = [catalog.largest_key()]
        for build in catalog.sealed_builds():
            with suppress(IndexLoadError):  # what is damaged goes
                keys.append(store_of(self._folder, build).largest_key(build))
        return max(keys)

    def _is_hurt(self, catalog: Repairer, build: Build, findings: Iterable[Finding]) -> bool:
        """Tell whether a build has to be made anew, whatever files leave it."""
        if any(each.build == build.number and each.kind != "sequence" for each in findings):
            return True
        missing = catalog.unencoded(build.number, build.encoder)
        return bool(missing) or catalog.counts(build.number) != build.counts

    def _unstage(self, catalog: Repairer, keys: Iterable[int], why: str) -> None:
        staged = sorted(keys)
        catalog.unstage(catalog.head().next, staged)
        count = len(staged)
        self._tell(
            count,
            f"files that a stopped build had read, and that are to be read anew ({why}): {count}",
        )

    def _renew(
        self, catalog: Repairer, current: Build, hurt: Iterable[int], findings: Iterable[Finding]
    ) -> None:
        """Commit a new build of all that is whole in the current one, and let the others go."""
        number = catalog.head().next
        catalog.revive(current.number)
        self._unstage(catalog, catalog.staged_files(number), "the index had to be mended first")
        leaving = catalog.paths(catalog.held_files(current.number, hurt))
        catalog.end_files(current.number, hurt)
        counts = catalog.counts(number)
        all_anew = any(finding.kind == "encoding" for finding in findings)
        if not counts["passages"] or not self._encode(catalog, number, current, all_anew):
            catalog.revive(current.number)
            self._give_up(current, counts)
            return
        made = replace(
            current,
            number=number,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            counts=counts,
        )
        commit_build(catalog, made, before=None, encoder=self._encoder, progress=_nothing)
        self._forget_before(catalog, made)
        self._report(current, made, leaving)

    def _give_up(self, current: Build, counts: dict[str, int]) -> None:
        if counts["passages"]:
            return  # vectors are missing, as verifying tells again
        what = f"nothing of build {current.number} is whole, so it is left as it is"
        mend = f"{roll_back_to(self._folder)}, or {anew(self._folder, current.roots)}"
        self._left.append(Finding(kind="row", what=what, mend=mend))

    def _report(self, current: Build, made: Build, leaving: Sequence[str]) -> None:
        self._left_out += leaving
        self._tell(
            True,
            f"build {current.number} was damaged: build {made.number} is made of what is whole, "
            "and there is no build before it to go back to",
        )
        self._tell(
            leaving,
            f"files that left the index because their rows were damaged: {len(leaving)} ("
            f"{listed(leaving, 20)}); `ctqa build --index {self._folder}` reads them again",
        )
        lost = current.counts["files"] - made.counts["files"] - len(leaving)
        self._tell(
            lost > 0,
            f"files of build {current.number} that are lost, and nothing tells which: {lost}; "
            f"`ctqa build --index {self._folder}` reads them again",
        )

    def _encode(self, catalog: Repairer, number: int, current: Build, all_anew: bool) -> bool:
        """Encode what has no vector, or another than it should; tell whether all have theirs."""
        missing = catalog.unencoded(number, current.encoder)
        if self._encoder is None:
            return not missing
        count = 0
        for keys in _batches(missing):
            texts = catalog.search_texts(keys)
            catalog.cache_vectors(current.encoder, texts, self._encoder.encode_passages(texts))
            count += len(texts)
        for keys in _batches(catalog.keys(number) if all_anew else []):
            count += _encode_unlike(catalog, keys, current, self._encoder)
        self._tell(count, f"passages encoded again: {count}")
        return True

    def _forget_before(self, catalog: Repairer, build: Build) -> None:
        builds = catalog.sealed_builds()
        catalog.forget_before(build.number)
        let_go(self._folder, builds, [each for each in builds if each.number == build.number])


def _has(verdict: Verdict, *kinds: Kind) -> bool:
    return any(finding.kind in kinds for finding in verdict.findings)


def _dimensions(builds: Iterable[Build]) -> dict[str, int]:
    return {build.encoder.key: build.encoder.dimension for build in builds}


def _batches(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]


def _encode_unlike(catalog: Repairer, keys: Sequence[int], build: Build, encoder: Encoder) -> int:
    """Cache anew the vectors that an encoder does not give any more; give how many."""
    texts = catalog.search_texts(keys)
    cached = catalog.vectors_of(build.encoder, keys)  # (n, d)
    again = encoder.encode_passages(texts)  # (n, d)
    unlike = ~(np.vecdot(cached, again) >= LEAST_COSINE)  # (n,)
    chosen = [text for text, other in zip(texts, unlike, strict=True) if other]
    catalog.cache_vectors(build.encoder, chosen, again[unlike])
    return len(chosen)


def _nothing(*_: object) -> None:
    """Count nothing, and report to nobody."""
