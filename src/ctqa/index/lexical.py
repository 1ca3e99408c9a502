"""Terms of passages in tantivy, ranked by BM25 (k1 = 1.2, b = 0.75, tantivy's constants)."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from ctqa.errors import IndexLoadError
from ctqa.index.files import link

FOLDER_NAME = "lexical"
_ANALYZER = "ctqa_english"
_HEAP_BYTES = 64_000_000
_LOCKS = ".tantivy-"
_META = "meta.json"
_MOST_TERMS = 512  # of a question; more would cost seconds and none asks that


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
    with _told_as_os_error(folder):
        writer = _writer(folder, removed)
    for key, text in added:
        with _told_as_os_error(folder):
            _add(writer, key, text)
    with _told_as_os_error(folder):
        writer.commit()
        writer.wait_merging_threads()


def dead_share(folder: Path, removed: int = 0) -> float:
    """Give the share of entries, 0..1, that would be dead if `removed` more were taken out.

    The dead are never found but still count in BM25: as holders of their terms, in the mean length.
    """
    segments = json.loads((folder / _META).read_text(encoding="utf-8"))["segments"]
    held = sum(segment["max_doc"] for segment in segments)
    dead = sum(s["deletes"]["num_deleted_docs"] for s in segments if s["deletes"] is not None)
    return min(1.0, (dead + removed) / held) if held else 0.0


def _link_all(before: Path, folder: Path) -> None:
    for path in sorted(before.iterdir()):  # tantivy replaces meta.json, it does not change it
        if not path.name.startswith(_LOCKS):
            link(path, folder / path.name)


def _writer(folder: Path, removed: Iterable[int]) -> Any:
    import tantivy  # noqa: PLC0415

    index = tantivy.Index(_schema(), path=str(folder))
    index.register_tokenizer(_ANALYZER, _analyzer())
    writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)  # one thread: the same files again
    gone = tantivy.Query.term_set_query(index.schema, "key", list(removed))
    writer.delete_documents_by_query(gone)  # by term it would look for a signed number
    return writer


def _add(writer: Any, key: int, text: str) -> None:
    import tantivy  # noqa: PLC0415

    document = tantivy.Document()
    document.add_unsigned("key", key)
    document.add_text("text", text)
    writer.add_document(document)


@contextmanager
def _told_as_os_error(folder: Path) -> Iterator[None]:
    """Tell of tantivy's failures to write as what they are: it says ValueError."""
    try:
        yield
    except ValueError as error:
        raise OSError(f"{folder}: the term index cannot be written ({error})") from error


class LexicalIndex:
    """Passages by their terms."""

    def __init__(self, index: Any) -> None:
        self._searcher = index.searcher()
        self._schema = index.schema
        self._analyzer = _analyzer()

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Open a tantivy index whose files' checksums have been verified.

        Raises:
            IndexLoadError: tantivy cannot open it, or it holds other fields.

        """
        import tantivy  # noqa: PLC0415

        try:
            index = tantivy.Index.open(str(folder))
        except (OSError, ValueError) as error:
            raise IndexLoadError(f"{folder}: tantivy cannot open it ({error})") from error
        if index.schema != _schema():
            raise IndexLoadError(f"{folder}: holds other fields than this CTQA searches")
        index.register_tokenizer(_ANALYZER, _analyzer())
        return cls(index)

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def keys(self) -> list[int]:
        """List the keys of all passages, rising."""
        import tantivy  # noqa: PLC0415

        hits = self._searcher.search(tantivy.Query.all_query(), limit=max(1, len(self))).hits
        return sorted(self._searcher.fast_field_values("key", [address for _, address in hits]))

    def terms(self, text: str) -> list[str]:
        """Give the terms that a text is searched by, repeats and order kept."""
        return list(self._analyzer.analyze(text))

    def rarity(self, term: str) -> float:
        """Give a term's inverse document frequency as BM25 has it: 0 upwards, higher is rarer."""
        held = int(self._searcher.doc_freq("text", term))
        return math.log(1 + (len(self) - held + 0.5) / (held + 0.5))

    def holding(self, phrase: str) -> int:
        """Count the passages in which the terms of a phrase stand one after the other."""
        import tantivy  # noqa: PLC0415

        terms = self.terms(phrase)
        if not terms:
            return 0
        if len(terms) == 1:
            return int(self._searcher.doc_freq("text", terms[0]))
        query = tantivy.Query.phrase_query(self._schema, "text", [*terms])
        return int(self._searcher.search(query, limit=1, count=True).count)

    def search(
        self, question: str, k: int, within: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """Find the `k` passages that best match any of the question's terms, as (key, BM25).

        `within` names the keys to search, with the rarity that terms have in the whole index;
        None searches all.
        """
        import tantivy  # noqa: PLC0415

        counts = Counter(self.terms(question)).most_common(_MOST_TERMS)
        if not counts:
            return []
        clauses = [(tantivy.Occur.Should, self._term_query(term, n)) for term, n in counts]
        query = tantivy.Query.boolean_query(clauses)
        if within is not None:
            chosen = tantivy.Query.term_set_query(self._schema, "key", list(within))
            only = tantivy.Query.const_score_query(chosen, 0.0)
            query = tantivy.Query.boolean_query(
                [(tantivy.Occur.Must, query), (tantivy.Occur.Must, only)]
            )
        hits = self._searcher.search(query, limit=k, count=False).hits
        keys = self._searcher.fast_field_values("key", [address for _, address in hits])
        return [(int(key), float(score)) for key, (score, _) in zip(keys, hits, strict=True)]

    def _term_query(self, term: str, times: int) -> Any:
        import tantivy  # noqa: PLC0415

        query = tantivy.Query.term_query(self._schema, "text", term, index_option="freq")
        return query if times == 1 else tantivy.Query.boost_query(query, float(times))


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
