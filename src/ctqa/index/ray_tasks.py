"""What a worker of a Ray cluster does: the functions of a build on one machine, on its own CTQA.

Ray pickles what goes to and fro; a cluster is trusted as the machine itself is. Functions go by
name, so that nothing runs on a worker but the CTQA installed there, and what goes and comes are
bytes, texts, vectors and CTQA's own records. A stranger's file comes as bytes, which go unlooked at
into a child process with limits, as everywhere: what that one says is JSON, and checked.
"""

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import ctqa
from ctqa.config import IndexConfig
from ctqa.errors import ConfigError, IndexWriteError, ModelError
from ctqa.index.mend import Vocabulary
from ctqa.index.splitting import split_documents
from ctqa.index.staged import SplitDocument
from ctqa.index.verify_vectors import LEAST_COSINE
from ctqa.index.workers import Encoded, ReadFile, timed
from ctqa.models import Encoder, EncoderIdentity, Vectors, load_encoder
from ctqa.models.installed import own_folder
from ctqa.records import Document
from ctqa.sources import Citations, FoundFile, ReadOptions, ocr_engine
from ctqa.sources.isolated import Readers
from ctqa.sources.load import LoadedFile
from ctqa.sources.read import source_file

PROBES = (
    "The deepest lake of the north is 79 metres deep, and fishing there needs a licence.",
    "Table 2: Spending on home care, in thousands of pounds, by council and year, 2001-2006.",
)
"""What every worker encodes first: what it gives tells whether it computes as it should."""

_ENCODING = ("numpy", "onnxruntime", "tokenizers")  # decide on vectors, beside what is read with


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a worker must agree on with whoever builds, before it does anything."""

    config: IndexConfig
    encoder: EncoderIdentity
    probes: bytes  # what the encoder gives for `PROBES`, float32 (n, d)
    versions: tuple[tuple[str, str], ...]
    code: str  # a digest of CTQA's own files

    @classmethod
    def of(cls, encoder: Encoder, config: IndexConfig, libraries: Sequence[str]) -> "Terms":
        """Say what holds here."""
        own = own_folder(config.encoder)
        name = config.encoder if own is None else str(own.absolute())
        return cls(
            config=replace(config, encoder=name),
            encoder=encoder.identity,
            probes=encoder.encode_passages(PROBES).tobytes(),
            versions=_versions(tuple(libraries)),
            code=_code(),
        )


def read(
    terms: Terms, found: FoundFile, data: bytes, citations: Citations, options: ReadOptions
) -> ReadFile:
    """Read a file of which the bytes are given, and split what it holds."""
    encoder = agreed(terms)
    _check_ocr(options)
    file = source_file(found, _loaded(found, data, options), citations)
    documents = tuple(file.documents)
    vocabulary = Vocabulary.of(document.text for document in documents)
    split = tuple(split_documents(documents, vocabulary, encoder, terms.config))
    return ReadFile(file=replace(file, documents=documents), split=split)


def split(
    terms: Terms, documents: Sequence[Document], words: Sequence[Any]
) -> tuple[SplitDocument, ...]:
    """Split some documents of a file; `words` holds what the file's vocabulary is fetched by."""
    vocabulary = _fetched(words[0])
    return tuple(split_documents(documents, vocabulary, agreed(terms), terms.config))


def encode(terms: Terms, texts: Sequence[str]) -> Encoded:
    """Encode a batch of texts."""
    return timed(agreed(terms).encode_passages, texts)


@lru_cache(maxsize=1)
def _fetched(reference: Any) -> Vocabulary:
    """Fetch a file's vocabulary, which all its portions share: that of a corpus takes a second."""
    import ray  # noqa: PLC0415 -- an extra, and heavy

    vocabulary: Vocabulary = ray.get(reference)
    return vocabulary


@cache
def agreed(terms: Terms) -> Encoder:
    """Load the encoder, once a process, where everything is as it is with whoever builds.

    Raises:
        ConfigError: this is another CTQA, or reads with other libraries.
        ModelError: the encoder is not here, or another one, or computes otherwise.

    """
    _check_versions(terms)
    try:
        encoder = load_encoder(terms.config.encoder, built=terms.encoder)
    except ModelError as exc:
        raise ModelError(f"on a worker ({platform.node()}): {exc}") from exc
    _check_encoder(encoder, terms)
    return encoder


def _check_versions(terms: Terms) -> None:
    here = dict(_versions(tuple(name for name, _ in terms.versions)))
    for name, wanted in terms.versions:
        if here[name] != wanted:
            raise _otherwise(f"{name} {here[name]}", wanted)
    if _code() != terms.code:
        raise _otherwise(f"a CTQA of other code than that of ctqa {version('ctqa')}", "the same")


def _otherwise(found: str, expected: str) -> ConfigError:
    return ConfigError(
        f"a worker ({platform.node()}) has {found}; expected {expected} as where the build was "
        "started: install the same release of CTQA there, with the same libraries"
    )


def _check_encoder(encoder: Encoder, terms: Terms) -> None:
    name = terms.config.encoder
    if encoder.identity != terms.encoder:
        raise ModelError(
            f"a worker ({platform.node()}) has another model {name} (sha256 "
            f"{encoder.identity.sha256[:12]}…); expected the one of where the build was started "
            f"({terms.encoder.sha256[:12]}…): run `ctqa models fetch {name}` on both, or copy it"
        )
    expected = np.frombuffer(terms.probes, dtype=np.float32).reshape(len(PROBES), -1)
    least = float(np.vecdot(expected, _probed(encoder)).min())
    if not least >= LEAST_COSINE:
        raise ModelError(
            f"a worker ({platform.node()}) gives other vectors by {name} (cosine {least:.4f}, "
            f"expected {LEAST_COSINE} or more): its processor computes otherwise; leave it out"
        )


def _probed(encoder: Encoder) -> Vectors:
    return encoder.encode_passages(PROBES)


def _check_ocr(options: ReadOptions) -> None:
    if options.ocr and not ocr_engine():
        raise _otherwise("nothing to read scans with", 'pip install "ctqa[ocr]",')


def _loaded(found: FoundFile, data: bytes, options: ReadOptions) -> LoadedFile:
    """Have a child process load a file's bytes, as a file of that suffix."""
    with TemporaryDirectory(prefix="ctqa-") as folder:
        path = Path(folder) / f"document{found.path.suffix.lower()}"
        try:
            path.write_bytes(data)
        except OSError as exc:
            raise IndexWriteError(
                f"on a worker ({platform.node()}): {folder} cannot be written to "
                f"({exc.strerror}): make room there"
            ) from exc
        loaded = _readers(options).load(replace(found, path=path))
        held = replace(loaded.loaded, contents=tuple(loaded.loaded.contents))
        return replace(loaded, loaded=held)


@cache
def _readers(options: ReadOptions) -> Readers:
    """Give the children of this process; they end with it."""
    return Readers(options, at_once=1)


@cache
def _versions(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    own = ("python", platform.python_version().rpartition(".")[0])
    others = sorted({*names, *_ENCODING} - {"python"})
    return (own, *((name, _version(name)) for name in others))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


@cache
def _code() -> str:
    """Digest the files of the CTQA that is running."""
    folder = Path(ctqa.__file__).parent
    paths = (path for path in folder.rglob("*") if path.suffix in {".py", ".toml"})
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
