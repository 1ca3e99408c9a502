"""Near-duplicates."""

import pytest
from ui.replies import answer, passage, source

from ctqa.answering.same import says_the_same, told_once

ABSTRACT = "All current care trusts’ chief executives were invited to participate in interviews"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ABSTRACT, ABSTRACT.replace("’", "'").replace(" to ", "\n\nto "), True),
        (ABSTRACT, "Design – " + ABSTRACT.upper(), True),
        (ABSTRACT, "All chief executives of current care trusts were sent home at once", False),
        ("Yes", "Yes", False),  # in one row it says another thing than in the next
        ("", "", False),
    ],
)
def test_texts_that_share_nearly_all_words_say_the_same(one: str, other: str, same: bool) -> None:
    assert says_the_same(one, other) is same
    assert says_the_same(other, one) is same


def test_another_number_or_a_denial_is_no_repetition() -> None:
    text = (
        "All staff of the ward get 28 days of annual leave in every year that they work there "
        "and are paid"
    )
    within = passage(text)
    first = answer(within, 0, len(text))
    for other in (text.replace("28", "30"), text.replace("get", "do not get")):
        second = answer(passage(other, id="p2"), 0, len(other), source=source(id="e"))
        assert len(told_once([first, second], [])) == 2
    same = text.replace("28", "twenty-eight")
    again = answer(passage(same, id="p2"), 0, len(same), source=source(id="e"))
    (kept,) = told_once([first, again], [])
    assert [place.source.id for place in kept.places] == ["e"]
