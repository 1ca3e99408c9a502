"""The page in a browser: ask, and see each answer marked inside its passage."""

from ctqa.ui.server import serve

__all__ = ["serve"]
