"""The renderer: the source's own text, marked exactly, and no markup but its own."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ui.outline import Outline, outline
from ui.replies import answer, hit, passage, reply, source
from ui.serving import open_qa
from ui.texts import TEXTS, shown

from ctqa.answering.wording import NOT_CALIBRATED, NOT_RERANKED
from ctqa.citing import STYLES, cite
from ctqa.index.rows import FileRow
from ctqa.records import (
    Answer,
    Calibrated,
    Disagreement,
    Expansion,
    Place,
    Quote,
    Reply,
    Sentence,
    SentenceKind,
)
from ctqa.ui import render, words

ALLOWED = {
    "a": {"href", "target", "rel"},
    "article": {"class", "aria-labelledby"},
    "button": {
        *("type", "aria-label", "data-do", "data-question", "data-document", "data-start"),
        *(
            "data-end",
            "data-marks",
            "data-quote",
            "data-sha256",
            "data-text",
            "data-styles",
            "data-done",
            "data-failed",
        ),
    },
    "bdi": set(),
    "blockquote": {"dir"},
    "cite": {"dir"},
    "details": {"open", "class"},
    "div": {"class"},
    "h1": set(),
    "h2": {"id"},
    "h3": {"id"},
    "header": {"lang"},
    "li": set(),
    "mark": set(),
    "ol": set(),
    "p": {"class", "dir"},
    "q": {"dir"},
    "section": {"class", "aria-labelledby"},
    "span": {"class", "dir"},
    "strong": set(),
    "summary": set(),
    "ul": set(),
}


def check(found: Outline) -> Outline:
    for node in found.nodes:
        assert set(node.attributes) <= ALLOWED[node.tag], node
    return found


def page(of: Reply) -> Outline:
    return check(outline(render.reply(of).markup))


# What is shown is the source's own text ----------------------------------------------------------


@st.composite
def ranges(draw: st.DrawFn) -> tuple[str, str, str]:
    """Give a passage in three parts; the middle one, never empty, is the answer."""
    return draw(TEXTS), draw(TEXTS.filter(bool)), draw(TEXTS)


@given(ranges(), st.integers(0, 500))
def test_the_answer_is_the_slice_and_is_marked_exactly(
    parts: tuple[str, str, str], offset: int
) -> None:
    before, slice_, after = parts
    within = passage(before + slice_ + after, start=offset)
    start = offset + len(before)
    found = page(reply([answer(within, start, start + len(slice_))], [hit(within)]))
    assert found.text("blockquote") == shown(slice_)
    assert found.text("mark") == shown(slice_)
    assert found.text(".passage") == shown(before + slice_ + after)


KINDS: list[SentenceKind] = ["sentence", "heading", "row", "item"]
SENTENCES = st.builds(
    Sentence, start=st.integers(0, 60), end=st.integers(0, 60), kind=st.sampled_from(KINDS)
)


@given(ranges(), st.lists(SENTENCES, max_size=5))
def test_lines_set_apart_lose_no_character_and_no_mark(
    parts: tuple[str, str, str], sentences: list[Sentence]
) -> None:
    before, slice_, after = parts
    within = passage(before + slice_ + after, start=7, sentences=sentences)
    start = 7 + len(before)
    found = page(reply([answer(within, start, start + len(slice_))], [hit(within)]))
    assert "".join(found.texts("mark")) == shown(slice_)
    assert found.text(".passage") == shown(within.text)


def test_headings_and_rows_stand_on_lines_of_their_own() -> None:
    sentences = [
        Sentence(start=0, end=5, kind="heading"),
        Sentence(start=6, end=11),
        Sentence(start=12, end=17, kind="row"),
    ]
    within = passage("Costs\nProse\nA | 1", sentences=sentences)
    found = page(reply([answer(within, 12, 17)], [hit(within)]))
    assert found.texts(".line") == ["Costs", "A | 1"]
    assert found.texts(".heading") == ["Costs"]
    assert found.text("mark") == "A | 1"
    assert found.text(".passage") == "Costs\nProse\nA | 1"


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_nothing_in_a_reply_becomes_markup(a: str, b: str, c: str, d: str) -> None:
    hostile = source(
        id="d", path=f"/x/{a}", title=b, author=c, publication=d, year=a, url=f"https://{b}"
    )
    within = passage(f"{a} {b}", section=[c, d])
    other = passage(f"{c} {d}", section=[a], id="p2")
    hits = [hit(within, 1, hostile, dense_rank=1), hit(other, 2, hostile)]
    place = Place(source=hostile, page=1, start=0, end=1)
    expansion = Expansion(short=a, long=b, document_id=c, start=0, end=1)
    given_ = reply(
        [answer(within, 0, len(a) + 1, source=hostile, places=(place,))],
        hits,
        question=d,
        searched=f"{c}!",
        expansions=(expansion,),
        calibration=replace(CALIBRATED, gold=a),
    )
    assert page(given_).texts("q") == [shown(d), shown(f"{c}!")]
    assert page(replace(given_, answers=(), pages_unread=2)).texts("q")[0] == shown(d)


@given(TEXTS)
def test_nothing_in_a_problem_becomes_markup(message: str) -> None:
    found = check(outline(render.problem(message).markup))
    assert found.text("span") == shown(words.problem(message))


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Ask 👩🏽‍⚕️ today", 4, 9),  # a cluster of five characters, two of them past U+FFFF
        ("Ask 👩🏽‍⚕️ today", 5, 6),  # a range within the cluster
        ("cafe\u0301s close", 3, 4),  # the letter without its accent
        ("cafe\u0301s close", 4, 5),  # the accent alone
        ("one\n\n\ttwo  three", 4, 9),  # white space stays as it is
        ("x", 0, 1),
    ],
)
def test_marks_fall_between_characters(text: str, start: int, end: int) -> None:
    within = passage(text)
    found = page(reply([answer(within, start, end)], [hit(within)]))
    assert found.text("mark") == text[start:end]
    assert found.text(".passage") == text


# Marking: exactly or not at all -----------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": 12, "end": 17},  # other words stand there
        {"start": 0, "end": 5},  # before the passage
        {"start": 24, "end": 29},  # past its end
        {"start": 15, "end": 14},  # backwards
        {"text": "Alpha"},  # another spelling
        {"source": source(id="other")},  # another document
    ],
)
def test_what_cannot_be_located_exactly_is_not_marked(wrong: dict[str, Any]) -> None:
    within = passage("alpha beta gamma", start=10)
    found = page(reply([replace(answer(within, 10, 15), **wrong)], [hit(within)]))
    assert found.texts("mark") == []
    assert words.NOT_MARKED in found.texts("p")
    assert found.text(".passage") == "alpha beta gamma"


def test_an_overlap_is_marked_once_in_another_passage() -> None:
    first, other = passage("alpha beta gamma"), passage("beta gamma delta", start=6, id="p2")
    answers = [answer(first, 6, 16), answer(other, 11, 22), answer(first, 0, 5)]
    third = passage("alpha beta gamma delta", id="p3")
    found = page(reply(answers, [hit(first, 1), hit(other, 2), hit(third, 3)]))
    marks = found.texts("mark")
    assert marks[:3] == ["beta gamma", "gamma delta", "alpha"]  # each in its own passage
    assert marks[3:] == ["alpha", "beta gamma delta"]  # overlapping ones as one


def test_neighbours_are_marked_apart() -> None:
    first, whole = passage("alpha beta"), passage("alpha beta", id="p2")
    answers = [answer(first, 0, 6), answer(first, 6, 10)]
    found = page(reply(answers, [hit(first, 1), hit(whole, 2)]))
    assert found.texts("mark")[2:] == ["alpha ", "beta"]


# What a reply tells -----------------------------------------------------------------------------


def test_an_answer_says_where_it_stands() -> None:
    cited = source(
        id="reports/trusts.pdf",
        path=r"C:\docs\reports\trusts.pdf",
        title="Care trusts",
        author="Miller",
        year="2011",
        publication="JIC 19",
    )
    within = passage("alpha", section=["Costs\n of care", "Staff"])
    found = page(reply([answer(within, 0, 5, source=cited)], [hit(within, found_in=cited)]))
    (where,) = found.texts(".where")
    assert "Miller (2011), Care trusts, JIC 19" in where
    assert "File reports/trusts.pdf · Page 3 · Section Costs of care › Staff" in where


def test_a_document_of_a_collection_is_named_behind_its_file() -> None:
    row = source(id="doc-17", path="/x/corpus.jsonl", title="")
    within = passage("alpha")
    found = page(reply([answer(within, 0, 5, source=row)], [hit(within, found_in=row)]))
    assert "File corpus.jsonl, doc-17 ·" in found.text(".where")
    assert found.text("cite") == "corpus.jsonl, doc-17"


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "data:text/html,x", " https://x"])
def test_only_web_addresses_become_links(url: str) -> None:
    within = passage("alpha")
    found = page(reply([answer(within, 0, 5, source=source(url=url))], [hit(within)]))
    assert found.texts("a") == []


def test_a_web_address_becomes_a_link_that_tells_nothing() -> None:
    within = passage("alpha")
    found = page(reply([answer(within, 0, 5, source=source(url="https://x.org/?a&b"))], []))
    (link,) = [node for node in found.nodes if node.tag == "a"]
    assert link.attributes["href"] == "https://x.org/?a&b"
    assert link.attributes["rel"] == "noopener noreferrer"


def test_only_the_first_answer_is_unfolded() -> None:
    within = passage("alpha beta")
    found = page(reply([answer(within, 0, 5), answer(within, 6, 10)], [hit(within)]))
    states = ["open" in node.attributes for node in found.nodes if node.tag == "details"]
    assert states == [True, False]
    assert found.texts("h2") == ["Answer 1 of 2", "Answer 2 of 2"]


CALIBRATED = Calibrated(
    gold="SQuAD 2.0", own=False, questions=2000, ece=0.02, created_at="2020-05-01T09:30:00+00:00"
)


def test_each_answer_says_how_sure_it_is_and_the_reply_once_what_that_rests_on() -> None:
    within = passage("alpha beta")
    answers = [answer(within, 0, 5, confidence=0.874), answer(within, 6, 10, confidence=0.5)]
    found = page(reply(answers, [hit(within)], calibration=CALIBRATED))
    assert found.texts(".sure") == [
        "Confidence 87 %: about 9 in 10 answers like this one were right.",
        "Confidence 50 %: about 5 in 10 answers like this one were right.",
    ]
    basis = [text for text in found.texts("p") if "calibrated on" in text]
    assert basis == [
        "Confidence is calibrated on 2,000 questions of SQuAD 2.0, not on your documents."
    ]
    assert words.UNSURE not in found.texts("p")


def test_without_a_calibration_no_chance_is_given() -> None:
    within = passage("alpha beta")
    found = page(reply([answer(within, 0, 5), answer(within, 6, 10)], [hit(within)]))
    assert found.texts("p").count("Confidence: not calibrated.") == 2
    assert len([text for text in found.texts("p") if text == NOT_CALIBRATED]) == 1
    assert found.texts(".sure") == []


def test_a_reply_says_that_it_was_not_reranked() -> None:
    within = passage("Patients eat at noon.")
    plain, reranked = hit(within, dense_rank=1), hit(within, rerank_score=1.5)
    for answers in ([], [answer(within, 0, 21)]):
        assert NOT_RERANKED in render.reply(reply(answers, [plain])).markup
        assert NOT_RERANKED not in render.reply(reply(answers, [reranked])).markup


def test_an_answer_that_is_part_of_a_sentence_is_shown_in_it() -> None:
    within = passage("Birmingham Two <b>\nSandwell One")
    row = Sentence(start=0, end=18)
    cell = replace(answer(within, 11, 14), sentence=row, sentence_text="Birmingham Two <b>")
    found = page(reply([cell], [hit(within)]))
    assert found.text("blockquote") == "Two"
    assert found.texts("mark") == ["Two", "Two"]  # in the row, and in the passage around it
    assert found.text(".in") == "in Birmingham Two <b>"
    whole = page(reply([answer(within, 0, 18)], [hit(within)]))
    assert whole.texts(".in") == []


def test_an_answer_says_how_it_was_found() -> None:
    within = passage("alpha")
    of = hit(within, dense_rank=2, lexical_rank=1, rerank_score=4.0)
    assert page(reply([answer(within, 0, 5)], [of])).texts("p").count(words.found(of)) == 1


def test_an_answer_lists_where_else_it_stands() -> None:
    within = passage("alpha")
    places = [
        Place(source=source(id=f"copies/{n}.txt", path=f"/x/copies/{n}.txt", title=f"T{n}"),
              page=n, start=0, end=5)
        for n in range(1, 8)
    ]  # fmt: skip
    one = replace(answer(within, 0, 5), places=tuple(places))
    found = page(reply([one], [hit(within)]))
    listed = found.texts("li")
    assert listed[0] == "T1 File copies/1.txt · Page 1"
    assert len(listed) == 5
    assert "… and 2 other places." in found.texts("p")
    two = page(reply([replace(one, places=tuple(places[:2]))], [hit(within)]))
    assert len(two.texts("li")) == 2
    assert not [text for text in two.texts("p") if text.startswith("… and")]
    assert words.SAME_ELSEWHERE not in page(reply([answer(within, 0, 5)], [hit(within)])).texts("p")


def test_what_was_searched_is_shown_where_it_is_more_than_was_asked() -> None:
    expansion = Expansion(short="PCT", long="primary care trust", document_id="d", start=0, end=9)
    more = reply(searched="What is a PCT (primary care trust)?", expansions=(expansion,))
    found = page(more)
    assert found.texts(".asked") == [
        "You asked: Why?",
        "Searched for: What is a PCT (primary care trust)?",
    ]
    assert "PCT stands for “primary care trust” in d." in found.texts("p")
    assert page(reply()).texts(".asked") == ["You asked: Why?"]


def test_what_was_carried_over_is_left_to_the_box_that_shows_it() -> None:
    more = reply(searched="Why the ward?")
    found = check(outline(render.reply(more, carried_over=True).markup))
    assert found.texts(".asked") == ["You asked: Why?"]
    assert render.outcome(more, carried_over=True).markup == (
        "Not in your sources. Asked together with your last question."
    )


def test_passages_without_an_answer_are_listed_once_and_folded() -> None:
    shown_, other = passage("alpha"), passage("beta " * 100, id="p2")
    found = page(reply([answer(shown_, 0, 5)], [hit(shown_), hit(other, 2)]))
    assert found.texts("h2") == ["Answer", words.OTHERS]
    assert len(found.texts("li")) == 1
    excerpt = found.text(".excerpt")
    assert excerpt.endswith("beta…")
    assert len(excerpt) <= 161
    assert "open" not in found.nodes[[node.tag for node in found.nodes].index("li") + 1].attributes


def test_not_in_your_sources_shows_the_closest_passages_as_no_answers() -> None:
    hits = [hit(passage(f"text {n}", id=f"p{n}"), n) for n in range(1, 6)]
    nothing = reply([], hits, pages_unread=2)
    found = page(nothing)
    assert found.text("h2") == "Not in your sources"
    assert words.CLOSEST_MEANING in found.texts("p")
    assert "2 pages or files were not read. An answer that stands in them cannot be found." in (
        found.texts("p")
    )
    assert found.texts(".passage") == ["text 1", "text 2", "text 3"]
    assert found.texts("blockquote") == found.texts("mark") == []
    assert outline(f"<p>{render.outcome(nothing).markup}</p>").text("p") == (
        "Not in your sources. The closest 3 passages shown."
    )


def test_where_only_some_was_searched_no_more_is_claimed() -> None:
    nothing = reply([], [hit(passage("text"))], pages_unread=2)
    found = check(outline(render.reply(nothing, only_in="Searched only in: folder a.").markup))
    assert found.text("h2") == words.NOT_IN_THOSE
    assert "Searched only in: folder a." in found.texts(".meta")
    assert words.NOT_THERE_MEANING not in found.texts("p")
    assert words.unread_anywhere(2) in found.texts("p")
    assert words.NOT_JUDGED in found.texts(".meta")
    assert buttons(found, "right") == buttons(found, "wrong") == []
    assert render.outcome(nothing, narrowed=True).markup == (
        "Not in the documents that were searched. The closest 1 passage shown."
    )


def test_nothing_at_all() -> None:
    found = page(reply())
    assert found.text("h2") == "Not in your sources"
    assert found.texts("ol") == found.texts("h3") == []
    assert render.outcome(reply()).markup == "Not in your sources."


def test_the_footing_names_the_build_and_the_time() -> None:
    assert page(reply()).texts(".meta")[-1] == "Took 0.4 seconds. Build 7."
    assert page(reply(elapsed_ms={})).texts(".meta")[-1] == "Build 7."


# The header -------------------------------------------------------------------------------------


def test_the_header_says_what_is_searched_and_what_is_not(index: Path) -> None:
    qa = open_qa(index)
    found = check(outline(render.header(qa.status()).markup))
    qa.close()
    assert found.text("h1") == words.TITLE
    assert "Searching 3 documents (3 passages), build 1. 1 page or file was not read." in (
        found.texts("p")
    )
    (left_out,) = found.texts("li")
    assert left_out.startswith("scan <i>old.pdf: ")


def test_the_header_says_what_else_there_is_to_know(index: Path) -> None:
    qa = open_qa(index)
    found = check(outline(render.header(qa.status(), ["no reranker <here>"]).markup))
    qa.close()
    assert "no reranker <here>" in found.texts("p")


def test_the_header_of_a_whole_index_mentions_nothing_left_out(index: Path) -> None:
    qa = open_qa(index)
    status = qa.status()
    qa.close()
    whole = replace(
        status, pages_unread=0, files=tuple(file for file in status.files if file.state == "read")
    )
    found = check(outline(render.header(whole).markup))
    assert found.texts("details") == found.texts("strong") == []


def test_ten_thousand_files_left_out_are_counted_not_listed(index: Path) -> None:
    qa = open_qa(index)
    status = qa.status()
    qa.close()
    files = tuple(
        FileRow(
            key=n, id=f"{n}.xyz", path=f"/{n}.xyz", sha256="", size=0, state="unsupported",
            reason="", recipe="", documents=1, first_build=1,
        )
        for n in range(10_000)
    )  # fmt: skip
    found = check(outline(render.header(replace(status, files=files)).markup))
    assert len(found.texts("li")) == 50
    assert "… and 9,950 more: `ctqa status` lists them all." in found.texts("p")


# Several documents, and what can be done with an answer -----------------------------------------


def buttons(found: Outline, does: str) -> list[dict[str, str | None]]:
    return [
        node.attributes
        for node in found.nodes
        if node.tag == "button" and node.attributes["data-do"] == does
    ]


def of(document: str, text: str, **fields: Any) -> Answer:
    cited = source(id=document, path=f"/docs/{document}", title=f"Title of {document}")
    within = replace(passage(text, id=f"{document}:0"), document_id=document)
    return answer(within, 0, len(text), source=cited, **fields)


def test_answers_of_one_document_stand_under_its_name_with_the_best_first() -> None:
    answers = [of("a.pdf", "alpha"), of("b.pdf", "beta"), of("a.pdf", "gamma")]
    found = page(reply(answers))
    assert found.texts("h2") == ["Title of a.pdf", "Title of b.pdf"]
    assert found.texts("h3") == ["Answer 1 of 3", "Answer 2 of 3", "Answer 3 of 3"]
    assert found.texts("blockquote") == ["alpha", "gamma", "beta"]
    assert found.texts(".where")[0] == "Page 3"
    first, second = found.texts(".document")
    assert "File a.pdf" in first
    assert "beta" not in first
    assert "beta" in second


def test_one_document_alone_needs_no_group() -> None:
    found = page(reply([of("a.pdf", "alpha"), of("a.pdf", "beta")]))
    assert found.texts(".document") == []
    assert found.texts("h2") == ["Answer 1 of 2", "Answer 2 of 2"]
    assert "File a.pdf · Page 3" in found.texts(".where")[0]


def test_the_newest_edition_is_marked_and_an_older_one_names_it() -> None:
    newer = source(id="b.pdf", path="/docs/b.pdf", title="Lakes 2023")
    old, new = of("a.pdf", "alpha", newer=newer), of("b.pdf", "beta", newest=True)
    found = page(reply([old, new]))
    assert found.texts(".newer") == ["A newer edition is in your sources: Lakes 2023 · b.pdf"]
    assert found.texts(".newest") == [words.NEWEST]
    assert page(reply([new])).texts(".newest") == [words.NEWEST]
    assert page(reply([of("a.pdf", "alpha")])).texts(".newest") == []


def test_each_answer_can_be_read_in_its_document_and_names_the_marks_of_all() -> None:
    answers = [of("a.pdf", "alpha"), of("b.pdf", "beta"), of("a.pdf", "gamma")]
    first, second, third = buttons(page(reply(answers)), "read")
    assert (first["data-document"], first["data-start"], first["data-end"]) == ("a.pdf", "0", "5")
    marks = json.loads(str(first["data-marks"]))
    assert [mark[:3] for mark in marks] == [["a.pdf", 0, 5], ["a.pdf", 0, 5], ["b.pdf", 0, 4]]
    assert marks[0][3] == first["data-quote"] == hashlib.sha256(b"alpha").hexdigest()
    assert first["data-marks"] == second["data-marks"] == third["data-marks"]
    assert first["aria-label"] == "Read it in the document: answer 1 of 3"


def test_an_answer_is_copied_with_its_citation() -> None:
    cited = source(title="Care <trusts>", author="Robin Miller", year="2011")
    within = passage("“alpha” <b>")
    (copy,) = buttons(page(reply([answer(within, 0, 11, source=cited, page_label="iv")])), "copy")
    assert copy["data-text"] == (f"““alpha” <b>” {cite(cited, 'harvard', 'iv')}")
    assert copy["data-done"] == words.COPIED


def test_an_answer_is_copied_in_each_style_and_as_it_is_shown() -> None:
    cited = source(title="Care trusts", author="Robin Miller", year="2011")
    within = passage('one\n two "three"')
    (copy,) = buttons(page(reply([answer(within, 0, 16, source=cited, page_label="iv")])), "copy")
    texts = json.loads(str(copy["data-styles"]))
    assert list(texts) == [words.CITATION_STYLES[style] for style in STYLES]
    assert all(text.startswith('“one two "three"”') for text in texts.values())
    for style in STYLES:
        assert texts[words.CITATION_STYLES[style]].endswith(cite(cited, style, "iv"))


def test_an_answer_is_judged_with_its_place_and_the_question_that_was_meant() -> None:
    found = check(
        outline(render.reply(reply([of("a.pdf", "alpha")]), meant="Why the lakes?").markup)
    )
    (right,), (wrong,) = buttons(found, "right"), buttons(found, "wrong")
    assert right["data-question"] == wrong["data-question"] == "Why the lakes?"
    assert right["data-document"] == "a.pdf"
    assert (right["data-start"], right["data-end"]) == ("0", "5")
    assert right["data-sha256"] == hashlib.sha256(b"alpha").hexdigest()


def test_a_refusal_is_judged_without_a_place() -> None:
    found = page(reply(question="Where?"))
    (right,), (wrong,) = buttons(found, "right"), buttons(found, "wrong")
    for each in (right, wrong):
        place = (each["data-document"], each["data-start"], each["data-end"])
        assert (each["data-question"], *place) == ("Where?", "", "0", "0")


def test_every_name_of_a_button_is_its_own_and_begins_with_what_is_seen() -> None:
    answers = [of("a.pdf", "alpha"), of("b.pdf", "beta")]
    hits = [hit(passage(f"text {n}", id=f"p{n}"), n) for n in range(1, 4)]
    found = page(reply(answers, hits))
    named = [node for node in found.nodes if node.tag == "button"]
    names = [str(node.attributes["aria-label"]) for node in named]
    assert len(set(names)) == len(names) == 2 * 4 + 3
    assert all(name.startswith(node.text) for name, node in zip(names, named, strict=True))


def test_a_passage_is_read_in_its_document() -> None:
    within = passage("text", start=40)
    (read,) = buttons(page(reply([], [hit(within, 2)])), "read")
    assert (read["data-document"], read["data-start"], read["data-end"]) == ("d", "40", "44")
    assert read["aria-label"] == "Read it in the document: passage 2"


def quote(document: str, text: str, differs: str) -> Quote:
    cited = source(id=document, path=f"/docs/{document}", title=f"Title of {document}")
    return Quote(source=cited, page=2, start=10, end=10 + len(text), text=text, differs=differs)


def test_a_possible_disagreement_shows_both_quotes_and_what_differs() -> None:
    first = quote("a.pdf", "Staff get 28 days <b>.", "28 days")
    second = quote("b.pdf", "Staff get 30 days.", "30 days")
    told = Disagreement(kind="number", first=first, second=second, newer=second.source)
    found = page(reply([of("a.pdf", "alpha")], disagreements=(told,)))
    summary = found.texts("summary")[0]
    assert summary == (
        "Possible disagreement: 28 days (Title of a.pdf) against 30 days (Title of b.pdf)"
        " · The newer edition is Title of b.pdf"
    )
    (shown_,) = found.texts(".disagreement")
    assert "Staff get 28 days <b>." in shown_
    assert found.texts("mark")[:2] == ["28 days", "30 days"]
    assert found.texts(".newest") == [words.IS_NEWER]
    assert words.may_disagree("number") in found.texts("p")
    read = buttons(found, "read")[:2]
    assert [(each["data-start"], each["data-end"]) for each in read] == [("10", "32"), ("10", "28")]


def test_a_possible_denial_names_both_documents() -> None:
    first, second = quote("a.pdf", "Dogs may enter.", ""), quote("b.pdf", "Dogs may not.", "not")
    told = Disagreement(kind="negation", first=first, second=second)
    found = page(reply([of("a.pdf", "alpha")], disagreements=(told,)))
    assert found.texts("summary")[0] == (
        "Possible disagreement: Title of a.pdf against Title of b.pdf"
    )
    assert found.texts("mark")[0] == "not"
    assert words.may_disagree("negation") in found.texts("p")


@given(TEXTS, TEXTS, TEXTS)
def test_nothing_in_a_disagreement_or_a_group_becomes_markup(a: str, b: str, c: str) -> None:
    quotes = [
        replace(quote(id_, f"{b}{c}", c), source=source(id=id_, path=a, title=b)) for id_ in (a, c)
    ]
    told = Disagreement(kind="number", first=quotes[0], second=quotes[1], newer=quotes[1].source)
    answers = [
        replace(of("a", f"{a}!"), source=source(id=a, path=b, title=c, author=a, publication=b)),
        replace(of("b", f"{b}!"), source=source(id=f"{a}2", path=b, title=c)),
    ]
    found = page(reply(answers, disagreements=(told,)))
    assert found.texts("blockquote") == [shown(f"{a}!"), shown(f"{b}!")]
