from ctqa.records import Source
from ctqa.ui.lines import file_of, is_on_the_web, short, title_of


def test_what_is_short_is_given_whole_on_one_line() -> None:
    assert short(" Two\n visits\ta day ", 20) == "Two visits a day"


def test_what_is_long_ends_behind_a_whole_word() -> None:
    assert short("Two visits a day", 8) == "Two…"
    assert short("Incomprehensibilities", 8) == "Incompre…"


def test_a_document_without_a_title_is_named_by_its_file() -> None:
    alone = Source(id="wards/a.pdf", path="/kept/wards/a.pdf", sha256="0", title="")
    inside = Source(id="q-17", path=r"C:\kept\questions.jsonl", sha256="0", title="")
    assert title_of(alone) == file_of(alone) == "wards/a.pdf"
    assert title_of(inside) == file_of(inside) == "questions.jsonl, q-17"


def test_only_an_address_of_the_web_becomes_a_link() -> None:
    for url, is_one in (("HTTPS://a.org", True), ("javascript:1", False), ("", False)):
        source = Source(id="a", path="a", sha256="0", title="", url=url)
        assert is_on_the_web(source) is is_one
