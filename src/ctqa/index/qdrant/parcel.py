"""A file in a cluster, in parts: how an index's archive goes from one machine to another."""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from ctqa.errors import IndexLoadError
from ctqa.index.qdrant.cluster import Cluster
from ctqa.index.qdrant.points import MARKER
from ctqa.index.store import Step
from ctqa.sources import sha256_of

if TYPE_CHECKING:
    from qdrant_client import QdrantClient, models

_PART = 1 << 20  # bytes of the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What is told of a file, once all of it is there."""

    sha256: str
    parts: int
    build: int
    checksums: Mapping[str, str]  # of the build in the cluster


def send(
    cluster: Cluster, file: Path, build: int, checksums: Mapping[str, str], step: Step
) -> None:
    """Put a file beside the passages, in place of the one that is there.

    Raises:
        IndexWriteError: the cluster does not acknowledge it.

    """
    name = _make_place(cluster)
    digest, total = sha256_of(file), -(-file.stat().st_size // _PART)
    for number, data in enumerate(_parts(file)):
        step(number, total)
        _put(cluster, name, _id(digest, number), {"of": digest, "data": data})
    parcel = Parcel(sha256=digest, parts=total, build=build, checksums=checksums)
    _put(cluster, name, MARKER, {"of": digest, **asdict(parcel)})
    cluster.change(lambda client: client.delete(name, _not_of(digest), wait=True))
    step(total, total)


def fetch(cluster: Cluster, target: Path, step: Step) -> Parcel:
    """Write the file that lies beside the passages; give what is told of it.

    Raises:
        IndexLoadError: there is none, or it is not as it was sent.

    """
    name = _name(cluster)
    told = None
    if cluster.read(lambda client: client.collection_exists(name)):
        told = _payload(cluster, name, MARKER)
    if told is None:
        raise IndexLoadError(
            f"{cluster.address.text}: no index lies there; `ctqa export --to "
            f"{cluster.address.text} --index DIR` puts one there"
        )
    parcel = Parcel(**{field: told[field] for field in Parcel.__slots__})
    with target.open("wb") as file:
        for number in range(parcel.parts):
            step(number, parcel.parts)
            part = _payload(cluster, name, _id(parcel.sha256, number)) or {"data": ""}
            file.write(b64decode(part["data"], validate=True))
    if sha256_of(target) != parcel.sha256:
        raise IndexLoadError(
            f"{cluster.address.text}: what lies in {name} is not as it was sent, or another was "
            "sent meanwhile; try again, or export the index once more"
        )
    return parcel


def _name(cluster: Cluster) -> str:
    return f"{cluster.address.name}-catalog"


def _make_place(cluster: Cluster) -> str:
    name, address = _name(cluster), cluster.address

    def make(client: "QdrantClient") -> None:
        if not client.collection_exists(name):
            client.create_collection(
                name,
                vectors_config={},
                shard_number=1,
                replication_factor=address.replicas,
                write_consistency_factor=1,
                on_disk_payload=True,
            )

    cluster.write(make)
    return name


def _parts(file: Path) -> Iterator[str]:
    with file.open("rb") as opened:
        while data := opened.read(_PART):
            yield b64encode(data).decode("ascii")


def _id(digest: str, number: int) -> str:
    return str(uuid5(UUID(MARKER), f"{digest} {number}"))


def _put(cluster: Cluster, name: str, id: str, payload: Mapping[str, Any]) -> None:
    def put(client: "QdrantClient") -> "models.UpdateResult":
        from qdrant_client import models  # noqa: PLC0415 -- heavy

        point = models.PointStruct(id=id, vector={}, payload=dict(payload))
        return client.upsert(name, [point], wait=True)

    cluster.change(put)


def _payload(cluster: Cluster, name: str, id: str) -> dict[str, Any] | None:
    found = cluster.read(lambda client: client.retrieve(name, [id], with_payload=True))
    return found[0].payload if found else None


def _not_of(digest: str) -> "models.Filter":
    from qdrant_client import models  # noqa: PLC0415 -- heavy

    same = models.FieldCondition(key="of", match=models.MatchValue(value=digest))
    return models.Filter(must_not=[same])
