"""Gradio imported without what a page does not need, which is half of what importing it costs.

Each of its components parses its own source, renders a stub for editors from it, and writes that
beside the source, into the folder where Gradio is installed. And where the library of the Model
Context Protocol is installed, Gradio loads it, for a server that the page does not run; without it
Gradio does as well.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

_MODULE, _MAKES_STUBS = "gradio.component_meta", "create_or_modify_pyi"
_PROTOCOL = "mcp"


@contextmanager
def sparing() -> Iterator[None]:
    """Let Gradio, if it is imported in this block for the first time, do without these."""
    finder = _Finder()
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]
    hidden = modules.setdefault(_PROTOCOL, None) is None  # to import it is then an ImportError
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        if hidden:
            del modules[_PROTOCOL]


class _Finder(MetaPathFinder):
    """Finds the one module of Gradio's that makes stubs."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Give the module as it is, but for what loads it; None for any other."""
        if fullname != _MODULE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        """Run the module, and take away what makes stubs, if it still has that."""
        super().exec_module(module)
        if hasattr(module, _MAKES_STUBS):
            setattr(module, _MAKES_STUBS, _make_none)


def _make_none(*_: object) -> None:
    """Make no stub."""
