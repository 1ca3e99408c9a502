"""Who is let in: where the page may be served, and to whom."""

import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from ipaddress import ip_network
from pathlib import Path

import pytest
from ui.serving import Served, open_serving, served_by

from ctqa.errors import ConfigError
from ctqa.ui.access import Access, Proxy, settle

PASSWORD = "correct horse battery"  # noqa: S105 -- of a server that lives for a second
PROXY = Proxy(
    origin="https://ctqa.example.org", path="/library", networks=(ip_network("127.0.0.0/8"),)
)
ELSEWHERE = Proxy(origin="https://ctqa.example.org", path="", networks=(ip_network("10.0.0.0/8"),))


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", "CTQA_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


# Where -------------------------------------------------------------------------------------------


def where(host: str | None = None, port: int | None = None) -> tuple[str, int]:
    found = settle(host, port)
    return found.host, found.port


def test_the_address_is_given_or_in_the_environment_or_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert where() == ("127.0.0.1", 7860)
    monkeypatch.setenv("GRADIO_SERVER_NAME", "localhost")
    monkeypatch.setenv("GRADIO_SERVER_PORT", "9000")
    assert where() == ("localhost", 9000)
    assert where("::1", 0) == ("::1", 0)
    monkeypatch.setenv("GRADIO_SERVER_NAME", "")
    monkeypatch.setenv("GRADIO_SERVER_PORT", " ")
    assert where() == ("127.0.0.1", 7860)


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "192.168.1.7", "example.org", "127.0.0.1.evil"],  # noqa: S104 -- refused
)
def test_a_host_that_others_can_reach_needs_a_password(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match=r"other machines could reach it.*password.*ssh -L"):
        settle(host)
    with pytest.raises(ConfigError, match="other machines could reach it"):
        settle(host, proxy="https://ctqa.example.org")  # anyone could pass the proxy by
    assert settle(host, proxy="https://ctqa.example.org", proxy_from=["10.0.0.5"]).proxy
    monkeypatch.setenv("CTQA_PASSWORD", PASSWORD)
    assert settle(host).password == PASSWORD


@pytest.mark.parametrize("port", ["seven", "-1", "65536", "7860.5", "٧"])
def test_a_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_SERVER_PORT", port)
    with pytest.raises(ConfigError, match=r"port .*: expected a number"):
        settle()
    with pytest.raises(ConfigError):
        settle(None, -1)


def test_a_password_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTQA_PASSWORD", "the file comes first")
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    assert settle(password_file=file).password == PASSWORD
    for text in ("", "short", "two lines\nof a password"):
        file.write_text(text)
        with pytest.raises(ConfigError, match=r"password: expected a password of 12 characters"):
            settle(password_file=file)
    with pytest.raises(ConfigError, match="cannot be read"):
        settle(password_file=tmp_path / "none")


@pytest.mark.parametrize(
    "url",
    [
        *("ctqa.example.org", "ftp://example.org", "https://", "https://[example.org"),
        *("https://a:b@example.org", "https://example.org/?a", "https://example.org:port/"),
    ],
)
def test_a_proxy_is_named_by_its_address(url: str) -> None:
    with pytest.raises(ConfigError, match="--proxy "):
        settle(proxy=url)


def test_where_a_proxy_calls_from_is_an_address() -> None:
    found = settle(proxy="https://Example.org/ctqa/", proxy_from=["10.0.0.5", "fd00::/8"]).proxy
    assert found is not None
    assert found.url == "https://example.org/ctqa"
    assert found.networks == (ip_network("10.0.0.5/32"), ip_network("fd00::/8"))
    with pytest.raises(ConfigError, match=r"--proxy-from proxy\.local"):
        settle(proxy="https://example.org", proxy_from=["proxy.local"])
    with pytest.raises(ConfigError, match="give --proxy URL as well"):
        settle(proxy_from=["10.0.0.5"])


@pytest.mark.parametrize(
    ("access", "host", "expected"),
    [
        (Access(), "localhost", True),
        (Access(), "127.0.0.1", True),
        (Access(), "192.168.1.7", False),
        (Access(), "evil.example", False),
        (Access(), "", False),
        (Access(host="::1"), "::1", True),
        (Access(host="0.0.0.0"), "192.168.1.7", True),  # noqa: S104
        (Access(host="0.0.0.0"), "evil.example", False),  # noqa: S104
        (Access(host="ctqa.example.org"), "ctqa.example.org", True),
        (Access(proxy=PROXY), "ctqa.example.org", True),
        (Access(proxy=PROXY), "example.org", False),
    ],
)
def test_a_name_that_others_own_is_not_the_servers(
    access: Access, host: str, expected: bool
) -> None:
    assert access.answers_to(host) is expected


# To whom -----------------------------------------------------------------------------------------


def basic(password: str, user: str = "anyone") -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


@pytest.fixture(scope="module")
def guarded(index: Path) -> Iterator[Served]:
    with (
        closing(open_serving(index)) as serving,
        served_by(serving, Access(password=PASSWORD)) as served,
    ):
        yield served


def test_nothing_is_given_without_the_password(guarded: Served) -> None:
    for path in ("/", "/config", "/assets/none.js", "/theme.css", "/gradio_api/info", "/nowhere"):
        status, headers, _ = guarded.get(path)
        assert status == 401
        assert headers["www-authenticate"].startswith('Basic realm="CTQA"')
        assert headers["x-content-type-options"] == "nosniff"
    assert guarded.post("/gradio_api/run/ask", {"data": []})[0] == 401


def test_with_it_the_page_is_given_whatever_the_users_name(guarded: Served) -> None:
    for user in ("anyone", "", "Zoë", "admin"):
        assert guarded.get("/", Authorization=basic(PASSWORD, user))[0] == 200


WRONG = [
    *(basic(""), basic(PASSWORD[:-1]), basic(f"{PASSWORD} "), basic(PASSWORD.upper())),
    *("Basic", "Basic ???", "Basic 44GC", f"Bearer {PASSWORD}", "Basic Og=="),
    f"Digest username={PASSWORD}",
]


def test_a_wrong_password_gets_the_same_answer(guarded: Served) -> None:
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda header: guarded.get("/", Authorization=header), WRONG))
    assert {(status, body) for status, _, body in answers} == {(401, "password, please")}


def test_guesses_are_few_and_keep_nobody_waiting_who_knows_it(index: Path) -> None:
    with (
        closing(open_serving(index)) as serving,
        served_by(serving, Access(password=PASSWORD)) as served,
    ):

        def guess(number: int) -> int:
            return served.get("/config", Authorization=basic(f"guess {number}"))[0]

        with ThreadPoolExecutor(40) as pool:
            assert 429 in set(pool.map(guess, range(40)))
        assert served.get("/config", Authorization=basic(PASSWORD))[0] == 200
        with ThreadPoolExecutor(40) as pool:
            guessing = [pool.submit(guess, number) for number in range(40)]
            while not all(each.done() for each in guessing):
                assert served.get("/config", Authorization=basic(PASSWORD))[0] == 200
                time.sleep(0.05)


def test_behind_a_proxy_the_page_is_where_others_see_it(index: Path) -> None:
    with (
        closing(open_serving(index)) as serving,
        served_by(serving, Access(proxy=PROXY)) as served,
    ):
        for path in ("/config", "/library/config"):  # the proxy may take its path away, or not
            status, _, body = served.get(path, Host="ctqa.example.org")
            assert status == 200
            assert '"root":"https://ctqa.example.org/library"' in body
        assert served.get("/library/config", Host="evil.example")[0] == 400
        home = {"Host": "127.0.0.1", "Origin": "https://ctqa.example.org"}
        assert served.get("/config", **home)[0] == 200
        foreign = {"Host": "127.0.0.1", "Origin": "http://127.0.0.1"}
        assert served.get("/config", **foreign)[0] == 403


def test_who_passes_the_proxy_by_is_refused(index: Path) -> None:
    with (
        closing(open_serving(index)) as serving,
        served_by(serving, Access(proxy=ELSEWHERE)) as served,
    ):
        assert served.get("/", Host="ctqa.example.org")[0] == 403
        forged = {"Host": "ctqa.example.org", "X-Forwarded-For": "10.0.0.5"}
        assert served.get("/", **forged)[0] == 403
