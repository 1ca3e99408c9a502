"""The report: all that a result tells, in one file that can do nothing but be read."""

import base64
import hashlib
import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import lxml.html
import pytest
from evaluation.results import held_back, impossible, many, possible, result_over, searched, spot
from evaluation.test_evaluate import GOLD, QA
from evaluation.test_kept import ABOUT
from hypothesis import given, settings
from hypothesis import strategies as st

from ctqa.errors import ConfigError
from ctqa.evaluation import evaluate
from ctqa.evaluation.html_report import html_of, policy_when_served, write_report
from ctqa.evaluation.html_report.counted import documents, ranks, times
from ctqa.evaluation.kept import Result, Results, result_of
from ctqa.evaluation.naming import NAMES, SHOWN, STAGE_NAMES, STAGES
from ctqa.evaluation.outcome import GoldProblem
from ctqa.evaluation.percents import between, percent

SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} {% raw %} & \" ' `"
    "\u202egnp.exe\u202c \0 \x1b[31m \ud800 \ufffe <!--<script> ]]>"
)
KEPT = HOSTILE.translate({0: "\ufffd", 0x1B: "\ufffd", 0xD800: "\ufffd"})


def page(result: Result) -> lxml.html.HtmlElement:
    """Read a report without its library, which is long."""
    head, _, _ = html_of(result).partition('<script type="application/json"')
    return lxml.html.document_fromstring(
        head.encode(), parser=lxml.html.HTMLParser(encoding="utf8")
    )


def text(result: Result) -> str:
    return " ".join(page(result).text_content().replace("\xa0", " ").split())


def figures(result: Result) -> dict[str, dict[str, object]]:
    told = html_of(result).partition('id="figures">')[2].partition("</script>")[0]
    return dict(json.loads(told))


def table(result: Result, caption: str) -> list[list[str]]:
    """Give the lines of a table by the id of its caption."""
    found = page(result).xpath(f"//table[caption[@id='{caption}']]")[0]
    return [
        [" ".join(cell.text_content().replace("\xa0", " ").split()) for cell in line]
        for line in found.xpath("./tbody/tr")
    ]


SEVERAL = result_over(
    [
        possible("right", 1),
        possible("wrong", 3, right=False, confidence=0.8),
        possible("worse", 40, right=False, confidence=0.95),
        held_back("held", right=True),
        impossible("refused"),
        impossible("answered", answered=True),
    ]
)


def test_a_real_evaluation_can_be_reported() -> None:
    told = text(result_of(evaluate(QA, GOLD), ABOUT))
    assert "Evaluation with set" in told
    assert "build 7: 2 documents, 3 passages" in told


def test_a_kept_result_makes_the_same_report_byte_for_byte_wherever_it_is_made(
    tmp_path: Path,
) -> None:
    results = Results(tmp_path)
    id = results.keep(evaluate(QA, GOLD), ABOUT).id
    program = (
        "import sys, hashlib; from pathlib import Path; from ctqa.evaluation.kept import Results;"
        "from ctqa.evaluation.html_report import html_of;"
        "made = html_of(Results(Path(sys.argv[1])).open(sys.argv[2]));"
        "print(hashlib.sha256(made.encode()).hexdigest())"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), id],
        env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert elsewhere == hashlib.sha256(html_of(results.open(id)).encode()).hexdigest()


def test_it_says_in_words_what_came_of_it() -> None:
    told = text(SEVERAL)
    assert "The first answer is right for 25 % (5 to 70 %) of 4 questions" in told
    assert "Of 2 questions that the documents do not answer, 50 % (9 to 91 %) were rightly" in told
    assert "Most is to be won by choosing the words better: 2 of 4 failures." in told
    assert "With 6 questions, one more or less that is right moves a share by 17 points" in told
    assert "2 questions of the gold set were left out" in told


def test_the_head_says_what_was_measured() -> None:
    told = text(SEVERAL)
    for fact in (
        "6 questions, 2 of them without an answer in the documents",
        "build 3: 5 documents, 60 passages",
        "2026-11-26 08:45 UTC, in 3 minutes",
        "an encoder (encoder), a reranker (reranker), sentences (reader)",
        "key of the models",
        "calibrated on 900 questions of general (2026-10-01); these are not about your documents",
        "dense_weight",
        "passage_tokens",
        "ab" * 32,
    ):
        assert fact in told


def test_every_measure_stands_there_with_interval_number_and_meaning() -> None:
    result = many(300)
    lines = {line[0]: line[1:4] for line in table(result, "shown-caption")}
    lines |= {line[0]: line[1:4] for line in table(result, "others-caption")}
    for name, each in result.summary.figures.items():
        head = next(found for found in lines if found.startswith(NAMES[name].label))
        assert NAMES[name].meaning in head
        interval = f"{each.low:.3f} to {each.high:.3f}"
        assert lines[head] == [f"{each.mean:.3f}", interval, f"{each.n:,}"]
    heads = page(result).xpath("//table[caption[@id='shown-caption']]//summary/text()")
    assert heads == [NAMES[name].label for name in SHOWN if name in result.summary.figures]


def test_halves_and_kinds_are_told_apart() -> None:
    half = {line[0]: line[1:] for line in table(many(300), "group-1-caption")}
    kinds = [line[0] for line in table(many(300), "group-2-caption")]
    assert set(half) == {"report", "tune"}
    assert kinds == ["(none)", "fact", "number"]
    assert all("n =" in cell for cells in half.values() for cell in cells if cell != "–")


def test_ranks_are_counted_once_each() -> None:
    lines = table(SEVERAL, "ranks-table-caption")
    assert [(line[0], line[1]) for line in lines] == [
        ("1", "1"),
        ("2", "0"),
        ("3", "1"),
        ("4 to 5", "1"),
        ("6 to 10", "0"),
        ("11 to 100", "1"),
        ("Not found", "0"),
    ]
    assert figures(SEVERAL)["ranks"]["data"][0]["x"] == [1, 0, 1, 1, 0, 1, 0]  # type: ignore[index]


def test_risk_goes_on_over_what_was_held_back_and_marks_where_ctqa_stopped() -> None:
    told = text(SEVERAL)
    assert "CTQA answered 67 % of 6 questions, impossible ones among them; 3 of 4 answers" in told
    lines = table(SEVERAL, "risk-table-caption")
    assert [line for line in lines if "here CTQA stopped" in line[0]] == [
        ["67 % here CTQA stopped", "4", "3", "75 %", "30 to 95 %"]
    ]
    assert lines[-1][:2] == ["100 %", "6"]
    shown, held, stop = figures(SEVERAL)["risk"]["data"]  # type: ignore[misc]
    assert max(shown["x"]) == stop["x"][0] == pytest.approx(4 / 6)
    assert held["x"][-1] == 1


def test_failures_are_told_by_stage_with_what_to_do() -> None:
    lines = table(SEVERAL, "failures-table-caption")
    assert [line[:3] for line in lines] == [
        ["Right passage, wrong words", "2", "50 %"],
        ["Held back, though right", "1", "25 %"],
        ["Answered, though impossible", "1", "25 %"],
    ]
    remedy = STAGE_NAMES["should not have abstained"].remedy
    assert lines[1][4] == remedy.replace("`", "")


def test_every_failed_question_is_there_the_surest_wrong_answer_of_a_stage_first() -> None:
    found = page(SEVERAL)
    asked = [
        [each.text_content() for each in group.xpath(".//p[@class='question']")]
        for group in found.xpath("//section[@id='questions']/details")
    ]
    assert asked == [
        ["What is said in worse?", "What is said in wrong?"],
        ["What is said in held?"],
        ["What is said in answered?"],
        ["What is said in right?", "What is said in refused?"],
    ]
    told = text(SEVERAL)
    assert "Held backHeld of held. policy.pdf, page 2" in told
    assert "First right passage: number 40 Confidence: 95 % Question worse" in told
    assert "no answer, since the documents hold none" in told


def test_documents_that_were_never_found_come_first() -> None:
    rows = [
        possible("a", 1, wanted={"found.pdf": 1, "lost.pdf": None}),
        possible("b", 12, wanted={"found.pdf": 12, "lost.pdf": None}),
        possible("c", 7, wanted={"found.pdf": 7}),
        possible("d", None, wanted={"a.pdf": None}),
    ]
    assert table(result_over(rows), "wanted-caption") == [
        ["lost.pdf", "2", "0", "0", "0", "2"],
        ["a.pdf", "1", "0", "0", "0", "1"],
        ["found.pdf", "3", "1", "1", "1", "0"],
    ]
    assert "2 of them were not found for any question" in text(result_over(rows))


def test_gold_to_mend_is_listed_and_where_there_is_none_nothing_is_said() -> None:
    problem = GoldProblem(
        question_id="q", document="d.pdf", quote="words", problem="it is not there", missed=True
    )
    told = result_over([possible("q", None, right=False, problems=(problem,))])
    assert table(told, "to-mend-caption") == [["q", "d.pdf", "it is not there", "words"]]
    assert "1 judgment of 1 has no place in this index" in text(told)
    assert not page(SEVERAL).xpath("//*[@id='mend']")


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (result_over([possible("only")]), "The first answer is right for 100 % (21 to 100 %) of 1"),
        (
            result_over([held_back("a", right=False), held_back("b", right=True)]),
            "CTQA answered none of the questions.",
        ),
        (
            result_over([possible("a", confidence=None)], calibrated=None),
            "not calibrated for these models",
        ),
        (
            result_over([searched("a", 1), searched("b", None)], answers=False, calibrated=None),
            "Only searching was measured; no answers were asked for.",
        ),
        (
            result_over([impossible("a"), impossible("b", answered=True)]),
            "None of these questions is one that the documents answer.",
        ),
        (
            result_over([impossible("a", answered=None, values={})], answers=False),
            "Nothing could be measured",
        ),
        (result_over([possible("a")]), "No question failed."),
    ],
)
def test_whatever_is_missing_is_said(result: Result, said: str) -> None:
    assert said in text(result)


def test_questions_nobody_answered_are_not_called_right() -> None:
    told = result_over([searched("a", 1), impossible("b", answered=None, values={})], answers=False)
    assert "Nothing went wrong (1)" in text(told)


def test_hostile_text_stays_text_everywhere() -> None:
    row = possible(
        HOSTILE,
        2,
        right=False,
        question=HOSTILE,
        kind=HOSTILE,
        half=HOSTILE,
        expected=HOSTILE,
        expected_at=spot(HOSTILE, HOSTILE),
        answer_at=spot(HOSTILE, HOSTILE),
        wanted={HOSTILE: 2},
        problems=(
            GoldProblem(
                question_id=HOSTILE, document=HOSTILE, quote=HOSTILE, problem=HOSTILE, missed=False
            ),
        ),
    )
    result = result_over([row], models=HOSTILE, index={"encoder": HOSTILE})
    made = html_of(result)
    assert made.count("</script") == 3 and made.count("<img") == 0
    found = page(result)
    assert not found.xpath("//img | //section//script")
    shown = " ".join(KEPT.split())
    assert found.xpath("//p[@class='question']")[0].text_content() == shown
    assert [each.text_content() for each in found.xpath("//dd/q")] == [shown, shown]
    assert "gnp.exe" not in json.dumps(figures(result))


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text(alphabet=st.characters(), min_size=1), min_size=1, max_size=20))
def test_any_text_comes_through_as_it_is(questions: list[str]) -> None:
    rows = [possible(f"{n:03}", question=each) for n, each in enumerate(questions)]
    found = page(result_over(rows)).xpath("//section[@id='questions']//p[@class='question']")
    forbidden = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
    expected = [forbidden.sub("\ufffd", " ".join(each.split())) for each in questions]
    assert [" ".join((each.text_content()).split()) for each in found] == [
        " ".join(each.split()) for each in expected
    ]


def test_no_script_but_its_own_two_may_run_and_nothing_is_fetched() -> None:
    made = html_of(SEVERAL)
    scripts = SCRIPT.findall(made)
    digests = [
        base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts
    ]
    allowed = re.findall(r"'sha256-([^']+)'", policy_when_served())
    assert allowed == digests and len(allowed) == 2
    found = page(SEVERAL)
    policy = found.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert policy_when_served().startswith(f"{policy};")
    assert not found.xpath("//@src | //link | //iframe | //form | //*[@onclick]")
    assert all(each.startswith("#") for each in found.xpath("//@href"))


def test_every_plot_has_words_and_a_table_and_every_table_its_heads() -> None:
    found = page(many(300))
    plots = found.xpath("//*[@data-figure]")
    assert [each.get("data-figure") for each in plots] == [
        *("ranks", "risk", "calibration", "latency", "failures")
    ]
    assert set(figures(many(300))) == {each.get("data-figure") for each in plots}
    for each in plots:
        assert each.get("role") == "img" and len(each.get("aria-label")) > 40
        assert each.getnext().tag == "details" and each.getnext().xpath(".//table")
    for each in found.xpath("//table"):
        assert each.xpath("./caption") and each.xpath("./thead/tr/th[@scope='col']")
        assert all(line[0].get("scope") == "row" for line in each.xpath("./tbody/tr"))
    ids = found.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {each[1:] for each in found.xpath("//@href")} <= set(ids)


def test_long_lists_end_and_say_so() -> None:
    rows = [possible(f"q{n:05}", None, right=False, wanted={f"{n}": None}) for n in range(10_570)]
    result = result_over(rows)
    made = html_of(result)
    assert len(made) < 6 * 2**20
    assert len(page(result).xpath("//p[@class='question']")) == 200
    assert "… and 10,370 more questions; this list ends after 200." in text(result)
    assert "… and 10,370 more documents; this list ends after 200." in text(result)


def test_curves_of_many_questions_are_thinned_to_what_an_eye_tells_apart() -> None:
    shown, held, _ = figures(many(10_000))["risk"]["data"]  # type: ignore[misc]
    assert 150 < len(shown["x"]) + len(held["x"]) < 650


@given(st.lists(st.none() | st.integers(1, 300)), st.integers(1, 300))
def test_each_question_has_one_rank(found: list[int | None], depth: int) -> None:
    rows = [
        possible(f"{n}", rank if rank is None else min(rank, depth)) for n, rank in enumerate(found)
    ]
    bars = ranks(rows, depth)
    assert sum(each.questions for each in bars) == len(found)
    assert sum(each.questions for each in bars if not each.is_found) == found.count(None)


@given(st.lists(st.floats(0, 1e7), min_size=1))
def test_each_reply_has_one_bar_of_time(elapsed: list[float]) -> None:
    p95 = sorted(elapsed)[math.ceil(0.95 * len(elapsed)) - 1]
    bars = times(elapsed, p95)
    assert sum(each.replies for each in bars) == len(elapsed)
    assert 1 <= len(bars) <= 25
    for bar in bars:
        assert bar.replies == sum(bar.low_ms <= each < bar.high_ms for each in elapsed)


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.none() | st.integers(1, 40))))
def test_each_document_has_each_question_once(wanted: list[dict[str, int | None]]) -> None:
    found = documents(possible(f"{n}", wanted=each) for n, each in enumerate(wanted))
    assert sum(each.questions for each in found) == sum(map(len, wanted))
    assert all(each.first + each.near + each.far + each.never == each.questions for each in found)
    missing = [each.is_missing for each in found]
    assert missing == sorted(missing, reverse=True)


def test_a_share_never_passes_for_none_or_all() -> None:
    told = [percent(share).replace("\xa0", " ") for share in (0, 1, 0.5, 0.996, 0.9996, 0.004)]
    assert told == ["0 %", "100 %", "50 %", "99.6 %", "99.96 %", "0.4 %"]
    assert between(0.001, 1).replace("\xa0", " ") == "0.1 to 100 %"


def test_a_file_is_written_whole_and_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("before")
    write_report(SEVERAL, path)
    assert path.read_text(encoding="utf-8") == html_of(SEVERAL)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["no folder/report.html", "."])
def test_a_report_that_cannot_be_written_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        write_report(SEVERAL, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_stages_have_words() -> None:
    rows = [possible(stage, right=False, failed_at=stage) for stage in STAGES]
    assert [line[0] for line in table(result_over(rows), "failures-table-caption")] == [
        STAGE_NAMES[stage].label for stage in STAGES
    ]
