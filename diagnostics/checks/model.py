"""What a check is, how it may end, and what a person may be asked. No behaviour.

Codes and values only: the sentences are in `bench/words/*/checks.toml`, under
`checks.<check id>` and `checks.reason.<reason code>`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

import msgspec

from diagnostics.learn import learn

Evidence = Mapping[str, int | str]


class CheckOutcome(enum.StrEnum):
    """How a check ended. Only `passed` says that the function works."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_PRESENT = "not_present"  # the machine was built without it
    NOT_TESTED = "not_tested"  # nobody and nothing has tested it yet
    NOT_TESTABLE_HERE = "not_testable_here"  # no cable, not root, no tool...
    CRASHED = "crashed"  # our own code broke: says nothing of the machine


class CheckReason(enum.StrEnum):
    """Why a check ended as it did; each has a sentence in the words."""

    OK = "ok"
    ANSWERED = "answered"  # a person said so
    ABSENT = "absent"  # the kernel shows no such part
    NOT_SEEN = "not_seen"  # none shown, but it may be there and dead: a person must look
    DENIED = "denied"
    NO_TOOL = "no_tool"
    UNRECORDED = "unrecorded"  # a replayed machine cannot do this
    NO_SERVICE = "no_service"  # what only root may ask is asked by a service, which is silent
    UNREADABLE = "unreadable"
    TIMEOUT = "timeout"
    STOPPED = "stopped"
    SKIPPED = "skipped"  # a person left it out
    CRASHED = "crashed"
    TOO_SHORT = "too_short"  # too few samples to judge
    # keyboard
    KEYS_MISSING = "keys_missing"
    KEYS_STUCK = "keys_stuck"
    KEYS_DOUBLE = "keys_double"
    # pointer, touch, lid
    DIRECTION_MISSING = "direction_missing"
    BUTTON_MISSING = "button_missing"
    ZONES_MISSING = "zones_missing"
    LID_NO_CHANGE = "lid_no_change"
    LID_STAYS_CLOSED = "lid_stays_closed"
    # screen
    PIXELS = "pixels"
    NO_DISPLAY = "no_display"
    # sound
    SILENCE = "silence"
    TONE_NOT_FOUND = "tone_not_found"
    CLIPPED = "clipped"
    NOT_PLAYED = "not_played"
    # camera
    BLACK = "black"
    CONSTANT = "constant"
    FROZEN = "frozen"
    NO_FRAME = "no_frame"
    # radio and cable
    NO_NETWORK = "no_network"
    SWITCHED_OFF = "switched_off"
    NO_DRIVER = "no_driver"
    NO_ADDRESS = "no_address"
    NO_CABLE = "no_cable"
    SLOW_LINK = "slow_link"
    SPEED_UNKNOWN = "speed_unknown"
    # sockets and drives
    PORTS_MISSING = "ports_missing"
    PORTS_UNCOUNTED = "ports_uncounted"
    NO_PLUG = "no_plug"
    NO_DISC = "no_disc"
    NO_CARD = "no_card"
    READ_ERROR = "read_error"
    # power
    NO_MAINS = "no_mains"
    NOT_CHARGING = "not_charging"
    CHARGE_LIMIT = "charge_limit"
    ON_MAINS = "on_mains"
    DROPS_FAST = "drops_fast"
    GAUGE_LIES = "gauge_lies"
    GAUGE_STILL = "gauge_still"
    # heat, processor, memory, clock
    TOO_HOT = "too_hot"
    FAN_STOPPED = "fan_stopped"
    NO_SENSOR = "no_sensor"
    WRONG_RESULT = "wrong_result"
    THROTTLED = "throttled"
    MEMORY_ERRORS = "memory_errors"
    MEMORY_CORRECTED = "memory_corrected"
    LITTLE_MEMORY = "little_memory"
    CLOCK_RESET = "clock_reset"
    CLOCK_AHEAD = "clock_ahead"
    CLOCK_STOPPED = "clock_stopped"
    NO_REFERENCE = "no_reference"


class CheckResult(msgspec.Struct, frozen=True):
    """How one check ended. `evidence` holds integers and short strings, units in the names."""

    id: str
    outcome: CheckOutcome
    reason: CheckReason
    evidence: dict[str, int | str] = {}


class Who(enum.StrEnum):
    AUTOMATIC = "automatic"
    HUMAN = "human"
    BOTH = "both"  # the machine follows what the person does, or asks after measuring


class Mode(enum.StrEnum):
    """How a screen runs the check; the same words as the port of the screens."""

    AUTO = "auto"
    ASK = "ask"
    WATCH = "watch"
    PLAY = "play"
    COLOURS = "colours"


class QuestionKind(enum.StrEnum):
    YES_NO = "yes_no"  # choices "yes", "no"
    COUNT = "count"  # a whole number, 0 or more
    KEYS = "keys"  # press keys, no choice
    PLUG = "plug"  # plug something, no choice


class CheckQuestion(msgspec.Struct, frozen=True):
    """What a person is asked: `text` is a key of the words, `choices` codes.

    `outcomes` says what each choice means. A count has no outcomes: it is judged.
    """

    text: str
    kind: QuestionKind
    outcomes: dict[str, CheckOutcome] = {}

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(self.outcomes)


class Check(msgspec.Struct, frozen=True):
    """One check of the catalogue. Words: `checks.<id>.name`, `.purpose`, `.step1`..."""

    id: str
    who: Who
    mode: Mode
    steps: int  # how many `checks.<id>.stepN` sentences there are
    kinds: tuple[str, ...]  # machine kinds it applies to (model.Identity.kind, "unknown")
    seconds: int  # how long it usually takes (an estimate)
    limit_s: int  # when the driver is given up
    safety: str  # what it does to the machine: reads, listens, sounds, switches, loads
    resource: str = ""  # checks naming the same resource never run together
    question: CheckQuestion | None = None
    ask_when: tuple[CheckOutcome, ...] = ()  # asked after the driver gave one of these
    absent: dict[str, str] = {}  # kind or "other" -> "ask", or the outcome when none is seen


class Planned(msgspec.Struct, frozen=True):
    """A check of this machine. `settled` is its result where nothing needs doing any more."""

    check: Check
    settled: CheckResult | None = None
    question: CheckQuestion | None = None  # replaces the driver: "do you see one?"


class Progress(msgspec.Struct, frozen=True):
    """What a running check has seen; `text` needs no translation (a drawn keyboard, ports)."""

    id: str
    done: int
    total: int | None = None
    text: str = ""


class Capabilities(msgspec.Struct, frozen=True):
    """What the machine in hand shows and lets us do.

    `present` maps a check id to whether its part is shown; a missing key is *not known*.
    `live` is False on a replayed machine: no device is opened, no load is made.
    """

    live: bool
    root: bool
    present: dict[str, bool] = {}


learn(Check, CheckResult)
