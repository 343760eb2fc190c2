"""Everything that can happen in a guided visit: a key's meaning, or an answer of the port."""

from __future__ import annotations

import msgspec

from bench.guide.shown import CheckMark, DiskChoice, JobView


class Event(msgspec.Struct, frozen=True, tag=True):
    """Base of all events; `bench.guide.flow.advance` takes them."""


class DisksSeen(Event, frozen=True):
    """The disks as read now. Also the guard's second answer, in the RECHECK stage."""

    disks: tuple[DiskChoice, ...]
    complete: bool


class JobsSeen(Event, frozen=True):
    jobs: tuple[JobView, ...]


class DisksChosen(Event, frozen=True):
    keys: tuple[str, ...]


class ConfirmTyped(Event, frozen=True):
    """The characters typed for one disk, or a scan of the serial printed on it."""

    key: str
    text: str
    scanned: bool = False


class EraseKey(Event, frozen=True):
    """F8."""


class ScannedAgain(Event, frozen=True):
    """In the place of F8, for one disk that was confirmed by a scan: the same code, read again."""

    text: str


class CountdownOver(Event, frozen=True):
    pass


class EraseStarted(Event, frozen=True):
    key: str
    job: str


class NotStarted(Event, frozen=True):
    """The port refused, or could not start, this disk's erasure."""

    key: str


class JobResumed(Event, frozen=True):
    job: str


class TakenOut(Event, frozen=True):
    """The worker says the disk is out of the machine; believed only if it is not seen any more."""

    key: str


class SignedIn(Event, frozen=True):
    code: str
    name: str


class SignedOut(Event, frozen=True):
    """The worker goes back to the first screen: somebody else takes over."""


class AssetGiven(Event, frozen=True):
    """A number the port found good, or a new one. None takes it back."""

    asset: str | None


class AssetAccepted(Event, frozen=True):
    pass


class LooseDisks(Event, frozen=True):
    """This visit is about disks alone, under a number of their own."""

    asset: str


class MachineRead(Event, frozen=True):
    """The probe ended; nothing is known of the disks by this event."""


class MachineAccepted(Event, frozen=True):
    pass


class Recognised(Event, frozen=True):
    """The PC that was read is one that came before: its number and its file are taken up."""

    asset: str


class ChecksKnown(Event, frozen=True):
    ids: tuple[str, ...]


class CheckAnswered(Event, frozen=True):
    """The outcome of the check that is shown. `asked`: a person said yes or no."""

    id: str
    result: CheckMark
    asked: bool = False


class CheckNoted(Event, frozen=True):
    """The same, and the page stays: what was found is still to be read."""

    id: str
    result: CheckMark


class AnswerKept(Event, frozen=True):
    """On from the check that is shown, with the answer it has."""

    id: str


class GoOn(Event, frozen=True):
    """Leave the erase step forward, where that is allowed."""


class LooksKnown(Event, frozen=True):
    ids: tuple[str, ...]


class LookAnswered(Event, frozen=True):
    id: str
    mark: int


class Graded(Event, frozen=True):
    letter: str


class GradeAccepted(Event, frozen=True):
    pass


class Printed(Event, frozen=True):
    pass


class LabelScanned(Event, frozen=True):
    """The stuck label was scanned and is the right one."""


class LabelLater(Event, frozen=True):
    """On without it: no printer works and the label waits, or it is out and was not scanned."""


class SetAside(Event, frozen=True):
    """The machine leaves the bench with nothing claimed about it."""


class Back(Event, frozen=True):
    pass


class Restarted(Event, frozen=True):
    """The screens were started again on a saved visit: unfinished confirmations are void."""


class Next(Event, frozen=True):
    """The next machine, same worker."""
