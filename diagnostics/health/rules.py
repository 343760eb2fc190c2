"""Loads the drive rules, and a workshop's own changes to them."""

from __future__ import annotations

import enum
import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from diagnostics.health.inputs import FACTS
from diagnostics.learn import learn

MEDIA = frozenset({"hdd", "ssd", "nvme", "sas_hdd", "sas_ssd", "emmc", "any"})
MAX_BYTES = 1 << 20


class DriveUse(enum.Enum):
    """What to do with a drive; `reuse` means that no sign of failure was found."""

    REUSE = "reuse"
    WATCH = "watch"
    SCRAP = "scrap"
    UNKNOWN = "unknown"


class Comparison(enum.Enum):
    """How a rule holds a fact against its threshold."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    LESS_THAN = "less_than"
    ANY_BIT = "any_bit"
    IS_TRUE = "is_true"
    MISSING = "missing"


class Phase(enum.Enum):
    """When the drive was read; `any` only in rules."""

    ANY = "any"
    BEFORE = "before"
    AFTER = "after"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule of `rules.toml`; the sentences take `{value}` and `{threshold}`."""

    id: str
    media: tuple[str, ...]
    fact: str
    comparison: Comparison
    verdict: DriveUse
    evidence: str
    fr: str
    en: str
    threshold: int = 1
    phase: Phase = Phase.ANY
    disabled: bool = False


class RuleSet(msgspec.Struct, frozen=True):
    """Rules and the name a report gives them, such as "etabli-1+nantes-3"."""

    name: str
    rules: tuple[Rule, ...]


class RuleError(Exception):
    """A rule file not to be followed: `code` unreadable, syntax or rule; `values` say where."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(f"{code}: {values}")
        self.code = code
        self.values = values


@functools.cache
def standard() -> RuleSet:
    """The rules that ship with Établi."""
    document = _document(Path(__file__).with_name("rules.toml"))
    rules = tuple(_rule(row) for row in document["rule"])
    return RuleSet(f"{document['name']}-{document['version']}", rules)


def with_overrides(base: RuleSet, path: Path) -> RuleSet:
    """`base` with the workshop's file merged by rule id: changed fields, muted or new rules.

    The file has `name`, `version` and `[[rule]]` tables like `rules.toml`; a table with a known
    id needs only the fields it changes. Raises `RuleError` rather than judge by half a file.
    """
    document = _document(path)
    name, version = document.get("name"), document.get("version")
    if not isinstance(name, str) or not isinstance(version, str) or not name or not version:
        raise RuleError("rule", file=path.name, why="name and version")
    rows = document.get("rule", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RuleError("rule", file=path.name, why="rule tables")
    rules = {rule.id: rule for rule in base.rules}
    for row in rows:
        number = str(row.get("id"))
        known = rules.get(number)
        merged = {**(msgspec.to_builtins(known) if known else {}), **row}
        rules[number] = _rule(merged, path.name)
    return RuleSet(f"{base.name}+{name}-{version}", tuple(rules.values()))


def _document(path: Path) -> dict[str, Any]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RuleError("unreadable", file=path.name, why=error) from error
    if len(data) > MAX_BYTES:
        raise RuleError("unreadable", file=path.name, why="too big")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise RuleError("syntax", file=path.name, why=error) from error


def _rule(row: Mapping[str, Any], file: str = "rules.toml") -> Rule:
    try:
        rule = msgspec.convert(row, Rule)
        rule.fr.format(value=0, threshold=0)
        rule.en.format(value=0, threshold=0)
    except (msgspec.ValidationError, LookupError, ValueError, AttributeError) as error:
        raise RuleError("rule", file=file, id=str(row.get("id")), why=error) from error
    wrong = sorted(set(rule.media) - MEDIA)
    if wrong or not rule.media:
        raise RuleError("rule", file=file, id=rule.id, why=f"media {wrong}")
    if rule.fact not in FACTS:
        raise RuleError("rule", file=file, id=rule.id, why=f"fact {rule.fact}")
    return rule


learn(Rule)
