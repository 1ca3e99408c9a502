"""The clusters that a build is to use: tried before it does anything that would be in vain."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ctqa.index.store import store_at

if TYPE_CHECKING:
    from ctqa.index.ray_connection import RayCluster


@contextmanager
def reached(folder: Path, store: str, ray: str | None) -> "Iterator[RayCluster | None]":
    """See that a store's cluster answers, and stay connected to Ray's, of which None needs none.

    Raises:
        ConfigError: an address is none, what it needs is not installed, or Ray's cluster cannot be
            used.
        IndexLoadError: the store's cluster does not answer, or refuses to.

    """
    if ray is None:
        store_at(folder, store).knock()
        yield None
        return
    from ctqa.index.ray_connection import RayCluster  # noqa: PLC0415 -- an extra

    with closing(RayCluster.connect(ray)) as cluster:
        store_at(folder, store).knock()
        yield cluster
