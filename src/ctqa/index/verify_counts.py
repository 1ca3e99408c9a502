"""Checking the builds against what the tables hold for them."""

from collections.abc import Iterator
from pathlib import Path

from ctqa.index.catalog import IN_BUILD
from ctqa.index.rows import Build
from ctqa.index.schema import FILE_NAME
from ctqa.index.verify_catalog import Examination
from ctqa.index.verify_findings import Finding, fix_and_read, shown


def check_counts(exam: Examination, build: Build) -> Iterator[Finding]:
    """Find where a build holds more or less than it did when it was committed."""
    found = exam.counts(build.number)
    for name in sorted(found.keys() | build.counts.keys()):
        if found.get(name) != build.counts.get(name):
            what = (
                f"holds {found.get(name)} {name.replace('_', ' ')}, expected {build.counts[name]}"
            )
            yield _finding(exam.folder, build, what)
    for table in ("files", "documents"):
        for id_, count in exam.each(
            f"SELECT id, count(*) FROM {table} WHERE {IN_BUILD} GROUP BY id HAVING count(*) > 1",
            build=build.number,
        ):
            yield _finding(exam.folder, build, f"holds {count} {table} that are called {id_}")


def _finding(folder: Path, build: Build, what: str) -> Finding:
    return Finding(
        kind="count",
        what=shown(f"{folder / FILE_NAME}: build {build.number} {what}"),
        mend=fix_and_read(folder),
        build=build.number,
    )
