"""The store in a Qdrant cluster; see this package for how it works."""

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from ctqa.errors import IndexLoadError, IndexWriteError
from ctqa.index.catalog import Catalog
from ctqa.index.files import Checked
from ctqa.index.lexical import term_maker
from ctqa.index.qdrant.address import parse_address
from ctqa.index.qdrant.checking import Checking
from ctqa.index.qdrant.cluster import Cluster
from ctqa.index.qdrant.founding import generation_for, still_fits
from ctqa.index.qdrant.generation import (
    Generation,
    check_shape,
    drop,
    generations,
    refuse_strangers,
    show,
)
from ctqa.index.qdrant.held import (
    COLLECTION,
    builds_in,
    differences,
    generation_of,
    holding,
    note,
    prune,
    refuse_moved_on,
)
from ctqa.index.qdrant.identity import index_id
from ctqa.index.qdrant.opened import ClusterBuild
from ctqa.index.qdrant.recall import keep_recall, kept_with
from ctqa.index.qdrant.trouble import NoAnswerError
from ctqa.index.qdrant.writing import Writing
from ctqa.index.rows import Build
from ctqa.index.store import Count, Step
from ctqa.index.verify_catalog import Examination
from ctqa.index.verify_findings import Finding, fix
from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder

_NOT_BEGUN = (
    "see that host and port are right and Qdrant runs there, then try again; nothing was done yet, "
    "and `--store local` needs no cluster"
)
_UNFINISHED = (
    "see that Qdrant runs there, then build again: what was read, encoded and sent is kept; "
    "`--store local` needs no cluster, and encodes nothing again"
)
_NOT_OPENED = (
    "see that Qdrant runs there, then try again; if it is lost, `ctqa build --store local` does "
    "without it, and encodes nothing again"
)


class QdrantStore:
    """The builds of an index whose passages lie in a cluster."""

    def __init__(self, folder: Path, address: str, patience_s: float | None = None) -> None:
        """Connect to nothing yet.

        Raises:
            ConfigError: it is no address, or the client is not installed.

        """
        self._folder = folder
        self._address = parse_address(address)
        self._patience_s = patience_s
        self._connected().close()

    def _connected(self, advice: str = _NOT_OPENED) -> Cluster:
        return Cluster(self._address, self._patience_s, advice)

    def knock(self) -> None:
        """See that the cluster answers, as Qdrant does, and takes the key.

        Raises:
            NoAnswerError: it does not.

        """
        with closing(self._connected(_NOT_BEGUN)) as cluster:
            cluster.knock()

    def write(
        self,
        catalog: CatalogWriter,
        build: Build,
        before: Build | None,
        encoder: Encoder | None,
        step: Step,
    ) -> dict[str, str]:
        """Send what a build holds and the cluster does not; give which collection it is in.

        Raises:
            IndexWriteError: the cluster does not acknowledge it, or the name is another index's.
            ConfigError: shards or replicas are asked for that the collection does not have.

        """
        with closing(self._connected(_UNFINISHED)) as cluster:
            here, gone_on = self._sent(cluster, catalog, build, before, step)
            opened = ClusterBuild(cluster, here, catalog, build)
            recall = keep_recall(opened, cluster, catalog, build, gone_on, encoder)
            return note(cluster, here, build) | recall

    def _sent(
        self,
        cluster: Cluster,
        catalog: CatalogWriter,
        build: Build,
        before: Build | None,
        step: Step,
    ) -> tuple[Generation, Build | None]:
        """Send a build; give where it is now, and the build before if it was gone on from."""
        found = generations(cluster)
        index = index_id(self._folder, catalog.builds())
        refuse_strangers(cluster, found, index)
        here = None if before is None else holding(found, before)
        if here is not None and before is not None:
            refuse_moved_on(cluster, here, before)
            check_shape(cluster, here.collection)
            if still_fits(here.marker, catalog, build):
                writing = Writing(cluster, here.collection, catalog, build, term_maker())
                writing.go_on(here.marker, before, step)
                return here, before
        fresh = generation_for(cluster, found, index, catalog, build)
        writing = Writing(cluster, fresh.collection, catalog, build, term_maker())
        writing.write_all(fresh.marker, step)
        return fresh, None

    def keep(self, builds: Sequence[Build]) -> None:
        """Let go of all but these builds; what cannot be reached now goes the next time."""
        with suppress(IndexLoadError, IndexWriteError), closing(self._connected()) as cluster:
            self._keep(cluster, builds)

    def _keep(self, cluster: Cluster, builds: Sequence[Build]) -> None:
        index = index_id(self._folder, builds)
        mine = [each for each in generations(cluster).marked if each.marker.index == index]
        for each in mine:
            if builds and builds_in(each, builds[-1:]):
                show(cluster, each.collection)
        for each in mine:
            if held := builds_in(each, builds):
                prune(cluster, each, held)
            else:
                drop(cluster, each.collection)

    def open(
        self,
        catalog: Catalog,
        build: Build,
        checked: Checked,  # noqa: ARG002 -- no file of it is here
    ) -> ClusterBuild:
        """Open a build.

        Raises:
            IndexLoadError: the cluster does not answer, or does not hold it whole.

        """
        cluster = self._connected()
        try:
            for name, wrong in differences(cluster, build).items():
                raise IndexLoadError(
                    f"{self._address.text}: {name} {wrong}; {fix(self._folder)} sends it anew"
                )
            generation = generation_of(cluster, build)
            if generation is None:
                raise NoAnswerError(f"{self._address.text}: it has just been replaced", "try again")
        except BaseException:
            cluster.close()
            raise
        return ClusterBuild(cluster, generation, catalog, build, kept_with(build))

    def differences(self, build: Build) -> dict[str, str]:
        """Tell what is wrong with a build in the cluster, as far as counting tells."""
        with closing(self._connected()) as cluster:
            return differences(cluster, build)

    def check(
        self, exam: Examination, build: Build, count: Count, *, cached: bool
    ) -> Iterator[Finding]:
        """Hold every passage in the cluster against the catalog."""
        try:
            yield from self._check(exam, build, count, cached=cached)
        except NoAnswerError as error:
            yield Finding(kind="store", what=error.what, mend=error.mend)
        except IndexLoadError as error:  # the catalog cannot be read, as is found elsewhere
            what, _, _ = str(error).partition("; `ctqa ")
            yield Finding(kind="entries", what=what, mend=fix(exam.folder), build=build.number)

    def _check(
        self, exam: Examination, build: Build, count: Count, *, cached: bool
    ) -> Iterator[Finding]:
        with closing(self._connected()) as cluster:
            wrong = differences(cluster, build)
            told = [f"{self._address.text}: {name} {how}" for name, how in wrong.items()]
            here = generation_of(cluster, build)
            if here is None:
                for what in told:
                    yield Finding(kind="file", what=what, mend=fix(exam.folder), build=build.number)
                return
            checking = Checking(cluster, here.collection, here.marker.mean, exam, build)
            found = list(checking.findings(count, cached=cached))
            yield from found
            if not any(each.is_damage for each in found):  # then what was asked is of one replica
                for what in told:
                    yield Finding(
                        kind="entries", what=what, mend=fix(exam.folder), build=build.number
                    )

    def largest_key(self, build: Build) -> int:
        """Give the largest key in a build's collection."""
        from qdrant_client import models  # noqa: PLC0415 -- heavy

        order = models.OrderBy(key="key", direction=models.Direction.DESC)
        collection = build.checksums.get(COLLECTION, "")
        with closing(self._connected()) as cluster:
            found, _ = cluster.read(
                lambda client: client.scroll(
                    collection, limit=1, order_by=order, with_payload=["key"]
                )
            )
        return int((found[0].payload or {})["key"]) if found else 0
