"""The point that tells what a generation is, and which builds are in it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

from ctqa.errors import IndexLoadError
from ctqa.index.qdrant.cluster import Cluster
from ctqa.index.qdrant.points import MARKER

if TYPE_CHECKING:
    from qdrant_client import models

_KIND = "ctqa"
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What a generation says of itself."""

    index: str  # the id of the index that writes to it
    token: str  # of this generation, and no other
    encoder: str  # the key of the encoder's identity
    mean: float  # length of passages, in terms, that BM25 reckons with
    head: int  # the current build, as far as the writer came to say so; 0: none yet
    builds: Mapping[str, int]  # passages of the builds that are whole, by their numbers

    def payload(self) -> dict[str, Any]:
        """Give it as it is stored."""
        return {"kind": _KIND, "format": _FORMAT, **asdict(self)}

    @classmethod
    def of(cls, stored: Mapping[str, Any], collection: str) -> Self:
        """Read what is stored.

        Raises:
            IndexLoadError: it is of another format.

        """
        if stored.get("kind") != _KIND or stored.get("format") != _FORMAT:
            raise IndexLoadError(
                f"collection {collection}: of kind {stored.get('kind')!r}, format "
                f"{stored.get('format')!r}; this CTQA reads {_KIND!r}, format {_FORMAT}"
            )
        return cls(**{name: stored[name] for name in cls.__slots__})


def read_marker(cluster: Cluster, collection: str) -> Marker | None:
    """Give a generation's marker; None: there is no such collection, or it has none."""
    if not cluster.read(lambda client: client.collection_exists(collection)):
        return None
    found = cluster.read(lambda client: client.retrieve(collection, [MARKER], with_payload=True))
    if not found or found[0].payload is None:
        return None
    return Marker.of(found[0].payload, collection)


def put_marker(cluster: Cluster, collection: str, marker: Marker) -> None:
    """Write a generation's marker, in place of the one it has."""
    cluster.change(lambda client: client.upsert(collection, [_point(marker)], wait=True))


def _point(marker: Marker) -> "models.PointStruct":
    from qdrant_client import models  # noqa: PLC0415 -- heavy

    return models.PointStruct(id=MARKER, vector={}, payload=marker.payload())
