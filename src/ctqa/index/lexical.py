"""Terms of passages in tantivy, ranked by BM25."""

import json
import math
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from ctqa.errors import IndexLoadError
from ctqa.index.files import LOCKS, link

FOLDER_NAME = "lexical"
MOST_TERMS = 512  # of a question; more would cost seconds and none asks that
TIED = 32  # hits beyond those asked for, that may tie with the last
K1, B = 1.2, 0.75  # of BM25: tantivy's constants
_ANALYZER = "ctqa_english"
_HEAP_BYTES = 64_000_000  # 1 GB wrote 1,000,000 passages no faster
_THREADS = 1  # nor did two, while reading and encoding need the other
_FEW = 1 / 32  # of all passages: from there on, picking from the best of all is faster,
_KEYS_A_HIT = 4  # where few are picked from: fetching one takes as long as naming so many keys
_KEYS_AT_ONCE = 1 << 16


def write_terms(
    folder: Path,
    added: Iterable[tuple[int, str]],
    *,
    before: Path | None = None,
    removed: Iterable[int] = (),
) -> None:
    """Write passage keys and their search texts, in the order given, as a tantivy index.

    `before` is an index to go on from: its files are shared with it and stay as they are, the keys
    in `removed` are taken out, those of `added` put in. None begins an empty one.

    Raises:
        OSError: the files cannot be written.

    """
    folder.mkdir()
    if before is not None:
        _link_all(before, folder)
    with _telling_os_errors(folder):
        writer = _writer(folder, removed)
    for key, text in added:
        document = _document(key, text)
        with _telling_os_errors(folder):
            writer.add_document(document)
    with _telling_os_errors(folder):
        writer.commit()
        writer.wait_merging_threads()
    for path in folder.glob("*.json"):  # tantivy lets only their owner read them
        path.chmod(folder.stat().st_mode & 0o666)


def dead_share(folder: Path, removed: int = 0) -> float:
    """Give the share of entries, 0..1, that would be dead if `removed` more were taken out.

    The dead are never found but still count in BM25: as holders of their terms, in the mean length.
    """
    held, dead = _counts(folder)
    return min(1.0, (dead + removed) / held) if held else 0.0


def term_maker() -> Callable[[str], list[str]]:
    """Give what makes terms of a text, repeats and order kept."""
    analyzer = _analyzer()
    return lambda text: list(analyzer.analyze(text))


class LexicalIndex:
    """Passages by their terms."""

    def __init__(self, index: Any, held: int) -> None:
        self._searcher = index.searcher()
        self._schema = index.schema
        self.terms = term_maker()
        self._held = held  # the dead with the living, as BM25 counts

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open a tantivy index whose files' checksums have been verified.

        Raises:
            IndexLoadError: tantivy cannot open it, or it holds other fields.

        """
        try:
            index, links = _opened(folder)
        except (OSError, ValueError) as error:
            raise IndexLoadError(f"{folder}: tantivy cannot open it ({error})") from error
        if index.schema != _schema():
            raise IndexLoadError(f"{folder}: holds other fields than passage keys and their terms")
        index.register_tokenizer(_ANALYZER, _analyzer())
        found = cls(index, _counts(folder)[0])
        if links is not None:  # tantivy goes on locking in there for a while
            finalize(found, shutil.rmtree, links, ignore_errors=True)
        return found

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def keys(self) -> NDArray[np.int64]:
        """Give the keys of all passages, rising."""
        parts = [np.empty(0, dtype=np.int64), *self._keys()]
        return np.concatenate(parts)

    def rarity(self, term: str) -> float:
        """Give a term's inverse document frequency as BM25 has it: 0 upwards, higher is rarer."""
        holders = int(self._searcher.doc_freq("text", term))
        return math.log(1 + (self._held - holders + 0.5) / (holders + 0.5))

    def holding(self, phrase: str) -> int:
        """Count the passages in which the terms of a phrase stand one after the other."""
        import tantivy  # noqa: PLC0415

        terms = self.terms(phrase)
        if not terms:
            return 0
        if len(terms) > 1:
            return self._count(tantivy.Query.phrase_query(self._schema, "text", [*terms]))
        if self._held > len(self):
            return self._count(self._term_query(terms[0], 1))
        return int(self._searcher.doc_freq("text", terms[0]))

    def search(
        self, question: str, k: int, within: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Find the `k` passages that best match any of the question's terms, as (key, BM25).

        Equal scores are in the order of their keys. `within` names the keys to search, with the
        rarity that terms have in the whole index; None searches all.
        """
        k = min(k, len(self), len(self) if within is None else len(within))
        counts = Counter(self.terms(question)).most_common(MOST_TERMS)
        if k < 1 or not counts:
            return []
        query = self._any_of(counts)
        if within is None:
            return self._best(query, k)
        return self._picked(query, k, within) or self._best(self._only(query, within), k)

    def _any_of(self, counts: Iterable[tuple[str, int]]) -> Any:
        import tantivy  # noqa: PLC0415

        clauses = [(tantivy.Occur.Should, self._term_query(term, n)) for term, n in counts]
        return tantivy.Query.boolean_query(clauses)

    def _only(self, query: Any, within: Sequence[int]) -> Any:
        import tantivy  # noqa: PLC0415

        chosen = tantivy.Query.term_set_query(self._schema, "key", list(within))
        only = tantivy.Query.const_score_query(chosen, 0.0)
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Must, query), (tantivy.Occur.Must, only)]
        )

    def _picked(self, query: Any, k: int, within: Sequence[int]) -> list[tuple[int, float]]:
        """Pick `k` passages from the best of all; [] where this is slow or finds too few."""
        most = 2 * k * len(self) // len(within)
        if len(within) < max(_FEW * len(self), _KEYS_A_HIT * most):
            return []
        best = self._best(query, most)
        chosen = {key for key, _ in best}.intersection(within)
        picked = [(key, score) for key, score in best if key in chosen][:k]
        return picked if len(picked) == k else []

    def _best(self, query: Any, k: int) -> list[tuple[int, float]]:
        """Give the `k` best, by key where they tie: all that tie with the last are looked at."""
        limit = k + TIED
        hits = self._hits(query, limit)
        while len(hits) == limit < len(self) and hits[-1][0] == hits[k - 1][0]:
            limit *= 4
            hits = self._hits(query, limit)
        keys = self._searcher.fast_field_values("key", [address for _, address in hits])
        scored = [(int(key), float(score)) for key, (score, _) in zip(keys, hits, strict=True)]
        return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:k]

    def _hits(self, query: Any, limit: int) -> list[Any]:
        found = self._searcher.search(query, limit=min(limit, len(self)), count=False)
        return list(found.hits)

    def _count(self, query: Any) -> int:
        return int(self._searcher.search(query, limit=1, count=True).count)

    def _keys(self) -> Iterator[NDArray[np.int64]]:
        """Go through the keys, rising, some at a time: a hit takes far more room than its key."""
        import tantivy  # noqa: PLC0415

        query, size = tantivy.Query.all_query(), _KEYS_AT_ONCE
        while size == _KEYS_AT_ONCE:
            found = self._searcher.search(
                query, _KEYS_AT_ONCE, False, order_by_field="key", order=tantivy.Order.Asc
            )
            keys = np.fromiter((key for key, _ in found.hits), dtype=np.int64)
            yield keys
            size = len(keys)
            if size:
                query = tantivy.Query.range_query(
                    self._schema,
                    "key",
                    tantivy.FieldType.Unsigned,
                    lower_bound=int(keys[-1]),
                    include_lower=False,
                )

    def _term_query(self, term: str, times: int) -> Any:
        import tantivy  # noqa: PLC0415

        query = tantivy.Query.term_query(self._schema, "text", term, index_option="freq")
        return query if times == 1 else tantivy.Query.boost_query(query, float(times))


def _counts(folder: Path) -> tuple[int, int]:
    """Count the entries that an index holds, and how many of them are dead."""
    segments = json.loads((folder / "meta.json").read_text(encoding="utf-8"))["segments"]
    held = sum(segment["max_doc"] for segment in segments)
    return held, sum(s["deletes"]["num_deleted_docs"] for s in segments if s["deletes"] is not None)


def _link_all(before: Path, folder: Path) -> None:
    """Share a folder's files: tantivy changes none, it replaces the small ones."""
    for path in sorted(before.iterdir()):
        if not path.name.startswith(LOCKS):
            link(path, folder / path.name)


def _writer(folder: Path, removed: Iterable[int]) -> Any:
    import tantivy  # noqa: PLC0415

    index = tantivy.Index(_schema(), path=str(folder))
    index.register_tokenizer(_ANALYZER, _analyzer())
    writer = index.writer(heap_size=_HEAP_BYTES, num_threads=_THREADS)
    gone = tantivy.Query.term_set_query(index.schema, "key", list(removed))
    writer.delete_documents_by_query(gone)  # by term, it would look for a signed number
    return writer


def _document(key: int, text: str) -> Any:
    import tantivy  # noqa: PLC0415

    document = tantivy.Document()
    document.add_unsigned("key", key)
    document.add_text("text", text)
    return document


@contextmanager
def _telling_os_errors(folder: Path) -> Iterator[None]:
    """Tell of tantivy's failures to write as what they are: it says ValueError."""
    try:
        yield
    except ValueError as error:
        raise OSError(f"{folder}: the lexical index cannot be written ({error})") from error


def _opened(folder: Path) -> tuple[Any, Path | None]:
    """Open an index; where tantivy may not make its lock files, by way of a folder of links."""
    import tantivy  # noqa: PLC0415

    try:
        return tantivy.Index.open(str(folder)), None
    except ValueError as error:
        if "Lockfile" not in str(error):
            raise
    links = Path(mkdtemp(prefix="ctqa-"))
    for path in folder.iterdir():
        if not path.name.startswith(LOCKS):
            (links / path.name).symlink_to(path.absolute())
    return tantivy.Index.open(str(links)), links


def _schema() -> Any:
    import tantivy  # noqa: PLC0415

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("key", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name=_ANALYZER, index_option="position")
    return builder.build()


def _analyzer() -> Any:
    """Make the analyzer: words, lower case, no accents, English stems; stop words kept (bench)."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer  # noqa: PLC0415

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (
        Filter.remove_long(64),
        Filter.lowercase(),
        Filter.ascii_fold(),
        Filter.stemmer("english"),
    ):
        builder = builder.filter(step)
    return builder.build()
