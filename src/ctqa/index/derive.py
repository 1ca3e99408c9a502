"""The commit of a build: what is searched is written to its store, then one row makes it current.

Nothing in a store is the only copy of anything: it can always be made anew from the catalog.
"""

from dataclasses import replace

from ctqa.config import LOCAL
from ctqa.index.files import remove_stray_builds
from ctqa.index.rows import Build
from ctqa.index.schema import cannot_write
from ctqa.index.store import Step, address_of, let_go, store_of
from ctqa.index.writer import CatalogWriter
from ctqa.models import Encoder

_PARTS = 3


def commit_build(
    catalog: CatalogWriter,
    build: Build,
    *,
    before: Build | None,
    encoder: Encoder | None,
    progress: Step,
) -> None:
    """Write a staged build to its store, durably, and make it the current one.

    `before` is the build whose entries may be gone on from, as they are known to be right; it
    stays, to be rolled back to. None: all are made anew, and no build before is kept. The encoder
    makes questions to measure recall with; None does without.

    Raises:
        IndexWriteError: the disk is full, the folder may not be written to, or a cluster fails.

    """
    store = store_of(catalog.folder, build)
    try:
        found = store.write(catalog, build, _usable(before, build), encoder, progress)
    except OSError as error:
        remove_stray_builds(catalog.folder, [each.number for each in catalog.builds()])
        raise cannot_write(catalog.folder, str(error)) from error
    catalog.commit(replace(build, checksums=found))
    progress(_PARTS, _PARTS)
    builds = catalog.builds()
    kept = builds[-2 if before is not None else -1 :]
    catalog.forget_before(kept[0].number)
    let_go(catalog.folder, builds, kept)


def _usable(before: Build | None, build: Build) -> Build | None:
    """Give the build before where the same encoder and libraries made it, in a store of the kind.

    Whether it is in the very same cluster, however that is spelt, the cluster tells.
    """
    if before is None or before.encoder != build.encoder:
        return None
    if (address_of(before.config) == LOCAL) != (address_of(build.config) == LOCAL):
        return None
    return before if before.libraries == build.libraries else None
