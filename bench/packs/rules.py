"""Grading rules of a pack: the very form of `bench/grading/rules.toml`, and never looser where it
counts. Pure.

A pack may move thresholds (battery, dead pixels, looks, mains only) and ask for more tests. It
cannot reach what the engine holds by itself (erasure, a closed lock, a missing disk), and here it
may not take a test away, nor turn what nobody knows into something better than our own rules do.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence

from bench.grading.result import LETTERS, GradingError
from bench.grading.rules import GradeStep, KindRules, Rules, parse_rules, standard_rules
from bench.packs import texts
from bench.records.errors import RecordsError

# What is said of a thing nobody knows, and of a disk that begins to fail.
_CAPS = ("watch_cap", "disk_unknown_cap", "untested_cap", "pixels_unknown_cap")
_MOST_VERSION = 64  # letters


@functools.lru_cache(maxsize=8)  # asked for at every grade
def read(content: bytes) -> Rules:
    """The rules of a file. Raises `RecordsError`: `pack_rules`, `pack_rules_loose` (what it may
    not say, by its place in the file), `pack_rules_version`."""
    try:
        rules = parse_rules(content, "")
    except GradingError as error:
        detail = error.values.get("detail", "")
        told = detail if isinstance(detail, Exception) else texts.unfit(str(detail))
        raise RecordsError("pack_rules", detail=told) from None
    ours = standard_rules()
    if wrong := next(_unfit(rules), ""):
        raise RecordsError("pack_rules", detail=texts.unfit(wrong))
    if loose := next(_looser(rules, ours), ""):
        raise RecordsError("pack_rules_loose", where=loose)
    if not _named(rules, ours):
        raise RecordsError("pack_rules_version", most=_MOST_VERSION)
    return rules


def _named(rules: Rules, ours: Rules) -> bool:
    """A short name, and ours only for what is ours to the letter: grades name a pack by its own
    name and hash, but people read this one in the file."""
    version = rules.version
    if not 0 < len(version) <= _MOST_VERSION or version != version.strip():
        return False
    own = version.casefold() == ours.version.casefold()
    return version.isprintable() and (rules == ours or not own)


def _unfit(rules: Rules) -> Iterator[str]:
    """What the engine could not work with."""
    letters = {name: getattr(rules, name) for name in (*_CAPS, "mains_only_cap")}
    letters |= {f"cosmetic.{code}": letter for code, letter in rules.cosmetic.items()}
    letters |= {f"locks.{name}": lock.unknown_cap for name, lock in rules.locks.items()}
    yield from (name for name, letter in letters.items() if letter not in LETTERS)
    if not _falling(rules.battery, [step.at_least for step in rules.battery], -1, 1, 100):
        yield "battery"
    if not _falling(rules.pixels, [step.at_most for step in rules.pixels], 1, 0, 1000):
        yield "pixels"


def _falling(
    steps: Sequence[GradeStep], figures: Sequence[int | None], way: int, least: int, most: int
) -> bool:
    """Steps from A down, each with its one figure, each further than the one before."""
    told = [figure for figure in figures if figure is not None and least <= figure <= most]
    both = any(step.at_least is not None and step.at_most is not None for step in steps)
    ordered = all(way * (b - a) > 0 for a, b in itertools.pairwise(told))
    letters = [step.letter for step in steps]
    return (
        len(told) == len(steps)
        and not both
        and ordered
        and letters in (list(LETTERS[:count]) for count in (1, 2, 3))
    )


def _looser(rules: Rules, ours: Rules) -> Iterator[str]:
    yield from (name for name in _CAPS if _better(getattr(rules, name), getattr(ours, name)))
    if rules.aliases != ours.aliases:
        yield "aliases"
    for name, own in (("kinds", ours.kinds), ("cosmetic", ours.cosmetic), ("locks", ours.locks)):
        if getattr(rules, name).keys() != own.keys():
            yield name
            return
    if _better(rules.cosmetic["C0"], ours.cosmetic["C0"]):  # nobody looked
        yield "cosmetic.C0"
    for name, lock in rules.locks.items():
        if _better(lock.unknown_cap, ours.locks[name].unknown_cap):
            yield f"locks.{name}"
        if lock.remedy != ours.locks[name].remedy:  # a code that has its sentence
            yield f"locks.{name}.remedy"
    known = {each for kind in ours.kinds.values() for each in (*kind.key, *kind.required)}
    for name, kind in rules.kinds.items():
        if not _asks_as_much(kind, ours.kinds[name]) or not {*kind.key, *kind.required} <= known:
            yield f"kinds.{name}"
    for use in rules.proven.keys() | ours.proven.keys():
        asked = set(rules.proven.get(use, ()))
        if use not in ours.proven or not set(ours.proven[use]) <= asked <= known:
            yield f"proven.{use}"


def _asks_as_much(kind: KindRules, own: KindRules) -> bool:
    tests = {*kind.key, *kind.required} >= {*own.key, *own.required}
    parts = kind.battery >= own.battery and kind.screen >= own.screen
    return tests and parts and set(kind.key) >= set(own.key)


def _better(letter: str, than: str) -> bool:
    return LETTERS.index(letter) < LETTERS.index(than)
