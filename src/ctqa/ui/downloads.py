"""Files that the page hands out: kept in memory for minutes, under names that nobody guesses."""

import re
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from urllib.parse import quote

_MAX_DOWNLOADS = 200
_MAX_BYTES = 256 * 2**20
_MAX_SECONDS = 15 * 60
_NAME_CHARS = 120
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """A file to hand out."""

    content: bytes
    name: str
    media_type: str


class Downloads:
    """Files made for one browser: the newest ones, until they are `max_seconds` old.

    Who knows a file's URL may fetch it, as often as they like while it is kept.
    """

    def __init__(
        self,
        *,
        max_bytes: int = _MAX_BYTES,
        max_downloads: int = _MAX_DOWNLOADS,
        max_seconds: float = _MAX_SECONDS,
    ) -> None:
        self._max_bytes = max_bytes
        self._max_downloads = max_downloads
        self._max_seconds = max_seconds
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[float, Download]] = OrderedDict()

    def put(self, content: bytes, name: str, media_type: str) -> str:
        """Keep a file, for which older ones make room, and give its URL, relative to the page."""
        token = secrets.token_urlsafe(24)
        download = Download(content=content, name=safe_name(name), media_type=media_type)
        with self._lock:
            self._kept[token] = (time.monotonic(), download)
            self._drop()
        return f"download/{token}/{quote(download.name, safe='')}"

    def take(self, token: str) -> Download | None:
        """Give a file that is still kept."""
        with self._lock:
            self._drop()
            found = self._kept.get(token)
        return None if found is None else found[1]

    def _drop(self) -> None:
        oldest = time.monotonic() - self._max_seconds
        size = sum(len(download.content) for _, download in self._kept.values())
        while self._kept:
            since, download = next(iter(self._kept.values()))
            crowded = len(self._kept) > self._max_downloads or size > self._max_bytes
            if since >= oldest and not (crowded and len(self._kept) > 1):
                return
            self._kept.popitem(last=False)
            size -= len(download.content)


def safe_name(name: str) -> str:
    """Give a name that any system takes for a file's; nothing in it can turn a line around."""
    kept = _SURROGATES.sub("\ufffd", _UNSAFE.sub("_", name)).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if dot and len(ending) <= 10:
        kept = f"{stem[: _NAME_CHARS - len(ending) - 1]}.{ending}"
    return kept[:_NAME_CHARS] if kept else "file"
