"""What is wrong with gold questions is found, named and told with what mends it."""

from dataclasses import replace
from pathlib import Path

import pytest
from evaluation.listed import ListQA, make_document
from hypothesis import given
from hypothesis import strategies as st

from ctqa.evaluation.gold.check import check
from ctqa.evaluation.gold.closest import closest
from ctqa.evaluation.gold.finding import Finding
from ctqa.evaluation.gold.load import Gold, GoldQuestion, Judgment, load_gold
from ctqa.records import Document

CARE = make_document(
    "care.pdf",
    "Care is free. It was “10 pounds” a week in 2010, said the minister.\n",
    "The local authority pays for care. It was 10 pounds in 2011.\n",
    "",
)
LABELLED = replace(
    CARE, pages=tuple(replace(p, label=str(p.number + 7)) for p in CARE.pages), source=CARE.source
)
NEWS = make_document(
    "news.txt", "The council pays for all meals at home. Milburn resigned in June."
)
HELD = (CARE, NEWS)


def ask(
    id: str, question: str, quote: str | None = None, document: str = "care.pdf", **more: object
) -> GoldQuestion:
    judgment = Judgment(document=document, quote=quote, page=more.pop("page", None))  # type: ignore[arg-type]
    return GoldQuestion(id=id, question=question, judgments=(judgment,), **more)  # type: ignore[arg-type]


def no(id: str, question: str, half: str = "") -> GoldQuestion:
    return GoldQuestion(id=id, question=question, impossible=True, half=half)


def found(
    *questions: GoldQuestion, held: tuple[Document, ...] | None = HELD, name: str = "g"
) -> list[Finding]:
    documents = None if held is None else ListQA(held=held)
    return list(check([Gold(name=name, questions=questions)], documents))


def one(*questions: GoldQuestion, held: tuple[Document, ...] | None = HELD) -> Finding:
    (finding,) = found(*questions, held=held)
    return finding


GOOD = ask(
    "a", "Who pays for care?", "The local authority pays for care.", answers=("local authority",)
)


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert found(GOOD, ask("b", "When did Milburn go?", "resigned in June", "news.txt")) == []
    assert found(GOOD, no("n", "Who pays for opera?")) == []


# ---- quotes and documents


@pytest.mark.parametrize(
    ("quote", "message", "mend"),
    [
        (
            "The local authority pays for the care.",
            "on page 2: “The local authority pays for care.”",
            "copy",
        ),
        (
            "The local autority pays for care.",
            "on page 2: “The local authority pays for care.”",
            "copy",
        ),
        (
            "it was 12 pounds a week in 2010, said",
            "on page 1: “It was “10 pounds” a week in 2010, said”",
            "copy",
        ),
        ("“Care is free”...", "without the marks at its ends it is", "leave the quotation marks"),
        ("Zeppelins fly over Xanadu.", "nothing there is like it", "name another document"),
        (
            "The council pays for all meals",
            "it stands word for word in “news.txt”",
            "“news.txt”, if",
        ),
    ],
)
def test_a_quote_that_is_not_there_is_told_with_what_is(
    quote: str, message: str, mend: str
) -> None:
    finding = one(ask("a", "Who?", quote))
    assert (finding.kind, finding.severity) == ("quote not in the document", "mend")
    assert message in finding.message
    assert mend in finding.what_to_do


def test_typography_alone_is_nothing_to_mend() -> None:
    assert found(ask("a", "How much?", 'It was "10 pounds" a\nweek')) == []


def test_a_quote_outside_its_context_is_told() -> None:
    judged = Judgment(document="care.pdf", quote="Care is free.", context="Care is free. Not!")
    finding = one(GoldQuestion(id="a", question="What?", judgments=(judged,)))
    assert "not within the context that is given" in finding.message


def test_an_unknown_document_is_told_once_with_the_closest_name() -> None:
    finding = one(ask("a", "Who?", "x", "carre.pdf"), ask("b", "When?", "y", "carre.pdf"))
    assert (finding.kind, finding.severity) == ("document not in the index", "mend")
    assert finding.message == (
        "document “carre.pdf” is not in the index (2 places of the gold name it)"
    )
    assert finding.what_to_do == "did you mean “care.pdf”?"
    assert "`ctqa add PATH`" in one(ask("a", "Who?", "x", "zeppelin.docx")).what_to_do


def test_a_name_of_several_documents_is_told() -> None:
    held = (make_document("1", "a", path="x/d.txt"), make_document("2", "a", path="y/d.txt"))
    assert "write more of its path" in one(ask("a", "Who?", "a", "d.txt"), held=held).what_to_do


def test_a_wrong_page_is_told_with_the_right_one() -> None:
    finding = one(ask("a", "Who?", "The local authority pays", page=1))
    assert (finding.kind, finding.severity) == ("wrong page", "mend")
    assert finding.what_to_do == "write page 2"
    printed = one(ask("a", "Who?", "The local authority pays", page=9), held=(LABELLED,))
    assert "9 is what is printed there" in printed.what_to_do


@pytest.mark.parametrize(("page", "told"), [(3, "page 3 holds no text"), (7, "no page 7")])
def test_a_page_without_text_is_told(page: int, told: str) -> None:
    kinds = {finding.kind: finding.message for finding in found(ask("a", "Who?", page=page))}
    assert told in kinds["wrong page"]


def test_answers_that_do_not_stand_in_the_quote_are_told() -> None:
    question = replace(GOOD, answers=("local authority", "the council", "pays"))
    finding = one(question)
    assert (finding.kind, finding.severity) == ("answer not in the quote", "look at")
    assert "“the council” does not stand in its quote" in finding.message
    loose = [f for f in found(ask("a", "Who?", answers=("the council",))) if f.kind != "no quote"]
    assert "does not stand in its document" in loose[0].message


def test_an_answer_may_stand_in_any_of_the_places() -> None:
    places = (*GOOD.judgments, Judgment(document="news.txt", quote="The council pays for all"))
    assert found(replace(GOOD, judgments=places, answers=("council",))) == []


def test_a_short_quote_in_several_places_is_told() -> None:
    finding = one(ask("a", "How much?", "10 pounds"))
    assert (finding.kind, finding.severity) == ("stands in several places", "look at")
    assert "stands in 2 places" in finding.message
    assert found(ask("a", "How much?", "10 pounds", page=1)) == []


def test_questions_without_a_quote_are_summed_up() -> None:
    finding = one(*(ask(f"q{n}", f"Question {n} of {n * n}?") for n in range(5)), GOOD)
    assert (finding.kind, finding.question) == ("no quote", "")
    assert finding.message.startswith("5 questions of 6 without a quote (q0, q1, q2, …)")


# ---- questions among each other


def test_the_same_question_under_two_ids_is_told() -> None:
    finding = one(GOOD, replace(GOOD, id="z", question="who pays  for CARE"))
    assert (finding.kind, finding.severity, finding.question) == ("asked twice", "mend", "z")
    assert "“Who pays for care?”" in finding.message


def test_impossible_and_answered_is_a_contradiction() -> None:
    finding = one(GOOD, no("n", "Who pays for care"))
    assert (finding.kind, finding.severity) == ("contradiction", "mend")
    assert "marked impossible here, and answered there: a" in finding.message
    assert "impossible there, and answered here" in one(no("n", "Who pays for care"), GOOD).message


def test_an_impossible_question_that_is_nearly_answered_is_to_be_looked_at() -> None:
    asked = "Who pays for residential care homes of older people?"
    finding = one(replace(GOOD, question=asked), no("n", asked.replace("of older", "of the older")))
    assert (finding.kind, finding.severity, finding.question) == ("contradiction", "look at", "n")
    other = asked.replace("Who pays", "When does one pay")
    assert found(replace(GOOD, question=asked), no("n", other)) == []


def test_one_place_right_and_wrong_is_a_contradiction() -> None:
    judgments = (Judgment(document="care.pdf"), Judgment(document="care.pdf", relevance=0))
    kinds = {f.kind: f for f in found(GoldQuestion(id="a", question="?", judgments=judgments))}
    assert kinds["contradiction"].severity == "mend"


def test_one_place_given_twice_is_to_be_looked_at() -> None:
    twice = (
        *GOOD.judgments,
        Judgment(document="care.pdf", quote="The local  authority pays for care."),
    )
    finding = one(replace(GOOD, judgments=twice))
    assert (finding.kind, finding.severity) == ("place given twice", "look at")


# ---- halves


def test_the_same_question_in_both_halves_is_a_leak() -> None:
    tune, test = replace(GOOD, half="tune"), replace(GOOD, id="b", half="test")
    finding = one(tune, test)
    assert (finding.kind, finding.severity) == ("leak between halves", "mend")
    assert "in “test” and in “tune”" in finding.message


def test_nearly_the_same_question_in_both_halves_is_to_be_looked_at() -> None:
    asked = "Who pays for residential care homes in Bexley and in Wiltshire?"
    tune = ask("a", asked, "Care is free.", half="tune")
    test = ask("b", asked.replace("and in", "or"), "resigned in June", "news.txt", half="test")
    finding = one(tune, test)
    assert (finding.kind, finding.severity) == ("leak between halves", "look at")
    assert "nearly the same" in finding.message
    assert found(tune, replace(test, half="tune")) == []


@pytest.mark.parametrize("held", [HELD, None])
def test_two_halves_that_ask_about_one_place_are_to_be_looked_at(
    held: tuple[Document, ...] | None,
) -> None:
    tune = ask("a", "Who pays?", "The local authority pays for care.", half="tune")
    within = "local authority pays" if held else "The local  authority pays for care."
    test = ask("b", "What does Bexley do?", within, half="test")
    finding = one(tune, test, held=held)
    assert (finding.kind, finding.severity) == ("leak between halves", "look at")
    assert "is asked about in" in finding.message
    assert found(tune, replace(test, half="tune"), held=held) == []
    away = ask("b", "What does Bexley do?", "It was 10 pounds in 2011.", half="test")
    assert found(tune, away, held=held) == []


def test_a_place_of_its_own_half_between_does_not_hide_a_leak() -> None:
    whole = "Care is free. It was “10 pounds” a week in 2010, said the minister."
    questions = (
        ask("a", "What is free?", whole, half="tune"),
        ask("b", "What did the minister tell?", whole[3:], half="test"),
        ask("c", "How much was it then?", "a week in 2010", half="test"),
    )
    assert {f.question for f in found(*questions)} == {"b", "c"}


def test_several_files_are_halves() -> None:
    golds = [Gold(name=name, questions=(replace(GOOD, id=name),)) for name in ("tune", "test")]
    (finding,) = check(golds, ListQA(held=HELD))
    assert (finding.kind, finding.gold) == ("leak between halves", "test")


def test_two_files_of_the_same_questions_are_told_once() -> None:
    questions = tuple(replace(GOOD, id=f"q{n}", question=f"Who pays for {n}?") for n in range(10))
    one = Gold(name="a", questions=questions)
    for copy, told in (
        (Gold(name="b", questions=questions), "“a” and “b” hold the same questions"),
        (Gold(name="b", questions=questions[:5]), "5 of its 5 questions are in “a” too"),
        (
            Gold(name="b", questions=(*questions[1:], no("n", "Who sings?"))),
            "9 of its 10 questions are in “a” too",
        ),
    ):
        (finding,) = check([one, copy], ListQA(held=HELD))
        assert (finding.kind, finding.severity) == ("same questions in two files", "mend")
        assert (finding.gold, finding.message) == ("b", told)
    half = Gold(name="b", questions=(*questions[:1], no("n", "Who sings?")))
    assert "leak between halves" in {found.kind for found in check([one, half])}


# ---- of all


def test_findings_name_the_line_and_the_gravest_come_first(tmp_path: Path) -> None:
    path = tmp_path / "g.csv"
    path.write_text(
        "question,document,quote,impossible,note\nWho pays?,care.pdf,Care is dear.,,\n"
        "When?,care.pdf,,,\nWhen?,news.txt,Nobody resigned at all.,,\nWho pays,,,yes,\n"
    )
    findings = check([load_gold(path)], ListQA(held=HELD))
    assert [(f.kind, f.where.removeprefix(str(path))) for f in findings] == [
        ("contradiction", ", line 5"),
        ("quote not in the document", ", line 2"),
        ("quote not in the document", ", line 4"),
        ("how it was read", ""),
    ]


def test_progress_counts_all_questions() -> None:
    told: list[tuple[int, int]] = []
    golds = [Gold(name=n, questions=(replace(GOOD, id=n, question=f"{n}?"),)) for n in "xy"]
    check(golds, ListQA(held=HELD), lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


@given(st.text(max_size=40), st.text(max_size=80))
def test_the_closest_place_lies_in_the_text(quote: str, text: str) -> None:
    found = closest(quote, text)
    if found is not None:
        assert 0 <= found.span.start < found.span.end <= len(text)
        assert 0.5 <= found.likeness <= 1


@pytest.mark.parametrize(
    ("quote", "there"),
    [
        ("Milburn resinged", "Milburn resigned"),
        ("Mliburn resigned", "Milburn resigned"),
        ("resinged", "resigned"),
        ("Alan Milburn resigned in Jnue", "Milburn resigned in June."),
    ],
)
def test_a_slip_of_the_pen_in_a_short_quote_is_seen_through(quote: str, there: str) -> None:
    text = "Milburn said no. " * 5 + "Then Milburn resigned in June. Nobody else was there."
    near = closest(quote, text)
    assert near is not None
    assert text[near.span.start : near.span.end] == there


def test_the_closest_place_begins_and_ends_as_the_quote_does() -> None:
    text = (
        "One two three. " * 30
        + "The quick brown fox jumps over the lazy dog. "
        + "Four five. " * 30
    )
    near = closest("A quick brown cat jumps over the lazy hen", text)
    assert near is not None
    assert text[near.span.start : near.span.end] == "The quick brown fox jumps over the lazy dog."
