"""Twenty people who ask at once: how long each waits, and whether anybody gets another's reply.

Over the samples with the default models. Each person asks `QUESTIONS` questions through the page's
own events, the next one as soon as the last is answered: nobody stops to read.
"""

import html
import json
import statistics
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from bench.common import SEEDS, Table, index_of_samples, run
from bench.page import Person
from bench.start import serving, until_it_can_be_had
from ctqa.evaluation import load_gold

PEOPLE = (1, 20)
QUESTIONS = 3


def main() -> None:
    """Ask, alone and all at once."""
    index = index_of_samples()
    questions = [q.question for q in load_gold(SEEDS / "gold.jsonl").questions]
    table = Table("people", ("people", "questions", "median, s", "p95, s", "a second", "mixed up"))
    for people in PEOPLE:
        with serving(index) as port:
            until_it_can_be_had(port)
            everyone = [Person(port) for _ in range(people)]
            everyone[0].ask(questions[-1])  # the models are there
            lists = [[f"{q} ({n})" for q in questions[n : n + QUESTIONS]] for n in range(people)]
            began = time.perf_counter()
            with ThreadPoolExecutor(people) as pool:
                taken = list(pool.map(_asked, everyone, lists))
            elapsed = time.perf_counter() - began
        seconds = sorted(each for person in taken for each, _ in person)
        mixed = sum(not ok for person in taken for _, ok in person)
        p95 = seconds[max(0, -(-95 * len(seconds) // 100) - 1)]
        table.add(
            people, len(seconds), statistics.median(seconds), p95, len(seconds) / elapsed, mixed
        )


def _asked(person: Person, questions: Sequence[str]) -> list[tuple[float, bool]]:
    """Ask one after the other; give what each took, and whether the reply is to that question."""
    found = []
    for question in questions:
        began = time.perf_counter()
        shown = person.ask(question)
        told = json.dumps(question)[1:-1], json.dumps(html.escape(question))[1:-1]
        found.append((time.perf_counter() - began, any(each in shown for each in told)))
    return found


run(main, __name__)
