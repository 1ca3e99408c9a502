"""How the figures of a report are computed, and what they do not tell."""

from collections.abc import Iterator

from ctqa.evaluation.kept import Result

Paragraph = tuple[str, str]  # its head, and what it says

SOURCES = (
    "Measures of searching: ir_measures, MacAvaney, Macdonald and Ounis, “Streamlining Evaluation "
    "with ir-measures”, ECIR 2022; the same definitions as trec_eval's.",
    "Exact words and words in common: Rajpurkar, Zhang, Lopyrev and Liang, “SQuAD: 100,000+ "
    "Questions for Machine Comprehension of Text”, EMNLP 2016; for impossible questions, "
    "Rajpurkar, Jia and Liang, “Know What You Don't Know”, ACL 2018.",
    "Intervals: Wilson, “Probable Inference, the Law of Succession, and Statistical Inference”, "
    "Journal of the American Statistical Association, 1927; for averages, Dean and Pagano, "
    "“Evaluating Confidence Interval Methods for Binomial Proportions in Clustered Surveys”, "
    "Journal of Survey Statistics and Methodology, 2015; for times, Hahn and Meeker, “Statistical "
    "Intervals”, 1991.",
    "Risk and coverage: El-Yaniv and Wiener, “On the Foundations of Noise-free Selective "
    "Classification”, JMLR 2010; its area: Geifman, Uziel and El-Yaniv, “Bias-Reduced Uncertainty "
    "Estimation for Deep Neural Classifiers”, ICLR 2019.",
    "Expected calibration error: Guo, Pleiss, Sun and Weinberger, “On Calibration of Modern Neural "
    "Networks”, ICML 2017.",
)


def method(result: Result) -> tuple[Paragraph, ...]:
    """Say how the figures are computed."""
    return (
        (
            "What counts as right in searching",
            "The gold names a document and, where it can, a quote or a page. A passage is right "
            "when it holds that place: so the gold outlives every change in how documents are cut. "
            "Where the gold names whole documents only, documents are ranked, each at the place of "
            f"its best passage. The first {result.summary.depth:,} passages were taken for each "
            "question.",
        ),
        (
            "What counts as a right answer",
            "The sentence of the first answer stands where the gold says, and holds the short "
            "answer whole or, where none is known, at least half of the quote; or it says the "
            "whole quote, of five words or more, word for word at another place. A question that "
            "got no answer counts as not right.",
        ),
        (
            "Averages and intervals",
            "Each measure is over the questions that allow it; n says over how many. Were very "
            "many gold sets of this size drawn from the same kind of questions, about 95 of 100 of "
            "their intervals would hold the figure of all such questions. A share has Wilson's "
            "interval, other averages the same with as many questions as would spread as little; "
            "AURC takes its spread from leaving out each question in turn (jackknife), and the "
            "interval of a time ends at two of the times found. Simulations chose these: `python "
            "-m bench.intervals` in CTQA's source shows how often each holds the truth.",
        ),
        (
            "Confidence",
            "Risk and coverage: questions are ordered by the confidence of their best answer, "
            "shown or held back, or by its score where none is calibrated; those as sure as each "
            "other are taken together, and one without any answer comes last and counts as wrong. "
            "AURC is the share wrong, averaged over every number of answers. Expected calibration "
            "error: the distance between mean confidence and share right within each tenth of the "
            "scale, averaged over answers.",
        ),
        (
            "Why questions failed",
            "A question fails when its first answer is not right or, where only searching was "
            "measured, when the first thing found is not. It is put down to the last stage that "
            "could have got it right, by measurement: whether the document was read, whether a "
            "passage holds the quote, whether it was among the candidates, how far down it was "
            "put, and what was shown. Questions won at one stage may be lost at the next, so the "
            "gain named is the most there can be.",
        ),
    )


def limits(result: Result) -> Iterator[str]:
    """Say what the figures do not tell."""
    yield (
        "They hold for questions like these. Where people ask otherwise, or about other documents, "
        "the figures may be others: the intervals say what chance does, not that."
    )
    yield (
        "Groups of few questions tell little. Where an interval is wide, the average within it is "
        "hardly more than a guess, and of many groups some look good or bad by chance alone."
    )
    yield (
        "What the gold does not name counts as wrong, even where a reader would take it for right. "
        "Look at some of the failed questions before you conclude anything."
    )
    yield (
        "Two results are not compared by whether their intervals overlap: `ctqa compare` compares "
        "them question by question, which sees smaller differences."
    )
    halves = {row.half for row in result.rows} - {""}
    if len(halves) > 1:
        yield (
            "Settings that were chosen by the questions of one half flatter that half: report the "
            "other one."
        )
    if result.summary.latency is not None:
        yield "Times are those of one machine, and of whatever else it was doing."
