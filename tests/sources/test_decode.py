import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.errors import SourceError
from ctqa.sources.decode import clean, decode, tidy

ENGLISH = "The green paper says: “We do not want to impose solutions.” It cost £5m – café’s tab."
TEXTS = {
    "cp1251": "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    "koi8_r": "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    "cp1253": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια.",
    "shift_jis": "すべての人間は、生まれながらにして自由であり、尊厳と権利とについて平等である。",
    "gbk": "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。",
    "mac_roman": ENGLISH,
    "cp1252": ENGLISH,
    "iso8859_2": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i praw.",
}


@pytest.mark.parametrize("encoding", TEXTS)
@pytest.mark.parametrize("times", [1, 50])
def test_encodings_are_told_apart(encoding: str, times: int) -> None:
    text = (TEXTS[encoding] + "\n") * times

    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("text", ["£5", "café", "Don’t", "Die Würde des Menschen. Größe", "Où ?"])
def test_short_western_texts_are_windows_1252(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_byte_order_mark_decides_and_is_dropped(mark: bytes, encoding: str) -> None:
    assert decode(mark + ENGLISH.encode(encoding)) == ENGLISH
    assert decode(mark) == ""


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_recognised(encoding: str) -> None:
    assert decode(ENGLISH.encode(encoding)) == ENGLISH


def test_one_bad_byte_spoils_itself_only() -> None:
    good = "Pflegekräfte – für alle. " * 20
    data = good.encode() + b"\xff" + good.encode()

    assert decode(data) == good + "\ufffd" + good


def test_lines_after_the_first_bad_one_tell_the_encoding_too() -> None:
    good = "Pflegekräfte – für alle.\n" * 20

    assert decode(b"caf\xe9\n" + good.encode()) == "caf\ufffd\n" + good


def test_a_late_byte_outside_ascii_is_decoded() -> None:
    data = b"plain words\n" * 20_000 + "café".encode("cp1252")

    assert decode(data).endswith("plain words\ncafé")


def test_one_endless_line_is_decoded() -> None:
    assert decode(b"word " * 100_000 + b"\xe9" + b" word" * 100_000).count("é") == 1


def test_line_ends_are_unified_and_nothing_else() -> None:
    assert decode(b"a\r\nb\rc\n\r\n  d\t\x0be\x0c\xc2\xa0f") == "a\nb\nc\n\n  d\t\x0be\x0c\xa0f"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"%PDF-1.4 ...", "looks like a PDF; give it the suffix .pdf"),
        (b"PK\x03\x04rest", "ZIP archive or an Office document"),
        (bytes(range(256)) * 4, "binary data"),
        (b"\x00" * 100, "binary data"),
        (b"\xff\xfe" + b"\x00\xd8" * 50, "cannot be made out"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=f"not text: .*{reason}"):
        decode(data)


@given(st.binary(max_size=400))
def test_all_bytes_become_storable_text_or_are_refused(data: bytes) -> None:
    try:
        text = decode(data)
    except SourceError:
        return
    text.encode("utf-8")
    assert "\x00" not in text
    assert "\r" not in text


PRINTABLE = st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffd")


@given(st.text(PRINTABLE))
def test_utf8_comes_out_as_it_went_in(text: str) -> None:
    assert decode(f"Text: {text}\n".encode()) == f"Text: {text}\n"


@given(st.text(st.characters(), max_size=50))
def test_clean_keeps_every_place_but_line_ends(text: str) -> None:
    cleaned = clean(text)

    cleaned.encode("utf-8")
    assert clean(cleaned) == cleaned
    if "\r" not in text:
        assert len(cleaned) == len(text)
        kept = [old == new for old, new in zip(text, cleaned, strict=True) if new != "\ufffd"]
        assert all(kept)


def test_clean_replaces_one_for_one() -> None:
    assert clean("a\x00b\ud800\udc00c\r\n\rd") == "a\ufffdb\ufffd\ufffdc\n\nd"


def test_titles_are_made_fit_for_one_line() -> None:
    assert tidy(" A\n title\u2028with\x07signs \ud800 ") == "A title with signs"
    assert tidy("x" * 301) == "x" * 299 + "…"
    assert tidy("x" * 300) == "x" * 300
