"""The calls for programs: what they give, and what they refuse."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from encoders import WordEncoder
from rerankers import WordReranker
from ui.serving import (
    CONFIG,
    DAMAGED,
    MORNING,
    MORNING_MEANT,
    NOWHERE,
    NURSE,
    NURSE_ANSWER,
    VISIT,
    VISIT_ANSWER,
    make_index,
    open_serving,
)

from ctqa.answering.form import hit_form, reply_form
from ctqa.answering.serving import Serving
from ctqa.doors import Call, Doors
from ctqa.errors import ConfigError


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with closing(open_serving(make_index(tmp_path_factory.mktemp("doors")))) as serving:
        yield serving


@pytest.fixture(scope="module")
def calls(serving: Serving) -> Mapping[str, Call]:
    return Doors(serving).calls


def test_there_are_five_calls_and_all_of_them_read(calls: Mapping[str, Call]) -> None:
    assert list(calls) == ["search", "ask", "get_passage", "verify_citation", "coverage"]


# Search and ask ----------------------------------------------------------------------------------


def test_search_gives_what_the_library_finds(serving: Serving, calls: Mapping[str, Call]) -> None:
    with serving.lend() as qa:
        expected = [hit_form(hit) for hit in qa.search(VISIT)]
    found = calls["search"](VISIT)
    assert found == {"question": VISIT, "passages": expected, "build": 1}
    assert len(calls["search"](VISIT, passages=1)["passages"]) == 1


def test_ask_gives_the_contract_and_a_receipt_of_each_answer(
    serving: Serving, calls: Mapping[str, Call]
) -> None:
    with serving.lend() as qa:
        expected = reply_form(qa.ask(VISIT))
    found = calls["ask"](question=VISIT)
    receipts = found.pop("receipts")
    for each in (expected, found):
        each.pop("elapsed_ms")
    assert found == expected
    assert [receipt["text"] for receipt in receipts] == [VISIT_ANSWER]
    assert calls["verify_citation"](receipts[0])["verified"]


def test_fast_leaves_the_reranker_out(tmp_path: Path) -> None:
    reranker = WordReranker()
    with closing(
        Serving(
            make_index(tmp_path),
            replace(CONFIG, rerank=5),
            encoder=WordEncoder(),
            reranker=reranker,
        )
    ) as serving:
        calls = Doors(serving).calls
        for name in ("search", "ask"):
            reranked, fast = calls[name](VISIT), calls[name](VISIT, fast=True)
            scores = [
                found["passages"][0]["why"]["rerank_score"] is None for found in (reranked, fast)
            ]
            assert scores == [False, True]
        assert (reranked["reranked"], fast["reranked"]) == (True, False)


def test_what_is_not_answered_has_no_receipt(calls: Mapping[str, Call]) -> None:
    found = calls["ask"](NOWHERE)
    assert (found["answered"], found["answers"], found["receipts"]) == (False, [], [])
    assert found["passages"]
    assert found["coverage"] == {"pages_unread": 1}


def test_a_question_may_follow_another(calls: Mapping[str, Call]) -> None:
    assert calls["ask"](MORNING, follows=VISIT)["searched"] == MORNING_MEANT
    assert calls["ask"](MORNING, follows="")["searched"] == MORNING


@pytest.mark.parametrize("name", ["search", "ask"])
def test_filters_say_what_is_searched(calls: Mapping[str, Call], name: str) -> None:
    found = calls[name](NURSE, documents=["wards.txt"])["passages"]
    assert {each["document"]["id"] for each in found} == {"wards.txt"}
    everything = calls[name](NURSE)["passages"]
    assert calls[name](NURSE, documents=[], folders=[], tags=[])["passages"] == everything
    for filters in ({"folders": ["none"]}, {"tags": ["none"]}, {"since": 2000}, {"until": 1900}):
        with pytest.raises(ConfigError, match="no document"):
            calls[name](NURSE, **filters)


# Passages, citations, coverage -------------------------------------------------------------------


def test_a_passage_that_was_found_can_be_read_on(calls: Mapping[str, Call]) -> None:
    hit = calls["search"](NURSE)["passages"][0]
    by_id = calls["get_passage"](hit["id"], around=5)
    assert (by_id["text"], by_id["page"]) == (hit["text"], hit["page"])
    assert by_id["document"] == hit["document"]
    answer = calls["ask"](NURSE)["answers"][0]
    place = {"document": "discharge.txt", "start": answer["start"], "end": answer["end"]}
    by_place = calls["get_passage"](**place)
    assert by_place["text"] == NURSE_ANSWER
    assert by_place["after"].startswith(" Medicines are handed over")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"id": "wards.txt:0-9", "document": "wards.txt"},
        {"id": "wards.txt:0-9", "start": 0},
        {"document": "wards.txt"},
        {"document": "wards.txt", "start": 0},
        {"start": 0, "end": 9},
    ],
)
def test_a_passage_is_named_in_one_way(calls: Mapping[str, Call], given: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="either a passage's id, or a document with"):
        calls["get_passage"](**given)


def test_no_more_than_a_few_pages_are_read_at_once(calls: Mapping[str, Call]) -> None:
    with pytest.raises(ConfigError, match="at most 20000 characters"):
        calls["get_passage"](document="wards.txt", start=0, end=20_001)


def test_a_changed_character_is_not_verified(calls: Mapping[str, Call]) -> None:
    reply = calls["ask"](VISIT)
    receipt = reply.pop("receipts")[0]
    assert calls["verify_citation"](reply)["verified"]
    found = calls["verify_citation"](receipt | {"text": receipt["text"].replace("two", "ten")})
    assert not found["verified"]
    assert [each["verdict"] for each in found["checked"]] == ["false"]
    assert not calls["verify_citation"](calls["ask"](NOWHERE))["verified"]  # nothing was claimed


def nested(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(depth):
        found = {"receipt": found}
    return found


@pytest.mark.parametrize(
    "receipt",
    [{}, {"receipt": 1}, {"path": "/etc/passwd"}, nested(100_000), {"text": "x" * 1_000_001}],
    ids=["empty", "no fields", "no receipt", "too deep", "too long"],
)
def test_what_is_no_receipt_is_refused(calls: Mapping[str, Call], receipt: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="receipt"):
        calls["verify_citation"](receipt)


def test_coverage_tells_what_was_not_read_and_what_may_be_asked(calls: Mapping[str, Call]) -> None:
    found = calls["coverage"]()
    assert found["files"] == {"failed": 1, "read": 3}
    assert (found["documents"], found["pages_unread"], found["not_listed"]) == (3, 1, 0)
    assert [each["file"] for each in found["unread"]] == [DAMAGED[0]]
    assert "damaged" in found["unread"][0]["reason"]
    assert "wards.txt" in [each["id"] for each in found["listed"]]
    assert calls["coverage"](most=1)["not_listed"] == 2


# What is refused ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("ask", {}, "question: missing required argument"),
        ("ask", {"question": None}, "question: found None; input should be a valid string"),
        ("ask", {"question": ""}, "the question is empty"),
        ("ask", {"question": "?" * 20_001}, "20001 characters"),
        ("ask", {"question": VISIT, "k": 3}, "k: unexpected keyword argument"),
        ("ask", {"question": VISIT, "passages": 51}, "passages: found 51; .* less than or equal"),
        ("ask", {"question": VISIT, "passages": "3"}, "passages: found '3'; .* valid integer"),
        ("ask", {"question": VISIT, "passages": True}, "passages: found True; .* valid integer"),
        ("ask", {"question": VISIT, "follows": ["x"]}, "follows: found"),
        ("search", {"question": VISIT, "documents": "wards.txt"}, "documents: .* valid list"),
        ("search", {"question": VISIT, "tags": ["x"] * 101}, "tags: .* at most 100 items"),
        ("search", {"question": VISIT, "folders": [1]}, r"folders\.0: found 1"),
        ("search", {"question": VISIT, "documents": ["nowhere.txt"]}, "no document 'nowhere.txt'"),
        ("search", {"question": VISIT, "since": 10_000}, "since: found 10000"),
        ("get_passage", {"document": "wards.txt", "start": -1, "end": 2}, "start: found -1"),
        ("get_passage", {"id": "wards.txt:0-9", "around": 5_001}, "around: found 5001"),
        ("verify_citation", {"receipt": []}, "receipt: .* valid dictionary"),
        ("coverage", {"most": 0}, "most: found 0"),
    ],
)
def test_what_cannot_be_meant_is_named_with_what_was_expected(
    calls: Mapping[str, Call], name: str, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        calls[name](**given)


def test_whatever_is_asked_the_reply_can_be_sent(calls: Mapping[str, Call]) -> None:
    for form in (calls["ask"]("\ud800 visit?"), calls["search"]("visit \udfff\0")):
        json.dumps(form, ensure_ascii=False).encode()
    for given in ({"documents": ["\ud800"]}, {"folders": ["\ud800"]}, {"\ud800": 1}):
        with pytest.raises(ConfigError) as caught:
            calls["search"](VISIT, **given)
        str(caught.value).encode()


def test_the_calls_change_nothing(tmp_path: Path) -> None:
    index = make_index(tmp_path)
    with closing(open_serving(index)) as serving:
        before = {path: path.read_bytes() for path in index.rglob("*") if path.is_file()}
        calls = Doors(serving).calls
        receipt = calls["ask"](VISIT)["receipts"][0]
        calls["search"](VISIT)
        calls["get_passage"](document="wards.txt", start=0, end=9)
        calls["verify_citation"](receipt)
        calls["coverage"]()
        after = {path: path.read_bytes() for path in index.rglob("*") if path.is_file()}
    kept = {path: content for path, content in after.items() if path.suffix != ".db-shm"}
    assert kept == {path: before[path] for path in kept}
