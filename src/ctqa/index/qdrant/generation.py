"""The collections of an index in a cluster: made, found, shown to others, dropped."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ctqa.errors import ConfigError, IndexWriteError
from ctqa.index.qdrant.cluster import Cluster
from ctqa.index.qdrant.marker import Marker, put_marker, read_marker
from ctqa.index.qdrant.points import DENSE, TERMS

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """A collection, and what it says of itself."""

    collection: str
    marker: Marker


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The collections under an address's name, oldest first."""

    marked: tuple[Generation, ...]
    unmarked: tuple[str, ...]  # being made, or a stranger's
    last: int  # the number of the newest; 0: there is none


def generations(cluster: Cluster) -> Found:
    """Find the generations under the address's name."""
    own = re.compile(rf"{re.escape(cluster.address.name)}-([1-9]\d*)")
    there = cluster.read(lambda client: client.get_collections()).collections
    names = {int(m[1]): each.name for each in there if (m := own.fullmatch(each.name))}
    marked, unmarked = [], []
    for _, name in sorted(names.items()):
        marker = read_marker(cluster, name)
        if marker is None:
            unmarked.append(name)
        else:
            marked.append(Generation(collection=name, marker=marker))
    return Found(marked=tuple(marked), unmarked=tuple(unmarked), last=max(names, default=0))


def refuse_strangers(cluster: Cluster, found: Found, index: str) -> None:
    """Refuse a name that stands for what another index, or another program, has written.

    Raises:
        IndexWriteError: it does.

    """
    name = cluster.address.name
    strangers = [each.collection for each in found.marked if each.marker.index != index]
    strangers += [each for each in found.unmarked if not _is_empty(cluster, each)]
    taken = cluster.read(lambda client: client.get_collections()).collections
    strangers += [each.name for each in taken if each.name == name]
    mine = {each.collection for each in found.marked}
    aliases = cluster.read(lambda client: client.get_aliases()).aliases
    strangers += [
        each.collection_name
        for each in aliases
        if each.alias_name == name and each.collection_name not in mine
    ]
    if strangers:
        raise IndexWriteError(
            f"{cluster.address.text}: collection {strangers[0]} is not of this index; choose "
            "another NAME (`ctqa import` makes an index of one that lies there)"
        )


def _is_empty(cluster: Cluster, collection: str) -> bool:
    return not cluster.read(lambda client: client.count(collection, exact=True)).count


def make_generation(
    cluster: Cluster, collection: str, dimension: int, marker: Marker
) -> Generation:
    """Make an empty collection with all its indexes, then mark it as ours."""
    address = cluster.address

    def make(client: "QdrantClient") -> None:
        from qdrant_client import models  # noqa: PLC0415 -- heavy

        if client.collection_exists(collection):
            return  # made by a try that was not answered
        client.create_collection(
            collection,
            vectors_config={
                DENSE: models.VectorParams(size=dimension, distance=models.Distance.DOT)
            },
            sparse_vectors_config={TERMS: models.SparseVectorParams()},
            hnsw_config=models.HnswConfigDiff(payload_m=0),  # no graph for each frequent term
            shard_number=address.shards,
            replication_factor=address.replicas,
            write_consistency_factor=1,
            on_disk_payload=True,
        )

    cluster.write(make)
    for field, schema in _indexes():
        cluster.change(
            lambda client, field=field, schema=schema: client.create_payload_index(  # type: ignore[misc]
                collection, field, field_schema=schema, wait=True
            )
        )
    put_marker(cluster, collection, marker)
    return Generation(collection=collection, marker=marker)


def _indexes() -> "list[tuple[str, models.PayloadFieldSchema]]":
    """Give what is looked for: it has to be indexed before anything is there."""
    from qdrant_client import models  # noqa: PLC0415 -- heavy

    number = models.PayloadSchemaType.INTEGER
    words = models.TextIndexParams(
        type=models.TextIndexType.TEXT,
        tokenizer=models.TokenizerType.WHITESPACE,
        lowercase=False,
        phrase_matching=True,
        on_disk=True,
    )
    return [
        ("document", models.PayloadSchemaType.KEYWORD),
        *((name, number) for name in ("row", "key", "first", "last")),
        (TERMS, words),
    ]


def check_shape(cluster: Cluster, collection: str) -> None:
    """Refuse shards and replicas that the collection does not have: they are fixed when it is made.

    Raises:
        ConfigError: they differ.

    """
    params = cluster.read(lambda client: client.get_collection(collection)).config.params
    address = cluster.address
    for name, wanted, there in (
        ("shards", address.shards, params.shard_number),
        ("replicas", address.replicas, params.replication_factor),
    ):
        if wanted is not None and wanted != there:
            raise ConfigError(
                f"{address.text}: {name}={wanted}, but collection {collection} has {there}, which "
                f"is fixed when it is made; leave {name} out, or choose another NAME: all is sent "
                "there, and nothing is encoded again"
            )


def show(cluster: Cluster, collection: str) -> None:
    """Let the address's name stand for a collection, from one moment to the next."""
    name = cluster.address.name
    aliases = cluster.read(lambda client: client.get_aliases()).aliases
    before = [each.collection_name for each in aliases if each.alias_name == name]
    if before == [collection]:
        return

    def switch(client: "QdrantClient") -> None:
        from qdrant_client import models  # noqa: PLC0415 -- heavy

        gone = models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=name))
        new = models.CreateAliasOperation(
            create_alias=models.CreateAlias(alias_name=name, collection_name=collection)
        )
        client.update_collection_aliases([*([gone] if before else []), new])

    cluster.write(switch)


def drop(cluster: Cluster, collection: str) -> None:
    """Remove a collection, with any alias it has."""
    cluster.write(lambda client: client.delete_collection(collection))
