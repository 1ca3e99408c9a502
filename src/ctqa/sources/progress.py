"""Tell whoever watches the reading which page is being read."""

from collections.abc import Callable

on_page: Callable[[int], None] | None = None


def begun(page: int) -> None:
    """Say that a page, from 1, is about to be read."""
    if on_page is not None:
        on_page(page)
