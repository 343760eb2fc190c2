"""What the supervisor's screens see of the day, and what may be decided there.

A second, smaller port beside `bench.guide.port`: the screens call it from the same worker
thread, and show its frozen structs. `bench.workbench.review` is the real one.
"""

from __future__ import annotations

from typing import Literal, Protocol

from bench.guide.shown import Shown

SPANS = ("day", "week", "month")


class Ask(Shown, frozen=True):
    """One question before a decision: a choice of (key, text), or else a text to type."""

    label: str
    choices: tuple[tuple[str, str], ...] = ()
    skip: str = ""  # the words of a choice that answers nothing, where that may be


class Action(Shown, frozen=True):
    """One decision about a finding, and what must be asked for it, in order."""

    key: str
    text: str
    asks: tuple[Ask, ...] = ()


class FindingKey(Shown, frozen=True):
    """Which finding of a day: its list, what it is about, what tells it from others."""

    list: str
    subject: str  # a machine's name in the record, or what several share
    detail: str = ""


class DayFinding(Shown, frozen=True):
    """One thing of the day somebody should look at. `blocks`: the day cannot close before."""

    key: FindingKey
    title: str  # what is wrong
    subject: str  # the machine's number, or what it is known by
    subject_is: Literal["machine", "shared", "pack"] = "machine"  # shared: by two machines
    detail: str = ""
    advice: str = ""  # what may be done about it, one sentence
    said: str = ""  # all of it in one sentence
    blocks: bool = False
    actions: tuple[Action, ...] = ()
    pair: bool = False  # about two records, which can be looked at side by side


class DayView(Shown, frozen=True):
    """A day in a few lines, and its findings, the blocking ones first.

    `open_count`: how many there are in all, where more are open than are listed.
    """

    day: str  # YYYY-MM-DD
    lines: tuple[str, ...]
    findings: tuple[DayFinding, ...]
    closed: bool  # by every bench that worked
    may_close: bool
    open_count: int = 0
    closed_here: bool = False  # by the bench that shows it
    closings: tuple[str, ...] = ()  # when it was closed and opened again, one sentence each


class Did(Shown, frozen=True):
    """What became of a decision; `text` says it either way."""

    ok: bool
    text: str = ""


class Stick(Shown, frozen=True):
    """A USB stick that is plugged in: `key` tells it from others, `title` says it to a person."""

    key: str
    title: str


class Written(Shown, frozen=True):
    """How much of a file is on a stick."""

    size_bytes: int
    whole_bytes: int


class Found(Shown, frozen=True):
    """A machine looked up by its number; `text` says why there is none."""

    item: DayFinding | None = None
    text: str = ""


class Both(Shown, frozen=True):
    """One fact of two records: its name, and what each says, "" where it says nothing."""

    name: str
    left: str
    right: str
    same: bool


class FoundMachine(Shown, frozen=True):
    """One machine of a list: its name in the record, and what is read of it."""

    device: str
    title: str
    state: str


class FoundList(Shown, frozen=True):
    """The first machines that hold what was typed, and how many do."""

    machines: tuple[FoundMachine, ...]
    count: int


class StoryLine(Shown, frozen=True):
    """One thing that happened to a machine."""

    when: str
    who: str
    text: str


class Story(Shown, frozen=True):
    """A machine as it stands, in a few lines, and all that happened to it, the latest first."""

    title: str
    about: tuple[str, ...]
    lines: tuple[StoryLine, ...]
    joined: DayFinding | None = None  # the records joined to it, to be parted again


class Sums(Shown, frozen=True):
    """What was done in the last stretches of one kind, the oldest first: a name and a line each.

    `nothing`: all of it is zero.
    """

    lines: tuple[tuple[str, str], ...]
    nothing: bool = False


class Finder(Protocol):
    """Every machine of the record, by a few letters of what is known of it."""

    def read(self) -> None:
        """Read the machines anew; `find` looks in what was read."""

    def find(self, typed: str, most: int) -> FoundList:
        """Those that hold every word, at most so many. In memory: any thread may ask."""

    def story(self, device: str) -> Story:
        """The whole history of one."""

    def part(self, joined: FindingKey, action: str, answers: tuple[str, ...]) -> Did:
        """Undo a join; as `Supervision.act`, for `Story.joined`."""


class Stock(Protocol):
    """Lots, donors, destinations, hand-overs and the daybook, for who has entered."""

    def items(self) -> tuple[DayFinding, ...]:
        """The lots, those under way first, then what else may be noted."""

    def machine(self, code: str) -> Found:
        """One machine by its number, with what may be done with it."""

    def act(self, item: FindingKey, action: str, answers: tuple[str, ...]) -> Did:
        """Do it. `answers` are those to `Action.asks`, in order."""


class Supervision(Protocol):
    """The supervisor's side of the bench. It may raise as `bench.guide.port.Port` does."""

    def pin_is_set(self) -> bool:
        """Whether this bench has a supervisor's code yet."""

    def pin_fits(self, pin: str) -> Did:
        """Whether a code may be chosen: said before it is typed a second time."""

    def choose_pin(self, pin: str) -> Did:
        """Set the code of a bench that has none."""

    def enter(self, operator: str, pin: str) -> Did:
        """Open the supervisor's mode for a person; wrong tries are slowed down."""

    def leave(self) -> None:
        """End the supervisor's mode: decisions are refused until `enter`."""

    def day(self) -> DayView:
        """Today, read anew."""

    def act(self, finding: FindingKey, action: str, answers: tuple[str, ...]) -> Did:
        """Decide. `answers` are those to `Action.asks`, in order."""

    def compare(self, finding: FindingKey) -> tuple[Both, ...]:
        """The facts of the two records a finding is about; none where they are gone."""

    def close_day(self, day: str) -> Did:
        """« Clôturer la journée »: the day that was shown, which at midnight is not today."""

    def reopen_day(self, day: str, reason: str) -> Did:
        """« Rouvrir la journée »."""

    @property
    def stock(self) -> Stock | None:
        """What comes in and goes out; `None` where this bench keeps no stock."""

    @property
    def lists(self) -> bool:
        """Whether this bench makes the list of a day on paper."""

    def make_list(self, day: str) -> Did:
        """« Faire la liste du jour »: a PDF; `text` says where."""

    def sums(self, span: str) -> Sums:
        """The figures of the last days, weeks or months (`SPANS`)."""

    @property
    def finder(self) -> Finder:
        """Every machine of the record."""

    @property
    def sends(self) -> bool:
        """Whether this bench can look for its workshop's server."""

    def send(self) -> Did:
        """« Envoyer à l'atelier »: to the server on the network; may take a minute."""

    def export(self) -> Did:
        """« Préparer l'envoi »: all this bench knows, to a file; `text` says where."""

    @property
    def carries(self) -> bool:
        """Whether what goes out may be put on a stick from here."""

    def sticks(self) -> tuple[Stick, ...]:
        """Those plugged in now, the last one first."""

    def carry(self, stick: str) -> Did:
        """Put what `export` made last on the stick with this key. Takes long, and may be called
        from a thread of its own."""

    def carried(self) -> Written:
        """How far that is, after a moment; from another thread."""
