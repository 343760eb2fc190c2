"""Numbers are read once for a while, by one thread, and nobody waits for what was told before."""

from __future__ import annotations

import threading
from itertools import count

import pytest

from bench.hub.web.kept import Kept


def test_an_answer_is_read_again_when_it_is_old_or_from_the_future() -> None:
    kept, numbers = Kept[int](60), count()
    asked = [kept.get("q", now, lambda: next(numbers)) for now in (1000, 1059, 1060, 1000, 1001)]
    assert asked == [0, 0, 1, 2, 2]
    assert kept.get("other", 1001, lambda: next(numbers)) == 3


def test_what_was_read_at_once_is_read_anew() -> None:
    kept, numbers = Kept[int](60, slow_s=30), count()
    assert [kept.get("q", 1000, lambda: next(numbers)) for _ in range(3)] == [0, 1, 2]
    kept = Kept[int](60, slow_s=0.01)

    def slowly() -> int:
        threading.Event().wait(0.02)
        return next(numbers)

    assert [kept.get("q", 1000, slowly) for _ in range(3)] == [3, 3, 3]


def test_who_comes_while_it_is_read_takes_the_old_answer() -> None:
    kept, began, go_on = Kept[str](60), threading.Event(), threading.Event()
    kept.get("q", 0, lambda: "old")

    def slow() -> str:
        began.set()
        assert go_on.wait(10)
        return "new"

    told: list[str] = []
    reader = threading.Thread(target=lambda: told.append(kept.get("q", 100, slow)))
    reader.start()
    assert began.wait(10)
    assert kept.get("q", 100, lambda: "never") == "old"
    go_on.set()
    reader.join(10)
    assert told == ["new"] and kept.get("q", 100, lambda: "never") == "new"


def test_the_next_answer_is_read_beside_and_nobody_waits() -> None:
    kept, go_on = Kept[str](3, beside_s=30), threading.Event()

    def slow() -> str:
        assert go_on.wait(10)
        return "new"

    kept.get("q", 0, lambda: "old")
    assert kept.get("q", 5, slow) == "old"  # `slow` waits in a thread of its own
    assert kept.get("q", 6, lambda: "never") == "old"
    go_on.set()
    ended()
    assert kept.get("q", 7, lambda: "never") == "new"
    assert kept.get("q", 40, lambda: "awaited") == "awaited"  # too old to be told


def test_a_failure_beside_is_told_to_who_asks_next() -> None:
    kept = Kept[int](3, beside_s=30)
    kept.get("q", 0, lambda: 7)
    assert kept.get("q", 5, lambda: 1 // 0) == 7
    ended()
    with pytest.raises(ZeroDivisionError):
        kept.get("q", 5, lambda: 1 // 0)


def ended() -> None:
    """Whoever reads beside has ended."""
    for thread in threading.enumerate():
        if thread.name == "kept":
            thread.join(10)


def test_a_failure_is_not_kept() -> None:
    kept = Kept[int](60)
    with pytest.raises(ZeroDivisionError):
        kept.get("q", 0, lambda: 1 // 0)
    assert kept.get("q", 0, lambda: 5) == 5


def test_only_so_many_answers_are_kept() -> None:
    kept, numbers = Kept[int](60), count()
    for question in range(200):
        kept.get(question, 0, lambda: next(numbers))
    assert kept.get(199, 0, lambda: -1) == 199
    assert kept.get(0, 0, lambda: -1) == -1
