"""Which builds a generation holds: what is noted of them, whether it is so, letting go of them."""

from collections.abc import Sequence
from dataclasses import replace

from ctqa.errors import IndexWriteError
from ctqa.index.qdrant import where
from ctqa.index.qdrant.cluster import Cluster
from ctqa.index.qdrant.generation import Found, Generation
from ctqa.index.qdrant.marker import put_marker, read_marker
from ctqa.index.qdrant.points import ALIVE
from ctqa.index.qdrant.writing import count
from ctqa.index.rows import Build

COLLECTION, TOKEN, INDEX = "collection", "generation", "index"  # of a build's checksums


def holding(found: Found, build: Build) -> Generation | None:
    """Give the generation that a build is in."""
    return next((each for each in found.marked if builds_in(each, [build])), None)


def builds_in(generation: Generation, builds: Sequence[Build]) -> list[Build]:
    """Give those of some builds that are in a generation."""
    token = generation.marker.token
    return [build for build in builds if build.checksums.get(TOKEN) == token]


def refuse_moved_on(cluster: Cluster, generation: Generation, before: Build) -> None:
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


def note(cluster: Cluster, generation: Generation, build: Build) -> dict[str, str]:
    """Note in the cluster that a build is whole; give what the catalog is to know of that."""
    marker = generation.marker
    held = {**marker.builds, str(build.number): build.counts["passages"]}
    put_marker(cluster, generation.collection, replace(marker, builds=held))
    return {COLLECTION: generation.collection, TOKEN: marker.token, INDEX: marker.index}


def prune(cluster: Cluster, generation: Generation, builds: Sequence[Build]) -> None:
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


def generation_of(cluster: Cluster, build: Build) -> Generation | None:
    """Give the generation that a build was written to; None: it is gone."""
    collection = build.checksums.get(COLLECTION, "")
    marker = read_marker(cluster, collection)
    if marker is None or marker.token != build.checksums.get(TOKEN):
        return None
    return Generation(collection=collection, marker=marker)


def differences(cluster: Cluster, build: Build) -> dict[str, str]:
    """Tell what is wrong with a build, as far as counting tells, by its collection's name."""
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
