"""Gradio imported without what a page does not need."""

import subprocess
import sys

CHECKS = """
import sys
from ctqa.ui.sparing import sparing
with sparing():
    import gradio
from gradio import component_meta
assert component_meta.create_or_modify_pyi(gradio.HTML, "HTML", []) is None
assert component_meta.create_or_modify_pyi.__module__ == "ctqa.ui.sparing"
assert "mcp" not in sys.modules
import mcp.server  # is there again for who needs it
with gradio.Blocks() as page:
    gradio.Button("Ask").click(lambda: "answer", outputs=gradio.HTML())
assert len(page.fns) == 1
assert page.get_config_file()["dependencies"][0]["targets"][0][1] == "click"
"""

LOADED_BEFORE = """
import sys
import mcp
from ctqa.ui.sparing import sparing
with sparing():
    assert sys.modules["mcp"] is mcp
assert sys.modules["mcp"] is mcp
assert not any(type(finder).__module__ == "ctqa.ui.sparing" for finder in sys.meta_path)
"""


def run(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_gradio_works_without_stubs_and_without_what_its_page_does_not_serve() -> None:
    run(CHECKS)


def test_what_was_loaded_before_stays() -> None:
    run(LOADED_BEFORE)
