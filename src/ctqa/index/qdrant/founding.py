"""The generation that all of a build goes to: one that a stopped build began, or a new one."""

from uuid import uuid4

from ctqa.index.lexical import term_maker
from ctqa.index.qdrant.cluster import Cluster
from ctqa.index.qdrant.generation import Found, Generation, check_shape, drop, make_generation
from ctqa.index.qdrant.held import TOKEN
from ctqa.index.qdrant.marker import Marker
from ctqa.index.qdrant.points import mean_length
from ctqa.index.rows import Build
from ctqa.index.writer import CatalogWriter

_MEASURED, _LOOKED_AT = 20_000, 2_000  # passages, at most, that the mean length is worked out from
_DRIFT = 0.2  # of the mean length, from which on all weights are made anew


def still_fits(marker: Marker, catalog: CatalogWriter, build: Build) -> bool:
    """Tell whether a build's passages are about as long as a generation's weights reckon with."""
    return _fits(marker, _mean(catalog, build, _LOOKED_AT))


def generation_for(
    cluster: Cluster, found: Found, index: str, catalog: CatalogWriter, build: Build
) -> Generation:
    """Give a generation for all of a build of an index; what others began and left goes."""
    marker = Marker(
        index=index,
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
    name = f"{cluster.address.name}-{found.last + 1}"
    return make_generation(cluster, name, build.encoder.dimension, marker)


def _mean(catalog: CatalogWriter, build: Build, most: int) -> float:
    return mean_length(catalog, catalog.keys(build.number), term_maker(), most)


def _fits(marker: Marker, mean: float) -> bool:
    """Tell whether passages of a mean length can be reckoned with the one that is noted."""
    return abs(mean / marker.mean - 1) <= _DRIFT


def _serves(begun: Marker, wanted: Marker) -> bool:
    """Tell whether a generation of which no build was ever committed can be gone on with."""
    return begun.head == 0 and begun.encoder == wanted.encoder and _fits(begun, wanted.mean)
