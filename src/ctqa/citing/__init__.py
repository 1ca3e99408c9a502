"""Citing documents, and telling which are newer editions of which."""

from ctqa.citing.cite import (
    STYLES,
    Cited,
    Style,
    as_text,
    bibliography,
    cite,
    cite_replies,
    cite_sources,
)
from ctqa.citing.editions import family_of, newer_editions

__all__ = [
    "STYLES",
    "Cited",
    "Style",
    "as_text",
    "bibliography",
    "cite",
    "cite_replies",
    "cite_sources",
    "family_of",
    "newer_editions",
]
