"""Files made for download."""

from urllib.parse import unquote

import pytest

from ctqa.ui.downloads import Download, Downloads, safe_name


def token_of(url: str) -> str:
    return url.split("/")[1]


def test_what_is_put_is_given_to_whoever_knows_its_url_and_to_nobody_else() -> None:
    downloads = Downloads()
    url = downloads.put(b"text", "answers to all.md", "text/markdown")
    start, token, name = url.split("/")
    assert (start, unquote(name)) == ("download", "answers to all.md")
    assert len(token) == 32
    wanted = Download(content=b"text", name="answers to all.md", media_type="text/markdown")
    assert downloads.take(token) == wanted
    assert downloads.take(token) == wanted
    assert downloads.take(token[:-1] + "!") is None


def test_the_oldest_make_room() -> None:
    few = Downloads(max_downloads=2)
    tokens = [token_of(few.put(b"text", "a.txt", "text/plain")) for _ in range(3)]
    assert [few.take(token) is None for token in tokens] == [True, False, False]
    small = Downloads(max_bytes=10)
    tokens = [token_of(small.put(b"12345", "a.txt", "text/plain")) for _ in range(3)]
    assert [small.take(token) is None for token in tokens] == [True, False, False]
    huge = token_of(small.put(b"x" * 100, "a.txt", "text/plain"))
    assert small.take(huge) is not None  # the newest one stays, however large
    assert [small.take(token) for token in tokens] == [None] * 3


def test_nothing_is_kept_for_long() -> None:
    downloads = Downloads(max_seconds=-1)
    assert downloads.take(token_of(downloads.put(b"text", "a.txt", "text/plain"))) is None


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ('a"b\r\nc: d.pdf', "a_b__c_ d.pdf"),
        ("\u202efdp.exe", "_fdp.exe"),
        ("\ud800.txt", "\ufffd.txt"),
        ("...", "file"),
        ("", "file"),
        ("x" * 300 + ".docx", "x" * 115 + ".docx"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe
