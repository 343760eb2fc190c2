"""The codes of the printed card (planche de codes): which there are, and what each stands for.

They hold only A-Z, 0-9 and « - », which survive a scanner set to another keyboard
(`bench/guide/scan.py`). None erases or confirms: docs/decisions/scan-only.md.
"""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

import msgspec

from bench.guide.scan import ACTION_PREFIX, Scan, layouts
from diagnostics.learn import learn

_FILE = Path(__file__).with_name("card.toml")


class Group(msgspec.Struct, frozen=True):
    id: str
    codes: tuple[str, ...]


class _Catalogue(msgspec.Struct, frozen=True):
    groups: tuple[Group, ...]


@functools.cache
def standard_groups() -> tuple[Group, ...]:
    """The codes every screen knows."""
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), _Catalogue).groups


@functools.cache
def _actions() -> frozenset[str]:
    return frozenset(action for group in standard_groups() for action in group.codes)


def meaning(text: str) -> str | None:
    """The action of a scanned text ("choice_1", "yes"...), or `None`: not from this card."""
    code = text.strip().upper()
    if not code.startswith(ACTION_PREFIX):
        return None
    action = code.removeprefix(ACTION_PREFIX).lower().replace("-", "_")
    return action if action in _actions() else None


def carded(scan: Scan) -> str | None:
    """The action of a scan, whatever layout its scanner has; "" for a code like ours that is
    none of them (an older card), `None` for any other code."""
    spellings = (scan.text, *layouts(scan.raw))
    found = next((action for each in spellings if (action := meaning(each))), None)
    if found is not None:
        return found
    ours = any(each.upper().startswith(ACTION_PREFIX) for each in spellings)
    return "" if ours else None


def code_of(action: str) -> str:
    """What is printed in bars for an action."""
    return ACTION_PREFIX + action.upper().replace("_", "-")


learn(_Catalogue)
