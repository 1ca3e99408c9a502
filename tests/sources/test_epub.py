import pytest
from sources.archives import make_epub, zipped

from ctqa.errors import SourceError
from ctqa.sources.epub import load_epub

META = (
    "<dc:title>The garden</dc:title><dc:creator>Ann Lee</dc:creator><dc:creator>Bo Ray</dc:creator>"
    "<dc:date>2019-05-01</dc:date>"
)


def test_a_page_is_a_file_of_the_reading_order() -> None:
    texts = {
        "one.xhtml": "<h1>Spring</h1><p>Seeds are sown.</p>",
        "two.xhtml": "<h1>Summer</h1><h2>June</h2><p>Roses open.</p>",
    }
    loaded = load_epub(make_epub(texts, meta=META))
    (content,) = loaded.contents
    assert (loaded.reason, content.title, content.author, content.year) == (
        *("", "The garden"),
        *("Ann Lee, Bo Ray", "2019"),
    )
    pages = [content.text[page.start : page.end] for page in content.pages]
    assert [page.split("\n")[0] for page in pages] == ["Spring", "Summer"]
    assert [section.path for section in content.sections] == [
        *(("Spring",), ("Summer",)),
        ("Summer", "June"),
    ]


def test_missing_texts_are_told() -> None:
    loaded = load_epub(make_epub({"one.xhtml": "<p>Words.</p>", "two.xhtml": "missing"}))
    assert loaded.reason == "1 files of its text are missing"
    assert loaded.contents[0].text == "Words."


def test_a_protected_book_is_told_to_be_so() -> None:
    hidden = (
        '<encryption xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>'
        '<enc:CipherData><enc:CipherReference URI="{uri}"/></enc:CipherData></enc:EncryptedData>'
        "</encryption>"
    )
    texts = {"one.xhtml": "<p>Words.</p>"}

    def with_hidden(uri: str) -> bytes:
        return make_epub(texts, extra={"META-INF/encryption.xml": hidden.format(uri=uri)})

    assert load_epub(with_hidden("OPS/one.xhtml")).state == "encrypted"
    assert load_epub(with_hidden("OPS/fonts/a.otf")).state == "read"


@pytest.mark.parametrize("parts", [{"a.txt": "x"}, {"META-INF/container.xml": "<container/>"}])
def test_another_archive_is_no_book(parts: dict[str, str]) -> None:
    with pytest.raises(SourceError):
        load_epub(zipped(parts))
