"""Checks of French rules on prices and reuse: data in `french_rules.toml`, pure answers."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

import msgspec

from diagnostics.learn import learn

_FILE = Path(__file__).with_name("french_rules.toml")


class PaperRefused(Exception):
    """A paper that must not be made; `code` names the sentence (`documents.refused.<code>`)."""

    def __init__(self, code: str, **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class Caps(msgspec.Struct, frozen=True):
    text: str
    cents: dict[str, int]
    kinds: dict[str, str]


class Reuse(msgspec.Struct, frozen=True):
    text: str
    max_age_years: int
    target_percent: int


class Gift(msgspec.Struct, frozen=True):
    text: str
    max_unit_cents: int


class FrenchRules(msgspec.Struct, frozen=True):
    version: str
    cap: Caps
    reuse: Reuse
    gift: Gift


@functools.cache
def french_rules() -> FrenchRules:
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), FrenchRules)


def price_cap_cents(kind: str, rules: FrenchRules) -> int | None:
    """The cap of a kind; `None` where the rule knows none, and then no price can be checked."""
    entry = rules.cap.kinds.get(kind)
    return None if entry is None else rules.cap.cents.get(entry)


def check_price(kind: str, price_cents: int, rules: FrenchRules) -> int:
    """The cap a price keeps under. Raises `PaperRefused`: `price_negative`,
    `price_no_cap` (a price for a kind without cap; a gift is allowed), `price_over_cap`."""
    if price_cents < 0:
        raise PaperRefused("price_negative")
    cap = price_cap_cents(kind, rules)
    if cap is None:
        if price_cents:
            raise PaperRefused("price_no_cap", kind=kind)
        return 0
    if price_cents > cap:
        raise PaperRefused("price_over_cap", kind=kind, price=price_cents, cap=cap)
    return cap


def counts_as_reuse(made_year: int | None, year: int, destination: str, rules: FrenchRules) -> bool:
    """Whether a public donor may count a machine; an unknown year does not count."""
    if destination != "reuse" or made_year is None:
        return False
    return 0 <= year - made_year < rules.reuse.max_age_years


learn(FrenchRules)
