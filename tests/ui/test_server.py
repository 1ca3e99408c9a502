"""Serving: where, to whom, which paths, and under which headers."""

import base64
import hashlib
import http.client
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from ui.serving import (
    DAMAGED,
    NURSE,
    NURSE_ANSWER,
    VISIT,
    VISIT_ANSWER,
    Served,
    build_again,
    make_index,
    open_serving,
    served_by,
)

from ctqa.config import SearchConfig
from ctqa.errors import ConfigError, IndexLoadError
from ctqa.listening import listen
from ctqa.ui import serve
from ctqa.ui.access import Access
from ctqa.ui.guard import content_security_policy

# Where -------------------------------------------------------------------------------------------


def test_a_taken_port_is_named_with_another_to_take(index: Path) -> None:
    with listen("127.0.0.1", 0, command="ctqa serve") as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"port {port} .*taken.*serve --port {port + 1}"):
            serve(index, config=SearchConfig(), access=Access(port=port))


def test_an_address_of_another_machine_cannot_be_taken() -> None:
    with pytest.raises(ConfigError, match=r"port 7860 on 203\.0\.113\.1: "):
        listen("203.0.113.1", 7860, command="ctqa serve")


def test_a_missing_index_is_an_error_before_anything_is_served(tmp_path: Path) -> None:
    with pytest.raises(IndexLoadError, match="ctqa build"):
        serve(tmp_path / "none", config=SearchConfig(), access=Access(port=0))


SERVING = """
import sys
from ui.serving import open_serving
from pathlib import Path
from ctqa.listening import listen
from ctqa.ui.access import Access
from ctqa.ui.server import run
run(open_serving(Path(sys.argv[1])), listen("127.0.0.1", 0, command="ctqa serve"), Access())
"""


def test_it_says_where_it_is_and_what_it_takes_up_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    index = make_index(tmp_path)
    paths = f"import sys; sys.path[:0] = {sys.path!r}"
    process = subprocess.Popen(
        [sys.executable, "-c", paths + SERVING, str(index)],
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.fullmatch(
            r"Serving build 1 \(3 documents\) on http://127\.0\.0\.1:(\d+)/ \(stop with Ctrl-C\)\n",
            line,
        )
        assert found, line
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=30)
        connection.request("GET", "/")
        assert connection.getresponse().status == 200
        connection.close()
        (index.parent / "documents" / "new.txt").write_text("The new ward is on the roof.")
        assert build_again(index.parent) == 2
        assert process.stderr.readline() == "Serving build 2 now.\n"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == ""
    assert process.returncode == 0


# To whom, and what -------------------------------------------------------------------------------


def test_every_response_carries_the_headers(served: Served) -> None:
    for path in ("/", "/theme.css", "/config", "/gradio_api/info", "/nowhere"):
        _, headers, _ = served.get(path)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-frame-options"] == "DENY"
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; ")
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
        assert "http:" not in policy
        assert "*" not in policy
        assert "server" not in headers


def test_the_page_names_no_script_but_its_own(served: Served) -> None:
    _, headers, body = served.get("/")
    inline = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", body, re.DOTALL)
    hashes = set(re.findall(r"'sha256-(.*?)'", headers["content-security-policy"]))
    digests = (hashlib.sha256(script.encode()).digest() for script in inline if script)
    assert hashes == {base64.b64encode(digest).decode() for digest in digests}
    assert hashes
    assert not any(script.startswith("alert(") for script in inline)


def test_a_policy_without_scripts_names_no_hash() -> None:
    assert "sha256" not in content_security_policy(b"<p>Hello</p><script src='/a.js'></script>")


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost:1", 200), ("127.0.0.1", 200), ("evil.example", 400), ("127.0.0.1.evil.org", 400)],
)
def test_only_a_local_name_is_answered(served: Served, host: str, expected: int) -> None:
    assert served.get("/", Host=host)[0] == expected


def test_the_listener_is_of_this_machine_alone() -> None:
    with listen("localhost", 0, command="ctqa serve") as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


# The endpoint for programs -----------------------------------------------------------------------


def test_a_program_gets_the_reply_as_json(served: Served) -> None:
    event, (reply,) = served.ask(VISIT)
    assert event == "complete"
    assert reply["answers"][0]["text"] == VISIT_ANSWER
    assert reply["coverage"] == {"pages_unread": 1}


@pytest.mark.parametrize("question", ["", None, 5])
def test_a_program_is_told_what_is_wrong(served: Served, question: object) -> None:
    event, data = served.ask(question)
    assert event == "error"
    assert "question" in data["error"]


def test_many_at_once_get_their_own_replies(served: Served) -> None:
    asked = [VISIT, NURSE] * 8
    with ThreadPoolExecutor(len(asked)) as pool:
        replies = [data[0] for _, data in pool.map(served.ask, asked)]
    assert [reply["question"] for reply in replies] == asked
    assert [reply["answers"][0]["text"] for reply in replies] == [VISIT_ANSWER, NURSE_ANSWER] * 8


def test_programs_see_their_endpoints_and_none_of_the_pages(served: Served) -> None:
    _, _, info = served.get("/gradio_api/info")
    assert sorted(re.findall(r'"(/\w+)":\{"parameters"', info)) == [
        *("/ask", "/coverage", "/get_passage", "/search", "/verify_citation")
    ]
    assert served.post("/gradio_api/call/answer", {"data": [VISIT]})[0] == 404
    assert DAMAGED[0] not in info


def test_questions_go_on_while_another_build_is_taken_up(tmp_path: Path) -> None:
    index, over = make_index(tmp_path), threading.Event()
    later = VISIT_ANSWER.replace("two and four", "five and six")

    with closing(open_serving(index)) as serving, served_by(serving) as served:

        def ask() -> list[tuple[int, str]]:
            found = []
            while not over.is_set():
                event, (reply,) = served.ask(VISIT)
                assert event == "complete"
                found.append((reply["build"], reply["answers"][0]["text"]))
            return found

        with ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(ask) for _ in range(4)]
            wards = tmp_path / "documents" / "wards.txt"
            wards.write_text(wards.read_text().replace("two and four", "five and six"))
            assert build_again(tmp_path) == 2
            while served.ask(VISIT)[1][0]["build"] == 1:
                time.sleep(0.01)
            over.set()
            found = [each for replies in asking for each in replies.result()]
        assert served.ask(VISIT)[1][0]["answers"][0]["text"] == later
    assert set(found) <= {(1, VISIT_ANSWER), (2, later)}
    assert (1, VISIT_ANSWER) in found
