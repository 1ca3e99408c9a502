"""Words that are marked: exact slices of what is shown, where a few words can answer."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
from encoders import WordEncoder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from library import build, write_texts
from rerankers import TellingReranker, WordReranker
from span_readers import WordSpanReader

import ctqa
from ctqa.answering import at_hand, lines
from ctqa.answering import marks as module
from ctqa.answering import read as reading
from ctqa.answering.lines import Line
from ctqa.answering.marks import Mark, Marker, Marks, asks_for_words, is_denied, marked
from ctqa.answering.qa import QA
from ctqa.answering.runs import Run
from ctqa.config import IndexConfig, SearchConfig
from ctqa.errors import ConfigError
from ctqa.evaluation import load_gold
from ctqa.evaluation.answers import f1
from ctqa.models import Marked, MarkedSpans, SpanReader
from ctqa.records import Answer, Hit, Passage, Sentence, Source, Why
from ctqa.text import squeeze

SENTENCES = SearchConfig(min_score=0.0, answers=20, reader="sentences")
SPANS = replace(SENTENCES, reader="spans")
TEXTS = {
    "smith.txt": (
        "Torbay\n\nThey once invented\nMrs Smith in Torbay. She was eighty five years old. "
        "Gulls cry over the bay all day.\n"
    ),
    "steps.txt": (
        "Becoming a trust\n\nThe steps to becoming a trust are:\n\n"
        "- talk with the council;\n- find one manager;\n- move the budgets.\n\n"
        "After that a trust opens its doors to everyone on 3 May 2004.\n"
    ),
}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("marks")
    config = IndexConfig(encoder="words", passage_tokens=60, overlap_tokens=8)
    build(write_texts(folder / "documents", TEXTS), folder / "index", config=config)
    return folder / "index"


def opened(index: Path, reader: SpanReader | None, config: SearchConfig = SPANS) -> QA:
    return QA.load(
        index, config, encoder=WordEncoder(), reranker=TellingReranker(), span_reader=reader
    )


class Counting(WordSpanReader):
    """Remembers what it was given to read."""

    read_texts: tuple[str, ...] = ()

    def mark(self, question: str, texts: Sequence[Marked]) -> list[MarkedSpans]:
        self.read_texts += tuple(each.text for each in texts)
        return super().mark(question, texts)


@pytest.fixture(scope="module")
def qa(index: Path) -> Iterator[QA]:
    found = opened(index, WordSpanReader())
    yield found
    found.close()


def test_what_is_given_is_taken_and_nothing_told(qa: QA) -> None:
    assert qa.notices == ()
    assert qa.marks_words


def check(qa: QA, answer: Answer) -> None:
    text = qa.text_of(answer.source.id)
    assert text[answer.start : answer.end] == answer.text == answer.text.strip() != ""
    assert answer.quote_sha256 == hashlib.sha256(answer.text.encode()).hexdigest()
    sentence = answer.sentence
    assert text[sentence.start : sentence.end] == answer.sentence_text
    assert sentence.start <= answer.start < answer.end <= sentence.end
    assert answer.passage.start <= sentence.start < sentence.end <= answer.passage.end


def test_the_words_are_marked_in_the_sentence_that_the_reranker_chose(qa: QA) -> None:
    (first, *_) = qa.ask("Who was once invented in Torbay?").answers
    assert first.text == "invented\nMrs"
    assert first.sentence_text.startswith("They once invented\nMrs Smith in Torbay.")
    assert first.signals is not None
    assert first.signals.span == len("invented Mrs")
    check(qa, first)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(min_size=1, max_size=80).filter(str.strip))
def test_any_question_gets_exact_slices_of_sentences(qa: QA, question: str) -> None:
    for answer in qa.ask(question).answers:
        check(qa, answer)
    plain = qa.ask(question, config=SENTENCES).answers
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "SPAN_PARTS", 0.0)  # then they choose nothing
        found = qa.ask(question).answers
    assert [(a.source, a.sentence, a.score) for a in found] == [
        (a.source, a.sentence, a.score) for a in plain
    ]


def test_of_sentences_that_read_alike_the_one_with_likelier_words_comes_first(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Taken(WordSpanReader):
        def mark(self, question: str, texts: Sequence[Marked]) -> list[MarkedSpans]:
            return [
                replace(
                    found,
                    spans=tuple(
                        span
                        and replace(span, score=20.0 if "Gulls" in text.text[slice(*part)] else 0)
                        for span, part in zip(found.spans, text.parts, strict=True)
                    ),
                )
                for found, text in zip(super().mark(question, texts), texts, strict=True)
            ]

    taken = opened(index, Taken())
    question = "Who was once invented in Torbay?"
    assert taken.ask(question).answers[0].sentence_text.startswith("They once invented")
    monkeypatch.setattr(lines, "SPAN_PARTS", 30.0)
    first = taken.ask(question).answers[0]
    assert first.sentence_text.startswith("Gulls cry")
    assert first.score == pytest.approx(max(a.score for a in taken.ask(question).answers))
    taken.close()


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Who resigned in June 2003?", True),
        ("And when did it open?", True),
        ("How many homes are there?", True),
        ("How very often do gulls cry?", True),
        ("In which year was that?", True),
        ("what did it cost", True),
        ("Why did he resign?", False),
        ("But why?", False),
        ("How does a trust open?", False),
        ("For what reason did it close?", False),
        ("In what way do they differ?", False),
        ("Explain the budget", False),
        ("Describe Mrs Smith", False),
        ("Is tea free?", False),
        ("Were there any pilots?", False),
        ("Care trusts were disbanded in 2006", False),
    ],
)
def test_a_reason_a_way_a_yes_and_a_claim_keep_the_sentence(question: str, *, wanted: bool) -> None:
    assert asks_for_words(question) is wanted


@pytest.mark.parametrize(
    ("before", "behind", "wanted"),
    [
        ("", " never carry keys.", True),
        ("", " may not visit without an adult.", True),
        ("", " give no controlled drugs.", True),
        ("Staff don’t accept gifts worth more than ", ".", True),
        ("Everyone visits at any time except ", ".", True),
        ("Only ", " who have passed the course may give medicines.", True),
        ("Only trained ", " may give medicines.", True),
        ("", ", who help at times, never carry keys.", True),
        ("", " (since 2003) do not carry keys.", True),
        ("", ", who never married, died in 1943.", False),
        ("Smith, who never married, died in ", ".", False),
        ("", " carry keys. They do not lend them.", False),
        ("", " may give medicines only to adults.", False),
        ("", " carry keys.", False),
        ("", " carry keys, but they never use them.", False),
        ("Volunteers never carry keys; ", " do.", False),
        ("The only site was ", ".", False),
        ("Ward No. 5 is led by ", ".", False),
        ("It is noted that ", " came.", False),
    ],
)
def test_words_are_not_taken_out_of_what_denies_them(
    before: str, behind: str, *, wanted: bool
) -> None:
    assert is_denied("Who may carry keys?", before, behind) is wanted


@pytest.mark.parametrize(
    ("question", "behind", "wanted"),
    [
        ("Who may not carry keys?", " never carry keys.", False),
        ("Who doesn't carry keys?", " never carry keys.", False),
        ("Who may visit without an adult?", " may visit without an adult.", False),
        ("Who may visit without an adult?", " under 16 may not visit without an adult.", True),
        ("Who may not visit?", " may not visit without an adult.", True),
        ("Who may visit except on Sundays?", " may visit except on Sundays.", False),
    ],
)
def test_a_question_may_deny_as_its_answer_does(
    question: str, behind: str, *, wanted: bool
) -> None:
    assert is_denied(question, "", behind) is wanted


def test_what_keeps_the_sentence_is_shown_whole(qa: QA) -> None:
    (first, *_) = qa.ask("Why do gulls cry over the bay?").answers
    assert first.text == first.sentence_text == "Gulls cry over the bay all day."


def test_a_list_is_shown_whole_and_one_item_is_marked(qa: QA) -> None:
    (whole, *_) = qa.ask("What are the steps to becoming a trust?").answers
    assert whole.text == whole.sentence_text
    assert whole.text.endswith("move the budgets.")
    (item, *_) = qa.ask("Who is the council that we talk with?").answers
    assert (item.sentence_text, item.text) == ("- talk with the council;", "the council")


def test_where_the_reader_is_unsure_only_what_is_sure_is_marked(index: Path) -> None:
    unsure = opened(index, WordSpanReader(null_score=100.0))
    (first, *_) = unsure.ask("Who was once invented in Torbay?").answers
    assert first.text == first.sentence_text
    assert first.signals is not None
    assert first.signals.span == -20
    (dated, *_) = unsure.ask("When do trust doors open to everyone?").answers
    assert dated.text == "3 May 2004"  # the only date in it
    unsure.close()


def test_without_marks_a_signal_says_nothing(qa: QA) -> None:
    for answer in qa.ask("Who was once invented in Torbay?", config=SENTENCES).answers:
        assert answer.signals is not None
        assert answer.signals.span == 0.0


def test_spans_count_beside_the_sentence_only_where_they_are_let(
    qa: QA, monkeypatch: pytest.MonkeyPatch
) -> None:
    hit = _hit("Care\nhomes. ", ("Care homes.",))
    line = Line(hit=replace(hit, why=Why(rerank_score=1.0)), at=0, titled=False, logit=4.0)
    monkeypatch.setattr(lines, "SPAN_PARTS", 0.0)
    assert line.score == replace(line, odds=-9.0).score == 3.0
    monkeypatch.setattr(lines, "SPAN_PARTS", 1.0)
    assert line.score == 3.0
    assert replace(line, odds=-9.0).score == (9 - 9) / 4


def test_what_is_marked_has_a_calibration_of_its_own(index: Path, qa: QA) -> None:
    plain = opened(index, None, SENTENCES)
    assert plain.models.startswith("sentences/reranked/")
    digest = hashlib.sha256(b"spans").hexdigest()
    assert qa.models == f"spans-{digest[:8]}{plain.models.removeprefix('sentences')}"
    assert qa._models(SENTENCES, given=False) == plain.models
    assert qa._models(SPANS, given=False) == qa.models
    assert (qa.marks_words, plain.marks_words) == (True, False)
    with pytest.raises(ConfigError, match='reader = "spans": was not loaded'):
        plain.ask("Who?", config=SPANS)
    plain.close()


def test_where_words_cannot_be_marked_sentences_are_shown_and_it_is_told(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(at_hand, "load_reranker", lambda _: WordReranker())
    found = QA.load(index, SPANS, encoder=WordEncoder())
    (notice,) = found.notices
    assert notice.startswith("sentences are shown, and no words marked in them: ")
    assert "words is run otherwise" in notice
    (first, *_) = found.ask("Who was once invented in Torbay?").answers
    assert first.text == first.sentence_text
    assert found.models.startswith("sentences/")
    found.close()


def test_without_a_reranker_nothing_is_marked(index: Path) -> None:
    found = QA.load(index, replace(SPANS, rerank=0), encoder=WordEncoder())
    assert found.notices == ()
    assert not found.marks_words
    assert found.ask("Who was once invented in Torbay?").answers
    found.close()


# Where spans stand ------------------------------------------------------------------------------


def _hit(text: str, mended: tuple[str, ...]) -> Hit:
    """A passage from character 100 on, a sentence a line feed or a space, as it was mended."""
    cuts = [0]
    for copy in mended:
        cuts.append(_after(text, cuts[-1], copy))
    sentences = [
        Sentence(start=100 + start, end=100 + start + len(text[start:end].rstrip()), mended=copy)
        for start, end, copy in zip(cuts, cuts[1:], mended, strict=False)
    ]
    passage = Passage(
        id="p",
        document_id="d",
        start=100,
        end=100 + len(text),
        text=text,
        page=1,
        section=("Care",),
        sentences=tuple(sentences),
    )
    source = Source(id="d", path="d.txt", sha256="0", title="D")
    return Hit(rank=1, score=0.0, passage=passage, source=source, why=Why())


def _after(text: str, start: int, copy: str) -> int:
    """Find where the next sentence begins."""
    end = text.find(". ", start)
    return len(text) if end < 0 else end + 2


WORDS = st.lists(st.sampled_from(["care", "in-\nspected", "homes", "é", " a", "1 2"]), max_size=6)
LINES = st.lists(WORDS.map(lambda words: " ".join(["so", *words]) + ". "), min_size=1, max_size=4)


@given(LINES, st.data())
def test_marks_are_stripped_slices_of_their_own_sentences(
    drawn: list[str], data: st.DataObject
) -> None:
    text = "".join(drawn)
    copies = tuple(
        squeeze(line).replace("- ", "") if data.draw(st.booleans()) else "" for line in drawn
    )
    hit = _hit(text, copies)
    found = Marker(WordSpanReader()).marks("Who?", [hit])
    for at, sentence in enumerate(hit.passage.sentences):
        line = Line(hit=hit, at=at, titled=False, logit=0.0)
        mark = found.best(Run(line=line, first=at, last=at + 1, logit=0.0))
        assert mark is not None
        assert sentence.start <= mark.start < mark.end <= sentence.end
        shown = text[mark.start - 100 : mark.end - 100]
        assert shown == shown.strip()
        assert found.odds(hit, at) == min(mark.odds, 20.0)
        place = marked("Who?", Run(line=line, first=at, last=at + 1, logit=0.0), mark)
        assert place == (mark.start - sentence.start, mark.end - sentence.start)


def test_a_passage_is_read_once_for_a_question_and_marked_alike(qa: QA) -> None:
    counting = Counting()
    marker, hits = Marker(counting), qa.search("Who was once invented in Torbay?")[:2]
    first = marker.marks("Who?", hits)
    again = marker.marks("Who?", [*hits, hits[0]])
    assert len(counting.read_texts) == 2
    assert again._found == first._found == Marker(WordSpanReader()).marks("Who?", hits)._found
    marker.marks("What?", hits)
    assert len(counting.read_texts) == 4


def test_words_are_marked_only_where_a_line_is_near_the_best(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "Who was once invented in Torbay?"
    every, near = Counting(), Counting()
    with closing(opened(index, every)) as found:
        monkeypatch.setattr(reading, "MARKED_WITHIN", inf)
        whole = found.ask(question).answers
    with closing(opened(index, near)) as found:
        monkeypatch.setattr(reading, "MARKED_WITHIN", 0.0)
        answers = found.ask(question).answers
    assert len(near.read_texts) == 1 < len(every.read_texts)
    assert answers[0].text == whole[0].text
    unread = [a for a in answers if squeeze(a.sentence_text) not in near.read_texts[0]]
    assert unread
    for answer in unread:
        assert answer.text == answer.sentence_text
        assert answer.signals is not None
        assert answer.signals.span == -20


def test_the_best_of_a_run_is_marked_and_what_is_too_unsure_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hit = _hit("So it is. Or not. ", ("So it is.", "Or not."))
    line = Line(hit=hit, at=0, titled=False, logit=0.0)
    run = Run(line=line, first=0, last=2, logit=0.0)
    one, other = Mark(start=103, end=105, odds=1.0), Mark(start=113, end=116, odds=3.0)
    assert Marks({"p": (one, other)}).best(run) == other
    assert Marks({"p": (one, replace(other, odds=1.0))}).best(run) == one
    assert Marks({"p": (None, None)}).best(run) is None
    assert Marks({"p": (None, None)}).odds_of(run) == -20
    assert Marks({}).odds_of(run) == 0.0
    assert Marks({}).odds(hit, 0) is None
    assert marked("Who?", run, other) == (13, 16)
    monkeypatch.setattr(module, "LEAST_ODDS", inf)
    assert marked("Who?", run, other) is None


# The reader that is shipped ---------------------------------------------------------------------


@pytest.mark.model
def test_over_the_samples_the_shipped_reader_marks_exact_words_near_to_the_gold(
    tmp_path: Path,
) -> None:
    seeds = Path(__file__).parents[2] / "seeds"
    ctqa.build([seeds], tmp_path / "index")
    every = SearchConfig(reader="spans", accepted_error=1.0, min_score=0.0)
    with closing(ctqa.load(tmp_path / "index", config=every)) as found:
        assert found.notices == ()
        possible = [q for q in load_gold(seeds / "gold.jsonl").questions if not q.impossible]
        marked_f1, whole_f1, marks = [], [], 0
        holds, holds_unmarked = 0, 0
        for question in possible[::6]:
            first = found.ask(question.question).answers[0]
            check(found, first)
            plain = found.ask(question.question, config=replace(every, reader="sentences"))
            holds += _holds(first, question.answers)
            holds_unmarked += _holds(plain.answers[0], question.answers)
            marks += first.text != first.sentence_text
            marked_f1.append(f1(first.text, question.answers))
            whole_f1.append(f1(plain.answers[0].text, question.answers))
    assert marks > len(marked_f1) / 2
    assert holds >= holds_unmarked
    assert sum(marked_f1) > sum(whole_f1) + 0.1 * len(whole_f1)


def _holds(answer: Answer, gold: Sequence[str]) -> bool:
    return any(squeeze(text) in squeeze(answer.sentence_text) for text in gold)
