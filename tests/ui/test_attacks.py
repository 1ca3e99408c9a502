"""Attacks on the real server: Gradio's published advisories, and what else a stranger may try."""

import http.client
import json
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ui.events import Page
from ui.serving import NURSE, NURSE_ANSWER, VISIT, VISIT_ANSWER, Served

from ctqa.ui.uploads import MAX_BYTES

IN_PASSWD = "root:"  # noqa: S105 -- not a password: how the file begins


def raw(served: Served, request: bytes) -> bytes:
    """Send bytes as they are, and give all that comes back until the server hangs up."""
    with closing(socket.create_connection(("127.0.0.1", served.port), timeout=30)) as connection:
        answer = b""
        with suppress(ConnectionError):  # it may hang up before it has read all
            connection.sendall(request)
            while piece := connection.recv(65_536):
                answer += piece
    return answer


def sent(served: Served, method: str, path: str, body: bytes, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
    with closing(connection):
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read().decode()


def multipart(name: str, content: bytes) -> tuple[bytes, dict[str, str]]:
    head = f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + b"\r\n--x--\r\n"
    return body, {"content-type": "multipart/form-data; boundary=x"}


@pytest.fixture
def uploads() -> Path:
    """Give the folder in which the server keeps what is uploaded."""
    return Path(os.environ["GRADIO_TEMP_DIR"])


# Reading files: CVE-2023-51449, CVE-2024-1561, CVE-2026-28414, GHSA-j36p-7w88-g82j ---------------


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=../../../../etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/gradio_api%2Ffile=/etc/passwd",
        "/gradio_api/file%3D/etc/passwd",
        "/gradio_api//file=/etc/passwd",
        "/file=/etc/passwd",
        "/file/etc/passwd",
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/static//etc/passwd",
        "/static/%2Fetc%2Fpasswd",
        "/static/C:/Windows/win.ini",
        "/static/C:%5CWindows%5Cwin.ini",
        "/static/%5C%5Chost%5Cshare",
        "/assets/..%2f..%2f..%2fetc%2fpasswd",
        "/assets//etc/passwd",
        "/assets/C:/Windows/win.ini",
        "/svelte/..%2f..%2f..%2fetc%2fpasswd",
        "/source/..%2f..%2fetc%2fpasswd",
        "/source//etc/passwd",
        "/page/..%2f..%2fetc/1/96.png",
        "/download/../../etc/passwd",
        "/gradio_api/custom_component/x/client/..%2f..%2f/passwd",
        "/gradio_api/stream/x/y/1/playlist-file",
    ],
)
def test_no_file_of_this_machine_is_read(served: Served, path: str) -> None:
    status, headers, body = served.get(path)
    assert status in (403, 404)
    assert IN_PASSWD not in body
    assert headers["x-content-type-options"] == "nosniff"


def test_not_by_a_path_that_no_client_would_send(served: Served) -> None:
    for path in (b"/static/../../../../../etc/passwd", b"//etc/passwd", b"/\\etc\\passwd", b"*"):
        answer = raw(
            served, b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        )
        assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 403", b"HTTP/1.1 400"))
        assert IN_PASSWD.encode() not in answer


@pytest.mark.parametrize(
    "path",
    [
        *("/monitoring", "/monitoring/summary", "/docs", "/login", "/logout", "/login_check"),
        *("/gradio_api/component_server", "/gradio_api/process_recording", "/gradio_api/token"),
        *("/gradio_api/vibe-edit", "/gradio_api/vibe-code", "/gradio_api/deep_link"),
        *("/gradio_api/mcp/", "/gradio_api/runs", "/gradio_api/dev/reload", "/pwa_icon"),
        *("/gradio_api/queue/status", "/gradio_api/user", "/oauth/login", "/gradio_api/api/ask"),
    ],
)
def test_what_the_page_does_not_use_is_not_there(served: Served, path: str) -> None:
    assert served.get(path)[0] == 404
    assert served.post(path, {})[0] == 404


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "file:///etc/passwd", "http://127.0.0.1:1/x", "../etc/passwd", 5, "\0"]
)
def test_a_file_named_in_an_events_data_is_not_taken(
    served: Served, page: Page, uploads: Path, path: Any
) -> None:
    """CVE-2024-1561 and its like: an event is told that a file of the server was uploaded."""
    before = {path for path in uploads.rglob("*") if path.is_file()}
    kinds = ("file", "uploadbutton")
    taking = [(e, part) for e in page.events for part in e.inputs if page.kind(part) in kinds]
    assert taking
    marked = {"path": path, "url": path, "meta": {"_type": "gradio.FileData"}}
    for event, part in taking:
        for value in (marked, [marked], {"path": path}, [[{"path": path, "size": 1}]]):
            assert page.begin(event, {part: value})[0] == 400
    for event in page.events:
        assert page.begin(event, dict.fromkeys(event.inputs, marked))[0] == (
            400 if event.inputs else 200
        )
        assert page.begin(event, {}, event_data=marked)[0] == 400
    assert {path for path in uploads.rglob("*") if path.is_file()} == before


# Fetching for others: CVE-2023-51449, the audit of 2024, CVE-2026-28416 --------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/proxy=http://127.0.0.1:{port}/config",
        "/gradio_api/proxy=https://huggingface.co/",
        "/proxy=http://127.0.0.1:{port}/config",
        "/gradio_api/file=http://127.0.0.1:{port}/config",
        "/gradio_api/file=https://example.org/",
        "/gradio_api/file=//example.org/",
        "/file=https://example.org/",
    ],
)
def test_nothing_is_fetched_or_followed_for_others(served: Served, path: str) -> None:
    """Neither forgery of requests (SSRF), nor an open redirect (CVE-2026-28415, #13593)."""
    status, headers, body = served.get(path.format(port=served.port))
    assert status == 404
    assert "location" not in headers
    assert "components" not in body


def test_a_redirect_stays_here(served: Served) -> None:
    for path in ("//evil.example/..", "/\\evil.example", "/%2f%2fevil.example", "/gradio_api//"):
        _, headers, _ = served.get(path)
        assert "evil" not in headers.get("location", "")


def test_a_url_in_the_queues_data_is_not_fetched(served: Served, page: Page) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as trap:
        trap.settimeout(0.5)
        url = f"http://127.0.0.1:{trap.getsockname()[1]}/secret"
        told = {"path": url, "url": url, "meta": {"_type": "gradio.FileData"}, "is_stream": False}
        for event in page.events:
            body = {
                "data": [told] * len(event.inputs),
                "fn_index": event.id,
                "session_hash": page.session,
            }
            served.post("/gradio_api/queue/join", body)
        with pytest.raises(TimeoutError):
            trap.accept()


# Other sites: the audit of 2024 (CORS), CSRF, DNS rebinding --------------------------------------


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost:1", 200),
        ("127.0.0.1", 200),
        ("evil.example", 400),
        ("127.0.0.1.evil.org", 400),
        ("localhost@evil.org", 400),
        ("[::1", 400),
        ("", 400),
    ],
)
def test_only_a_local_name_is_answered(served: Served, host: str, expected: int) -> None:
    assert served.get("/", Host=host)[0] == expected


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "null", "http://localhost:1", "http://127.0.0.1", "file://"),
        *("http://localhost.evil.example", "http://[", "", "chrome-extension://abc"),
    ],
)
def test_another_site_may_neither_read_nor_do(served: Served, page: Page, origin: str) -> None:
    event = page.event_of("ask", "click")
    for method, path in (
        ("GET", "/config"),
        ("OPTIONS", "/gradio_api/upload"),
        ("POST", f"/gradio_api/run/{event.name}"),
        ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/queue/join"),
    ):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        with closing(connection):
            connection.request(method, path, b"{}", headers)
            response = connection.getresponse()
            assert response.status == 403
            assert response.headers["access-control-allow-origin"] is None


def test_a_form_of_another_site_is_refused_and_a_link_is_followed(served: Served) -> None:
    for site in ("cross-site", "same-site"):
        fetch = {"Sec-Fetch-Site": site}
        assert sent(served, "POST", "/gradio_api/run/ask", b"{}", **fetch)[0] == 403
        assert served.get("/", **fetch)[0] == 200


def test_the_page_itself_may(served: Served) -> None:
    host = f"127.0.0.1:{served.port}"
    own = {"Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    assert served.get("/config", Host=host, **own)[0] == 200


def test_what_a_request_says_of_its_way_is_not_believed(served: Served) -> None:
    """CVE-2026-48545 and its like: whoever can set a header does not set the page's address."""
    told = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "host=evil.example",
        "X-Original-URL": "/gradio_api/file=/etc/passwd",
        "X-Gradio-Server": "https://evil.example",
    }
    for path in ("/", "/config"):
        _, headers, body = served.get(path, **told)
        assert "evil" not in body
        assert "set-cookie" not in headers
        assert "evil" not in str(headers)


def test_no_cookie_is_set_nor_taken_over(served: Served) -> None:
    cookie = "access-token=x; access-token-unsecure=y; session=z; Path=/; Domain=evil.example"
    for path in ("/", "/config", "/gradio_api/info"):
        status, headers, _ = served.get(path, Cookie=cookie)
        assert (status, "set-cookie" in headers) == (200, False)


def test_no_login_hands_out_a_token_of_this_machine(served: Served) -> None:
    """CVE-2026-27167: a mocked login of Hugging Face's."""
    for path in ("/login/huggingface", "/login/callback", "/oauth/callback", "/logout"):
        status, headers, _ = served.get(path)
        assert (status, "set-cookie" in headers) == (404, False)


# Uploads: the audit of 2024 (XSS by an uploaded page, overwriting) -------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("../../evil.txt", "..\\..\\evil.txt", "/etc/evil.txt", "C:\\evil.txt", "a/b/evil.txt"),
        *("....//evil.txt", "evil.txt%00.pdf", "con", "<img src=x>.html", "x.svg", "." * 300),
    ],
)
def test_an_upload_stays_in_its_folder_and_is_not_served(
    served: Served, uploads: Path, name: str
) -> None:
    before = set(uploads.parent.glob("*evil*"))
    body, headers = multipart(name, b"<script>alert(1)</script>")
    status, text = sent(served, "POST", "/gradio_api/upload", body, **headers)
    assert status in (200, 400, 500)
    if status == 200:
        (path,) = json.loads(text)
        assert Path(path).resolve().is_relative_to(uploads.resolve())
        assert served.get(f"/gradio_api/file={quote(path)}")[0] == 404
    assert set(uploads.parent.glob("*evil*")) == before
    assert not Path("/etc/evil.txt").exists()


def test_a_body_that_says_it_is_too_large_is_refused_at_once(served: Served) -> None:
    for path, size in (("/gradio_api/upload", MAX_BYTES * 2), ("/gradio_api/run/ask", 10**9)):
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n"
        assert raw(served, head.encode()).startswith(b"HTTP/1.1 413")


def test_so_is_one_that_does_not_say_it(served: Served) -> None:
    head = (
        b"POST /gradio_api/run/ask HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    piece = b"100000\r\n" + b" " * 2**20 + b"\r\n"
    answer = raw(served, head + 5 * piece)
    assert not answer or answer.startswith(b"HTTP/1.1 413")


def test_an_upload_that_breaks_off_holds_nobody_up(served: Served, page: Page) -> None:
    head = (
        b"POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    body, headers = multipart("whole.txt", b"all of it")
    for _ in range(6):  # more than may be under way at the same time
        with closing(socket.create_connection(("127.0.0.1", served.port))) as connection:
            connection.sendall(head + body[:40])
    assert VISIT_ANSWER in page.ask(VISIT)
    for _ in range(100):
        if sent(served, "POST", "/gradio_api/upload", body, **headers)[0] == 200:
            return
    raise AssertionError("uploads that broke off are counted for ever")


def test_few_uploads_are_under_way_at_the_same_time(served: Served, page: Page) -> None:
    head = (
        b"POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    body, headers = multipart("late.txt", b"late")
    slow = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(4)]
    try:
        for connection in slow:
            connection.sendall(head)
        seen = {sent(served, "POST", "/gradio_api/upload", body, **headers)[0] for _ in range(50)}
        assert 503 in seen
        assert VISIT_ANSWER in page.ask(VISIT)
    finally:
        for connection in slow:
            connection.close()


# Events ------------------------------------------------------------------------------------------


@pytest.fixture
def page(served: Served) -> Page:
    return Page(served)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"[" * 100_000, 400),
        (b"\xff\xfe", 400),
        (b'{"data": [], "fn_index": 100000}', 404),
        (b'{"data": [], "fn_index": -1}', 404),
        (b'{"data": [], "fn_index": true}', 404),
        (b'{"data": [], "fn_index": "0"}', 404),
        (b'{"data": [], "fn_index": 1e9}', 404),
    ],
)
def test_what_no_page_sends_is_refused(served: Served, body: bytes, expected: int) -> None:
    for path in ("/gradio_api/run/ask", "/gradio_api/queue/join", "/gradio_api/call/ask"):
        status, text = sent(served, "POST", path, body, **{"content-type": "application/json"})
        assert status == expected
        assert "Traceback" not in text


def test_an_event_that_the_page_does_not_have_is_refused(served: Served) -> None:
    assert served.post("/gradio_api/run/nothing", {"data": []})[0] == 404
    assert served.post("/gradio_api/queue/join", {"data": [], "session_hash": "a"})[0] == 404


HOSTILE: list[Any] = [
    *(None, True, -1, 10**400, 1e308, "", "\x00", "x" * 200_000, "../../etc/passwd", "\ud800"),
    *([], {}, [[[[]]]], {"do": "read"}, {"__class__": "x"}, "<script>alert(1)</script>"),
    {"do": "view", "document": "../../etc/passwd", "start": "-1", "end": "1e9", "page": "0"},
    {"do": "wrong", "document": "wards.txt", "start": "NaN", "end": "9" * 400, "question": "x"},
]


def test_no_event_tells_a_stranger_anything_whatever_it_is_sent(served: Served, page: Page) -> None:
    """Every event of the page, its private ones too, with data that no browser sends."""
    starting = {"rebuild", "take"}  # what changes the index is attacked in tests of its own
    for event in page.events:
        if event.name in starting:
            continue
        for turn in range(4):  # each part gets four values, each time beside others
            drawn = {
                part: HOSTILE[(event.id + 5 * turn + 3 * place) % len(HOSTILE)]
                for place, part in enumerate(event.inputs)
            }
            pressed = HOSTILE[(event.id + 5 * turn) % len(HOSTILE)]
            status, text = page.begin(event, drawn, event_data=pressed)
            assert status in (200, 422, 500), (event, drawn)
            assert "Traceback" not in text
            assert IN_PASSWD not in text
            assert str(Path(__file__).parents[2]) not in text
    assert VISIT_ANSWER in Page(served).ask(VISIT)


# Others' sessions --------------------------------------------------------------------------------


def test_a_session_is_not_told_what_another_one_asked(served: Served) -> None:
    """Whoever names another browser's session, which is secret, gets nothing that was shown."""
    mine, other = Page(served), Page(served)
    assert VISIT_ANSWER in mine.ask(VISIT)
    for session in (mine.session, other.session, "", "*", "../", "%00"):
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        with closing(connection):
            connection.request("GET", f"/gradio_api/queue/data?session_hash={session}")
            try:
                told = connection.getresponse().read(300)
            except http.client.IncompleteRead as error:  # Gradio breaks off where nothing waits
                told = error.partial
            assert VISIT_ANSWER.encode() not in told
    shown = other.ask(NURSE)
    assert VISIT not in shown
    assert NURSE_ANSWER in shown


@pytest.mark.parametrize(
    "path",
    [
        f"/download/{'a' * 32}/receipts.json",
        f"/download/{'a' * 31}/receipts.json",
        "/download//receipts.json",
        f"/source/{'0' * 40}",
        f"/page/{'0' * 40}/1/96.png",
        f"/page/{'0' * 40}/99999/9999.png",
    ],
)
def test_a_guessed_address_leads_nowhere(served: Served, path: str) -> None:
    status, _, body = served.get(path)
    assert (status, body) == (404, "not found")


# Many at once ------------------------------------------------------------------------------------


def test_twenty_people_who_ask_at_once_get_their_own_replies(served: Served) -> None:
    everyone = [Page(served) for _ in range(20)]
    questions = [(VISIT, VISIT_ANSWER), (NURSE, NURSE_ANSWER)]

    def ask_thrice(number: int) -> Iterator[bool]:
        for turn in range(3):
            question, answer = questions[(number + turn) % 2]
            yield answer in everyone[number].ask(f"{question} ({number})")

    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda number: list(ask_thrice(number)), range(20)))
    assert found == [[True] * 3] * 20
