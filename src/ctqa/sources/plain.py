"""Plain text -> content."""

from ctqa.sources.content import Content, Loaded, paged, title_within
from ctqa.sources.decode import decode
from ctqa.text import outline


def load_plain(data: bytes) -> Loaded:
    """Read a plain text; form feeds part its pages.

    Raises:
        SourceError: the bytes are no text.

    """
    text = decode(data)
    sections = outline(text)
    title = title_within(text, sections)
    content = Content(text=text, pages=paged(text), sections=sections, title=title)
    return Loaded(contents=(content,))
