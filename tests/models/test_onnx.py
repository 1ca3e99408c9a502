"""Turns: no more at a time than there is room for, in the order in which they came."""

import threading
import time

from ctqa.models.onnx import Turns


def test_no_more_are_in_than_there_is_room_for_and_all_come_in() -> None:
    turns, lock = Turns(2), threading.Lock()
    inside, most, done = 0, 0, 0

    def work() -> None:
        nonlocal inside, most, done
        for _ in range(50):
            with turns:
                with lock:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0)
                with lock:
                    inside -= 1
                    done += 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (inside, done) == (0, 400)
    assert most <= 2


def test_who_came_first_is_let_in_first() -> None:
    turns = Turns(1)
    order: list[int] = []
    threads = []
    with turns:
        for number in range(6):
            thread = threading.Thread(target=lambda n=number: _enter(turns, order, n))
            thread.start()
            threads.append(thread)
            while len(turns._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(6))


def test_who_gives_up_takes_nobodys_turn() -> None:
    turns = Turns(1)
    turns.__enter__()
    gate = threading.Lock()
    gate.acquire()
    turns._waiting.append(gate)
    turns._give_up(gate)  # still in the line
    turns.__exit__()
    turns.__enter__()
    turns._waiting.append(gate)
    turns.__exit__()  # the turn is given away, and at the same moment
    turns._give_up(gate)  # its taker is interrupted
    with turns:
        assert not turns._waiting


def _enter(turns: Turns, order: list[int], number: int) -> None:
    with turns:
        order.append(number)
