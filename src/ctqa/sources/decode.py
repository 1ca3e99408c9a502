"""Bytes -> text, as it can be stored and sliced safely."""

import codecs
import re

from ctqa.errors import SourceError
from ctqa.text import squeeze

_BOMS = (  # UTF-32 first: its mark begins with the mark of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    (b"%PDF-", "a PDF; give it the suffix .pdf"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
)
_CONTROL = bytes(set(range(32)) - set(b"\b\t\n\v\f\r\x1b")) + b"\x7f"
_MOST_CONTROL = 0.02  # of all bytes; compressed or random bytes have some 0.10
_MOST_LOST = 0.02  # of all characters that could not be decoded

_HIGH = re.compile(rb"[\x80-\xff]")
_SAMPLE_BYTES = 65_536  # what an encoding is guessed from
_LINE_BYTES = 1_000  # of a line, before and after its first byte outside ASCII
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# What Windows-1252 makes of other encodings and its own languages do not write: a capital after
# a small letter (nÕt), a sign within a word (rodz¹c), and three such letters in a row.
_UNLIKELY = re.compile(
    r"(?<=[a-zà-öø-ÿšœž])[À-ÖØ-ÞŠŒŽŸ]"
    r"|(?<=[^\W\d_])[¡-©«¬¯-´¶¸¹»-¿×÷‚ƒ„†‡ˆ‰‹›˜](?=[^\W\d_])"
    r"|[À-ÖØ-öø-ÿŠŒŽŸšœž]{3,}"
)
_MOST_UNLIKELY = 0.05  # of all characters outside ASCII
# The encodings in wide use; Windows-1252 is ruled out when they are asked about.
_OTHERS = (
    *("cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874"),
    *("iso8859_2", "iso8859_5", "iso8859_7", "koi8_r", "koi8_u", "mac_roman", "cp850", "cp852"),
    *("cp866", "cp932", "euc_jp", "gb18030", "big5hkscs", "cp949"),
)

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u2028\u2029\ufeff\ufffd]")
_TITLE_CHARS = 300


def decode(data: bytes) -> str:
    """Decode the bytes of a text file and `clean` the result.

    A byte order mark decides and is dropped; then UTF-8 is tried, then Windows-1252 where its
    result looks like the Western languages it is for, then what charset-normalizer makes of the
    first lines outside ASCII. A byte that is none of the encoding's becomes U+FFFD.

    Raises:
        SourceError: this is no text; the message says in plain words what it seems to be.

    """
    refuse_binary(data)
    text = _decoded(data)
    lost = text.count("\ufffd") + text.count("\x00")
    if lost > max(2, _MOST_LOST * len(text)):
        raise SourceError("not text: its characters cannot be made out in any known encoding")
    return clean(text)


def refuse_binary(data: bytes) -> None:
    """Refuse bytes that are no text in any encoding; the first of a file's will do.

    Raises:
        SourceError: the message says in plain words what they seem to be.

    """
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise SourceError(f"not text: it looks like {what}")
    if _is_marked(data) or _utf16_without_mark(data) is not None:
        return
    control = len(data) - len(data.translate(None, _CONTROL))
    if control > max(2, _MOST_CONTROL * len(data)):
        raise SourceError("not text: it looks like binary data")


def clean(text: str) -> str:
    r"""Make a text safe to store and to slice; nothing else in it changes.

    NUL and lone surrogates become U+FFFD, one for one; the line ends "\r\n" and "\r" become "\n".
    """
    return _UNSTORABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def tidy(text: str) -> str:
    """Make a title or a name fit to be shown on one line, of at most 300 characters."""
    line = squeeze(_UNPRINTABLE.sub(" ", _UNSTORABLE.sub(" ", text)))
    return line if len(line) <= _TITLE_CHARS else line[: _TITLE_CHARS - 1].rstrip() + "…"


def _is_marked(data: bytes) -> bool:
    return any(data.startswith(mark) for mark, _ in _BOMS)


def _decoded(data: bytes) -> str:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    utf16 = _utf16_without_mark(data)
    if utf16 is not None:
        return data.decode(utf16, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    return data.decode(_guess(_lines_outside_ascii(data)), "replace")


def _utf16_without_mark(data: bytes) -> str | None:
    """Recognise UTF-16 by the zero bytes that every second byte of Western text then is."""
    sample = data[:_SAMPLE_BYTES]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) < 0.4 * (len(sample) / 2) or min(even, odd) > 0.05 * max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _guess(sample: bytes) -> str:
    if _is_damaged_utf8(sample):
        return "utf-8"
    if _is_western(sample):
        return "cp1252"
    from charset_normalizer import from_bytes  # noqa: PLC0415 -- 50 ms that few files need

    best = from_bytes(sample, cp_isolation=list(_OTHERS)).best()
    return "cp1252" if best is None else best.encoding


def _is_damaged_utf8(sample: bytes) -> bool:
    """Tell damaged UTF-8 from another encoding: ten characters made out for each one lost."""
    text = sample.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    return len(_NOT_ASCII.findall(text)) - lost >= 10 * lost


def _is_western(sample: bytes) -> bool:
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        return False
    return len(_UNLIKELY.findall(text)) <= _MOST_UNLIKELY * len(_NOT_ASCII.findall(text))


def _lines_outside_ascii(data: bytes) -> bytes:
    """Take the first lines that hold a byte outside ASCII, shortened to what surrounds it."""
    lines: list[bytes] = []
    room = _SAMPLE_BYTES
    match = _HIGH.search(data)
    while match is not None and room > 0:
        at = match.start()
        start = max(data.rfind(b"\n", 0, at) + 1, at - _LINE_BYTES)
        line_end = data.find(b"\n", at)
        end = min(at + _LINE_BYTES, len(data) if line_end < 0 else line_end)
        lines.append(data[start:end])
        room -= end - start + 1
        match = _HIGH.search(data, end)
    return b"\n".join(lines)
