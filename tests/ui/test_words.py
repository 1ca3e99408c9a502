"""The sentences of the page: numbers, ordinals, and nothing claimed that was not measured."""

import ast
from pathlib import Path

import pytest
from ui.replies import hit, passage

from ctqa.ui import words


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (words.searched(1, 1, 3), "Searching 1 document (1 passage), build 3."),
        (words.searched(12, 3456, 1), "Searching 12 documents (3,456 passages), build 1."),
        (words.unread(1), "1 page or file was not read."),
        (words.unread(2), "2 pages or files were not read."),
        (words.answers_found(1, 0), "1 answer found."),
        (words.answers_found(3, 1), "3 answers found, with 1 other passage."),
        (words.nothing_found(0), "Not in your sources."),
        (words.nothing_found(3), "Not in your sources. The closest 3 passages shown."),
        (words.answer_title(1, 1), "Answer"),
        (words.answer_title(2, 3), "Answer 2 of 3"),
        (words.and_more_places(1), "… and 1 other place."),
        (words.and_more_places(1200), "… and 1,200 other places."),
        (words.took(0.0), "Took less than 0.1 seconds."),
        (words.took(2345.0), "Took 2.3 seconds."),
        (words.author_and_year("", ""), ""),
        (words.author_and_year("Miller", ""), "Miller"),
        (words.author_and_year("", "2011"), "2011"),
        (words.author_and_year("Miller", "2011"), "Miller (2011)"),
        (words.section(()), ""),
        (words.section(("Costs", "Staff")), "Costs › Staff"),
    ],
)
def test_sentences(said: str, expected: str) -> None:
    assert said == expected


def test_a_passage_names_only_what_found_it() -> None:
    both = words.found(hit(passage("x"), dense_rank=2, lexical_rank=11))
    assert both == (
        "How it was found: of all passages, 2nd closest in meaning and 11th by the words it shares "
        "with the question."
    )
    one = words.found(hit(passage("x"), 3, lexical_rank=2, rerank_score=1.5))
    assert one == (
        "How it was found: of all passages, 2nd by the words it shares with the question; 3rd once "
        "it was read together with the question."
    )
    assert words.found(hit(passage("x"))) == ""


def test_a_chance_is_a_number() -> None:
    assert words.sure(0.937) == "Confidence 93 %"


def test_no_name_stands_for_two_things():
    tree = ast.parse(Path(words.__file__).read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        names += [n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)]
    assert len(names) > 400
    assert [name for name in set(names) if names.count(name) > 1] == []
