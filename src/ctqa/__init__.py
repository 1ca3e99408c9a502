"""CTQA answers questions from your own documents, in the documents' own words."""

from typing import TYPE_CHECKING

from ctqa.lazily import names_of

if TYPE_CHECKING:
    from ctqa.answering.qa import QA
    from ctqa.api import build, calibrate, compare, evaluate, load
    from ctqa.config import Config, IndexConfig, SearchConfig, load_config
    from ctqa.errors import (
        ConfigError,
        CtqaError,
        GoldError,
        IndexLoadError,
        IndexWriteError,
        ModelError,
        SourceError,
    )
    from ctqa.index.report import BuildReport, Problem
    from ctqa.records import (
        Answer,
        Calibrated,
        Document,
        Expansion,
        Filter,
        HeldBack,
        Hit,
        Page,
        Passage,
        Place,
        Reply,
        Section,
        Sentence,
        Signals,
        Source,
        Why,
    )

_HOMES = {
    "ctqa.answering.qa": ("QA",),
    "ctqa.api": ("build", "calibrate", "compare", "evaluate", "load"),
    "ctqa.config": ("Config", "IndexConfig", "SearchConfig", "load_config"),
    "ctqa.errors": (
        "ConfigError",
        "CtqaError",
        "GoldError",
        "IndexLoadError",
        "IndexWriteError",
        "ModelError",
        "SourceError",
    ),
    "ctqa.index.report": ("BuildReport", "Problem"),
    "ctqa.records": (
        "Answer",
        "Signals",
        "Place",
        "Expansion",
        "HeldBack",
        "Calibrated",
        "Document",
        "Filter",
        "Hit",
        "Page",
        "Passage",
        "Reply",
        "Section",
        "Sentence",
        "Source",
        "Why",
    ),
}

__all__ = [
    "QA",
    "Answer",
    "BuildReport",
    "Calibrated",
    "Config",
    "ConfigError",
    "CtqaError",
    "Document",
    "Expansion",
    "Filter",
    "GoldError",
    "HeldBack",
    "Hit",
    "IndexConfig",
    "IndexLoadError",
    "IndexWriteError",
    "ModelError",
    "Page",
    "Passage",
    "Place",
    "Problem",
    "Reply",
    "SearchConfig",
    "Section",
    "Sentence",
    "Signals",
    "Source",
    "SourceError",
    "Why",
    "build",
    "calibrate",
    "compare",
    "evaluate",
    "load",
    "load_config",
]

__getattr__ = names_of(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
