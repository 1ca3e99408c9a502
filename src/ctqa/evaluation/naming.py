"""What measures and failures are called and what they mean, in words for whoever reads a result."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A measure in words."""

    label: str
    meaning: str
    lower_is_better: bool = False


NAMES: Mapping[str, Named] = {
    "Success@1": Named(
        label="Found first (Success@1)",
        meaning="Questions for which what was found first is right.",
    ),
    "Success@3": Named(
        label="Among the first 3 (Success@3)",
        meaning="Questions for which something right is among the first 3 found.",
    ),
    "Success@5": Named(
        label="Among the first 5 (Success@5)",
        meaning="Questions for which something right is among the first 5 found.",
    ),
    "Success@10": Named(
        label="Among the first 10 (Success@10)",
        meaning="Questions for which something right is among the first 10 found.",
    ),
    "RR@10": Named(
        label="How early (RR@10)",
        meaning="1 where the first thing found is right, 1/2 where the second is the first right "
        "one, and so on; 0 where none of the first 10 is.",
    ),
    "nDCG@10": Named(
        label="Order of the first 10 (nDCG@10)",
        meaning="1 where everything right stands at the top, less the further down it stands; "
        "the first 10 found count.",
    ),
    "AP": Named(
        label="Order of all found (AP)",
        meaning="Average precision: the share right down to each right one, averaged over all "
        "that are right; everything that was taken counts, and what was not found counts 0.",
    ),
    "R@5": Named(
        label="Share found in the first 5 (R@5)",
        meaning="Of everything that is right, the share among the first 5 found.",
    ),
    "R@10": Named(
        label="Share found in the first 10 (R@10)",
        meaning="Of everything that is right, the share among the first 10 found.",
    ),
    "R@100": Named(
        label="Share found in the first 100 (R@100)",
        meaning="Of everything that is right, the share among the first 100 found. What is not "
        "there cannot be answered from.",
    ),
    "Judged@10": Named(
        label="Known to the gold (Judged@10)",
        meaning="Of the first 10 found, the share of which the gold says whether it is right. "
        "Where that is low, something right may count as wrong.",
    ),
    "sentence_right": Named(
        label="First answer right",
        meaning="The first answer stands where the gold says, or says the same word for word "
        "elsewhere.",
    ),
    "any_sentence_right": Named(
        label="Any answer right",
        meaning="At least one of the answers shown is right.",
    ),
    "document_right": Named(
        label="Document right",
        meaning="The first answer is from a document that the gold names.",
    ),
    "citation_right": Named(
        label="Document and page right",
        meaning="The first answer is from a document and page that the gold names.",
    ),
    "EM": Named(
        label="Exact words (EM)",
        meaning="The first answer has the gold's words and no others.",
    ),
    "F1": Named(
        label="Words in common (F1)",
        meaning="How far the words of the first answer and of the gold overlap.",
    ),
    "EM_all": Named(
        label="Exact words, all questions",
        meaning="The same over impossible questions too: refusing one counts 1.",
    ),
    "F1_all": Named(
        label="Words in common, all questions",
        meaning="The same over impossible questions too: refusing one counts 1.",
    ),
    "answered": Named(
        label="Answered",
        meaning="Of the questions that the sources do answer, those that got any answer.",
    ),
    "refused": Named(
        label="Refused",
        meaning="Of the questions that the sources do not answer, those that rightly got none.",
    ),
    "refusal_precision": Named(
        label="Refusals that were right",
        meaning="Of the questions that got no answer, those that the sources do not answer.",
    ),
    "balanced_accuracy": Named(
        label="Answered and refused",
        meaning="The middle of “Answered” and “Refused”: a system that answers all, or nothing, "
        "has 0.5.",
    ),
    "AURC": Named(
        label="Wrong, surest first (AURC)",
        meaning="The share wrong among the surest answers, averaged over every number of them "
        "that could be given, from the surest alone to one for each question.",
        lower_is_better=True,
    ),
    "ECE": Named(
        label="Confidence off by (ECE)",
        meaning="How far the confidence shown lies from the share that is right, on average over "
        "the answers given.",
        lower_is_better=True,
    ),
}

# Of what was found; computed by ir_measures under these names.
RETRIEVAL = (
    "Success@1",
    "Success@3",
    "Success@5",
    "Success@10",
    "RR@10",
    "nDCG@10",
    "AP",
    "R@5",
    "R@10",
    "R@100",
    "Judged@10",
)
# Of what was answered.
ANSWERING = tuple(name for name in NAMES if name not in RETRIEVAL)
# What a table shows unless more is asked for; the others are in JSON.
SHOWN = (
    "Success@1",
    "Success@5",
    "nDCG@10",
    "R@100",
    "sentence_right",
    "citation_right",
    "F1",
    "answered",
    "refused",
    "refusal_precision",
    "AURC",
    "ECE",
)


# Why questions fail ---------------------------------------------------------------------------

Stage = Literal[
    "gold without a place",  # nothing in the index can be right by it: the gold is to mend
    "document not read",  # it is not in the index, or what may hold the quote has no text
    "passage not made",  # no passage holds half of the quote, or the short answer whole
    "not among the candidates",  # neither retriever brought a right passage
    "lost in fusion",  # a right passage was a candidate, and another one was put before it
    "lost in reranking",  # the reranker read it, and another one was put before it
    "wrong span",  # a right passage came first, or was taken, and other words were shown
    "should not have abstained",  # the answer held back was right
    "should have abstained",  # the sources do not answer, and an answer was given
]
STAGES: tuple[Stage, ...] = get_args(Stage)  # in the order of the data


@dataclass(frozen=True, slots=True, kw_only=True)
class StageNamed:
    """A stage at which questions fail, in words."""

    label: str
    meaning: str
    remedy: str  # what to do about it
    won_by: str  # what would be won by mending it: "Most is to be won by …"


STAGE_NAMES: Mapping[Stage, StageNamed] = {
    "gold without a place": StageNamed(
        label="Gold without a place",
        meaning="What the gold takes for right stands nowhere in the index, so nothing that is "
        "found can be right.",
        remedy="Mend these gold questions: their document's name, page or quote. `ctqa gold check` "
        "lists what is wrong with each.",
        won_by="mending the gold",
    ),
    "document not read": StageNamed(
        label="Document not read",
        meaning="The document is not in the index, or pages of it that may hold the answer have no "
        "text: scans, for example.",
        remedy="Add the missing documents with `ctqa add`. `ctqa status` names the pages that "
        "could not be read, and why.",
        won_by="reading more documents",
    ),
    "passage not made": StageNamed(
        label="Torn between passages",
        meaning="The document was read, but where it was cut into passages the quote was cut too: "
        "none of them holds enough of it.",
        remedy="Build with larger passages or a wider overlap (`passage_tokens`, "
        "`overlap_tokens`). Where the gold quotes whole paragraphs, quote only the sentence that "
        "answers.",
        won_by="cutting passages otherwise",
    ),
    "not among the candidates": StageNamed(
        label="Not found",
        meaning="Neither the search by meaning nor the search by words brought a right passage "
        "among its candidates.",
        remedy="Try more candidates or another encoder (`ctqa tune` can). `ctqa why` shows how far "
        "down a passage stands; often question and document call the same thing by two names.",
        won_by="finding more",
    ),
    "lost in fusion": StageNamed(
        label="Found too far down",
        meaning="A right passage was found, but others were put before it when the two searches "
        "were combined, and no reranker read it.",
        remedy="Try another `dense_weight`, which weighs meaning against words, and let more "
        "passages be reranked (`rerank`). `ctqa tune` tries both.",
        won_by="ordering better what is found",
    ),
    "lost in reranking": StageNamed(
        label="Reranked behind another",
        meaning="The reranker read a right passage, and another passage was put before it all the "
        "same.",
        remedy="Look whether the passage put first answers as well: then add it to the gold. Else "
        "try another reranker; `ctqa why` shows the scores.",
        won_by="reranking better",
    ),
    "wrong span": StageNamed(
        label="Right passage, wrong words",
        meaning="A right passage came first, or the answer was taken from one, but the words shown "
        "are not those that the gold expects.",
        remedy="Look whether the words shown answer as well: then add them to the gold. Else try "
        "another reader, or more answers a question (`answers`).",
        won_by="choosing the words better",
    ),
    "should not have abstained": StageNamed(
        label="Held back, though right",
        meaning="The right answer was at hand, but CTQA was not sure enough of it to show it.",
        remedy="Run `ctqa calibrate` with gold questions of your own, or accept more wrong answers "
        "(`accepted_error`).",
        won_by="holding back less",
    ),
    "should have abstained": StageNamed(
        label="Answered, though impossible",
        meaning="The documents do not answer the question, yet an answer was shown.",
        remedy="Run `ctqa calibrate` with gold questions of your own, impossible ones among them, "
        "or accept fewer wrong answers (`accepted_error`).",
        won_by="holding back more",
    ),
}
