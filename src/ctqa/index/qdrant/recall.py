"""How much of what is nearest a cluster's HNSW finds: measured when a build is written there.

As for the store in the folder: by questions made of the build's own passages, the search that
serves is held against one that looks at every vector. What is measured goes with the build.
"""

import json
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from ctqa.index.dense_segment import APPROXIMATE_FROM
from ctqa.index.dense_training import GOALS, MEASURED_AT, QUERIES, ROUNDING, kinds_of_queries
from ctqa.index.qdrant.cluster import Cluster
from ctqa.index.qdrant.opened import ClusterBuild
from ctqa.index.qdrant.trouble import NoAnswerError
from ctqa.index.questions import sample_questions
from ctqa.index.rows import Build
from ctqa.index.segments import Recall
from ctqa.index.verify_vectors import spread
from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder, Vectors

RECALL = "recall"  # of a build's checksums
_MOST_GROWN = 0.25  # by which a build may have more or fewer passages than what was measured
_LOOK_S, _LOOKS = 1.0, 2  # a cluster is at rest that is found so, some times in a row
_MOST_S = 1_800.0  # that a cluster is waited for
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was measured, of how many passages."""

    recall: Recall
    passages: int

    def form(self) -> str:
        """Give it as it is kept with a build."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def kept_with(cls, build: Build | None) -> "Measured | None":
        """Give what is kept with a build; None: nothing was measured, or it cannot be read."""
        try:
            form = json.loads("" if build is None else build.checksums[RECALL])
            recall = Recall(
                k=int(form["recall"]["k"]),
                mean=float(form["recall"]["mean"]),
                queries=int(form["recall"]["queries"]),
            )
            return cls(recall=recall, passages=int(form["passages"]))
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
    known = Measured.kept_with(before)
    if known is None or abs(passages / known.passages - 1) > _MOST_GROWN:
        known = _measured(opened, cluster, catalog, build, encoder)
    return {} if known is None else {RECALL: known.form()}


def _measured(
    opened: ClusterBuild,
    cluster: Cluster,
    catalog: CatalogWriter,
    build: Build,
    encoder: Encoder | None,
) -> Measured | None:
    name, number = f"{cluster.address.text}: {opened.collection}", build.number
    try:
        if not _is_at_rest(cluster, opened.collection):
            _log.warning("%s: still makes its index; what that finds was not measured", name)
            return None
        questions = partial(sample_questions, catalog, number, build.encoder, encoder)
        sample = catalog.vectors_of(build.encoder, spread(catalog.keys(number), QUERIES))
        kinds = kinds_of_queries(questions, sample)
        found = recalls(opened, kinds)
    except NoAnswerError as error:
        _log.warning("%s; what HNSW finds was not measured", error.what)
        return None
    if any(found[k] < goal for k, goal in GOALS.items()):
        _log.warning("%s: %s", name, too_few(found))
    mean = round(found[MEASURED_AT], 4)
    recall = Recall(k=MEASURED_AT, mean=mean, queries=sum(map(len, kinds)))
    return Measured(recall=recall, passages=len(opened))


def recalls(opened: ClusterBuild, kinds: Sequence[Vectors]) -> dict[int, float]:
    """Give the mean recall at each `k` aimed at, of that kind of queries which has the lowest."""
    whole = [opened.exact(kind, MEASURED_AT) for kind in kinds]
    return {
        k: min(
            float(np.mean([_share(mine, all_[:k]) for mine, all_ in zip(found, near, strict=True)]))
            for found, near in zip([opened.dense(kind, k) for kind in kinds], whole, strict=True)
        )
        for k in GOALS
    }


def _share(found: Sequence[tuple[int, float]], nearest: Sequence[tuple[int, float]]) -> float:
    """Give the share of the nearest that is found; what ties with the last of them is as good."""
    least = nearest[-1][1] - ROUNDING
    return min(len(nearest), sum(score >= least for _, score in found)) / len(nearest)


def too_few(found: Mapping[int, float]) -> str:
    """Say that HNSW finds fewer than is aimed at, and what makes it find more."""
    told = "; ".join(
        f"of the {k} nearest passages HNSW finds {found[k]:.1%}, {goal:.0%} are aimed at"
        for k, goal in GOALS.items()
        if k in found
    )
    return f"{told}: give its collection a larger hnsw_config.m and ef_construct (docs/scale.md)"


def _is_at_rest(cluster: Cluster, collection: str) -> bool:
    """Wait until a cluster has indexed what was sent: until then, it looks at the rest one by one.

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
