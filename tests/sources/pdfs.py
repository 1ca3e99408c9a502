"""Small PDFs, made when a test asks for them."""

from collections.abc import Sequence
from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import (
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
)

Bookmark = tuple[str, int, int]  # title, page index, level from 0

BROKEN = "<broken>"
PICTURE = "<picture>"
INLINE_PICTURE = "<inline picture>"
BROKEN_PART = "<broken part>"


def make_pdf(
    *pages: str,
    info: dict[str, str] | None = None,
    bookmarks: Sequence[Bookmark] = (),
    opened_by: str | None = None,
) -> bytes:
    """Write a PDF with a page for each text.

    BROKEN stands for a page that cannot be decoded, PICTURE and INLINE_PICTURE for scans;
    BROKEN_PART after a text puts a part on its page that cannot be decoded.
    """
    writer = PdfWriter()
    for text in pages:
        _add_page(writer, text)
    if info is not None:
        writer.add_metadata(info)
    above: list[IndirectObject] = []
    for title, page, level in bookmarks:
        del above[level:]
        item = writer.add_outline_item(
            title=title, page_number=page, parent=above[-1] if above else None
        )
        above.append(item)
    if opened_by is not None:
        writer.encrypt(opened_by, "owner", algorithm="RC4-128")
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def make_placed_pdf(
    *pages: Sequence[tuple[float, float, str] | tuple[float, float, str, int]],
) -> bytes:
    """Write a PDF with texts at places: points from the left and from the foot of the page.

    A number after a text is the size of its type, which is 11 without one.
    """
    writer = PdfWriter()
    for placed in pages:
        shown = "\n".join(
            f"/F1 {size[0] if size else 11} Tf 1 0 0 1 {x} {y} Tm ({text}) Tj"
            for x, y, text, *size in placed
        )
        _add_page(writer, "", f"BT {shown} ET".encode("latin-1"))
    buffer = BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _add_page(writer: PdfWriter, text: str, drawn: bytes | None = None) -> None:
    page = writer.add_blank_page(612, 792)
    font = _named(Type="/Font", Subtype="/Type1", BaseFont="/Helvetica")
    resources = DictionaryObject({NameObject("/Font"): _entry("/F1", font)})
    if text == PICTURE:
        resources[NameObject("/XObject")] = _entry("/X0", writer._add_object(_picture()))
    if text.endswith(BROKEN_PART):
        resources[NameObject("/XObject")] = _entry("/X0", writer._add_object(_broken_form(font)))
    page[NameObject("/Resources")] = resources
    content = DecodedStreamObject()
    shown = _shown(text.removesuffix(BROKEN_PART).removesuffix(PICTURE))
    part = b" q 500 0 0 600 50 50 cm /X0 Do Q" if text == PICTURE else b" /X0 Do"
    content.set_data(shown + (part if "/XObject" in resources else b""))
    if drawn is not None:
        content.set_data(drawn)
    if text == INLINE_PICTURE:
        content.set_data(b"q 500 0 0 600 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI Q")
    if text == BROKEN:
        content.set_data(b"nothing that can be read")
        content[NameObject("/Filter")] = NameObject("/NoSuchDecode")
    page[NameObject("/Contents")] = writer._add_object(content)


def _shown(text: str) -> bytes:
    lines = [
        line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        for line in text.split("\n")
    ]
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    return f"BT /F1 12 Tf 14 TL 72 720 Td {shown} ET".encode("latin-1")


def _broken_form(font: DictionaryObject) -> DecodedStreamObject:
    form = DecodedStreamObject()
    form.set_data(b"q Q")
    form.update(_named(Type="/XObject", Subtype="/Form", Filter="/NoSuchDecode"))
    form[NameObject("/Resources")] = _entry("/Font", _entry("/F1", font))
    return form


def _picture() -> DecodedStreamObject:
    picture = DecodedStreamObject()
    picture.set_data(b"\x00")
    picture.update(_named(Type="/XObject", Subtype="/Image", ColorSpace="/DeviceGray"))
    for key in ("/Width", "/Height"):
        picture[NameObject(key)] = NumberObject(1)
    picture[NameObject("/BitsPerComponent")] = NumberObject(8)
    return picture


def _named(**entries: str) -> DictionaryObject:
    return DictionaryObject(
        {NameObject(f"/{key}"): NameObject(value) for key, value in entries.items()}
    )


def _entry(key: str, value: object) -> DictionaryObject:
    return DictionaryObject({NameObject(key): value})
