"""Counts for the public, with those hidden that are about too few. Pure.

From 1 to 4 machines somebody who was there may know whose they are. Such a count is hidden; where
the total is shown the difference would give it away, so the smallest counts that could be shown
are hidden too, all that are equal. What is hidden is then a set of at least two different
numbers, and any order of them makes the same publication: which is whose, nobody can compute, not
even who knows this rule. Where there is nothing large enough to hide beside, the total is hidden.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, NamedTuple, TypeVar

Key = TypeVar("Key", bound=Hashable)
FEW = 4  # the largest count that is hidden


class Shown(NamedTuple, Generic[Key]):
    """`None` is hidden. `least`: the total, or what is known of it; what is hidden is 1 or more."""

    parts: dict[Key, int | None]
    total: int | None
    least: int


def hide_few(counts: Mapping[Key, int], few: int = FEW) -> Shown[Key]:
    """Parts of one whole, each with its count, and their total, as they may be shown.

    Raises `ValueError` for a count below zero.
    """
    if any(count < 0 for count in counts.values()):
        raise ValueError("a count below zero")
    small = {key for key, count in counts.items() if 1 <= count <= few}
    if not small:
        total = sum(counts.values())
        return Shown(dict(counts), total, total)
    least = min((count for count in counts.values() if count > few), default=None)
    hidden = small | {key for key, count in counts.items() if count == least}
    parts = {key: None if key in hidden else count for key, count in counts.items()}
    total_shown = None if least is None else sum(counts.values())
    known = sum(count for count in parts.values() if count is not None) + len(hidden)
    return Shown(parts, total_shown, known if total_shown is None else total_shown)


def sum_of(shown: Iterable[Shown[Key]]) -> tuple[int | None, int]:
    """The total of several wholes and its least: from what is shown of each, never from more."""
    wholes = list(shown)
    known = [whole.total for whole in wholes if whole.total is not None]
    total = sum(known) if len(known) == len(wholes) else None
    return total, sum(whole.least for whole in wholes)
