"""Make samples of questions: `python -m training.reader.prepare`.

Passages are those of our own index of each collection, and copied as the product copies them for
its models. Every question that is learned from gets one passage beside its own that does not
answer it, of a kind drawn by hash; where none can be made up, one that our own search finds.
Collections lie below CTQA_DATA, as for bench.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import ctqa
from bench.common import OUT, collection, index_of
from training.reader.library import Library, searched
from training.reader.making import Maker, negatives_of
from training.reader.questions import Question, read_questions, same_documents
from training.reader.samples import Sample, write_samples
from training.reader.splits import HELD, Parting, Split, parted, split_articles

HOME = OUT / "reader"
LEARNED = ("squad11_dev", "squadshifts_reddit", "squadshifts_amazon")
_MOST_HELD = 800  # questions of a collection that is only reported on, drawn by hash


def main() -> None:
    """Write the samples of each collection, and tell how many there are of each kind."""
    for name in (*LEARNED, *HELD):
        qa = ctqa.load(index_of(name, ctqa.IndexConfig()), config=ctqa.SearchConfig(rerank=0))
        samples = prepared(qa, name, questions_of(name))
        qa.close()
        write_samples(samples_path(name), samples)
        for key, count in sorted(Counter((s.split, s.kind) for s in samples).items()):
            print(name, *key, count, flush=True)


def prepared(qa: ctqa.QA, name: str, questions: Sequence[Question]) -> list[Sample]:
    """Make the samples of a collection's questions."""
    library = Library.of(qa)
    maker = Maker(library, parting_of(name, questions, library))
    samples: list[Sample] = []
    unmet: list[Question] = []
    for question in used(questions, maker.parting):
        given = maker.given(question)
        samples += given
        if is_learned(question, maker.parting) and any(sample.spans for sample in given):
            made = maker.made_up(question)
            (unmet.append(question) if made is None else samples.append(made))
    hits = searched(qa, unmet, HOME / "hits" / f"{name}.jsonl")
    return [*samples, *negatives_of(maker, unmet, hits)]


def used(questions: Sequence[Question], parting: Parting) -> Iterator[Question]:
    """Leave out questions of no use, and those of squad2_devhalf that squad11_dev has as well."""
    for question in questions:
        split = parting.of(question.document)
        known = split == "train" and question.answers and question.collection not in LEARNED
        if split is not None and not known:
            yield question


def is_learned(question: Question, parting: Parting) -> bool:
    """Tell whether a question needs a passage that does not answer it."""
    return question.collection in LEARNED and parting.of(question.document) != "report"


def samples_path(name: str) -> Path:
    """Give the file of a collection's samples."""
    return HOME / "samples" / f"{name}.jsonl"


def questions_of(name: str) -> list[Question]:
    """Read a collection's questions, some where none is learned from.

    With squad11_dev's come those of squad2_devhalf, which are about its passages: of both kinds, so
    that within one set those that have an answer are told from those that have none.
    """
    questions = read_questions(collection(name))
    if name == "squad11_dev":
        folder = collection("squad2_devhalf")
        documents = same_documents(folder, collection(name))
        questions += read_questions(folder, documents=documents)
    if name in HELD:
        questions.sort(key=lambda question: sha256(question.id.encode()).digest())
        return questions[:_MOST_HELD]
    return questions


def wikipedia_articles() -> dict[str, Split]:
    """Part the articles that squad2_devhalf has impossible questions about."""
    folder = collection("squad2_devhalf")
    return split_articles(question.article for question in read_questions(folder))


def parting_of(name: str, questions: Sequence[Question], library: Library) -> Parting:
    """Part a collection's documents."""
    articles = {question.document: question.article for question in questions}
    texts = {
        document: " ".join(passage.text for passage in library.of_document(document))
        for document in articles
    }
    return parted(name, articles, texts, wikipedia_articles())


if __name__ == "__main__":
    main()
