"""Receipts: everything claimed is checked, and nothing else than what stands there is verified."""

import copy
import json
import os
import random
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from index.damage import change, copy_of, make_index
from library import LAKES, build, open_qa, write_texts
from sources.pdfs import make_pdf

from ctqa.answering.form import reply_form
from ctqa.answering.receipt import receipt_form
from ctqa.config import SearchConfig
from ctqa.errors import ConfigError, CtqaError, IndexLoadError
from ctqa.index.doctor import roll_back
from ctqa.index.receipts import Checked, seal_of, verify_receipts
from ctqa.records import Reply

ANY = SearchConfig(rerank=0, min_score=0.0)
ALL = os.environ.get("CTQA_MUTATIONS") == "all"
MUTATIONS = 10_000 if ALL else 300
NO_CLAIMS = {"confidence", "score", "signals"}


def ask(index: Path, question: str = "How deep is the deepest lake?") -> Reply:
    qa = open_qa(index, config=ANY)
    try:
        return qa.ask(question)
    finally:
        qa.close()


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_index(tmp_path_factory.mktemp("receipts"))


@pytest.fixture(scope="module")
def reply(index: Path) -> dict[str, Any]:
    found = reply_form(ask(index))
    assert len(found["answers"]) > 1
    return found


@pytest.fixture(scope="module")
def receipt(index: Path) -> dict[str, Any]:
    found = ask(index)
    return receipt_form(found.answers[0], found.build)


def check(index: Path, value: Any) -> Checked:
    (found,) = verify_receipts(index, json.dumps(value))
    return found


def changed(form: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    """Give a receipt or an answer with another value at a dotted name, and sealed anew."""
    form = copy.deepcopy(form)
    place = form
    *outer, last = name.split(".")
    for step in outer:
        place = place[step]
    place[last] = value
    return form | {"seal": seal_of(form)} if "seal" in form else form


def test_a_receipt_says_all_that_is_needed_to_check_it(receipt: dict[str, Any]) -> None:
    assert list(receipt) == [
        *("receipt", "document", "page", "page_label", "section", "start", "end", "text"),
        *("quote_sha256", "build", "seal"),
    ]
    assert receipt["quote_sha256"] == sha256(receipt["text"].encode()).hexdigest()
    assert receipt["seal"] == seal_of(receipt)


def test_receipts_and_replies_verify_in_every_shape(
    index: Path, reply: dict[str, Any], receipt: dict[str, Any]
) -> None:
    lines = f"{json.dumps(reply)}\n\n{json.dumps(reply)}\n"
    shapes = {
        json.dumps(receipt): 1,
        json.dumps([receipt, receipt], indent=2): 2,
        f"{json.dumps(receipt)}\n{json.dumps(receipt)}": 2,
        json.dumps(reply, indent=1): len(reply["answers"]),
        lines: 2 * len(reply["answers"]),
    }
    for text, count in shapes.items():
        found = verify_receipts(index, text)
        assert [each.verdict for each in found] == ["verified"] * count
        assert all(each.on_disk == "same" for each in found)
    assert [each.place for each in verify_receipts(index, lines)][-1] == "line 3, answer 3"


def test_a_reply_that_answers_nothing_has_nothing_to_check(
    index: Path, reply: dict[str, Any]
) -> None:
    assert verify_receipts(index, json.dumps(reply | {"answered": False, "answers": []})) == []


@pytest.mark.parametrize(
    ("name", "value", "verdict"),
    [
        ("document.id", "none.txt", "gone"),
        ("document.id", "trains.txt", "changed"),
        ("document.sha256", "0" * 64, "changed"),
        ("document.path", "/elsewhere", "false"),
        ("document.title", "Lakes of the South", "false"),
        ("document.author", "Nobody", "false"),
        ("document.year", "1999", "false"),
        ("document.url", "https://example.org", "false"),
        ("document.publication", "The Times", "false"),
        ("page", 2, "false"),
        ("page_label", "ii", "false"),
        ("section", [], "false"),
        ("start", 21, "false"),
        ("start", -3, "false"),
        ("end", 49, "false"),
        ("end", 10**30, "false"),
        ("text", "The deepest lake is Wastwater", "false"),
        ("quote_sha256", "0" * 64, "false"),
        ("build", 3, "false"),
        ("build", 0, "false"),
        ("build", 1, "false"),
    ],
)
def test_every_claim_is_checked(
    index: Path, receipt: dict[str, Any], name: str, value: Any, verdict: str
) -> None:
    found = check(index, changed(receipt, name, value))
    assert found.verdict == verdict
    if verdict == "false":
        assert found.claim.split()[-1] in (name.rpartition(".")[2], "text", "end")
        assert "is claimed to be" in found.why


def test_what_was_changed_under_its_seal_is_false(index: Path, receipt: dict[str, Any]) -> None:
    for name, value in {"page": 2, "text": "Lakes", "build": 1, "section": []}.items():
        assert check(index, receipt | {name: value}).claim == "seal"


@pytest.mark.parametrize(
    ("name", "value", "claim"),
    [
        ("sentence.text", "The deepest lake is Coniston.", "sentence text"),
        ("sentence.start", 21, "sentence text"),
        ("sentence", {"start": 22, "end": 50, "text": "e deepest lake is Wastwater."}, "start"),
        ("sentence", {"start": 20, "end": 49, "text": "The deepest lake is Wastwater"}, "end"),
        ("sentence", {"start": 0, "end": 18, "text": "Lakes of the north"}, "sentence"),
        ("passage.id", "lakes.txt:1-2", "passage id"),
        ("passage.start", 1, "passage text"),
        ("passage.text", "Lakes", "passage text"),
        ("document.tags", "policy", "document tags"),
        ("newer_edition", {"id": "x", "path": "", "title": "", "sha256": ""}, "another place"),
    ],
)
def test_the_sentence_the_passage_and_other_places_are_checked(
    index: Path, reply: dict[str, Any], name: str, value: Any, claim: str
) -> None:
    answer = changed(reply["answers"][0], name, value)
    found = check(index, reply | {"answers": [answer]})
    assert (found.verdict, claim in found.claim) == ("false", True), found


def test_a_place_where_the_same_is_said_is_checked(tmp_path: Path) -> None:
    texts = {"a.txt": LAKES, "b.txt": f"Copied\n\n{LAKES}"}
    build(write_texts(tmp_path / "documents", texts), tmp_path / "index")
    answer = reply_form(ask(tmp_path / "index"))["answers"][0]
    assert answer["places"]
    reply = {"answers": [answer], "build": 1}
    assert check(tmp_path / "index", reply).verdict == "verified"
    for name, value in {"page": 4, "start": -1, "end": 10**9, "page_label": "iv"}.items():
        place = answer["places"][0] | {name: value}
        found = check(tmp_path / "index", {"answers": [answer | {"places": [place]}], "build": 1})
        assert found.verdict == "false"


def test_a_broken_seal_is_false(index: Path, receipt: dict[str, Any]) -> None:
    assert check(index, receipt | {"seal": "0" * 64}).claim == "seal"
    bare = {name: value for name, value in receipt.items() if name != "seal"}
    assert check(index, bare).verdict == "verified"


def test_words_that_moved_are_found_where_they_stand_exactly(tmp_path: Path) -> None:
    documents, index = write_texts(tmp_path / "documents"), tmp_path / "index"
    build(documents, index)
    given = ask(index)
    receipt = receipt_form(given.answers[0], given.build)
    (documents / "lakes.txt").write_text(f"A new beginning.\n\n{LAKES}\n{receipt['text']}\n")
    build(documents, index)
    found = check(index, receipt)
    text = (documents / "lakes.txt").read_text()
    assert (found.verdict, len(found.now)) == ("changed", 2)
    assert all(text[now.start : now.end] == receipt["text"] for now in found.now)
    assert "it stood so in build 1" in found.why
    (documents / "lakes.txt").write_text("All lakes dried up.")
    build(documents, index)
    found = check(index, receipt)
    assert (found.verdict, found.now) == ("changed", ())
    assert "stand there no more" in found.why


def test_an_old_receipt_verifies_where_its_document_is_as_it_was(tmp_path: Path) -> None:
    documents, index = write_texts(tmp_path / "documents"), tmp_path / "index"
    build(documents, index)
    given = ask(index)
    receipt = receipt_form(given.answers[0], given.build)
    for number in range(3):
        (documents / "more.txt").write_text(f"More of it, {number} times.")
        build(documents, index)
    assert check(index, receipt).verdict == "verified"


def test_a_document_that_left_the_index_is_told_apart_from_one_never_there(tmp_path: Path) -> None:
    documents, index = write_texts(tmp_path / "documents"), tmp_path / "index"
    build(documents, index)
    given = ask(index)
    receipt = receipt_form(given.answers[0], given.build)
    (documents / "lakes.txt").unlink()
    build(documents, index)
    found = check(index, receipt)
    assert (found.verdict, "in build 2 no more" in found.why) == ("changed", True)
    assert check(index, changed(receipt, "page", 9)).verdict == "false"
    (documents / "more.txt").write_text("More.")
    build(documents, index)
    assert check(index, receipt).verdict == "gone"


def test_a_receipt_of_a_build_that_was_undone_still_verifies(tmp_path: Path) -> None:
    documents, index = write_texts(tmp_path / "documents"), tmp_path / "index"
    build(documents, index)
    (documents / "more.txt").write_text("More.")
    build(documents, index)
    given = ask(index)
    receipt = receipt_form(given.answers[0], given.build)
    roll_back(index)
    assert check(index, receipt).verdict == "verified"


def test_the_file_on_disk_is_looked_at_and_does_not_decide(tmp_path: Path) -> None:
    documents, index = write_texts(tmp_path / "documents"), tmp_path / "index"
    line = '{"_id": "one", "title": "One", "text": "The deepest lake is Wastwater, says one."}\n'
    (documents / "corpus.jsonl").write_text(line)
    build(documents, index)
    given = ask(index)
    receipts = [receipt_form(answer, given.build) for answer in given.answers]
    assert "one" in [receipt["document"]["id"] for receipt in receipts]

    def found() -> set[tuple[str, str]]:
        checked = verify_receipts(index, json.dumps(receipts))
        return {(each.verdict, each.on_disk) for each in checked}

    assert found() == {("verified", "same")}
    for path in documents.rglob("*.*"):
        path.write_text(path.read_text() + " ")
    assert found() == {("verified", "changed")}
    for path in documents.rglob("*.*"):
        path.unlink()
    assert found() == {("verified", "gone")}


def test_pages_and_their_labels_are_checked(tmp_path: Path) -> None:
    documents, index = tmp_path / "documents", tmp_path / "index"
    documents.mkdir()
    pages = ("The shallow lake is Elterwater.", "The deepest lake is Wastwater.")
    (documents / "lakes.pdf").write_bytes(make_pdf(*pages))
    build(documents, index)
    given = ask(index)
    receipt = receipt_form(given.answers[0], given.build)
    assert receipt["page"] == 2
    assert check(index, receipt).verdict == "verified"
    assert check(index, changed(receipt, "page", 1)).claim == "page"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "no JSON",
        "{}",
        "null",
        "[1]",
        '"receipt"',
        '{"receipt": 2}',
        '{"receipt": true}',
        '{"answers": {}, "build": 1}',
        '{"answers": [[]], "build": 1}',
        '{"answers": []}',
        '{"a": 1, "a": 2}',
        "[" * 100_000,
        "9" * 10_000,
    ],
)
def test_what_is_no_receipt_is_refused_saying_what_was_expected(index: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="expected") as error:
        verify_receipts(index, text)
    assert error.value.exit_code == 2
    assert len(str(error.value)) < 500


@pytest.mark.parametrize("name", ["document", "page", "section", "text", "build", "quote_sha256"])
def test_a_field_that_is_missing_or_of_another_type_is_named(
    index: Path, receipt: dict[str, Any], name: str
) -> None:
    without = {key: value for key, value in receipt.items() if key != name}
    for form in (without, receipt | {name: 1.5}, receipt | {name: None}, receipt | {name: True}):
        with pytest.raises(ConfigError, match=name):
            verify_receipts(index, json.dumps(form))
    with pytest.raises(ConfigError, match="'other' cannot be checked"):
        verify_receipts(index, json.dumps(receipt | {"other": 1}))


def test_no_index_is_an_error(tmp_path: Path, receipt: dict[str, Any]) -> None:
    with pytest.raises(IndexLoadError, match="no index here"):
        verify_receipts(tmp_path, json.dumps(receipt))


def test_neither_models_nor_search_are_loaded(index: Path, receipt: dict[str, Any]) -> None:
    script = (
        "import sys; from pathlib import Path; from ctqa.index.receipts import verify_receipts\n"
        f"found = verify_receipts(Path({str(index)!r}), sys.stdin.read())\n"
        "print(found[0].verdict, {'faiss', 'tantivy', 'torch', 'onnxruntime'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(receipt),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "verified set()"


def test_no_connection_is_made(
    index: Path, receipt: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(socket, "socket")
    assert check(index, receipt).verdict == "verified"


# What is not as it was never verifies ------------------------------------------------------------


def claims_of(value: Any) -> list[frozenset[str]]:
    """Give what each receipt or answer in a JSON value claims, as a set of paths with values."""
    found = value if isinstance(value, list) else [value]
    claims = []
    for each in found:
        if "answers" in each and "receipt" not in each:
            claims += [frozenset(flat(a)) | {f"build={each['build']!r}"} for a in each["answers"]]
        else:
            claims.append(frozenset(flat(each)))
    return claims


def flat(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if path or name not in NO_CLAIMS:
                yield from flat(inner, f"{path}.{name}" if path else name)
    else:
        yield f"{path}={value!r}"


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return [json.loads(line) for line in text.split("\n") if line.strip()]


def of_bytes(text: str, random: random.Random) -> str:
    raw = bytearray(text.encode())
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        at = random.randrange(len(raw))
        match random.randrange(4):
            case 0:
                raw[at] ^= 1 << random.randrange(8)
            case 1:
                del raw[at : at + random.choice((1, 1, 8))]
            case 2:
                raw.insert(at, random.randrange(256))
            case _:
                raw[at] = random.choice(raw)
    return raw.decode("utf-8", "surrogateescape")


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """Give every container with every key in it, at any depth."""
    for key in value if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places_in(value[key])


def of_json(text: str, random: random.Random) -> str:
    value = parsed(text)
    places = list(places_in(value))
    place, key = random.choice(places)
    other, other_key = random.choice(places)
    old = place[key]
    match random.randrange(6):
        case 0:
            del place[key]
        case 1:
            if place is other or not _is_inside(place, other[other_key], old, other):
                place[key], other[other_key] = copy.deepcopy(other[other_key]), copy.deepcopy(old)
        case 2:
            place[key] = random.choice([None, True, 1, 1.5, "", [], {}, "1", -1, 10**40, "\ud800"])
        case 3:
            place[key] = _off_by_one(old)
        case 4:
            place[key] = f"{old}" if random.random() < 0.5 else [old]
        case _:
            if isinstance(place, dict):
                place[f"{key}{random.choice(('', '2', ' '))}"] = place.pop(key)
            else:
                place.append(copy.deepcopy(old))
    return json.dumps(value)


def _is_inside(place: Any, value: Any, old: Any, other: Any) -> bool:
    """Tell whether swapping would put a container into itself."""
    inner = [container for each in (value, old) if isinstance(each, dict | list)
             for container in (each, *(p for p, _ in places_in(each)))]  # fmt: skip
    return any(container is place or container is other for container in inner)


def _off_by_one(value: Any) -> Any:
    if isinstance(value, bool | None):
        return not value
    if isinstance(value, int | float):
        return value + 1 if value % 2 else value - 1
    if isinstance(value, str):
        return value[:-1] if value else " "
    return list(value)[1:]


@pytest.mark.parametrize("mutate", [of_bytes, of_json])
@pytest.mark.parametrize("kind", ["receipt", "bare", "reply", "list", "lines"])
def test_nothing_verifies_that_was_not_so(
    index: Path,
    reply: dict[str, Any],
    receipt: dict[str, Any],
    kind: str,
    mutate: Callable[[str, random.Random], str],
) -> None:
    bare = {name: value for name, value in receipt.items() if name != "seal"}
    text = {
        "receipt": json.dumps(receipt),
        "bare": json.dumps(bare),
        "reply": json.dumps(reply),
        "list": json.dumps([receipt, bare]),
        "lines": f"{json.dumps(reply)}\n{json.dumps(bare)}",
    }[kind]
    allowed = claims_of(parsed(text))
    seeded = random.Random(f"{kind} {mutate.__name__}")  # noqa: S311
    verified = 0
    for _ in range(MUTATIONS // 10):
        mutated = mutate(text, seeded)
        try:
            found = verify_receipts(index, mutated)
        except CtqaError:
            continue
        for each, claims in zip(found, claims_of(parsed(mutated)), strict=True):
            if each.verdict == "verified":
                verified += 1
                assert any(claims <= known for known in allowed), (mutated, each)
    assert verified < MUTATIONS


def test_receipts_of_a_damaged_index_are_not_believed(
    index: Path, receipt: dict[str, Any], tmp_path: Path
) -> None:
    damaged = copy_of(index, tmp_path / "index")
    change(damaged, "UPDATE documents SET text = replace(text, 'Wast', 'West')")
    with pytest.raises(IndexLoadError, match="not as it was written"):
        verify_receipts(damaged, json.dumps(receipt))
