"""Whatever is asked: an honest reply or a ConfigError, and never anything else.

CTQA_TEST_FILES names folders of real files (separated as PATH is); where one of them holds the Big
List of Naughty Strings, every string of it is asked too.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from encoders import WordEncoder
from hypothesis import given
from hypothesis import strategies as st
from library import build, write_texts
from rerankers import WordReranker

from ctqa.answering.form import reply_form
from ctqa.answering.qa import QA
from ctqa.answering.question import MAX_QUESTION_CHARS
from ctqa.config import SearchConfig
from ctqa.errors import ConfigError
from ctqa.records import Reply

FOLDERS = [Path(name) for name in os.environ.get("CTQA_TEST_FILES", "").split(os.pathsep) if name]
LISTS = [path for folder in FOLDERS for path in sorted(folder.rglob("blns.json"))]
ZALGO = "W" + "\u0301\u0336\u0489" * 500 + "h" + "\u0335" * 2000 + "o?"
ODD = {
    "one word": "licence",
    "one letter": "x",
    "10,000 characters": "Where are fishing licences sold? " * 303,
    "as long as can be": "x " * (MAX_QUESTION_CHARS // 2),
    "one endless word": "a" * MAX_QUESTION_CHARS,
    "emoji": "🎣🐟❓",
    "a family of emoji": "👩‍👩‍👧‍👦" * 200,
    "right to left": "איפה מוכרים רישיונות דיג?",
    "overridden direction": "\u202esdlos secnecil era erehW\u202c?",
    "control characters": "".join(map(chr, (*range(1, 32), *range(127, 160)))) + "licence",
    "NUL": "licen\0ce\0",
    "only NUL": "\0\0\0",
    "lone surrogates": "\ud800licence\udfff \udc80",
    "only a surrogate": "\udc80",
    "not a character": "\uffff\ufffe licence \U0010ffff",
    "combining marks": ZALGO,
    "only combining marks": "\u0301" * 5000,
    "invisible": "\u200b\u2060\ufeff",
    "unusual spaces": "\u00a0\u2003\u3000licence\u2028\u2029",
    "German": "Wo werden Angelscheine verkauft, und für wen gilt die Ermäßigung?",
    "Chinese": "在哪里可以买到钓鱼许可证?",
    "query syntax": 'AND OR ( ) * ? : NOT + - ~ ^ [ TO ] { } \\ / "',
    "a field query": 'text:licence^2 AND key:[1 TO *] OR "post office"~3',
    "unbalanced": '((("licence',
    "SQL": "'; DROP TABLE passages; --",
    "markup": "<script>alert(1)</script><b>licence</b>",
    "JSON": '{"question": null}',
    "a path": "../../../../etc/passwd",
    "only punctuation": "?!...,;:-–—",
    "numbers": "1e309 NaN -0 ١٢٣ ½",
}


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    folder = tmp_path_factory.mktemp("bad")
    build(write_texts(folder / "documents"), folder / "index")
    found = QA.load(
        folder / "index",
        SearchConfig(min_score=0.0),
        encoder=WordEncoder(),
        reranker=WordReranker(),
    )
    yield found
    found.close()


def check(qa: QA, question: str, reply: Reply) -> None:
    """Hold a reply against what always holds, and its JSON form against itself."""
    assert reply.question == question
    assert reply.answered == bool(reply.answers)
    for answer in reply.answers:
        text = qa.text_of(answer.source.id)
        assert text[answer.start : answer.end] == answer.text
        assert text[answer.sentence.start : answer.sentence.end] == answer.sentence_text
        assert answer.quote_sha256 == hashlib.sha256(answer.text.encode()).hexdigest()
        assert 0 <= answer.score <= 1
    for rank, hit in enumerate(reply.hits, start=1):
        text = qa.text_of(hit.source.id)
        assert text[hit.passage.start : hit.passage.end] == hit.passage.text
        assert hit.rank == rank
    form = reply_form(reply)
    assert json.loads(json.dumps(form, allow_nan=False)) == form


def ask(qa: QA, question: str) -> Reply | None:
    """Ask and check; None when the question is refused, by asking and searching alike."""
    try:
        reply = qa.ask(question)
    except ConfigError as error:
        assert "the question" in str(error)
        with pytest.raises(ConfigError, match="the question"):
            qa.search(question)
        return None
    check(qa, question, reply)
    assert qa.search(question) == reply.hits
    return reply


@pytest.mark.parametrize("question", ["", " ", "\n\t\r\f\v", "\u2003\u3000", "\x1c\x1d"])
def test_a_blank_question_is_refused(qa: QA, question: str) -> None:
    with pytest.raises(ConfigError, match="the question is empty"):
        qa.ask(question)
    assert ask(qa, question) is None


@pytest.mark.parametrize("unit", ["x", "é", "🎣", "\u0301", "\ud800"])
def test_the_limit_counts_characters_and_is_told(qa: QA, unit: str) -> None:
    assert ask(qa, unit * MAX_QUESTION_CHARS) is not None
    with pytest.raises(ConfigError, match=f"{MAX_QUESTION_CHARS + 1} characters; at most"):
        qa.ask(unit * (MAX_QUESTION_CHARS + 1))
    assert ask(qa, unit * (MAX_QUESTION_CHARS + 1)) is None


@pytest.mark.parametrize("question", ODD.values(), ids=ODD.keys())
def test_an_odd_question_gets_an_honest_reply(qa: QA, question: str) -> None:
    assert ask(qa, question) is not None


@pytest.mark.parametrize("name", ["emoji", "only NUL", "only a surrogate", "Chinese", "invisible"])
def test_what_shares_no_word_with_the_sources_is_not_answered(qa: QA, name: str) -> None:
    reply = qa.ask(ODD[name], config=SearchConfig())
    assert not reply.answered
    assert reply.hits  # the closest is shown all the same


@pytest.mark.parametrize("noise", ["\0", "\x07", "\u202e", "\u200b ", "🎣", "(*:", '"', "\ud800"])
def test_noise_around_a_question_does_not_hide_its_answer(qa: QA, noise: str) -> None:
    reply = ask(qa, f"{noise} Where are licences sold at the post office? {noise}")
    assert reply is not None
    assert reply.answers[0].text == "Licences are sold at the post office."


def test_query_syntax_is_read_as_words(qa: QA) -> None:
    plain = qa.search("night OR train AND NOT bicycles")
    odd = qa.search("(night) OR train AND NOT bicycles*")
    assert [hit.passage.id for hit in odd] == [hit.passage.id for hit in plain]
    without = qa.search("-bicycles +night", config=SearchConfig(dense_weight=0.0, rerank=0))
    assert "bicycles" in without[0].passage.text


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_is_answered_honestly_or_refused(qa: QA, question: str) -> None:
    reply = ask(qa, question)
    assert (reply is None) == (not question.strip())


@pytest.mark.data
@pytest.mark.skipif(not LISTS, reason="CTQA_TEST_FILES names no folder with naughty strings")
@pytest.mark.parametrize("path", LISTS, ids=str)
def test_every_naughty_string_is_answered_honestly_or_refused(qa: QA, path: Path) -> None:
    strings = json.loads(path.read_text(encoding="utf-8"))
    assert len(strings) > 400
    for string in strings:
        assert (ask(qa, string) is None) == (not string.strip())
