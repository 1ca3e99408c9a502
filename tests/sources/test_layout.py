from collections import Counter
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from ctqa.sources.layout import Line, Word, lines_in_order

HEIGHT = 800.0
PROSE = (
    "Care trusts were set up to bring health and social care under one roof and one budget",
    "and their boards had to learn how two services that count in other ways could plan and",
    "pay together for the people who used both of them without asking who should pay first",
)


def words(x: float, y: float, text: str, size: float = 10, *, bold: bool = False) -> Iterator[Word]:
    """Set a line: half an em a letter, a quarter of one between words."""
    for word in text.split(" "):
        end = x + len(word) * size / 2
        yield Word(text=word, x0=x, x1=end, base=y, size=size, bold=bold)
        x = end + size / 4


def column(x: float, y: float, lines: list[str], pitch: float = 12) -> list[Word]:
    return [word for at, line in enumerate(lines) for word in words(x, y + at * pitch, line)]


def prose(name: str, lines: int) -> list[str]:
    """Write lines of 40 letters, so that they fill a column, each with its name and number."""
    source = " ".join(PROSE) * 9
    return [f"{name}{at} {source[at * 7 :].strip()[:34].rsplit(' ', 1)[0]}" for at in range(lines)]


def read(*parts: list[Word]) -> list[str]:
    found = [word for part in parts for word in part]
    return [line.text for line in lines_in_order(found, HEIGHT)]


def test_columns_are_read_one_after_the_other_below_a_heading_across() -> None:
    left, right = prose("left", 14), prose("right", 14)
    heading = list(
        words(50, 60, "A heading that runs across both of the columns of this very page")
    )

    text = read(column(300, 100, right), heading, column(50, 100, left))

    assert text == [heading[0].text + " " + " ".join(w.text for w in heading[1:]), *left, *right]


def test_columns_need_not_stand_on_the_same_lines() -> None:
    left, right = prose("left", 14), prose("right", 14)

    assert read(column(50, 100, left), column(300, 105, right)) == [*left, *right]


def test_three_columns_are_read_from_left_to_right() -> None:
    one, two, three = (prose(name, 12) for name in ("one", "two", "six"))

    text = read(column(500, 100, three), column(270, 100, two), column(40, 100, one))

    assert text == [*one, *two, *three]


def test_a_running_head_does_not_come_between_the_columns() -> None:
    left, right = prose("left", 14), prose("right", 14)
    head = [*words(50, 30, "Journal of care"), *words(400, 30, "Page 7")]

    text = read(head, column(50, 100, left), column(300, 100, right))

    assert text == ["Journal of care   Page 7", *left, *right]


def test_the_number_of_an_item_stays_with_its_text() -> None:
    left, right = prose("left", 12), prose("right", 12)
    number = list(words(300, 100, "26."))

    text = read(column(50, 100, left), number, column(322, 100, right))

    assert text == [*left, f"26. {right[0]}", *right[1:]]


def test_rows_of_a_table_stay_on_their_lines() -> None:
    rows = [("Bexley", "2003", "1,234"), ("Torbay", "2005", "567"), ("Sandwell", "2006", "89")] * 3
    cells = [
        list(words(x, 100 + 12 * at, cell))
        for at, row in enumerate(rows)
        for x, cell in zip((50, 200, 300), row, strict=True)
    ]

    assert read(*cells) == ["   ".join(row) for row in rows]


def test_cells_that_run_over_lines_are_read_cell_by_cell() -> None:
    table = [
        ("Name of post", "What the post holder does and answers for"),
        ("Chief executive", "Leads the trust and answers for"),
        ("of the trust", "its money to both of the boards"),
        ("Director of social", "Answers for the duties that the"),
        ("services, seconded", "council has put into the trust"),
        ("Director of nursing", "Answers for the quality of the"),
        ("and therapies", "care that all the wards give"),
    ]
    starts = [100, 130, 142, 172, 184, 214, 226]
    cells = [
        list(words(x, y, cell))
        for y, row in zip(starts, table, strict=True)
        for x, cell in zip((50, 220), row, strict=True)
    ]

    assert read(*cells) == [
        "Name of post   What the post holder does and answers for",
        "Chief executive of the trust   "
        "Leads the trust and answers for its money to both of the boards",
        "Director of social services, seconded   "
        "Answers for the duties that the council has put into the trust",
        "Director of nursing and therapies   "
        "Answers for the quality of the care that all the wards give",
    ]


def test_heads_over_lines_stay_line_by_line_above_plain_rows() -> None:
    heads = [
        *words(50, 100, "Dollars in millions"),
        *words(300, 100, "First quarter of the year"),
        *words(310, 112, "Until March"),
        *words(50, 124, "Sales by areas"),
        *words(300, 124, "Budget"),
        *words(380, 124, "Spent"),
    ]
    names = ["Homes run by trusts", "Wards of hospitals", "Surgeries in towns"]
    cells = [
        word
        for at, name in enumerate(names)
        for x, cell in ((50, name), (300, f"{at},100"), (380, f"{at},101"))
        for word in words(x, 146 + 22 * at, cell)
    ]

    assert read(heads, cells) == [
        "Dollars in millions   First quarter of the year",
        "Until March",
        "Sales by areas   Budget   Spent",
        *(f"{name}   {at},100   {at},101" for at, name in enumerate(names)),
    ]


def test_notes_in_the_margin_are_no_column() -> None:
    text = prose("text", 20)
    note = [*words(30, 148, "What the trusts had"), *words(30, 220, "What they paid for it")]

    assert read(note, column(200, 100, text))[4] == f"What the trusts had   {text[4]}"


def test_raised_signs_stand_on_the_line_of_their_word() -> None:
    raised = list(words(79, 96, "12", 6))

    assert read(list(words(50, 100, "trusts")), raised, list(words(90, 100, "were"))) == [
        "trusts 12 were"
    ]


def test_right_to_left_lines_are_turned_and_keep_other_words_in_order() -> None:
    assert read(list(words(50, 100, "ג two words ב א"))) == ["א ב two words ג"]


def test_paragraphs_begin_below_a_gap_indented_or_in_another_type() -> None:
    lines = lines_in_order(
        [
            *words(50, 100, "A heading", 14),
            *words(50, 118, "Text of the first paragraph"),
            *words(50, 130, "goes on."),
            *words(62, 142, "An indented paragraph"),
            *words(50, 154, "goes on as well."),
            *words(50, 186, "Below a gap."),
            *words(50, 198, "Its end."),
            *words(50, 210, "In bold", bold=True),
        ],
        HEIGHT,
    )

    assert [line.text for line in lines if line.apart] == [
        "A heading",
        "Text of the first paragraph",
        "An indented paragraph",
        "Below a gap.",
        "In bold",
    ]


def test_a_hanging_line_begins_no_paragraph() -> None:
    item = [
        *words(50, 100, "1. An item that"),
        *words(60, 112, "goes on"),
        *words(50, 124, "2. Next"),
    ]

    assert [line.apart for line in lines_in_order(item, HEIGHT)] == [True, False, False]


def test_a_line_has_the_type_of_most_of_its_letters() -> None:
    (line,) = lines_in_order([*words(50, 100, "Heading"), *words(90, 100, "1", 6)], HEIGHT)

    assert (line.size, line.base, line.x0, line.bold) == (10, 100, 50, False)


def test_nothing_is_read_from_nothing() -> None:
    assert lines_in_order([], HEIGHT) == ()


PLACED = st.builds(
    lambda text, x, width, base, size: Word(
        text=text, x0=x, x1=x + width, base=base, size=size, bold=width > 50
    ),
    st.sampled_from(["word", "1,234", "•", "אב", "An"]),
    st.floats(0, 600, allow_nan=False),
    st.floats(0, 90),
    st.integers(0, 70).map(lambda row: row * 11.5),
    st.sampled_from([6.0, 10.0, 14.0]),
)


@given(st.lists(PLACED, max_size=120))
def test_every_word_is_read_once(placed: list[Word]) -> None:
    lines: tuple[Line, ...] = lines_in_order(placed, HEIGHT)

    assert Counter(word for line in lines for word in line.words) == Counter(placed)
    assert Counter(" ".join(line.text for line in lines).split()) == Counter(
        word.text for word in placed
    )
