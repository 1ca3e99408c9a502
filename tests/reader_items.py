"""Small things that the tests of the reader's training share."""

from dataclasses import replace

import numpy as np

from training.reader.feed import Item, marked
from training.reader.model import Shape
from training.reader.samples import Kind, Sample
from training.reader.splits import Split
from training.reader.windows import Window

TINY = Shape(hidden=16, heads=2, inner=32, layers=3, words=60, positions=40, dropout=0.1)
CLS, SEP = 1, 2


def sample(
    question_id: str = "q1",
    text: str = "aa bb cc dd",
    *,
    spans: tuple[tuple[int, int], ...] = (),
    kind: Kind = "gold",
    split: Split = "train",
    passage: str = "p1",
    answers: tuple[str, ...] | None = None,
) -> Sample:
    """Make a sample; its answers are what its spans hold, unless they are given."""
    held = tuple(text[start:end] for start, end in spans)
    return Sample(
        question_id=question_id,
        collection="squad11_dev",
        article="A",
        split=split,
        kind=kind,
        passage=passage,
        question="where",
        text=text,
        spans=spans,
        answers=held if answers is None else answers,
    )


def window(text: str, *, sample_at: int = 0, seed: int = 0) -> Window:
    """Make the window of a text whose tokens are its words, behind CLS, a question and SEP."""
    random = np.random.default_rng(seed)
    words = text.split(" ")
    ends = np.cumsum([len(word) + 1 for word in words]) - 1
    begins = ends - np.array([len(word) for word in words])
    ids = [CLS, 3, SEP, *random.integers(5, TINY.words, len(words)), SEP]
    return Window(
        sample=sample_at,
        ids=np.array(ids, dtype=np.int64),
        types=np.array([0, 0, 0, *[1] * len(words), 1], dtype=np.int64),
        begins=np.array([-1, -1, -1, *begins, -1], dtype=np.int64),
        ends=np.array([-1, -1, -1, *ends, -1], dtype=np.int64),
    )


def item(made: Sample, *, seed: int = 0, states: bool = True, hidden: int = TINY.hidden) -> Item:
    """Make an item of a sample, with states of its own."""
    read = window(made.text, seed=seed)
    random = np.random.default_rng(seed)
    held = random.standard_normal((len(read), hidden)).astype(np.float16)
    return Item(sample=made, window=read, states=held if states else None, spans=marked(made, read))


def taught(made: Item, *, seed: int) -> Item:
    """Let a teacher say anything of an item."""
    random = np.random.default_rng(seed)
    return replace(made, taught=random.standard_normal((len(made.window), 2)).astype(np.float16))


def learnable(count: int, *, states: bool = True) -> list[list[Item]]:
    """Make questions whose answer is told by the states: where the first number is large."""
    groups = []
    for at in range(count):
        random = np.random.default_rng(at)
        words = ["abc"] * int(random.integers(4, 9))
        place = int(random.integers(len(words)))
        text = " ".join(words)
        made = item(sample(f"q{at}", text, spans=((4 * place, 4 * place + 3),)), seed=at)
        assert made.states is not None
        made.states[:, 0] = 0
        made.states[3 + place, 0] = 3
        without = item(sample(f"q{at}", text, kind="cut", passage="p2"), seed=at + count)
        assert without.states is not None
        without.states[:, 0] = 0
        groups.append([made, without])
    return groups
