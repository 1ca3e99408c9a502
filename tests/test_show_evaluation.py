from evaluation.sides import make_row, make_rows, measured

from ctqa.evaluation.comparing.compare import compare
from ctqa.show_evaluation import comparison


def test_a_comparison_shows_what_decides_and_each_question() -> None:
    a = make_row("q1", {"nDCG@10": 0.5, "R@100": 1}, first_right=4, answered=True, answer="No\x1b")
    b = make_row("q1", {"nDCG@10": 1, "R@100": 1}, first_right=1, answered=False)
    shown = comparison(compare(measured([a]), measured([b], "B.json")))
    for line in (
        "A: A, g (1 question)\nB: B.json, g (1 question)",
        "Of 1 questions, from A to B: 1 won, 0 lost, 0 moved, 0 same.",
        "Won\n  q1  Why q1?\n   nDCG@10 0.500 → 1.000\n   first right at rank 4 → 1\n"
        "   A: “No”\n   B: no answer",
    ):
        assert line in shown
    decides = next(
        line for line in shown.splitlines() if line.startswith("Order") and "  0." in line
    )
    adjusted = next(line for line in shown.splitlines() if line.startswith("Share"))
    assert decides.split()[-1] == "1.000" and "+0.500" in decides
    assert "1.000   1.000" in adjusted and "\x1b" not in shown


def test_long_lists_are_cut_and_lines_stay_short() -> None:
    words = {"question": "Why? " * 50}
    a = [make_row(f"q{n}", {"nDCG@10": 0}, **words) for n in range(30)]
    b = [make_row(f"q{n}", {"nDCG@10": 1}, first_right=1, **words) for n in range(30)]
    shown = comparison(compare(measured(a), measured(b)))
    assert "Won (10 of 30; --json lists all)" in shown and "q9  Why?" in shown
    assert "q10  Why?" not in shown
    assert max(map(len, shown.splitlines())) <= 96


def test_a_side_that_was_not_asked_says_so() -> None:
    rows = make_rows("nDCG@10", [1.0], answered=True, answer="Yes"), make_rows("nDCG@10", [0.0])
    shown = comparison(compare(*(measured(each) for each in rows)))
    assert "A: “Yes”\n   B: was not asked to answer" in shown
