"""REST through Gradio: by plain requests, and by Gradio's own client."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client
from ui.serving import DAMAGED, NURSE, NURSE_ANSWER, VISIT, VISIT_ANSWER, Served

NAMES = ["/search", "/ask", "/get_passage", "/verify_citation", "/coverage"]
TEXTS = {"oneOf": [{"type": "null"}, {"type": "array", "items": {"type": "string"}}]}
YEAR = {"oneOf": [{"type": "null"}, {"type": "integer"}]}


@pytest.fixture(scope="module")
def client(served: Served) -> Iterator[Client]:
    client = Client(served.url, verbose=False)
    yield client
    client.close()


@pytest.fixture(scope="module")
def info(served: Served) -> dict[str, Any]:
    status, _, body = served.get("/gradio_api/info")
    assert status == 200
    return json.loads(body)["named_endpoints"]


def test_programs_see_the_five_calls(info: dict[str, Any]) -> None:
    assert list(info) == NAMES
    assert all(each["description"] for each in info.values())
    assert DAMAGED[0] not in json.dumps(info)


def test_parameters_are_told_by_name_type_and_default(info: dict[str, Any]) -> None:
    told = {
        each["parameter_name"]: (each["type"], each["parameter_has_default"])
        for each in info["/ask"]["parameters"]
    }
    assert told == {
        "question": ({"type": "string"}, False),
        **dict.fromkeys(("documents", "folders", "tags"), (TEXTS, True)),
        **dict.fromkeys(("since", "until", "passages"), (YEAR, True)),
        "follows": ({"oneOf": [{"type": "null"}, {"type": "string"}]}, True),
        "fast": ({"type": "boolean"}, True),
    }
    for each in info.values():
        assert [result["type"]["type"] for result in each["returns"]] == ["object"]


def test_a_plain_request_gets_json(served: Served) -> None:
    event, (reply,) = served.call("ask", question=VISIT, documents=["wards.txt"], passages=2)
    assert event == "complete"
    assert reply["answers"][0]["text"] == VISIT_ANSWER
    assert {each["document"]["id"] for each in reply["passages"]} == {"wards.txt"}
    _, (verified,) = served.call("verify_citation", receipt=reply["receipts"][0])
    assert verified["verified"]
    _, (covered,) = served.call("coverage")
    assert covered["pages_unread"] == 1


def test_arguments_may_be_given_by_their_place(served: Served) -> None:
    status, _, body = served.post(
        "/gradio_api/call/search", {"data": [NURSE, *[None] * 5, 1, False]}
    )
    assert status == 200
    _, _, events = served.get(f"/gradio_api/call/search/{json.loads(body)['event_id']}")
    assert events.startswith("event: complete")
    assert NURSE_ANSWER in json.loads(events.partition("data: ")[2])[0]["passages"][0]["text"]


def test_gradios_own_client_gets_the_same(client: Client) -> None:
    reply = client.predict(question=VISIT, api_name="/ask")
    answer = reply["answers"][0]
    assert answer["text"] == VISIT_ANSWER
    read = client.predict(
        document=answer["document"]["id"],
        start=answer["start"],
        end=answer["end"],
        api_name="/get_passage",
    )
    assert read["text"] == VISIT_ANSWER
    assert client.predict(reply["receipts"][0], api_name="/verify_citation")["verified"]
    found = client.predict(NURSE, api_name="/search")
    assert NURSE_ANSWER in found["passages"][0]["text"]
    assert client.predict(api_name="/coverage")["documents"] == 3


def test_gradios_own_client_is_told_what_is_wrong(client: Client) -> None:
    with pytest.raises(Exception, match="passages: found 500; input should be less than or"):
        client.predict(question=VISIT, passages=500, api_name="/ask")


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("ask", {"question": ""}, "the question is empty"),
        ("ask", {"question": VISIT, "documents": ["nowhere.txt"]}, "no document 'nowhere.txt'"),
        ("search", {"question": VISIT, "since": "soon"}, "since: found 'soon'"),
        ("get_passage", {"id": "wards.txt"}, "is the id of no passage"),
        ("verify_citation", {"receipt": {"no": "receipt"}}, "expected a receipt"),
        ("coverage", {"most": 10**6}, "most: found 1000000"),
    ],
)
def test_a_program_is_told_what_is_wrong(
    served: Served, name: str, given: dict[str, Any], message: str
) -> None:
    event, data = served.call(name, **given)
    assert event == "error"
    assert message in data["error"]


@pytest.mark.parametrize("name", ["ask", "verify_citation", "coverage"])
def test_no_argument_makes_gradio_copy_a_file_of_this_machine(
    served: Served, tmp_path: Path, name: str
) -> None:
    """Gradio takes any value of this form for a file that was uploaded."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    file = {"path": str(secret), "meta": {"_type": "gradio.FileData"}}
    given = {"ask": "question", "verify_citation": "receipt", "coverage": "most"}[name]
    status, _, body = served.post(f"/gradio_api/call/v2/{name}", {given: file})
    assert (status, body) == (400, "expected files that were uploaded")
    copies = Path(os.environ["GRADIO_TEMP_DIR"])
    assert not list(copies.rglob(secret.name))


def test_the_program_in_the_handbook_runs(
    served: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    handbook = (Path(__file__).parents[2] / "docs" / "programs.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", handbook, re.DOTALL)
    program = program.replace("http://127.0.0.1:7860", served.url)
    program = program.replace("Who resigned in June 2003?", VISIT)
    exec(program, {})  # noqa: S102 -- our own
    printed = capsys.readouterr().out
    assert f"{VISIT_ANSWER} - When may relatives visit the ward? page 1\nTrue\n" in printed


def test_nothing_else_can_be_called(served: Served) -> None:
    for name in ("show", "lambda", "predict", "asking"):
        assert served.post(f"/gradio_api/call/{name}", {"data": [VISIT]})[0] == 404
        assert served.post(f"/gradio_api/call/v2/{name}", {"question": VISIT})[0] == 404
