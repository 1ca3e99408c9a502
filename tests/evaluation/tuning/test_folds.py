from hypothesis import given
from hypothesis import strategies as st

from ctqa.evaluation.gold.questions import Judgment
from ctqa.evaluation.locate import Span, Target
from ctqa.evaluation.tuning.folds import draw_folds


def about(document: str, *spans: tuple[int, int], relevance: int = 1) -> Target:
    return Target(
        judgment=Judgment(document=document, quote="q" if spans else None, relevance=relevance),
        level="quote" if spans else "document",
        document=document,
        spans=tuple(Span(*span) for span in spans),
    )


def fold_of(targets, count=2):
    drawn = draw_folds(targets, count)
    return {key: n for n, fold in enumerate(drawn.folds) for key in fold}, drawn.together


DOCUMENTS = st.lists(st.integers(0, 30), min_size=1, max_size=2)


@given(st.dictionaries(st.text(min_size=1, max_size=4), DOCUMENTS, min_size=4), st.integers(2, 4))
def test_every_question_is_in_one_fold_whatever_their_order(asked, count):
    targets = {key: [about(f"d{n}") for n in found] for key, found in asked.items()}
    drawn = draw_folds(targets, count)
    assert sorted(key for fold in drawn.folds for key in fold) == sorted(targets)
    assert len(drawn.folds) == count
    assert draw_folds(dict(reversed(targets.items())), count) == drawn


@given(st.dictionaries(st.text(min_size=1, max_size=4), DOCUMENTS, min_size=4))
def test_questions_about_one_document_are_never_parted(asked):
    targets = {key: [about(f"d{n}") for n in found] for key, found in asked.items()}
    folds, together = fold_of(targets)
    if together == "document":
        for one, found in asked.items():
            for other, others in asked.items():
                assert folds[one] == folds[other] or not set(found) & set(others)


@given(st.integers(2, 6), st.integers(12, 60))
def test_folds_of_single_questions_are_of_one_size(count, questions):
    targets = {f"q{n}": [about(f"d{n}")] for n in range(questions)}
    sizes = [len(fold) for fold in draw_folds(targets, count).folds]
    assert max(sizes) - min(sizes) <= 1


def test_where_all_ask_about_one_document_the_same_place_stays_together():
    targets = {
        "a": [about("law", (0, 50))],
        "b": [about("law", (40, 90))],
        "c": [about("law", (100, 120))],
        "d": [about("law", (120, 140))],
    }
    folds, together = fold_of(targets)
    assert together == "place"
    assert folds["a"] == folds["b"]
    assert folds["c"] == folds["d"] != folds["a"]  # two and two: touching is no overlap


def test_where_everything_is_judged_for_everyone_each_question_is_drawn_alone():
    targets = {f"q{n}": [about("law"), about("news")] for n in range(6)}
    folds, together = fold_of(targets)
    assert together == "question"
    assert sorted(folds.values()) == [0, 0, 0, 1, 1, 1]


def test_a_document_judged_to_be_wrong_joins_nothing():
    targets = {f"q{n}": [about(f"d{n}"), about("spam", relevance=0)] for n in range(6)}
    assert fold_of(targets)[1] == "document"
    assert fold_of({k: [*v, about("spam")] for k, v in targets.items()})[1] == "question"
