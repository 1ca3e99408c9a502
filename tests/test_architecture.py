"""The rules of the house: who imports whom, where heavy libraries live, what is public."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from library import write_texts

import ctqa
import ctqa.sources

PACKAGE = Path(ctqa.__file__).parent
# A module imports only from rooms that stand before its own.
ROOMS = (
    *(
        "lazily",
        "errors",
        "records",
        "config",
        "writing",
        "config_file",
        "tables",
        "text",
        "leads",
        "citing",
        "sources",
        "models",
        "index",
        "answering",
    ),
    *("evaluation", "api", "tuning", "library", "watching", "bars", "lines"),
    *("show", "show_index", "show_gold", "show_evaluation", "show_tuning"),
    *("listening", "door_forms", "doors", "mcp", "ui"),
    *("options_evaluation", "options", "configuring", "terminal"),
    *("asking", "upkeep", "measuring", "gold_work", "cli", "__main__"),
)
QDRANT = (
    *("cluster", "generation", "marker", "opened", "parcel", "store", "where", "writing"),
    "checking",
)
HOMES = {
    "faiss": {"index/dense.py", "index/dense_segment.py"},
    "tantivy": {"index/lexical.py"},
    "sqlite3": {
        "index/sealed.py",
        "index/schema.py",
        "index/repair.py",
        "index/verify_sqlite.py",
        "index/writer.py",
    },
    "ray": {"index/ray_connection.py", "index/ray_tasks.py", "index/ray_trouble.py"},
    "qdrant_client": {f"index/qdrant/{name}.py" for name in QDRANT},
    "watchfiles": {"watching.py"},
    "gradio": {"ui"},
    "fastapi": {"ui"},
    "starlette": {"ui"},
    "uvicorn": {"ui", "mcp.py"},
    "mcp": {"mcp.py"},
    "mcp_types": {"mcp.py"},
    "anyio": {"ui", "mcp.py"},
    "pydantic": {"doors.py", "mcp.py"},
    "torch": {"models"},
    "transformers": {"models"},
    "sentence_transformers": {"models"},
    "onnx": {"models"},
    "onnxruntime": {"models"},
    "tokenizers": {"models"},
    "huggingface_hub": {"models"},
    "pypdf": {"sources"},
    "pypdfium2": {"sources"},
    "docx": {"sources", "ui/pack_docx.py"},
    "pptx": {"sources"},
    "openpyxl": {"sources", "evaluation/gold/xlsx.py"},
    "lxml": {"sources"},
    "trafilatura": {"sources"},
    "msoffcrypto": {"sources"},
    "rapidocr": {"sources/ocr.py"},
    "markdown_it": {"sources/markdown.py"},
    "sentencex": {"text.py"},
    "symspellpy": {"index/english.py"},
    "ir_measures": {"evaluation"},
    "tomlkit": {"config_file.py"},
    "plotly": {"evaluation/html_report/drawing.py"},
    "jinja2": {"evaluation/html_report/page.py"},
}
# What no daily command needs, each a second or hundreds of megabytes; that they do not is measured.
UNUSED = {
    *("torch", "transformers", "sentence_transformers", "huggingface_hub", "gradio", "fastapi"),
    *(
        "onnx",
        "scipy",
        "sklearn",
        "pandas",
        "matplotlib",
        "plotly",
        "ir_measures",
        "openpyxl",
        "jinja2",
    ),
}
HEAVY = (*tuple(HOMES.keys() - {"sqlite3"}), "numpy")
MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))


def imports(module: str) -> Iterator[str]:
    """Give the dotted names that a module imports, at any depth of it."""
    for node in ast.walk(ast.parse((PACKAGE / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            if node.module == "ctqa":
                yield from (f"ctqa.{alias.name}" for alias in node.names)


def room(module: str) -> str:
    return module.split("/", maxsplit=1)[0].removesuffix(".py")


@pytest.mark.parametrize("module", [name for name in MODULES if name != "__init__.py"])
def test_a_module_imports_only_from_rooms_before_its_own(module: str) -> None:
    allowed = ROOMS[: ROOMS.index(room(module)) + 1]
    for name in imports(module):
        if name.startswith("ctqa."):
            assert name.split(".")[1] in allowed, f"{module} imports {name}"


@pytest.mark.parametrize("module", MODULES)
def test_heavy_libraries_stay_in_their_homes(module: str) -> None:
    for name in imports(module):
        homes = HOMES.get(name.split(".")[0])
        if homes is not None:
            assert {module, module.split("/", maxsplit=1)[0]} & homes, f"{module} imports {name}"


@pytest.mark.parametrize("code", ["import ctqa", "from ctqa.cli import main; main(['--help'])"])
def test_importing_and_asking_for_help_loads_nothing_heavy(code: str) -> None:
    script = (
        f"import sys\ntry:\n    exec({code!r})\nexcept SystemExit:\n    pass\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


def loaded_by(*arguments: str, given: str = "") -> set[str]:
    """Run a command in a process of its own; give what it has imported at its end."""
    script = (
        "import sys\nfrom ctqa.cli import main\nmain(sys.argv[1:])\n"
        "print(*(name for name in sys.modules if '.' not in name), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.model
def test_the_daily_commands_load_nothing_that_they_do_not_use(tmp_path: Path) -> None:
    write_texts(tmp_path / "documents")
    index = ("--index", str(tmp_path / "index"), "--quiet")
    question = "How deep is Wastwater?"
    loaded = {
        "build": loaded_by("build", str(tmp_path / "documents"), *index),
        "status": loaded_by("status", *index),
        "verify": loaded_by("verify", *index),
        "ask": loaded_by("ask", question, *index),
        "ask plainly": loaded_by("ask", question, "--set", "rerank=0", *index),
        "search": loaded_by("search", question, *index),
        "mcp": loaded_by("mcp", *index, given=asking_by_mcp(question)),
    }
    for name in loaded.keys() - {"status"}:
        assert "onnxruntime" in loaded[name], name  # the models were used
    assert {name: found & UNUSED for name, found in loaded.items() if found & UNUSED} == {}


def asking_by_mcp(question: str) -> str:
    """Give what a client sends that asks one question."""
    client = {"name": "test", "version": "0"}
    about = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
    call = {"name": "ask", "arguments": {"question": question}}
    return "".join(
        json.dumps({"jsonrpc": "2.0"} | message) + "\n"
        for message in (
            {"id": 1, "method": "initialize", "params": about},
            {"method": "notifications/initialized"},
            {"id": 2, "method": "tools/call", "params": call},
        )
    )


def test_all_names_what_is_exported_and_nothing_else() -> None:
    assert sorted(ctqa.__all__) == sorted(name for names in ctqa._HOMES.values() for name in names)
    for name in ctqa.__all__:
        assert getattr(ctqa, name).__module__.startswith("ctqa.")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = ctqa.nothing  # type: ignore[attr-defined]


def test_packages_give_all_the_names_that_they_tell_of() -> None:
    for package in (ctqa, ctqa.sources):
        assert all(getattr(package, name) for name in package.__all__)
        with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute"):
            _ = package.nothing


def test_no_pickle_anywhere() -> None:
    assert not [m for m in MODULES if {"pickle", "shelve", "marshal"} & set(imports(m))]
