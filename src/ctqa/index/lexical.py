"""Terms of passages in tantivy, ranked by BM25 (k1 = 1.2, b = 0.75, tantivy's constants)."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

from ctqa.errors import IndexLoadError

FOLDER_NAME = "lexical"
_ANALYZER = "ctqa_english"
_HEAP_BYTES = 64_000_000
_MOST_TERMS = 512  # of a question; more would cost seconds and none asks that


def write_terms(folder: Path, passages: Iterable[tuple[int, str]]) -> None:
    """Write passage keys and their search texts, in the order given, as a tantivy index."""
    import tantivy  # noqa: PLC0415

    folder.mkdir()
    index = tantivy.Index(_schema(), path=str(folder))
    index.register_tokenizer(_ANALYZER, _analyzer())
    writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)  # one thread: the same files again
    for key, text in passages:
        document = tantivy.Document()
        document.add_unsigned("key", key)
        document.add_text("text", text)
        writer.add_document(document)
    writer.commit()
    writer.wait_merging_threads()


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
            IndexLoadError: tantivy cannot open it.

        """
        import tantivy  # noqa: PLC0415

        try:
            index = tantivy.Index.open(str(folder))
        except (OSError, ValueError) as error:
            raise IndexLoadError(f"{folder}: tantivy cannot open it ({error})") from error
        index.register_tokenizer(_ANALYZER, _analyzer())
        return cls(index)

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

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
