"""What the port hands to the screens of people, numbers and function tests: frozen structs."""

from __future__ import annotations

import enum

import msgspec


class Shown(msgspec.Struct, frozen=True):
    """Base of everything the port hands to the screens."""


class OperatorAnswer(Shown, frozen=True):
    """Who a badge or a typed code belongs to. `text` says why not, when `ok` is False."""

    ok: bool
    code: str = ""
    name: str = ""
    text: str = ""


class AssetAnswer(Shown, frozen=True):
    """A scanned or typed asset number, judged by its check character."""

    ok: bool
    asset: str = ""  # as it is written on labels
    suggestion: str | None = None  # the likely right number
    text: str = ""


class CheckMode(enum.Enum):
    """How a function test is done.

    AUTO: `run_check` gives the outcome by itself. ASK: only a question to the
    worker. WATCH: `run_check` follows what the worker does (keys, USB ports) and
    reports progress. PLAY: `run_check` does something (a tone, a picture), then the
    worker answers. COLOURS: the screen fills itself with colours, then asks.
    """

    AUTO = "auto"
    ASK = "ask"
    WATCH = "watch"
    PLAY = "play"
    COLOURS = "colours"


class CheckResult(enum.Enum):
    """Outcomes that are never mixed up (docs/design.md, idea 2)."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_PRESENT = "not_present"
    NOT_TESTED = "not_tested"
    NOT_TESTABLE = "not_testable"
    CRASHED = "crashed"


class CheckStep(Shown, frozen=True):
    """One function test: one screen.

    `lines` say what to do, `question` is asked by ASK, PLAY and COLOURS.
    `picture` names a drawing of bench/screens/pictures.toml.
    `count`, when not empty, is a question for a whole number from 0 to `count_most` (dead
    pixels, sockets): it is asked instead of `question`, and answered with `count_check`.
    """

    id: str
    mode: CheckMode
    title: str
    lines: tuple[str, ...] = ()
    question: str = ""
    picture: str = "pc"
    count: str = ""
    count_most: int = 0


class SelfTestView(Shown, frozen=True):
    """The test a drive makes of itself, now. `long_offered`: judged *watch*, and free for it."""

    path: str
    title: str
    state: str  # diagnostics.selftest.State value
    text: str
    long_offered: bool = False


class CheckProgress(Shown, frozen=True):
    """What a WATCH check has seen so far; `text` may be several lines (a keyboard drawn)."""

    done: int
    total: int | None = None
    text: str = ""


class CheckOutcome(Shown, frozen=True):
    """How a test ended. `result` is None when only the worker can tell (PLAY)."""

    id: str
    result: CheckResult | None
    text: str = ""
