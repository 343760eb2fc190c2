"""Rules as data: the versioned file `rules.toml`, checked when it is read."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

import msgspec

from bench.grading.result import GradingError
from diagnostics.learn import learn

_DEFAULT = Path(__file__).with_name("rules.toml")


class KindRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a kind of machine must have: check ids, and which parts are looked at."""

    key: tuple[str, ...]  # without one of these the machine is for repair
    required: tuple[str, ...]  # every other function that must have been tested
    battery: bool
    screen: bool


class GradeStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`at_least`/`at_most` (whichever is set) still allows `letter`."""

    letter: str
    at_least: int | None = None
    at_most: int | None = None


class LockRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Best letter when the lock's state could not be established."""

    unknown_cap: str
    remedy: str


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    kinds: dict[str, KindRules]
    aliases: dict[str, str]  # kind -> kind whose rules it follows
    battery: tuple[GradeStep, ...]
    pixels: tuple[GradeStep, ...]
    cosmetic: dict[str, str]  # C code -> best letter
    mains_only_cap: str
    watch_cap: str
    disk_unknown_cap: str
    untested_cap: str
    pixels_unknown_cap: str
    locks: dict[str, LockRule]
    proven: dict[str, tuple[str, ...]] = {}  # use -> functions tried with success

    def kind(self, name: str | None) -> KindRules:
        """Rules of a kind; an unknown kind follows the strictest one."""
        chosen = self.aliases.get(name or "", name or "")
        return self.kinds.get(chosen) or self.kinds["unknown"]


def read_rules(path: Path) -> Rules:
    """A workshop's own rule file. Raises `GradingError("rules_unreadable")`."""
    try:
        return parse_rules(path.read_bytes(), path.name)
    except OSError as error:
        raise GradingError("rules_unreadable", file=path.name, detail=error) from error


def parse_rules(content: bytes, name: str) -> Rules:
    """Rules from a file's bytes; a word that is none of ours is refused, for it would do nothing.

    Raises `GradingError("rules_unreadable")`.
    """
    try:
        rules = msgspec.convert(tomllib.loads(content.decode("utf-8-sig")), Rules)
    except (ValueError, RecursionError) as error:
        raise GradingError("rules_unreadable", file=name, detail=error) from error
    if "unknown" not in rules.kinds:
        raise GradingError("rules_unreadable", file=name, detail="kinds.unknown")
    return rules


@functools.cache
def standard_rules() -> Rules:
    """The network's own rules, shipped with the program."""
    return read_rules(_DEFAULT)


learn(Rules)
