"""Verifying an index: every row, every file and every count, as far as anything can be read."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

from ctqa.errors import IndexLoadError
from ctqa.index.catalog import Catalog
from ctqa.index.rows import Build
from ctqa.index.schema import FILE_NAME, never_completed
from ctqa.index.store import store_of
from ctqa.index.verify_catalog import Examination, check_beside, check_builds, roots
from ctqa.index.verify_counts import check_counts
from ctqa.index.verify_findings import BLOCKING, Finding, Verdict, anew
from ctqa.index.verify_rows import Lives, check_documents, check_files
from ctqa.index.verify_sqlite import check_file
from ctqa.index.verify_vectors import check_sample, check_vectors
from ctqa.models import Encoder

__all__ = ["Finding", "Progress", "Verdict", "verify_index"]

Progress = Callable[[int, int], None]  # how many documents and vectors are checked, of how many

_STEP = 500  # documents and vectors between two words of progress


def _silent(*_: int) -> None:
    """Report progress to nobody."""


def verify_index(folder: Path, *, encoder: Encoder | None, progress: Progress = _silent) -> Verdict:
    """Check all of an index, and tell what is damaged and what mends it.

    A sample of the passages is encoded again by `encoder`, the index's own; None does without.

    Raises:
        IndexLoadError: there is no index, no build was ever completed, or it is of another format.

    """
    while True:
        checking = _Checking(folder, encoder, progress)
        checking.run()
        if not checking.findings or not _have_changed(folder, checking.builds):
            return checking.verdict()
        # Another build became the current one meanwhile, and the files of an older one went.


def _have_changed(folder: Path, builds: Sequence[Build]) -> bool:
    """Tell whether builds came or went since they were read."""
    try:
        with closing(Catalog.open(folder)) as catalog:
            return bool(builds) and catalog.builds() != builds
    except IndexLoadError:
        return False


class _Checking:
    """Goes through an index, and keeps count of what it has seen."""

    def __init__(self, folder: Path, encoder: Encoder | None, progress: Progress) -> None:
        self._folder = folder
        self._encoder = encoder
        self._progress = progress
        self.build = 0
        self.builds: list[Build] = []
        self.findings: list[Finding] = []
        self._done = self._total = 0
        self._checked: dict[str, int] = {}
        self._skipped: list[str] = []
        self._roots: tuple[str, ...] = ()

    def verdict(self) -> Verdict:
        return Verdict(
            build=self.build,
            checked=self._checked,
            skipped=tuple(self._skipped),
            findings=tuple(self.findings),
        )

    def run(self) -> None:
        path = self._folder / FILE_NAME
        if path.is_symlink():
            mend = "put the file that the link leads to in its place"
            self.findings.append(Finding(kind="catalog", what=f"{path}: is a link", mend=mend))
            return
        if path.is_file() and not path.stat().st_size and any(self._folder.glob("builds/[0-9]*")):
            self._broken(f"{path}: is empty, and the files of a build are there")
            return
        try:
            exam = Examination.begin(self._folder)
        except IndexLoadError as error:
            if not path.is_file():
                raise
            self._broken(_first_part(error))
            return
        with closing(exam):
            exam.refuse_other_formats()
            self._check(exam)

    def _check(self, exam: Examination) -> None:
        self._roots = roots(exam)
        self._take(check_file(exam))
        try:
            head, self.builds, found = check_builds(exam)
        except IndexLoadError as error:
            self._broken(_first_part(error))
            return
        self.findings += found
        self.build = 0 if head is None else head.build
        if head is None or any(each.kind in BLOCKING for each in self.findings):
            self._skipped.append("rows, vectors and derived files: the catalog cannot be relied on")
            return
        if not self.builds:
            raise never_completed(self._folder)
        kept = (*(build.number for build in self.builds), *(each.build for each in found))
        self._check_rows(exam, Lives.of(head, kept))
        self._take(check_vectors(exam, self.builds, self._count))
        for build in self.builds:
            self._check_build(exam, build)
        self._check_sample(exam, self.builds[-1])

    def _check_rows(self, exam: Examination, lives: Lives) -> None:
        for table in ("documents", "embeddings"):
            self._total += exam.one(f"SELECT count(*) FROM {table}")
        self._take(check_beside(exam))
        self._take(check_files(exam, lives, self._count))
        self._take(check_documents(exam, lives, self._count))

    def _check_build(self, exam: Examination, build: Build) -> None:
        self._take(check_counts(exam, build))
        known = len(self.findings)
        cached = not any(each.kind == "vector" for each in self.findings)
        store = store_of(exam.folder, build)
        self._take(store.check(exam, build, self._count, cached=cached))
        if any(each.kind == "file" for each in self.findings[known:]):
            self._skipped.append(f"what the derived files of build {build.number} hold")

    def _check_sample(self, exam: Examination, build: Build) -> None:
        if self._encoder is None:
            self._skipped.append("whether passages encoded again have their vectors: no encoder")
        elif self._encoder.identity != build.encoder:
            name = self._encoder.identity.name
            self._skipped.append(f"the same: {name} is not the encoder of build {build.number}")
        elif not any(each.kind in ("row", "vector", "count") for each in self.findings):
            self._take(check_sample(exam, build, self._encoder, self._count))

    def _take(self, found: Iterable[Finding]) -> None:
        """Keep what is found; what cannot even be read is a finding as well."""
        try:
            self.findings.extend(found)
        except IndexLoadError as error:
            self._broken(_first_part(error))

    def _broken(self, what: str) -> None:
        mend = anew(self._folder, self._roots)
        self.findings.append(Finding(kind="catalog", what=what, mend=mend))

    def _count(self, what: str, number: int) -> None:
        self._checked[what] = self._checked.get(what, 0) + number
        if what in ("documents", "vectors"):
            self._done += number
            if self._done % _STEP == 0 or self._done == self._total:
                self._progress(self._done, self._total)


def _first_part(error: IndexLoadError) -> str:
    """Give what an error found, without what it says of mending."""
    return str(error).partition("; ")[0]
