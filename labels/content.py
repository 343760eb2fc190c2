"""What one label says, and which words the law allows it to say.

Décret 2022-190 (Code de la consommation R. 122-4 to 6): « reconditionné » needs tests
of all functions and the removal of earlier data; words that suggest a new product are
forbidden. The gate is here, before any layout, so that no printer language escapes it.
"""

from __future__ import annotations

import datetime
import enum
import functools
import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

import msgspec

from labels.errors import LabelError
from labels.identifier import is_demo

MAX_ASSET = 24  # characters; about the longest that 89 mm hold in Code 128
MAX_LINES = 6  # beyond these, nobody reads a label
MAX_GRADE = 3  # characters: A, F6, C10
MAX_TEXT = 200  # characters of any field looked at: no label holds that many


class LabelState(enum.StrEnum):
    """What the record says of the machine, in the only four wordings printed."""

    TO_TEST = "to_test"
    ERASED = "erased"
    REFURBISHED = "refurbished"
    PARTS = "parts"


class LabelContent(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one label says; never a donor, a customer or a serial number.

    `qr_text` is drawn as given (an upper-case URL makes a smaller QR, or a signed
    payload); without one the QR repeats the asset.
    """

    asset: str
    state: LabelState | None = LabelState.TO_TEST  # None: no state line (pre-numbered labels)
    title: str = ""  # maker and model
    lines: tuple[str, ...] = ()  # the most important first: the last are left out first
    grade: str = ""  # A, B, C, D or a short code
    erased_on: datetime.date | None = None
    erased_method: str = ""  # in the reader's words
    site: str = ""
    qr_text: str = ""
    all_functions_tested: bool = False  # from the record
    data_removed: bool = False  # from the record: erased, or held no disk
    demo: bool = False  # of a demonstration: the label says so instead of a state


class Words(msgspec.Struct, frozen=True):
    """The printed sentences of one label, cleaned and allowed."""

    asset: str
    title: str
    state: str
    lines: tuple[str, ...]
    grade: str
    grade_caption: str
    site: str
    qr_text: str

    @property
    def bare(self) -> bool:
        """Nothing but the identifier and perhaps a site: a pre-numbered label."""
        return not (self.title or self.state or self.lines or self.grade)


def strongest_state(
    *, all_functions_tested: bool, data_removed: bool, erased: bool, parts: bool
) -> LabelState:
    """The most that a record allows a label to say."""
    if parts:
        return LabelState.PARTS
    if all_functions_tested and data_removed:
        return LabelState.REFURBISHED
    return LabelState.ERASED if erased else LabelState.TO_TEST


def words_of(content: LabelContent, language: str = "fr") -> Words:
    """The sentences to print.

    Raises `LabelError`: `asset_invalid`, `forbidden_words`, `refurbished_not_allowed`,
    `erased_on_missing`, `unknown_language`.
    """
    wording = _wording(language)
    asset = _checked_asset(content.asset)
    allowed = content.all_functions_tested and content.data_removed
    if content.state is LabelState.REFURBISHED and not allowed:
        raise LabelError("refurbished_not_allowed", asset=asset)
    demo = content.demo or is_demo(asset)
    # That it was erased, and how, is what must not be missing.
    lines = [clean(line) for line in (*_erasure_lines(content, wording), *content.lines)]
    words = Words(
        asset=asset,
        title=clean(content.title),
        state=wording["demo"] if demo else _state_line(content, wording),
        lines=tuple(line for line in lines if line)[:MAX_LINES],
        grade=_short(clean(content.grade)),
        grade_caption=wording["grade"],
        site=clean(content.site),
        qr_text=content.qr_text or asset,
    )
    refuse_forbidden((words.title, *words.lines, words.grade, words.site), allowed=allowed)
    return words


def _short(grade: str) -> str:
    """A grade is one to three characters; a longer one is shortened visibly."""
    return grade if len(grade) <= MAX_GRADE else grade[: MAX_GRADE - 1] + "…"


def _state_line(content: LabelContent, wording: dict[str, Any]) -> str:
    if content.state is None:
        return ""
    if content.state is LabelState.ERASED and content.erased_on is None:
        raise LabelError("erased_on_missing", asset=content.asset)
    sentence: str = wording["state"][content.state.value]
    return sentence.format(date=_date(content.erased_on, wording))


def _erasure_lines(content: LabelContent, wording: dict[str, Any]) -> list[str]:
    """Date (unless the state line says it) and method of the erasure, where there was one."""
    if content.erased_on is None:
        return []
    date, method = _date(content.erased_on, wording), content.erased_method
    if content.state is LabelState.ERASED:
        return [wording["method"].format(method=method)] if method else []
    return [wording["erased_by" if method else "erased"].format(date=date, method=method)]


def _date(date: datetime.date | None, wording: dict[str, Any]) -> str:
    return "" if date is None else date.strftime(wording["date"])


def _checked_asset(asset: str) -> str:
    """Printable ASCII without spaces around: what Code 128 and a keyboard wedge carry."""
    if not 1 <= len(asset) <= MAX_ASSET or not re.fullmatch(r"[A-Z0-9][A-Z0-9./+-]*", asset):
        raise LabelError("asset_invalid", asset=asset[:MAX_ASSET])
    return asset


_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean(text: str) -> str:
    """One printable line: controls, direction marks and lone surrogates left out."""
    kept = "".join(
        " " if character.isspace() else character
        for character in text[: MAX_TEXT * 4]
        if character.isspace() or unicodedata.category(character) not in _UNWANTED
    )
    return unicodedata.normalize("NFC", " ".join(kept.split()))[:MAX_TEXT]


_NEW = r"neu(?:fs?|ves?)"
_FORBIDDEN = (
    re.compile(rf"\b(?:comme|etat|a|quasi|presque)[\W_]*{_NEW}\b"),
    re.compile(r"\b(?:like|as|brand)[\W_]*new\b"),
    # Only when every operation happened in France, which no record says.
    re.compile(r"\brecondition\w*[\W_]+en[\W_]+france\b"),
)
_REFURBISHED = re.compile(r"\b(?:reconditionne(?:e|s|es)?|refurbished)\b")


def refuse_forbidden(texts: tuple[str, ...], *, allowed: bool) -> None:
    """Raise `LabelError` when a free text carries words the law forbids.

    `allowed`: the record allows « reconditionné ». Accents, case, full-width letters
    and punctuation between the words make no difference.
    """
    folded = _fold(" | ".join(texts))
    for pattern in _FORBIDDEN:
        match = pattern.search(folded)
        if match:
            raise LabelError("forbidden_words", words=match.group())
    if not allowed and _REFURBISHED.search(folded):
        raise LabelError("refurbished_not_allowed", asset="")


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


@functools.cache
def _all_wording() -> dict[str, Any]:
    with Path(__file__).with_name("wording.toml").open("rb") as file:
        return tomllib.load(file)


def _wording(language: str) -> dict[str, Any]:
    table = _all_wording().get(language)
    if not isinstance(table, dict):
        raise LabelError("unknown_language", language=language, known=", ".join(_all_wording()))
    return table
