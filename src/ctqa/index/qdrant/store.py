"""The store in a Qdrant cluster; see this package for how it works."""

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from ctqa.errors import IndexLoadError, IndexWriteError
from ctqa.index.catalog import Catalog
from ctqa.index.files import Checked
from ctqa.index.lexical import term_maker
from ctqa.index.qdrant import where
from ctqa.index.qdrant.address import parse_address
from ctqa.index.qdrant.checking import Checking
from ctqa.index.qdrant.cluster import Cluster, NoAnswerError
from ctqa.index.qdrant.generation import (
    Found,
    Generation,
    check_shape,
    drop,
    generations,
    make_generation,
    refuse_strangers,
    show,
)
from ctqa.index.qdrant.marker import Marker, put_marker, read_marker
from ctqa.index.qdrant.opened import ClusterBuild
from ctqa.index.qdrant.points import ALIVE, mean_length
from ctqa.index.qdrant.writing import Writing, count
from ctqa.index.rows import Build
from ctqa.index.store import Count, Step
from ctqa.index.verify_catalog import Examination
from ctqa.index.verify_findings import Finding, fix
from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder

COLLECTION, TOKEN, INDEX = "collection", "generation", "index"  # of a build's checksums
_ID_FILE = "store.id"
_MEASURED, _LOOKED_AT = 20_000, 2_000  # passages, at most, that the mean length is worked out from
_DRIFT = 0.2  # of the mean length, from which on all weights are made anew


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

    def _connected(self) -> Cluster:
        return Cluster(self._address, self._patience_s)

    def write(
        self,
        catalog: CatalogWriter,
        build: Build,
        before: Build | None,
        encoder: Encoder | None,  # noqa: ARG002 -- recall is not measured here
        step: Step,
    ) -> dict[str, str]:
        """Send what a build holds and the cluster does not; give which collection it is in.

        Raises:
            IndexWriteError: the cluster does not acknowledge it, or the name is another index's.
            ConfigError: shards or replicas are asked for that the collection does not have.

        """
        with closing(self._connected()) as cluster:
            found = generations(cluster)
            index = _index_id(self._folder, catalog.builds())
            refuse_strangers(cluster, found, index)
            here = None if before is None else _holding(found, before)
            if here is not None and before is not None:
                _refuse_moved_on(cluster, here, before)
                check_shape(cluster, here.collection)
                if _fits(here.marker, _mean(catalog, build, _LOOKED_AT)):
                    self._writing(cluster, here, catalog, build).go_on(here.marker, before, step)
                    return _noted(cluster, here, build)
            fresh = self._fresh(cluster, found, catalog, build)
            self._writing(cluster, fresh, catalog, build).write_all(fresh.marker, step)
            return _noted(cluster, fresh, build)

    def _writing(
        self, cluster: Cluster, to: Generation, catalog: CatalogWriter, build: Build
    ) -> Writing:
        return Writing(cluster, to.collection, catalog, build, term_maker())

    def _fresh(
        self, cluster: Cluster, found: Found, catalog: CatalogWriter, build: Build
    ) -> Generation:
        """Give a generation for all of a build: one that a stopped build began, or a new one."""
        marker = Marker(
            index=_index_id(self._folder, catalog.builds()),
            token=str(uuid4()),
            encoder=build.encoder.key,
            mean=_mean(catalog, build, _MEASURED),
            head=0,
            builds={},
        )
        kept = {each.checksums.get(TOKEN, "") for each in catalog.builds()}
        for name in found.unmarked:
            drop(cluster, name)  # empty: it was being made
        begun = [each for each in found.marked if each.marker.token not in kept]
        serving = [each for each in begun if _serves(each.marker, marker)]
        for each in begun:
            if each not in serving[:1]:
                drop(cluster, each.collection)
        if serving:
            check_shape(cluster, serving[0].collection)
            return serving[0]
        name = f"{self._address.name}-{found.last + 1}"
        return make_generation(cluster, name, build.encoder.dimension, marker)

    def keep(self, builds: Sequence[Build]) -> None:
        """Let go of all but these builds; what cannot be reached now goes the next time."""
        with suppress(IndexLoadError, IndexWriteError), closing(self._connected()) as cluster:
            self._keep(cluster, builds)

    def _keep(self, cluster: Cluster, builds: Sequence[Build]) -> None:
        index = _index_id(self._folder, builds)
        mine = [each for each in generations(cluster).marked if each.marker.index == index]
        for each in mine:
            if builds and _builds_in(each, builds[-1:]):
                show(cluster, each.collection)
        for each in mine:
            if held := _builds_in(each, builds):
                _prune(cluster, each, held)
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
            for name, wrong in _differences(cluster, build).items():
                raise IndexLoadError(
                    f"{self._address.text}: {name} {wrong}; {fix(self._folder)} sends it anew"
                )
            generation = _generation(cluster, build)
            if generation is None:
                raise NoAnswerError(f"{self._address.text}: it has just been replaced; try again")
        except BaseException:
            cluster.close()
            raise
        return ClusterBuild(cluster, generation, catalog, build)

    def differences(self, build: Build) -> dict[str, str]:
        """Tell what is wrong with a build in the cluster, as far as counting tells."""
        with closing(self._connected()) as cluster:
            return _differences(cluster, build)

    def check(
        self, exam: Examination, build: Build, count: Count, *, cached: bool
    ) -> Iterator[Finding]:
        """Hold every passage in the cluster against the catalog."""
        try:
            yield from self._check(exam, build, count, cached=cached)
        except NoAnswerError as error:
            what, _, mend = str(error).partition("; ")
            yield Finding(kind="store", what=what, mend=mend)
        except IndexLoadError as error:  # the catalog cannot be read, as is found elsewhere
            what, _, _ = str(error).partition("; `ctqa ")
            yield Finding(kind="entries", what=what, mend=fix(exam.folder), build=build.number)

    def _check(
        self, exam: Examination, build: Build, count: Count, *, cached: bool
    ) -> Iterator[Finding]:
        with closing(self._connected()) as cluster:
            wrong = _differences(cluster, build)
            told = [f"{self._address.text}: {name} {how}" for name, how in wrong.items()]
            here = _generation(cluster, build)
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


def _index_id(folder: Path, builds: Sequence[Build]) -> str:
    """Give what tells an index from others in a cluster; made when it is first asked for."""
    path = folder / _ID_FILE
    if not path.is_file():
        known = [build.checksums[INDEX] for build in builds if INDEX in build.checksums]
        keep_id(folder, known[-1] if known else str(uuid4()))
    return path.read_text(encoding="ascii")


def keep_id(folder: Path, index: str) -> None:
    """Let an index be the one that is called so in clusters."""
    beside = folder / f"{_ID_FILE}.new"
    beside.write_text(index, encoding="ascii")
    beside.replace(folder / _ID_FILE)


def _mean(catalog: CatalogWriter, build: Build, most: int) -> float:
    return mean_length(catalog, catalog.keys(build.number), term_maker(), most)


def _fits(marker: Marker, mean: float) -> bool:
    """Tell whether passages of a mean length can be reckoned with the one that is noted."""
    return abs(mean / marker.mean - 1) <= _DRIFT


def _serves(begun: Marker, wanted: Marker) -> bool:
    """Tell whether a generation of which no build was ever committed can be gone on with."""
    return begun.head == 0 and begun.encoder == wanted.encoder and _fits(begun, wanted.mean)


def _holding(found: Found, build: Build) -> Generation | None:
    """Give the generation that a build is in."""
    return next((each for each in found.marked if _builds_in(each, [build])), None)


def _builds_in(generation: Generation, builds: Sequence[Build]) -> list[Build]:
    token = generation.marker.token
    return [build for build in builds if build.checksums.get(TOKEN) == token]


def _refuse_moved_on(cluster: Cluster, generation: Generation, before: Build) -> None:
    """Refuse to write where a copy of this index has written since.

    Raises:
        IndexWriteError: one has.

    """
    head = generation.marker.head
    if head > before.number:
        raise IndexWriteError(
            f"{cluster.address.text}: {generation.collection} is at build {head}, this index at "
            f"{before.number}: a copy of it has built there; build that one, or choose another NAME"
        )


def _noted(cluster: Cluster, generation: Generation, build: Build) -> dict[str, str]:
    """Note in the cluster that a build is whole; give what the catalog is to know of that."""
    marker = generation.marker
    held = {**marker.builds, str(build.number): build.counts["passages"]}
    put_marker(cluster, generation.collection, replace(marker, builds=held))
    return {COLLECTION: generation.collection, TOKEN: marker.token, INDEX: marker.index}


def _prune(cluster: Cluster, generation: Generation, builds: Sequence[Build]) -> None:
    """Leave of a generation what builds hold, oldest first; the last of them has no end yet."""
    marker, last = generation.marker, builds[-1].number
    name = generation.collection
    cluster.change(lambda c: c.delete(name, where.after(last), wait=True))
    cluster.change(
        lambda c: c.set_payload(name, {"last": ALIVE}, points=where.ended_from(last), wait=True)
    )
    cluster.change(lambda c: c.delete(name, where.ended_before(builds[0].number), wait=True))
    held = {str(build.number): build.counts["passages"] for build in builds}
    put_marker(cluster, name, replace(marker, head=last, builds=held))


def _generation(cluster: Cluster, build: Build) -> Generation | None:
    """Give the generation that a build was written to; None: it is gone."""
    collection = build.checksums.get(COLLECTION, "")
    marker = read_marker(cluster, collection)
    if marker is None or marker.token != build.checksums.get(TOKEN):
        return None
    return Generation(collection=collection, marker=marker)


def _differences(cluster: Cluster, build: Build) -> dict[str, str]:
    collection = build.checksums.get(COLLECTION, "")
    marker = read_marker(cluster, collection)
    if marker is None:
        return {collection: "is missing"}
    if marker.token != build.checksums.get(TOKEN):
        return {collection: "was made by another index"}
    if str(build.number) not in marker.builds:
        return {collection: f"does not hold build {build.number}"}
    found, wanted = count(cluster, collection, build.number), build.counts["passages"]
    if found != wanted:
        return {collection: f"holds {found} passages of build {build.number} instead of {wanted}"}
    return {}
