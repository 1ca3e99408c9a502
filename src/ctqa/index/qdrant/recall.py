"""How much of what is nearest a cluster's HNSW finds: measured when a build is written there.

As for the store in the folder: by questions made of the build's own passages, the search that
serves is held against one that looks at every vector, and as many candidates are held while it
searches as the recall aimed at needs. What is measured goes with the build.
"""

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial

import numpy as np

from ctqa.index.dense_segment import APPROXIMATE_FROM
from ctqa.index.dense_training import GOALS, MEASURED_AT, QUERIES, ROUNDING, kinds_of_queries
from ctqa.index.qdrant.cluster import Cluster
from ctqa.index.qdrant.opened import ClusterBuild, Served
from ctqa.index.qdrant.trouble import NoAnswerError
from ctqa.index.questions import sample_questions
from ctqa.index.rows import Build
from ctqa.index.segments import Recall
from ctqa.index.store import Ranked
from ctqa.index.verify_vectors import spread
from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder, Vectors

RECALL = "recall"  # of a build's checksums
_MOST_GROWN = 0.25  # by which a build may have more or fewer passages than what was measured
_LOOK_S, _LOOKS = 1.0, 2  # a cluster is at rest that says so, some times in a row
_EFS = (128, 256, 512, 1_024, 2_048)  # candidates that HNSW holds while it searches for 100
_MOST_S = 1_800.0  # that a cluster is waited for
_log = logging.getLogger(__name__)


def kept_with(build: Build | None) -> Served | None:
    """Give what is kept with a build; None: nothing was measured, or it cannot be read."""
    try:
        form = json.loads("" if build is None else build.checksums[RECALL])
        found = form["recall"]
        recall = Recall(k=int(found["k"]), mean=float(found["mean"]), queries=int(found["queries"]))
        return Served(ef=int(form["ef"]), recall=recall, passages=int(form["passages"]))
    except (KeyError, TypeError, ValueError):
        return None


def keep_recall(
    opened: ClusterBuild,
    cluster: Cluster,
    catalog: CatalogWriter,
    build: Build,
    before: Build | None,
    encoder: Encoder | None,
) -> dict[str, str]:
    """Measure a build that HNSW serves, or take over what holds still; {} where none is measured.

    `before` is a build in the same collection. What cannot be measured, or is less than is aimed
    at, is told of and refused nowhere.
    """
    passages = len(opened)
    if passages <= APPROXIMATE_FROM:
        return {}  # every vector is looked at
    known = kept_with(before)
    if known is None or abs(passages / known.passages - 1) > _MOST_GROWN:
        known = _measured(opened, cluster, catalog, build, encoder)
    return {} if known is None else {RECALL: json.dumps(asdict(known), sort_keys=True)}


def _measured(
    opened: ClusterBuild,
    cluster: Cluster,
    catalog: CatalogWriter,
    build: Build,
    encoder: Encoder | None,
) -> Served | None:
    name, number = f"{cluster.address.text}: {opened.collection}", build.number
    try:
        if not _is_at_rest(cluster, opened.collection):
            _log.warning("%s: still makes its index; what that finds was not measured", name)
            return None
        questions = partial(sample_questions, catalog, number, build.encoder, encoder)
        sample = catalog.vectors_of(build.encoder, spread(catalog.keys(number), QUERIES))
        kinds = kinds_of_queries(questions, sample)
        ef, found = least_ef(opened, kinds)
    except NoAnswerError as error:
        _log.warning("%s; what HNSW finds was not measured", error.what)
        return None
    if not _reaches(found):
        _log.warning("%s: %s", name, too_few(found))
    mean = round(found[MEASURED_AT], 4)
    recall = Recall(k=MEASURED_AT, mean=mean, queries=sum(map(len, kinds)))
    return Served(ef=ef, recall=recall, passages=len(opened))


def least_ef(opened: ClusterBuild, kinds: Sequence[Vectors]) -> tuple[int, dict[int, float]]:
    """Find how few candidates are enough for the recall aimed at; give what they find, too."""
    nearest = [opened.exact(kind, MEASURED_AT) for kind in kinds]
    for ef in _EFS:
        found = {k: _recall(k, ef, opened, kinds, nearest) for k in GOALS}
        if _reaches(found):
            break
    return ef, found


def _recall(
    k: int,
    ef: int,
    opened: ClusterBuild,
    kinds: Sequence[Vectors],
    nearest: Sequence[Sequence[Ranked]],
) -> float:
    """Give the mean recall at `k` of that kind of queries which has the lowest."""
    return min(
        float(
            np.mean(
                [
                    _share(found, whole[:k])
                    for found, whole in zip(opened.by_graph(kind, k, ef), of_kind, strict=True)
                ]
            )
        )
        for kind, of_kind in zip(kinds, nearest, strict=True)
    )


def _reaches(found: Mapping[int, float]) -> bool:
    return all(found[k] >= goal for k, goal in GOALS.items())


def _share(found: Sequence[tuple[int, float]], nearest: Sequence[tuple[int, float]]) -> float:
    """Give the share of the nearest that is found; what ties with the last of them is as good."""
    least = nearest[-1][1] - ROUNDING
    return min(len(nearest), sum(score >= least for _, score in found)) / len(nearest)


def too_few(found: Mapping[int, float]) -> str:
    """Say that HNSW finds fewer than is aimed at, and what makes it find more."""
    told = "; ".join(
        f"of the {k} nearest passages HNSW finds {found[k]:.1%}, {goal:.0%} are aimed at"
        for k, goal in GOALS.items()
    )
    return f"{told}: give its collection a larger hnsw_config.m and ef_construct (docs/scale.md)"


def _is_at_rest(cluster: Cluster, collection: str) -> bool:
    """Wait until a cluster has indexed what was sent, and merged it: merging lowers the recall.

    False: it has not in all that time.
    """
    began, looks, is_told = time.monotonic(), 0, False
    while looks < _LOOKS:
        info = cluster.read(lambda client: client.get_collection(collection))
        looks = looks + 1 if info.status.value == "green" else 0
        if not looks and not is_told:
            _log.info("%s: waiting for %s to be indexed", cluster.address.text, collection)
            is_told = True
        if time.monotonic() - began > _MOST_S:
            return False
        time.sleep(_LOOK_S)
    return True
