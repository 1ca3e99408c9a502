import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.records import Page
from ctqa.sources.content import Content
from ctqa.sources.corpus import load_corpus


def lines(*objects: object) -> bytes:
    return "".join(json.dumps(each) + "\n" for each in objects).encode()


def test_each_line_is_a_document() -> None:
    first = b' {"_id": "d1", "title": "One", "text": "A\\r\\ntext\\u2026 \\ud800", "metadata": {}} '
    data = b"\xef\xbb\xbf" + first + b'\r\n\n{"id": 7, "text": ""}'

    loaded = load_corpus(data)

    assert (loaded.state, loaded.reason) == ("read", "")
    assert loaded.contents == (
        Content(
            text="A\ntext… \ufffd",
            pages=(Page(number=1, start=0, end=9),),
            part=1,
            id="d1",
            sha256=hashlib.sha256(first).hexdigest(),
            title="One",
        ),
        Content(
            text="",
            pages=(Page(number=1, start=0, end=0, state="empty", reason="no text"),),
            part=3,
            id="7",
            sha256=hashlib.sha256(b'{"id": 7, "text": ""}').hexdigest(),
        ),
    )


def test_lines_that_cannot_be_used_are_named_and_counted() -> None:
    good = lines({"_id": "a", "text": "A"}, {"_id": "b", "text": "B"})
    bad = b'{"_id": "c"\n[1]\n{"text": "x"}\n{"_id": "d", "text": 5}\n\xff\n'
    bad += lines({"_id": True, "text": ""})
    again = lines({"_id": "a", "text": "second"})

    loaded = load_corpus(good + bad + again)

    assert [content.text for content in loaded.contents] == ["A", "B"]
    assert loaded.state == "read"
    assert loaded.reason == (
        "7 of 9 left out: line 3: not a JSON object in UTF-8; line 4: not a JSON object in UTF-8; "
        'line 5: no "_id"; line 6: no "text"; line 7: not a JSON object in UTF-8; …'
    )


def test_of_lines_with_one_id_the_first_is_taken() -> None:
    loaded = load_corpus(lines({"_id": "a", "text": "1"}, {"_id": "a", "text": "2"}))

    assert [content.text for content in loaded.contents] == ["1"]
    assert loaded.reason == '1 of 2 left out: line 2: the id "a" is taken'


@pytest.mark.parametrize(
    ("data", "state", "reason"),
    [
        (b"\n \n", "empty", "no documents in it"),
        (b"no json\n", "unreadable", "1 of 1 left out: line 1: not a JSON object in UTF-8"),
        (b"[" * 100_000, "unreadable", "1 of 1 left out: line 1: not a JSON object in UTF-8"),
        (lines({"name": "x", "age": 3}), "unsupported", 'found "name", "age"'),
        (lines({}), "unsupported", "found no keys"),
        (lines({"question": "Who?", "document": "a", "quote": "b"}), "ignored", "gold questions"),
        (lines({"question": "Who?", "impossible": True}), "ignored", "gold questions"),
    ],
)
def test_what_is_no_corpus_is_told(data: bytes, state: str, reason: str) -> None:
    loaded = load_corpus(data)

    assert loaded.contents == ()
    assert loaded.state == state
    assert reason in loaded.reason


KEPT = st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r")


@given(st.dictionaries(st.text(KEPT, min_size=1), st.text(KEPT), min_size=1))
def test_corpora_come_out_as_they_went_in(texts: dict[str, str]) -> None:
    loaded = load_corpus(lines(*({"_id": name, "text": text} for name, text in texts.items())))

    assert loaded.reason == ""
    assert [(content.id, content.text) for content in loaded.contents] == list(texts.items())


@given(st.binary(max_size=200))
def test_any_bytes_are_accounted_for(data: bytes) -> None:
    loaded = load_corpus(data)

    assert bool(loaded.contents) == (loaded.state == "read")
    assert loaded.contents or loaded.reason
