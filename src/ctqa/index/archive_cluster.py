"""A whole index in a Qdrant cluster, for other machines: its passages there, its archive beside.

An index whose store is the cluster has its passages there already; of any other, they are sent.
Nothing is encoded again, on the way there or back.
"""

from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from ctqa.config import LOCAL
from ctqa.index.archive import Exported, Imported, export_index, import_index, refuse_damaged
from ctqa.index.archive_catalog import adopted
from ctqa.index.archive_file import Progress
from ctqa.index.catalog import Catalog
from ctqa.index.qdrant import parcel
from ctqa.index.qdrant.address import parse_address
from ctqa.index.qdrant.cluster import Cluster
from ctqa.index.qdrant.held import INDEX
from ctqa.index.qdrant.identity import keep_id
from ctqa.index.qdrant.parcel import Parcel
from ctqa.index.qdrant.trouble import advising
from ctqa.index.rows import Build
from ctqa.index.store import address_of

_ARCHIVE = "index.ctqa"
_NOT_EXPORTED = (
    "see that host and port are right and Qdrant runs there, then export again; the index is as it "
    "was, and `ctqa export --to FILE` needs no cluster"
)
_NOT_IMPORTED = (
    "see that host and port are right and Qdrant runs there, then import again; no index was made, "
    "and what lies in the cluster is as it was"
)


def _silent(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


def export_to_cluster(folder: Path, address: str, *, progress: Progress = _silent) -> Exported:
    """Put the current build of an index, with all its texts, where other machines can take it.

    Raises:
        IndexLoadError: there is no index, or what it holds is damaged.
        IndexWriteError: the cluster does not acknowledge it, or the name is another index's.
        ConfigError: it is no address.

    """
    place = parse_address(address)
    with (
        TemporaryDirectory(prefix="ctqa-") as work,
        advising(_NOT_EXPORTED),
        closing(Cluster(place)) as cluster,
    ):
        cluster.knock()
        archive = Path(work) / _ARCHIVE
        made = export_index(folder, archive, progress=progress)
        with closing(Catalog.open(folder)) as catalog:
            build = catalog.build(made.build)
        if build is None or not _is_there(build, address):
            import_index(archive, Path(work) / "index", store=address, progress=progress)
            with closing(Catalog.open(Path(work) / "index")) as catalog:
                build = catalog.builds()[-1]
        parcel.send(cluster, archive, build.number, build.checksums, partial(progress, "pack"))
    return replace(made, path=address)


def _is_there(build: Build, address: str) -> bool:
    """Tell whether a build's passages lie in just this collection."""
    if address_of(build.config) == LOCAL:
        return False
    mine, other = parse_address(address_of(build.config)), parse_address(address)
    return (mine.hosts, mine.name) == (other.hosts, other.name)


def import_from_cluster(
    address: str, folder: Path, *, store: str | None = None, progress: Progress = _silent
) -> Imported:
    """Make an index of one in a cluster, in a folder that is empty or not there yet.

    Its passages stay in the cluster and are searched there, or go to another `store`.

    Raises:
        IndexLoadError: no index lies there, or it is damaged.
        IndexWriteError: something is in the folder already, or the disk is full.
        ConfigError: it is no address.

    """
    place = parse_address(address)
    with (
        TemporaryDirectory(prefix="ctqa-") as work,
        advising(_NOT_IMPORTED),
        closing(Cluster(place)) as cluster,
    ):
        cluster.knock()
        folder.absolute().parent.mkdir(parents=True, exist_ok=True)
        archive = Path(work) / _ARCHIVE
        found = parcel.fetch(cluster, archive, partial(progress, "unpack"))
        if store is None or store == address:
            finish = partial(_attach, address, found)
            return import_index(archive, folder, finish=finish, progress=progress)
        return import_index(archive, folder, store=store, progress=progress)


def _attach(address: str, found: Parcel, work: Path, build: Build, progress: Progress) -> None:
    """Commit a checked catalog's build, whose passages are in the cluster."""
    progress("write", 0, 1)
    config = build.config | {"store": address}
    keep_id(work, found.checksums[INDEX])
    with closing(adopted(work)) as catalog:
        catalog.commit(replace(build, roots=(), checksums=dict(found.checksums), config=config))
    refuse_damaged(work)
    progress("write", 1, 1)
