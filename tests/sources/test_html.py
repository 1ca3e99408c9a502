from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ctqa.errors import SourceError
from ctqa.sources.content import Content, Loaded
from ctqa.sources.html import load_html

PROSE = (
    "The trust will open twelve more beds on the north wing before the winter, and the staff who"
    " care for them are to be hired by the end of September at the latest, the board decided."
)


def content_of(markup: str) -> Content:
    (content,) = load_html(markup.encode()).contents
    return content


def said(content: Content) -> list[tuple[str, str]]:
    return [(block.kind, content.text[block.start : block.end]) for block in content.blocks]


def blocks_of(markup: str) -> list[tuple[str, str]]:
    return said(content_of(markup))


def texts_of(markup: str) -> list[str]:
    return [text for _, text in blocks_of(markup)]


def asides_of(markup: str) -> list[str]:
    content = content_of(markup)
    return [content.text[span.start : span.end] for span in content.asides]


def test_headings_paragraphs_and_lists_in_document_order() -> None:
    markup = (
        "<h1>Care</h1>Loose text<p>A <b>bold</b>\n  word<span>s</span>.<br>Next line.</p>"
        "<ul><li>beds<ol start=4><li>hard<li value=9>soft</ol></li><li><p>staff</p><p>more</p></li>"
        '</ul><ol type="a"><li>x<li>y</ol><h2>Money</h2><dl><dt>Term<dd>Meaning</dl>'
    )
    assert blocks_of(markup) == [
        ("heading", "Care"),
        ("sentence", "Loose text"),
        ("sentence", "A bold words.\nNext line."),
        ("item", "• beds"),
        ("item", "4. hard"),
        ("item", "9. soft"),
        ("item", "• staff"),
        ("sentence", "more"),
        ("item", "a. x"),
        ("item", "b. y"),
        ("heading", "Money"),
        ("sentence", "Term"),
        ("sentence", "Meaning"),
    ]
    assert [section.path for section in content_of(markup).sections] == [
        ("Care",),
        ("Care", "Money"),
    ]


def test_a_table_has_its_caption_heads_and_spans() -> None:
    markup = (
        "<table><caption>Beds by area</caption><tfoot><tr><td>All<td>25<td>81</tfoot>"
        "<thead><tr><th rowspan=2>Area<th colspan=2>2003<tr><th>beds<th>staff</thead>"
        "<tbody><tr><th rowspan=2>Bexley<td>12<td>40<tr><td>13<td>41</tbody></table>"
    )
    content = content_of(markup)
    assert [text for _, text in said(content)] == [
        "Beds by area",
        "Area | 2003",
        "| beds | staff",
        "Bexley | 12 | 40",
        "| 13 | 41",
        "All | 25 | 81",
    ]
    assert content.blocks[4].copy == "Area: Bexley; 2003 beds: 13; 2003 staff: 41"
    assert content.blocks[4].lead == "Beds by area"


def test_a_table_that_lays_out_a_page_is_none() -> None:
    markup = "<table><tr><td><h2>Care</h2><td><p>Beds.</p><tr><td>a<td><table></table></table>"
    assert blocks_of(markup) == [("heading", "Care"), ("sentence", "Beds."), ("sentence", "a")]


def test_what_a_browser_does_not_show_is_left_out() -> None:
    markup = (
        "<head><title>T</title><style>p{}</style></head><p>Seen."
        "<script>var a = '<p>no</p>'</script>"
        "<p hidden>no<p style='color:red; display : none'>no</p><template><p>no</template>"
        "<noscript>no</noscript><!-- no --><svg><text>no</text></svg><select><option>no</select>"
        "<dialog>no</dialog><dialog open>Asked.</dialog><img alt=no>after<textarea>no</textarea>"
        "<details><summary>More</summary>Folded.</details>"
    )
    assert texts_of(markup) == ["Seen.", "Asked.", "after", "More", "Folded."]


def test_text_after_what_is_left_out_is_kept() -> None:
    markup = "<p>a<!-- x -->b<script>x</script>c<svg></svg>d</p><table><tr><td>e</table>f"
    assert texts_of(markup) == ["abcd", "e", "f"]


def test_line_ends_are_kept_in_preformatted_text_alone() -> None:
    assert texts_of("<pre>a\n  b</pre><p>c\nd</p>") == ["a\nb", "c d"]


def test_entities_are_read() -> None:
    assert texts_of("<p>Fish &amp; chips &pound;5 &#8211; caf&eacute; &unknown;") == [
        "Fish & chips £5 – café &unknown;"
    ]


PAGE = (
    "<html><head><title>Winter beds - The Trust</title></head><body>"
    '<header><a href="/">Home</a></header>'
    '<nav><ul><li><a href="/a">About us</a></li><li><a href="/b">Contact</a></li></ul></nav>'
    '<div class="cookie-banner"><p>We use cookies to improve what you see.</p></div>'
    f"<main><h1>Winter beds</h1><p>{PROSE}</p><h2>Staff</h2><p>{PROSE.replace('beds', 'posts')}</p>"
    "<table><tr><th>Area<th>Beds<tr><td>Bexley<td>12</table>"
    "<ul><li>Ten nurses</li><li>Two doctors</li></ul></main>"
    '<aside><h2>Related</h2><a href="/c">Summer beds</a></aside>'
    "<footer><p>© The Trust</p></footer></body></html>"
)


def test_menus_notices_and_feet_are_asides_and_the_text_is_not() -> None:
    asides = asides_of(PAGE)
    assert asides == [
        "Home",
        "• About us",
        "• Contact",
        "We use cookies to improve what you see.",
        "Related",
        "Summer beds",
        "© The Trust",
    ]
    content = content_of(PAGE)
    assert [section.path for section in content.sections] == [
        ("Winter beds",),
        ("Winter beds", "Staff"),
    ]
    assert "• Ten nurses" in content.text


def test_nothing_of_a_short_page_is_an_aside() -> None:
    assert (
        asides_of("<nav><a href=x>Home</a></nav><p>Twelve beds.</p><footer>The Trust</footer>")
        == []
    )


def test_a_heading_goes_where_its_text_goes() -> None:
    page = PAGE.replace("<h1>Winter beds</h1>", "<h2>Overview</h2>")
    assert "Overview" not in asides_of(page)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<meta charset=iso-8859-1><p>café “x”".encode("cp1252"), "café “x”"),
        (
            '<meta http-equiv=a content="text/html; charset=koi8-r"><p>Привет'.encode("koi8-r"),
            "Привет",
        ),
        ("<?xml version='1.0' encoding='shift_jis'?><p>日本".encode("shift_jis"), "日本"),
        ("<p>café".encode(), "café"),
        ("<p>café".encode("utf-16"), "café"),
        ("<meta charset=utf-8><p>café".encode("cp1252"), "café"),
        ("<meta charset=rot13><p>café".encode(), "café"),
        (b"<meta charset=unicode_escape><p>\\x41", "\\x41"),
        ("<meta charset=utf-16><p>café".encode(), "café"),
    ],
)
def test_encodings(data: bytes, text: str) -> None:
    assert load_html(data).contents[0].text == text


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("<title>Beds - The Trust</title>", ("Beds", "", "")),
        ("<title>Trust</title>", ("Trust", "", "")),
        ('<title>Beds</title><meta name="author" content="Ann Lee">', ("Beds", "Ann Lee", "")),
        (
            '<title>Beds</title><meta property="article:published_time" content="2012-05-01">',
            ("Beds", "", "2012"),
        ),
    ],
)
def test_the_head_tells_title_author_and_year(head: str, told: tuple[str, str, str]) -> None:
    content = content_of(f"<html><head>{head}</head><body><h1>Beds</h1><p>{PROSE}</body>")
    assert (content.title, content.author, content.year) == told


@pytest.mark.parametrize(
    "markup",
    ["<!-- nothing -->", " ", "<p hidden>x", "<script>x</script>", "<br>", "<html></html>"],
)
def test_pages_that_show_nothing_are_empty(markup: str) -> None:
    loaded = load_html(markup.encode())
    assert (loaded.state, loaded.contents) == ("empty", ())
    assert loaded.reason


@pytest.mark.parametrize("tag", ["div", "ul><li", "table><tr><td", "b", "blockquote"])
def test_what_is_nested_too_deeply_is_told(tag: str) -> None:
    loaded = load_html(f"<p>Top.</p>{f'<{tag}>' * 100_000}deep".encode())
    assert loaded.contents[0].text.startswith("Top.")
    assert "deep" in loaded.contents[0].text or "too deeply" in loaded.reason


@pytest.mark.parametrize(
    "start", ["<table><tr><th>a<th>b<tr><td>x<td>", "<table><caption>c<tr><td>a<td>b<tr><td>x<td>"]
)
def test_tables_within_tables_are_read_at_any_depth(start: str) -> None:
    text = content_of(f"<p>Top.</p>{start * 400}deep").text
    assert text.startswith("Top.")
    assert text.endswith("deep")


def test_nothing_that_a_page_names_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    page = PAGE.replace(
        "<head>",
        '<!DOCTYPE html SYSTEM "http://example.org/a.dtd"><head>'
        '<link rel="canonical" href="http://example.org/"><base href="http://example.org/">'
        '<link rel="stylesheet" href="http://example.org/a.css">',
    ).replace(
        "<main>", '<main><iframe src="http://example.org"></iframe><img src="http://x.org/i">'
    )
    assert content_of(page).title == "Winter beds"


def test_binary_data_is_refused() -> None:
    with pytest.raises(SourceError, match="not text"):
        load_html(b"\x89PNG\r\n" + bytes(200))


TAGS = (
    *("p", "div", "li", "ul", "ol", "table", "tr", "td", "th", "h1", "h3", "pre", "br", "nav"),
    *("footer", "details", "b", "a", "script", "option", "dl", "dt"),
)
MARKUP = st.lists(
    st.sampled_from(
        [f"<{tag}>" for tag in TAGS]
        + [f"</{tag}>" for tag in TAGS]
        + [
            "word ",
            "two words",
            "&amp;",
            "&#0;",
            "<!--",
            "-->",
            "<td rowspan=3 colspan=-1>",
            "<",
            "\n",
        ]
        + ['<p hidden="">', "<![CDATA[", "<?php", "\x0c", "<html>", "</body>", "é"]
    ),
    max_size=30,
).map("".join)


@settings(deadline=None)
@given(MARKUP)
def test_any_markup_is_read(markup: str) -> None:
    loaded = load_html(markup.encode())
    for content in loaded.contents:
        assert content.text.strip()
        assert all(content.text[b.start : b.end].strip() for b in content.blocks)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, len(PAGE)), st.binary(max_size=6))
def test_any_change_of_a_page_is_read_or_told(at: int, noise: bytes) -> None:
    data = PAGE.encode()
    with suppress(SourceError):
        assert isinstance(load_html(data[:at] + noise + data[at + len(noise) :]), Loaded)
