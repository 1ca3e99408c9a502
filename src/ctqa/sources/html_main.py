"""Which blocks of a web page are its text, and which its menus, notices and related links."""

import logging
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate
from typing import Any

import trafilatura
from lxml import etree

from ctqa.sources.archive import DAMAGE
from ctqa.sources.html_blocks import HtmlBlock, words_of

_WORD = re.compile(r"\w+")
_RUN = 4  # words in a row that tell a block from another
_SHARE = 0.6  # of a block's runs that stand in what trafilatura extracted
_LINKED = 0.5  # of a block's characters in links, from which on it only points elsewhere
_PROSE_WORDS = 25  # outside the margins, too long to be a menu or a label
_LEAST_WORDS = 50
_LEAST_SHARE = 0.25  # of the words outside the margins; less, and the extraction is not relied on
_DEEPEST = 300  # elements within each other; trafilatura's time grows with their square


def asides_of(tree: Any, blocks: Sequence[HtmlBlock]) -> frozenset[int]:
    """Give the positions of the blocks that are no part of a page's text.

    A block is text if its words stand in what trafilatura extracts, which leans towards taking
    too much. Of the rest, only what is marked as a margin, consists of links, or stands before
    or after all the text in less than a few lines is set aside. Menus always are, unless the page
    holds hardly anything else.
    """
    outside = [block for block in blocks if not block.place]
    menus = frozenset(at for at, block in enumerate(blocks) if block.place == "menu")
    if words_of(outside) < _LEAST_WORDS:
        return frozenset()
    extracted = _extracted(tree)
    if len(_words(extracted)) < max(_LEAST_WORDS, _LEAST_SHARE * words_of(outside)):
        return menus
    runs, lines = _runs_and_lines(extracted)
    is_text = [_stands_in(block, runs, lines) for block in blocks]
    found = [at for at, text in enumerate(is_text) if text and at not in menus]
    if not found:
        return menus
    first, last = found[0], found[-1]
    beside = {
        at
        for at, block in enumerate(blocks)
        if not is_text[at] and _is_aside(block, within=first <= at <= last)
    }
    return menus.union(beside).difference(_heads_of_text(blocks, menus | beside))


def _heads_of_text(blocks: Sequence[HtmlBlock], asides: Collection[int]) -> Iterator[int]:
    """Give the headings after which text follows; a heading goes where its text goes."""
    text_follows = False
    for at in reversed(range(len(blocks))):
        if blocks[at].kind != "heading" or blocks[at].place == "menu":
            text_follows = at not in asides
        elif text_follows:
            yield at


@contextmanager
def quiet_trafilatura() -> Iterator[None]:
    """Keep what trafilatura and htmldate log off the terminal."""
    loggers = [logging.getLogger(name) for name in ("trafilatura", "htmldate")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _is_aside(block: HtmlBlock, *, within: bool) -> bool:
    """Judge a block that trafilatura left out."""
    if block.place or block.linked > _LINKED:
        return True
    if block.kind == "heading" and block.level == 1:
        return False
    return not within and len(block.text.split()) < _PROSE_WORDS


def _extracted(tree: Any) -> str:
    """Give what trafilatura takes for the text of a page, "" where it fails or would take long."""
    if _depth(tree) > _DEEPEST:
        return ""
    with quiet_trafilatura():
        try:
            text = trafilatura.extract(tree, favor_recall=True, include_comments=False)
        except DAMAGE:
            return ""
    return "" if text is None else str(text)


def _depth(tree: Any) -> int:
    events = (event for event, _ in etree.iterwalk(tree, events=("start", "end")))
    return max(accumulate(1 if event == "start" else -1 for event in events))


def _runs_and_lines(text: str) -> tuple[frozenset[tuple[str, ...]], frozenset[tuple[str, ...]]]:
    words = _words(text)
    lines = frozenset(tuple(_words(line)) for line in text.splitlines())
    return frozenset(_runs(words)), lines


def _stands_in(
    block: HtmlBlock,
    runs: frozenset[tuple[str, ...]],
    lines: frozenset[tuple[str, ...]],
) -> bool:
    words = _words(block.text)
    if len(words) < _RUN:
        return tuple(words) in lines
    own = _runs(words)
    return sum(run in runs for run in own) >= _SHARE * len(own)


def _runs(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
