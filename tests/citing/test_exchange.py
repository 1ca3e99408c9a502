"""What programs read: parsed back by readers that are not ours."""

import json
import re
from dataclasses import replace

import bibtexparser
import pytest
import rispy
from citeproc.source.json import CiteProcJSON
from citing.made import PAGES, PILGRIMS, REVIEW, any_source, source
from hypothesis import given
from hypothesis import strategies as st

from ctqa.citing import bibliography, cite
from ctqa.citing.reference import plain, reference
from ctqa.records import Source


def from_bibtex(text: str) -> list[dict[str, str]]:
    library = bibtexparser.parse_string(text)
    assert library.failed_blocks == []
    return [
        {"KEY": entry.key, "TYPE": entry.entry_type}
        | {field.key: field.value for field in entry.fields}
        for entry in library.entries
    ]


def test_bibtex_of_an_article() -> None:
    (entry,) = from_bibtex(cite(PILGRIMS, "bibtex"))
    assert re.fullmatch(r"miller2011care-[0-9a-f]{8}", entry.pop("KEY"))
    assert entry == {
        "TYPE": "article",
        "author": "Miller, Robin and Dickinson, Helen and Glasby, Jon",
        "title": "{The care trust pilgrims}",
        "journal": "Journal of Integrated Care",
        "year": "2011",
        "volume": "19",
        "number": "4",
        "pages": "14--21",
        "url": "https://doi.org/10.1108/14769011111164250",
    }


def test_bibtex_keeps_bodies_whole_and_signs_harmless() -> None:
    cited = replace(REVIEW, title=r"50% of {care} \ #1 & a_b ~ c^d $")
    (entry,) = from_bibtex(cite(cited, "bibtex", "12"))
    assert (entry["author"], entry["pages"]) == ("{Department of Health}", "12")
    assert entry["title"] == (
        r"{50\% of \textbraceleft{}care\textbraceright{} \textbackslash{} \#1 \& a\_b "
        r"\textasciitilde{} c\textasciicircum{}d \$}"
    )
    (sheet,) = from_bibtex(cite(cited, "bibtex", "Budget & plan"))
    assert (sheet.get("pages"), sheet["note"]) == (None, r"Budget \& plan")


@given(any_source(), PAGES)
def test_any_bibtex_is_one_entry_of_the_same_words(cited: Source, page: str) -> None:
    text = cite(cited, "bibtex", page)
    (entry,) = from_bibtex(text)
    assert re.fullmatch(r"[a-z0-9-]+", entry["KEY"])
    assert text.count("{") == text.count("}")
    for name in ("title", "journal", "institution"):
        assert not re.search(r"(?<!\\)[&%$#_^~]", entry.get(name, ""))


@given(st.lists(any_source(), max_size=8, unique_by=lambda cited: cited.id))
def test_no_two_documents_share_a_key(sources: list[Source]) -> None:
    entries = from_bibtex(bibliography(sources, "bibtex"))
    assert len({entry["KEY"] for entry in entries}) == len(sources)
    alone = [from_bibtex(cite(cited, "bibtex"))[0]["KEY"] for cited in sources]
    assert [entry["KEY"] for entry in entries] == alone


def test_ris_of_an_article_and_of_its_page() -> None:
    whole = cite(PILGRIMS, "ris")
    assert whole.startswith("TY  - JOUR\r\n")
    assert whole.endswith("\r\nER  - \r\n")
    (entry,) = rispy.loads(whole)
    assert entry["authors"] == ["Miller, Robin", "Dickinson, Helen", "Glasby, Jon"]
    assert (entry["title"], entry["secondary_title"]) == (
        *("The care trust pilgrims", "Journal of Integrated Care"),
    )
    assert (entry["year"], entry["volume"], entry["number"]) == ("2011", "19", "4")
    assert (entry["start_page"], entry["end_page"]) == ("14", "21")
    (paged,) = rispy.loads(cite(PILGRIMS, "ris", "16"))
    assert (paged["start_page"], paged.get("end_page")) == ("16", None)


@given(st.lists(any_source(), min_size=1, max_size=4, unique_by=lambda cited: cited.id))
def test_any_ris_is_a_record_a_document(sources: list[Source]) -> None:
    text = bibliography(sources, "ris")
    once = list(dict.fromkeys(cite(cited, "ris") for cited in sources))
    entries = rispy.loads(text)
    assert [entry["title"] for entry in entries] == [
        re.search(r"\r\nTI  - (.*)\r\n", record)[1]  # type: ignore[index]
        for record in once
    ]
    for line in text.split("\r\n"):
        assert line == "" or re.fullmatch(r"[A-Z][A-Z0-9]  - [^\r\n]*", line)


NAMES = {"family", "given", "literal"}
ITEM = {  # of the schema csl-data.json, those that are written here
    *("id", "type", "title", "author", "issued", "container-title", "volume", "issue", "page"),
    *("publisher", "URL", "locator"),
}
TYPES = {"article-journal", "article-magazine", "webpage", "report", "document"}


def test_csl_of_an_article() -> None:
    item = json.loads(cite(PILGRIMS, "csl-json", "16"))
    assert item == {
        "id": "care.pdf#page=16",
        "type": "article-journal",
        "title": "The care trust pilgrims",
        "author": [
            {"family": "Miller", "given": "Robin"},
            {"family": "Dickinson", "given": "Helen"},
            {"family": "Glasby", "given": "Jon"},
        ],
        "issued": {"date-parts": [[2011]]},
        "container-title": "Journal of Integrated Care",
        "volume": "19",
        "issue": "4",
        "page": "14-21",
        "URL": "https://doi.org/10.1108/14769011111164250",
        "locator": "16",
    }


@given(st.lists(any_source(), max_size=4))
def test_any_csl_is_as_its_schema_has_it(sources: list[Source]) -> None:
    items = json.loads(bibliography(sources, "csl-json"))
    CiteProcJSON(items)  # warns of what it does not know
    for item in items:
        assert item.keys() <= ITEM
        assert item["type"] in TYPES
        assert all(name.keys() <= NAMES for name in item.get("author", ()))
        assert item.get("issued", {}).keys() <= {"date-parts", "literal"}
        rest = {name: item[name] for name in item.keys() - {"author", "issued"}}
        assert all(isinstance(value, str) and value for value in rest.values())


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"path": "a/B.PDF"}, "report"),
        ({"path": r"C:\docs\a.html"}, "webpage"),
        ({"path": "a.docx"}, "document"),
        ({"path": "a.docx", "publication": "Bristol: Policy Press"}, "report"),
        ({"publication": "Community Care"}, "magazine"),
        ({"publication": "Journal of the Royal College"}, "magazine"),
        ({"publication": "BMJ 340(7750):14–21"}, "journal"),
    ],
)
def test_a_work_is_taken_for_what_is_known_of_it(fields: dict[str, str], kind: str) -> None:
    assert reference(source(**fields)).kind == kind


@pytest.mark.parametrize(
    ("publication", "read"),
    [
        ("BMJ 340(7750):14–21", ("BMJ", "340", "7750", "14", "21")),
        ("The Lancet, 395, pp. 1-9", ("The Lancet", "395", "", "1", "9")),
        ("Ageing & Society, vol. 3, no. 2", ("Ageing & Society", "3", "2", "", "")),
        ("Public Finance, 12 May", ("Public Finance, 12 May", "", "", "", "")),
        ("Community Care", ("Community Care", "", "", "", "")),
    ],
)
def test_where_an_article_stands_is_read_from_the_publication(
    publication: str, read: tuple[str, ...]
) -> None:
    found = reference(source(publication=publication))
    where = (found.container, found.volume, found.issue, found.first_page, found.last_page)
    assert where == read


@given(st.text())
def test_plain_words_stand_on_one_line(text: str) -> None:
    assert plain(text).splitlines() in ([], [plain(text)])
