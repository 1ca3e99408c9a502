"""Near-duplicates."""

import pytest

from ctqa.answering.same import says_the_same

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
