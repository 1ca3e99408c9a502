"""From questions over a real index to samples: places stay true, and splits stay apart."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from library import LAKES, TRAINS, build, open_qa, write_texts

from ctqa.answering.qa import QA
from training.reader.library import Library, searched
from training.reader.making import Maker, negatives_of
from training.reader.prepare import used
from training.reader.questions import Question
from training.reader.samples import read_samples, write_samples
from training.reader.splits import Parting

FERRIES = (
    "Ferries\n\nThe ferry crosses the lake at 9.30. A dog travels free of charge.\n\n"
    "Tickets are sold on the pier. The last ferry leaves at dusk.\n"
)
TEXTS = {"lakes.txt": LAKES, "trains.txt": TRAINS, "ferries.txt": FERRIES}
SPLITS = Parting(
    splits={"lakes.txt": "train", "trains.txt": "train", "ferries.txt": "report"},
    barred=frozenset(),
)


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    folder = tmp_path_factory.mktemp("making")
    build(write_texts(folder / "documents", TEXTS), folder / "index")
    found = open_qa(folder / "index")
    yield found
    found.close()


@pytest.fixture(scope="module")
def library(qa: QA) -> Library:
    return Library.of(qa)


def question(document: str, answer: str, text: str = "What is it?", **given: str) -> Question:
    start = TEXTS[document].index(answer)
    return Question(
        id=given.get("id", text),
        collection=given.get("collection", "squad11_dev"),
        article=document,
        document=document,
        text=text,
        answers=(answer,),
        places=((start, start + len(answer)),),
    )


def test_the_answer_stands_at_its_place_in_the_copy(library: Library) -> None:
    maker = Maker(library, SPLITS)
    given = maker.given(question("lakes.txt", "79 metres"))
    assert all(sample.kind == "gold" and sample.split == "train" for sample in given)
    spans = [sample.text[a:b] for sample in given for a, b in sample.spans]
    assert spans
    assert set(spans) == {"79 metres"}
    passages = library.of_document("lakes.txt")
    assert [sample.passage for sample in given] == [passage.id for passage in passages]


def test_what_is_cut_no_longer_holds_the_answer(library: Library) -> None:
    maker = Maker(library, SPLITS)
    questions = (question("trains.txt", "23.10", id=f"q{n}") for n in range(40))
    made = [maker.made_up(each) for each in questions]
    cut = [sample for sample in made if sample is not None and sample.kind == "cut"]
    assert cut
    for sample in cut:
        assert "23.10" not in sample.text
        assert sample.spans == sample.answers == ()
        assert len(sample.text) > 20


def test_a_retrieved_passage_is_of_another_document_of_the_same_split(
    qa: QA, library: Library, tmp_path: Path
) -> None:
    asked = question("lakes.txt", "post office", "Where does a dog travel free of charge?")
    hits = searched(qa, [asked], tmp_path / "hits.jsonl")
    best = library.passages[hits[asked.id][0]]
    assert best.document_id == "ferries.txt"  # which is reported on
    (sample,) = negatives_of(Maker(library, SPLITS), [asked], hits)
    assert sample.kind == "retrieved"
    assert library.passages[sample.passage].document_id == "trains.txt"
    apart = Parting(splits={**SPLITS.splits, "trains.txt": "tune"}, barred=frozenset())
    assert list(negatives_of(Maker(library, apart), [asked], hits)) == []


def test_a_passage_that_holds_the_words_of_the_answer_is_no_negative(
    qa: QA, library: Library, tmp_path: Path
) -> None:
    asked = question("lakes.txt", "a licence", "Which train carries bicycles free of charge?")
    hits = searched(qa, [asked], tmp_path / "hits.jsonl")
    whole = Maker(library, SPLITS)
    (sample,) = negatives_of(whole, [asked], hits)
    own = Question(
        **{
            **{name: getattr(asked, name) for name in Question.__slots__},
            "answers": ("free of charge", "Tickets", "train"),
        }
    )
    others = [s.passage for s in negatives_of(whole, [own], hits)]
    assert sample.passage not in others


def test_what_was_searched_for_is_not_searched_for_again(qa: QA, tmp_path: Path) -> None:
    kept = tmp_path / "hits.jsonl"
    asked = [question("lakes.txt", "79 metres", f"How deep is it, {n}?") for n in range(3)]
    first = searched(qa, asked[:2], kept)
    with kept.open("a", encoding="utf-8") as file:
        file.write('["How deep is it, 2?", ["cut o')  # as when it was stopped
    again = searched(qa, asked, kept)
    assert {id: again[id] for id in first} == first
    assert len(again) == 3
    assert searched(qa, asked, kept) == again


def test_what_is_barred_is_not_used_nor_is_a_question_learned_from_twice() -> None:
    barred = Parting(splits=SPLITS.splits, barred=frozenset({"trains.txt"}))
    asked = [
        question("lakes.txt", "79 metres", id="learned"),
        question("lakes.txt", "79 metres", id="again", collection="squad2_devhalf"),
        replace(
            question("lakes.txt", "79 metres", id="impossible", collection="squad2_devhalf"),
            answers=(),
            places=(),
        ),
        question("trains.txt", "23.10", id="barred"),
        question("ferries.txt", "9.30", id="reported", collection="squad2_devhalf"),
    ]
    assert [each.id for each in used(asked, barred)] == ["learned", "impossible", "reported"]


def test_samples_are_read_as_they_were_written_and_the_same_are_not_written_anew(
    library: Library, tmp_path: Path
) -> None:
    made = Maker(library, SPLITS).given(question("lakes.txt", "79 metres"))
    path = tmp_path / "deep" / "samples.jsonl"
    write_samples(path, made)
    assert list(read_samples(path)) == made
    os.utime(path, (1, 1))
    write_samples(path, made)
    assert path.stat().st_mtime == 1
    write_samples(path, made[1:])
    assert path.stat().st_mtime > 1
    assert list(read_samples(path)) == made[1:]
    assert [each.name for each in path.parent.iterdir()] == ["samples.jsonl"]
