import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.config import Config, IndexConfig, SearchConfig, load_config
from ctqa.config_file import Change, write_settings
from ctqa.errors import ConfigError

COMMENTED = """\
# How we ask.
[search]  # per question
dense_weight = 0.6 # as it came
accepted_error=0.05

# Ask the archivist before changing what follows.
[index]
ocr = true
"""


def written(path: Path, text: str | None, **values: str | float) -> tuple[str, tuple[Change, ...]]:
    if text is not None:
        path.write_bytes(text.encode())
    changes = write_settings(path, values)
    return path.read_bytes().decode(), changes


def test_comments_and_other_settings_stay_as_they_are(tmp_path):
    text, changes = written(
        tmp_path / "ctqa.toml", COMMENTED, dense_weight=0.4, rerank=40, passage_tokens=120
    )
    assert text == COMMENTED.replace("0.6 #", "0.4 #").replace(
        "0.05\n", "0.05\nrerank = 40\n"
    ).replace("true\n", "true\npassage_tokens = 120\n")
    assert changes == (
        Change(table="search", name="dense_weight", before=0.6, now=0.4),
        Change(table="search", name="rerank", before=20, now=40),
        Change(table="index", name="passage_tokens", before=240, now=120),
    )


def test_a_file_that_is_not_there_is_made(tmp_path):
    path = tmp_path / "ctqa.toml"
    text, _ = written(path, None, encoder='a "b"\\c', rerank=0)
    assert text == '[index]\nencoder = "a \\"b\\"\\\\c"\n\n[search]\nrerank = 0\n'
    assert [entry.name for entry in tmp_path.iterdir()] == ["ctqa.toml"]


def test_what_holds_already_is_not_written(tmp_path):
    path = tmp_path / "ctqa.toml"
    assert written(path, COMMENTED, dense_weight=0.6, rerank=20) == (COMMENTED, ())
    assert write_settings(tmp_path / "none.toml", {"rerank": 20}) == ()
    assert not (tmp_path / "none.toml").exists()
    base = Config(index=IndexConfig(passage_tokens=120))
    assert write_settings(tmp_path / "none.toml", {"passage_tokens": 120}, base) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "search.rerank = 3\n",
        "search = {rerank = 3}\n",
        "[index]\nencoder = 'x'\n\n# end",
        "[search]\r\nrerank = 3 # old\r\n",
    ],
)
@given(weight=st.floats(0, 1), rerank=st.integers(0, 1000), encoder=st.text(max_size=20))
def test_however_a_file_is_written_it_is_read_back_as_meant(
    tmp_path_factory, text, weight, rerank, encoder
):
    path = tmp_path_factory.mktemp("toml") / "ctqa.toml"
    path.write_bytes(text.encode())
    write_settings(path, {"dense_weight": weight, "rerank": rerank, "encoder": encoder})
    found = load_config(path)
    assert found.search == SearchConfig(dense_weight=weight, rerank=rerank)
    assert found.index.encoder == encoder
    assert b"\r\n" not in path.read_bytes().replace(b"\r\n", b"") or "\r" not in text


def test_line_ends_permissions_and_links_stay(tmp_path):
    path = tmp_path / "real.toml"
    path.write_bytes(b"[search]\r\nrerank = 3 # old\r\n")
    path.chmod(0o640)
    link = tmp_path / "ctqa.toml"
    link.symlink_to(path)
    write_settings(link, {"rerank": 5, "dense_weight": 0.5})
    assert path.read_bytes() == b"[search]\r\nrerank = 5 # old\r\ndense_weight = 0.5\r\n"
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("text", ["[serch]\n", "search = 3\n", "rerank = \n", "[search]\nx = 1\n"])
def test_a_file_that_cannot_be_used_is_left_as_it_is(tmp_path, text):
    path = tmp_path / "ctqa.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"ctqa\.toml"):
        write_settings(path, {"rerank": 5})
    assert path.read_text() == text


def test_a_value_that_cannot_be_is_not_written(tmp_path):
    path = tmp_path / "ctqa.toml"
    path.write_text(COMMENTED)
    with pytest.raises(ConfigError, match="dense_weight = 3"):
        write_settings(path, {"dense_weight": 3})
    assert path.read_text() == COMMENTED
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_where_nothing_can_be_written_it_says_what_to_put_in_by_hand(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigError, match=r"by hand: \[search\] rerank = 5"):
        write_settings(tmp_path / "ctqa.toml", {"rerank": 5})


def test_a_folder_that_is_not_there_is_told_of(tmp_path):
    with pytest.raises(ConfigError, match=r"cannot be written .* by hand: \[search\] rerank = 5"):
        write_settings(tmp_path / "none" / "ctqa.toml", {"rerank": 5})
