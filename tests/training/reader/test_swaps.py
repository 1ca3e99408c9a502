"""Questions are changed so that their passages no longer answer them."""

import pytest

from training.reader.swaps import swapped

TEXT = "In 1794 the canal reached Stone Bridge, the first town on the river."
OTHERS = ["The mill at Long Meadow burned down in 1823.", "It cost 12 pounds."]


@pytest.mark.parametrize(
    ("question", "allowed"),
    [
        ("Which was the first town?", {
            "Which was the last town?", "Which was not the first town?"}),
        ("When did it reach Stone Bridge?", {
            "When did it reach Long Meadow?", "When did it not reach Stone Bridge?"}),
        ("What was reached in 1794?", {
            "What was reached in 1823?", "What was not reached in 1794?"}),
    ],
)  # fmt: skip
def test_an_opposite_a_name_a_number_or_not(question: str, allowed: set[str]) -> None:
    assert swapped(question, TEXT, OTHERS) in allowed
    assert swapped(question, TEXT, OTHERS) == swapped(question, TEXT, OTHERS)


def test_a_name_that_the_text_speaks_of_replaces_nothing() -> None:
    text = "Stone Bridge lies above Long Meadow."
    changed = swapped("Who owns Stone Bridge now", text, OTHERS[:1])
    assert changed is None  # no verb to negate, no other name


def test_what_asks_nothing_that_can_be_changed_stays() -> None:
    assert swapped("", TEXT, OTHERS) is None
    assert swapped("Why so?", TEXT, OTHERS) is None
    assert swapped("Which town was never reached?", "", []) is None


def test_a_name_comes_without_the_article_before_it() -> None:
    changed = swapped("Who owns Stone Bridge now", TEXT, ["It was seen by The Long Meadow Times."])
    assert changed == "Who owns Long Meadow Times now"
