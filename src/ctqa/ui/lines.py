"""What stands in a line of text: how a document is named, and the beginning of what is long."""

import re
from pathlib import PureWindowsPath

from ctqa.records import Source
from ctqa.text import squeeze

_WEB = re.compile(r"https?://", re.IGNORECASE)


def title_of(source: Source) -> str:
    """Name a document by its title, else by its file."""
    return file_of(source) if source.title == "" else source.title


def file_of(source: Source) -> str:
    """Name the document within its folder; behind the name of the file that holds several."""
    name = PureWindowsPath(source.path).name  # understands both slashes
    return source.id if source.id.endswith(name) else f"{name}, {source.id}"


def is_on_the_web(source: Source) -> bool:
    """Tell whether a document's address may be made a link."""
    return _WEB.match(source.url) is not None


def short(text: str, most: int) -> str:
    """Give a text on one line, and of a long one the words that stand within its beginning."""
    line = squeeze(text)
    if len(line) <= most:
        return line
    begun = line[:most]
    whole_words = begun.rpartition(" ")[0]
    return f"{begun if whole_words == '' else whole_words}…"
