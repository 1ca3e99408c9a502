from dataclasses import replace

import pytest
from citeproc import Citation as Group
from citeproc import CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citing.made import PAGES, PILGRIMS, REVIEW, any_source, source
from hypothesis import given

from ctqa.citing import cite
from ctqa.citing.exchange import _csl
from ctqa.citing.lists import in_text
from ctqa.citing.reference import reference
from ctqa.records import Source

MANY = "Adams, A.; Brown, A.; Clark, A.; Davis, A.; Evans, A.; Frank, A.; Green, A."


def by_citeproc(cited: Source, style: str) -> str:
    """Cite with citeproc-py and a published style."""
    item = _csl(reference(cited), "")
    read = CitationStylesStyle(style, locale="en-GB", validate=False)
    made = CitationStylesBibliography(read, CiteProcJSON([item]), formatter.plain)
    made.register(Group([CitationItem(item["id"])]))
    return str(made.bibliography()[0])


@pytest.mark.parametrize(
    "cited",
    [
        PILGRIMS,
        REVIEW,
        replace(PILGRIMS, author="Robin Miller and Jon Glasby", url=""),
        replace(PILGRIMS, author=MANY),
        source("What next", author="J.K. van Dijk", year="2003", url="https://example.org/a"),
        source("What next", author="NHS England", year="2003", publication="London: HMSO"),
        source("Élan", author="Ünal, Jo", year="1999", path="élan.html", url="https://example.org"),
        source("Smith hails pilots", author="Jo Day", year="2001", publication="Community Care"),
    ],
)
def test_harvard_is_what_cite_them_right_asks_for(cited: Source) -> None:
    assert cite(cited, "harvard") == by_citeproc(cited, "harvard-cite-them-right")


@pytest.mark.parametrize(
    "cited",
    [
        PILGRIMS,
        REVIEW,
        replace(PILGRIMS, author=MANY, url=""),
        source("What next", author="Day, Jo", year="2003", url="https://example.org/a"),
        source("What next", author="NHS England", year="2003", publication="HMSO"),
        source("On care", year="1999"),
    ],
)
def test_vancouver_is_what_the_national_library_of_medicine_asks_for(cited: Source) -> None:
    numbered = by_citeproc(cited, "nlm-citation-sequence")
    assert f"1.{cite(cited, 'vancouver')}" == numbered


def test_a_page_stands_behind_what_is_cited_and_before_the_address() -> None:
    assert cite(PILGRIMS, "harvard", "16") == (
        "Miller, R., Dickinson, H. and Glasby, J. (2011) ‘The care trust pilgrims’, Journal of "
        "Integrated Care, 19(4), pp. 14–21, p. 16. Available at: "
        "https://doi.org/10.1108/14769011111164250."
    )
    assert cite(PILGRIMS, "vancouver", "16") == (
        "Miller R, Dickinson H, Glasby J. The care trust pilgrims. Journal of Integrated Care "
        "[Internet]. 2011;19(4):14–21. p. 16. Available from: "
        "https://doi.org/10.1108/14769011111164250"
    )


@pytest.mark.parametrize(
    ("page", "written"),
    [
        *[
            ("12", "p. 12"),
            ("iv", "p. iv"),
            ("A-3", "p. A-3"),
            ("p. 7", "p. 7"),
            ("Page 7", "p. 7"),
        ],
        *[("12-14", "pp. 12–14"), ("iv–vi", "pp. iv–vi"), ("Budget 2011", "Budget 2011")],
    ],
)
def test_pages_are_written_as_what_they_are(page: str, written: str) -> None:
    title = "Health & social care: a 5% cut"
    assert cite(REVIEW, "harvard", page) == f"Department of Health (2011) {title}, {written}."
    assert cite(REVIEW, "vancouver", page) == f"Department of Health. {title}. 2011. {written}."


def test_without_an_author_the_title_comes_first_and_without_a_year_it_is_said() -> None:
    bare, article = source(), source(publication="Community Care")
    assert cite(bare, "harvard") == "On care (n.d.)."
    assert cite(bare, "vancouver") == "On care. [date unknown]."
    assert cite(article, "harvard", "2") == "‘On care’ (n.d.) Community Care, p. 2."
    assert cite(article, "vancouver") == "On care. Community Care. [date unknown]."
    assert cite(source(""), "harvard") == "care.pdf (n.d.)."


@pytest.mark.parametrize(
    ("told", "cited"),
    [
        *[("2011.0", "2011"), ("2011-05-01", "2011"), ("1 May 2011", "2011"), ("05/2011", "2011")],
        *[("2010-11", "2010-11"), ("2010/11", "2010/11"), ("c. 2011", "c. 2011"), ("n.d.", "n.d.")],
        *[("2010-2012", "2010-2012"), ("in press", "in press"), ("", "n.d.")],
    ],
)
def test_of_a_date_the_year_is_cited(told: str, cited: str) -> None:
    assert cite(source(year=told), "harvard") == f"On care ({cited})."


def test_vancouver_names_six_authors_and_the_publisher_before_the_year() -> None:
    cited = source("Why?", author=MANY, publication="London: HMSO", year="2003")
    assert cite(cited, "vancouver") == (
        "Adams A, Brown A, Clark A, Davis A, Evans A, Frank A, et al. Why? London: HMSO; 2003."
    )


def test_running_text_names_author_year_and_page() -> None:
    assert in_text(reference(PILGRIMS), "16") == "(Miller, Dickinson and Glasby, 2011, p. 16)"
    assert in_text(reference(REVIEW)) == "(Department of Health, 2011)"
    assert in_text(reference(replace(PILGRIMS, author=MANY))) == "(Adams et al., 2011)"
    assert in_text(reference(source())) == "(On care, n.d.)"


@given(any_source(), PAGES)
def test_any_source_is_cited_on_one_line_that_steers_nothing(cited: Source, page: str) -> None:
    for line in (cite(cited, "harvard", page), cite(cited, "vancouver", page)):
        assert line.strip()
        assert line.splitlines() == [line]
        assert not [sign for sign in line if sign < " " or "\x7f" <= sign < "\xa0"]
