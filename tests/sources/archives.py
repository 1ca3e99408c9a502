"""Small ZIP-based documents, made when a test asks for them."""

from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

ODT_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{path}:1.0"'
    for name, path in (
        ("office", "office"),
        ("text", "text"),
        ("table", "table"),
        ("style", "style"),
        ("draw", "drawing"),
        ("meta", "meta"),
        ("fo", "xsl-fo-compatible"),
    )
)
CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf"/></rootfiles></container>'
)


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """Put parts into a ZIP archive."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def make_odt(body: str, *, styles: str = "", meta: str = "") -> bytes:
    """Make an ODT of what stands in its office:text."""
    content = (
        f"<office:document-content {ODT_NAMES}><office:automatic-styles>{styles}"
        f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>"
    )
    about = (
        f'<office:document-meta {ODT_NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<office:meta>{meta}</office:meta></office:document-meta>"
    )
    return zipped({"content.xml": content, "meta.xml": about})


def make_epub(texts: Mapping[str, str], *, meta: str = "", extra: Mapping[str, str] = {}) -> bytes:
    """Make a book of XHTML bodies by file name, in reading order."""
    items = "".join(
        f'<item id="t{n}" href="{name}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(texts)
    )
    order = "".join(f'<itemref idref="t{n}"/>' for n in range(len(texts)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<metadata>{meta}</metadata><manifest>{items}</manifest><spine>{order}</spine></package>"
    )
    pages = {
        f"OPS/{name}": f"<html><body>{body}</body></html>"
        for name, body in texts.items()
        if body != "missing"
    }
    return zipped({"META-INF/container.xml": CONTAINER, "OPS/book.opf": package, **pages, **extra})
