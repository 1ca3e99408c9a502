"""Gold as a folder of queries and judged documents: the BEIR and the TREC form."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ctqa.errors import GoldError
from ctqa.evaluation.gold.questions import Gold, GoldQuestion, Judgment
from ctqa.evaluation.gold.reading import name_of, read_json_lines, read_text

QUERIES = "queries.jsonl"
TOPICS = ("topics.tsv", "topics.txt", "topics.trec")
_QRELS = ("qrels.tsv", "qrels/test.tsv", "qrels/dev.tsv", "qrels/train.tsv")
_HEADER = ["query-id", "corpus-id", "score"]
_TOPIC = re.compile(r"<top>(.*?)</top>", re.DOTALL)
_NUMBER = re.compile(r"<num>\s*(?:Number:)?\s*([^\s<]+)")
_TITLE = re.compile(r"<title>\s*(?:Topic:)?\s*([^<]*)")

_Qrels = dict[str, dict[str, int]]  # query id -> document id -> relevance


def load_beir(folder: Path) -> Gold:
    """Load queries.jsonl with qrels.tsv or qrels/test.tsv (else dev.tsv, else train.tsv).

    Raises:
        GoldError: a file is missing or a line cannot be used.

    """
    there = [name for name in _QRELS if (folder / name).is_file()]
    if not there:
        raise GoldError(f"{folder}: there is no judgment file; expected {' or '.join(_QRELS)}")
    taken, *others = there
    note = f"{taken} was taken, not {', '.join(others)}" if others else ""
    qrels = _collect(_beir_lines(folder / taken))
    return _gold(folder, dict(_queries(folder / QUERIES)), qrels, note)


def load_trec(folder: Path) -> Gold:
    """Load topics.tsv (id, tab, question) or a file of TREC topics, with qrels.txt.

    Raises:
        GoldError: a file is missing or a line cannot be used.

    """
    path = next(folder / name for name in TOPICS if (folder / name).is_file())
    topics = _tab_topics(path) if path.suffix == ".tsv" else _tagged_topics(path)
    return _gold(folder, dict(topics), _collect(_trec_lines(folder / "qrels.txt")), "")


def _gold(folder: Path, queries: Mapping[str, str], qrels: _Qrels, note: str) -> Gold:
    questions = tuple(
        GoldQuestion(
            id=query,
            question=text,
            judgments=tuple(Judgment(document=d, relevance=r) for d, r in qrels[query].items()),
        )
        for query, text in queries.items()
        if query in qrels
    )
    unasked = len(qrels.keys() - queries.keys())
    unasked_note = f"{unasked} judged queries have no text and cannot be asked" if unasked else ""
    return Gold(
        name=name_of(folder),
        questions=questions,
        left_out=len(queries) - len(questions),
        notes=tuple(text for text in (note, unasked_note) if text),
    )


def _queries(path: Path) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for where, values in read_json_lines(path):
        query, text = values.get("_id"), values.get("text")
        if not isinstance(query, str | int) or not isinstance(text, str):
            raise GoldError(
                f'{where}: found {", ".join(values)}; expected {{"_id": "…", "text": "…"}}'
            )
        yield _once(where, seen, str(query), text)


def _tab_topics(path: Path) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for where, line in _lines(path):
        topic, tab, text = line.partition("\t")
        if not tab:
            raise GoldError(f"{where}: found {line!r}; expected an id, a tab and the question")
        yield _once(where, seen, topic, text)


def _tagged_topics(path: Path) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    content = read_text(path)
    for topic in _TOPIC.finditer(content):
        where = f"{path}, line {content.count(chr(10), 0, topic.start()) + 1}"
        number, title = _NUMBER.search(topic.group(1)), _TITLE.search(topic.group(1))
        if number is None or title is None:
            raise GoldError(f"{where}: a topic without <num> or <title>; expected both")
        yield _once(where, seen, number.group(1), " ".join(title.group(1).split()))


def _once(where: str, seen: dict[str, str], query: str, text: str) -> tuple[str, str]:
    query, text = query.strip(), text.strip()
    if not query or not text:
        raise GoldError(f"{where}: the {'question' if query else 'id'} is empty; write it")
    if seen.setdefault(query, text) != text:
        raise GoldError(
            f"{where}: the id {query!r} stands for “{text}” here and for “{seen[query]}” before; "
            "give each question its own id"
        )
    return query, text


def _beir_lines(path: Path) -> Iterator[tuple[str, str, str, str]]:
    lines = _lines(path)
    where, header = next(lines, (f"{path}, line 1", ""))
    if header.split("\t") != _HEADER:
        raise GoldError(
            f"{where}: found {header!r}; expected the header {' '.join(_HEADER)} with tabs between "
            "(for judgments in the TREC form: qrels.txt beside topics.tsv)"
        )
    for at, line in lines:
        cells = line.split("\t")
        if len(cells) != len(_HEADER):
            raise GoldError(f"{at}: found {line!r}; expected {' '.join(_HEADER)}, tabs between")
        yield at, cells[0], cells[1], cells[2]


def _trec_lines(path: Path) -> Iterator[tuple[str, str, str, str]]:
    for where, line in _lines(path):
        cells = line.split()
        if len(cells) != 4:
            raise GoldError(f"{where}: found {line!r}; expected query, 0, document, relevance")
        yield where, cells[0], cells[2], cells[3]


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Give each line that is not blank, after where it stands."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield f"{path}, line {number}", line.rstrip("\r")


def _collect(lines: Iterator[tuple[str, str, str, str]]) -> _Qrels:
    qrels: _Qrels = {}
    for where, query, document, score in lines:
        try:
            relevance = int(score)
        except ValueError as error:
            raise GoldError(f"{where}: the score is {score!r}; expected a whole number") from error
        judged = qrels.setdefault(query.strip(), {})
        if judged.setdefault(document.strip(), relevance) != relevance:
            raise GoldError(
                f"{where}: {document!r} was judged {judged[document.strip()]} for query {query!r} "
                f"before and {relevance} here; keep one of the lines"
            )
    return qrels
