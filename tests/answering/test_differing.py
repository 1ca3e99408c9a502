"""What differs between two texts about the same thing: numbers, dates, denials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ctqa.answering.differing import difference
from ctqa.answering.numerals import valued
from ctqa.answering.quantities import quantities


def found(one: str, other: str) -> tuple[str, str, str] | None:
    told = difference(one, other)
    if told is None:
        return None
    return told.kind, one[slice(*told.first)], other[slice(*told.second)]


@pytest.mark.parametrize(
    ("one", "other", "first", "second"),
    [
        (
            "Staff get 28 days of leave.",
            "Staff get thirty days of leave.",
            "28 days",
            "thirty days",
        ),
        ("It costs £3m.", "It costs £3.8 million.", "£3m", "£3.8 million"),
        ("12.5% left.", "15 per cent left.", "12.5%", "15 per cent"),
        ("It opens at 9 am.", "It opens at 9.30 am.", "9 am", "9.30 am"),
        ("It ends on 10 May 2004.", "It ends on May 12, 2004.", "10 May 2004", "May 12, 2004"),
        ("It began in 2001.", "It began in April 2002.", "2001", "April 2002"),
        ("Five care trusts remain.", "There are 6 trusts.", "Five care trusts", "6 trusts"),
        ("Reply within 14 days.", "Reply within four weeks.", "14 days", "four weeks"),
        ("Children under 13 may not.", "Children under 16 may not.", "13", "16"),
        ("At least five days.", "Three days.", "five days", "Three days"),
        ("2 to 4 weeks", "6 weeks", "2 to 4 weeks", "6 weeks"),
    ],
)
def test_other_values_of_the_same_kind_differ(
    one: str, other: str, first: str, second: str
) -> None:
    assert found(one, other) == ("number", first, second)
    assert found(other, one) == ("number", second, first)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Four days.", "4 days."),
        ("1,000 people came.", "1000 people came."),
        ("£3m was spent.", "£3 million was spent."),
        ("£3m was spent.", "£3,012,000 was spent."),
        ("Two weeks.", "14 days."),
        ("One month.", "4 weeks and 2 days; 30 days."),
        ("A year.", "12 months."),
        ("At least five days.", "Seven days."),
        ("Up to 14 days.", "10 days."),
        ("About 100 people.", "104 people."),
        ("2 to 4 weeks.", "3 weeks."),
        ("It began in 2002.", "It began on 1 April 2002."),
        ("a hundred and twenty beds", "120 beds"),
        ("12.5%", "13 per cent"),
        ("In 2004, 5 trusts closed.", "Of them, 5 trusts closed."),
        ("Five trusts.", "Six wards."),  # other things
        ("Section 4 trusts.", "Section 5 trusts."),  # no counts
        ("The other two trusts.", "The other three trusts."),
        ("It takes 5 days.", "It costs £5."),
        ("5 working days.", "7 calendar days."),  # which may be the same
        ("2 days or 3 days.", "5 days."),  # which of them is meant, nobody can tell
        ("", "5 days"),
    ],
)
def test_what_can_both_be_true_does_not_differ(one: str, other: str) -> None:
    assert found(one, other) is None
    assert found(other, one) is None


def test_numbers_of_different_years_are_no_contradiction() -> None:
    told = difference("In 2004, 5 trusts closed.", "In 2005, 6 trusts closed.")
    assert told is not None
    assert told.of == "date"  # and whether the date was asked for, the caller knows


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("Data is shared.", "Data is not shared.", True),
        ("Visitors may smoke here.", "Smoking is prohibited for visitors.", True),
        ("Staff can't park here.", "Staff can park here.", True),
        ("Data is never shared.", "Data is not shared.", False),
        ("Not only nurses may.", "Nurses may.", False),
        ("No later than Monday.", "On Monday.", False),
        ("Data is not shared unless you agree.", "Data is shared.", False),
        ("Data is not shared.", "Data is shared if you agree.", False),
        ("A not-for-profit body.", "A body.", False),
    ],
)
def test_a_denial_differs_from_what_it_denies(one: str, other: str, differ: bool) -> None:
    told = difference(one, other)
    assert (told is not None and told.kind == "negation") is differ


TEXTS = st.text(alphabet="0123456789 ,.£%-–apmdayweksixfourMarchnot", max_size=60)


@given(TEXTS, TEXTS)
def test_every_text_can_be_compared_both_ways_and_never_differs_from_itself(
    one: str, other: str
) -> None:
    assert difference(one, one) is None
    told, back = difference(one, other), difference(other, one)
    assert (told is None) == (back is None)
    if told is not None:
        assert 0 <= told.first[0] < told.first[1] <= len(one)
        assert 0 <= told.second[0] < told.second[1] <= len(other)
    for quantity in quantities(one):
        assert 0 <= quantity.start < quantity.end <= len(one)


@given(st.integers(0, 9_999_999))
def test_thousands_are_read_with_and_without_commas(number: int) -> None:
    assert valued(f"{number:,}") == valued(str(number)) == (number, 1)


def test_nothing_denies_nothing() -> None:
    assert difference("", "no") is difference("no", "") is None
