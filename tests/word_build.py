"""The page's build process with the word encoder: `python word_build.py [slow|crash]`."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from encoders import WordEncoder

from ctqa import api
from ctqa.index.build import Progress, build_index
from ctqa.index.report import BuildReport
from ctqa.models import Vectors
from ctqa.sources import collect
from ctqa.ui import build_child


class SlowEncoder(WordEncoder):
    """Comes to no end."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        time.sleep(600)
        return super().encode_passages(texts)


def build(paths: list[Path] | None, index: Path, progress: Progress) -> BuildReport:
    how = sys.argv[1:]
    if how == ["crash"]:
        os._exit(7)
    print("what a library prints is no answer")  # noqa: T201
    return build_index(
        collect(api.roots_of(index) if paths is None else paths, without=index),
        index,
        encoder=SlowEncoder() if how == ["slow"] else WordEncoder(),
        config=api.settings_of(index),
        progress=progress,
    )


if __name__ == "__main__":
    build_child.main(build)
