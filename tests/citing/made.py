"""Sources for the tests of citing."""

from hypothesis import strategies as st

from ctqa.records import Source

TEXT = st.text(max_size=40)
PAGES = st.one_of(
    st.just(""),
    st.integers(1, 999).map(str),
    st.sampled_from(["iv", "A-3", "12-14", "Sheet 1"]),
    TEXT,
)


def source(title: str = "On care", **fields: str) -> Source:
    values = {"id": "care.pdf", "path": "docs/care.pdf", "sha256": "0" * 64, "title": title}
    return Source(**(values | fields))


PILGRIMS = source(
    "The care trust pilgrims",
    author="Robin Miller; Helen Dickinson; Jon Glasby",
    publication="Journal of Integrated Care, Vol. 19 Iss. 4, pp. 14-21",
    year="2011",
    url="https://doi.org/10.1108/14769011111164250",
)
REVIEW = source(
    "Health & social care: a 5% cut", author="Department of Health", year="2011", id="review.pdf"
)


@st.composite
def any_source(draw: st.DrawFn) -> Source:
    """Give a source of any words at all, or of likely ones."""
    likely = {
        "author": ["Department of Health", "Smith, J.; Jones, A.", "Robin Miller and Jo O'Neill"],
        "publication": ["Journal of Care, 3(2), pp. 4-9", "London: HMSO", "Community Care"],
        "year": ["2011", "2010-11"],
        "url": ["https://example.org/a_b?c={d}%20#e"],
        "path": ["a.html", "a.pdf", "a.docx"],
    }
    told = {name: draw(st.one_of(TEXT, st.sampled_from(some))) for name, some in likely.items()}
    return source(draw(TEXT), id=draw(st.text(min_size=1, max_size=20)), **told)
