"""Where a job stands, from its journal and its progress record. Pure.

Used by the process that resumes and by everybody who only looks. The journal
says what is durable; the progress record is believed only when nothing could
have been lost since: same boot, same attachment of the disk, same session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import msgspec

from wipe.journal.journal import History, Line
from wipe.model.codes import Reason
from wipe.model.key import Key
from wipe.model.ranges import Range, merge
from wipe.seen.system import as_hash
from wipe.seen.unbroken import Marks, kept, marks_of, stayed

KINDS = ("unwritten", "unreadable", "mismatch")
OF_ONE_TECHNIQUE = (
    "verified", "state_before", "command", "accepted", "in_progress", "success", "drive_failed",
    "sample_before", "sample_after", "sample_power_cycle", "holds_after", "forgotten",
    "read_power_cycle", "recheck", "sample_marks",
)  # fmt: skip
_MOST_SEAMS = 64
_MOST_SYSTEMS = 16
OF_ONE_COMMAND = ("accepted", "in_progress", "success")


class Standing(msgspec.Struct, frozen=True):
    """What is known to be done. Positions and ranges are in bytes."""

    begun: bool = False
    lines: int = 0  # of the journal
    touched: bool = False  # a technique was begun: the disk is no longer as it was
    session: str | None = None
    # The newest session and those before it between which the disk lost nothing: a session
    # killed before its first progress record leaves the record of the one before.
    sessions: tuple[str, ...] = ()
    boot_id: str | None = None
    diskseq: int | None = None
    marks: Marks = Marks()  # of the newest session's beginning
    seams: tuple[int, ...] = ()  # positions where a pass was taken up again, the newest few
    unbroken: bool = False  # the read-back that ended was one look, from 0 to the end
    kept_sample: bool = False  # nothing can have been lost since the sample before
    size_bytes: int | None = None  # of the device, once hidden areas are gone
    technique: int = 0
    sweep: int = 0
    position_bytes: int = 0
    keys: dict[int, Key] = {}  # by sweep of the current technique
    done: tuple[int, ...] = ()  # sweeps of the current technique that ended
    unwritten: tuple[Range, ...] = ()
    unreadable: tuple[Range, ...] = ()
    mismatch: tuple[Range, ...] = ()
    failures: tuple[dict[str, Any], ...] = ()  # reasons of techniques that failed before
    flush_failed: bool = False
    direct: bool | None = None
    spec_sha256: str | None = None  # of the spec the first session began with
    bound_to: str | None = None  # what that spec was bound to
    elapsed_s: float = 0.0  # of all sessions, as far as the journal tells
    before_s: float = 0.0  # of the sessions before the newest
    path: str | None = None  # where the newest session found the disk
    # The images its sessions ran under, each once; "" for one under none that told its hash.
    # Empty where none did.
    systems: tuple[str, ...] = ()
    started_at: str | None = None
    begun_at: str | None = None  # the newest session
    finished_at: str | None = None  # the erasure itself; a second look adds another last line
    last_at: str | None = None
    stopped: Reason | None = None  # of the last session, when it ended in order
    end: dict[str, Any] | None = None
    facts: dict[str, dict[str, Any]] = {}  # newest line of each other kind


def stand(history: History) -> Standing:
    """Fold the journal. Lines of an unknown shape are skipped, never raised on."""
    fold = _Fold()
    for line in history.lines:
        try:
            fold.take(line)
        except (KeyError, TypeError, ValueError, OverflowError, msgspec.MsgspecError):
            continue
    return fold.result(history)


class _Fold:
    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.keys: dict[int, Key] = {}
        self.done: list[int] = []
        self.ranges: dict[str, list[Range]] = {kind: [] for kind in KINDS}
        self.facts: dict[str, dict[str, Any]] = {}
        self.touched = False
        # Since when the read-back under way is one look; `None`: it is none any more.
        self.look: Marks | None = None
        self.systems: dict[str, None] = {}
        self.before_s = 0.0  # sessions before this one
        self.session_s = 0.0

    def take(self, line: Line) -> None:
        """One line."""
        if "elapsed_s" in line.data and line.kind != "begin":
            self.session_s = float(line.data["elapsed_s"])
        handler = self._handlers.get(line.kind)
        if handler is not None:
            handler(self, line.data)
        elif line.kind in KINDS:
            self.ranges[line.kind] += [(_count(a), _count(b)) for a, b in line.data["ranges"]]
        else:
            self.facts[line.kind] = line.data

    def _begin(self, data: dict[str, Any]) -> None:
        self.systems[as_hash(data.get("system")) or ""] = None
        self.before_s += self.session_s
        self.session_s = 0.0
        marks = marks_of(data)
        same = kept(self.known.get("marks", Marks()), marks)
        earlier = self.known.get("sessions", ()) if same else ()
        self.known["sessions"] = (*earlier, str(data["session"]))
        for name in ("session", "boot_id", "path"):
            self.known[name] = _told(data, name, str)
        for name in ("diskseq", "size_bytes"):
            self.known[name] = _told(data, name, int)
        self.known["marks"] = marks
        self.look = None  # a look that another session took up again saw no whole disk
        if not same:
            self._lost()
            self._anew()
        if self.known.get("position_bytes"):
            seams = (*self.known.get("seams", ()), self.known["position_bytes"])
            self.known["seams"] = seams[-_MOST_SEAMS:]
        self.known["stopped"] = None
        for name in ("spec_sha256", "bound_to"):
            if isinstance(data.get(name), str):
                self.known.setdefault(name, data[name])

    def _lost(self) -> None:
        """The disk may have been without power: no look and no planted canary outlives that."""
        self.look = None
        self.known["kept_sample"] = False

    def _anew(self) -> None:
        """Another attachment, boot or power-on goes on from the last flush that held, and writes
        and flushes all after it anew: one that failed since (the disk was pulled) is no more."""
        self.known["flush_failed"] = False

    def _suspend(self, data: dict[str, Any]) -> None:
        self.facts["suspend"] = data
        if data.get("slept") is not False:
            self._lost()

    def _smart_before(self, data: dict[str, Any]) -> None:
        self.facts["smart_before"] = data
        marks: Marks = self.known.get("marks", Marks())
        count = data["values"].get("power_cycles")
        if marks.power_cycles is None and isinstance(count, int):
            self.known["marks"] = msgspec.structs.replace(marks, power_cycles=count)

    def _key(self, data: dict[str, Any]) -> None:
        self.keys[_count(data["sweep"])] = msgspec.convert(data["key"], Key)

    def _checkpoint(self, data: dict[str, Any]) -> None:
        sweep, position = _count(data["sweep"]), _count(data["position_bytes"])
        self.known.update(sweep=sweep, position_bytes=position)

    def _sweep_done(self, data: dict[str, Any]) -> None:
        sweep = _count(data["sweep"])
        self.done.append(sweep)
        self.known.update(sweep=sweep + 1, position_bytes=0)
        self.look = self.known.get("marks")  # what is read from here on begins at 0

    def _resume(self, data: dict[str, Any]) -> None:
        """Never further on than what was durable: only a checkpoint says that."""
        position = min(_count(data["position_bytes"]), self.known.get("position_bytes", 0))
        self.known["position_bytes"] = position

    def _read_back(self, data: dict[str, Any]) -> None:
        self._resume(data)
        marks = marks_of(data)
        self.look = marks if _count(data["position_bytes"]) == 0 else None

    def _verified(self, data: dict[str, Any]) -> None:
        self.facts["verified"] = data
        ended = data.get("marks")  # older lines do not say how it ended
        if self.look is not None and ended and not stayed(self.look, marks_of(ended)):
            self.look = None
        self.known["unbroken"] = self.look is not None

    def _forgotten(self, data: dict[str, Any]) -> None:
        """The drive lost what it had confirmed: no pass before this one counts any more."""
        self.facts["forgotten"] = data
        if _count(data["sweep"]) > 0:
            self.done = []
            self.known.update(sweep=0, position_bytes=0)

    def _command(self, data: dict[str, Any]) -> None:
        """Sent anew: what was seen of the one before says nothing of this one."""
        for kind in OF_ONE_COMMAND:
            self.facts.pop(kind, None)
        self.facts["command"] = data

    def _sample_before(self, data: dict[str, Any]) -> None:
        self.facts["sample_before"] = data
        self.known["kept_sample"] = True

    def _sample_again(self, kind: str, data: dict[str, Any]) -> None:
        """Taken again after an interruption; what an earlier one saw against stays."""
        worst = ("unchanged", "unreadable", "fresh_structured", "fresh_unreadable")
        before = self.facts.get(kind, {})
        self.facts[kind] = data | {
            name: max(_count(data.get(name, 0)), _count(before.get(name, 0))) for name in worst
        }

    def _technique_failed(self, data: dict[str, Any]) -> None:
        self.known["failures"] = (*self.known.get("failures", ()), *data["reasons"])

    def _power_cycle(self, data: dict[str, Any]) -> None:
        """A second look at a finished erasure: until it was judged the old claim stands no more."""
        self._sample_again("sample_power_cycle", data)
        self._looked()

    def _read_power_cycle(self, data: dict[str, Any]) -> None:
        self.facts["read_power_cycle"] = data
        self._looked()

    def _looked(self) -> None:
        self.facts.pop("recheck", None)
        self.known["end"] = None

    def _open(self, data: dict[str, Any]) -> None:
        """Uncached only when every session was: what one wrote or read stays in the evidence."""
        self.known["direct"] = bool(data["direct"]) and self.known.get("direct", True)

    def _stopped(self, data: dict[str, Any]) -> None:
        self.known["stopped"] = msgspec.convert(data["reason"], Reason)

    def _technique(self, data: dict[str, Any]) -> None:
        """Another technique begins from nothing; the same one (a resumption) goes on."""
        number = _count(data["technique"])
        self.touched = True
        if self.known.get("technique") != number:
            self.keys, self.done = {}, []
            self.ranges = {kind: [] for kind in KINDS}
            for kind in OF_ONE_TECHNIQUE:
                self.facts.pop(kind, None)
            self.look = None
            self.known.update(
                technique=number, sweep=0, position_bytes=0, flush_failed=False, unbroken=False,
                kept_sample=False,
            )  # fmt: skip

    _handlers: ClassVar[dict[str, Callable[[_Fold, dict[str, Any]], None]]] = {
        "begin": _begin,
        "technique": _technique,
        "key": _key,
        "checkpoint": _checkpoint,
        "sweep_done": _sweep_done,
        "resume": _resume,
        "read_back": _read_back,
        "verified": _verified,
        "forgotten": _forgotten,
        "command": _command,
        "suspend": _suspend,
        "smart_before": _smart_before,
        "sample_before": _sample_before,
        "sample_after": lambda fold, data: fold._sample_again("sample_after", data),
        "technique_failed": _technique_failed,
        "stopped": _stopped,
        "sample_power_cycle": _power_cycle,
        "read_power_cycle": _read_power_cycle,
        "flush_failed": lambda fold, _: fold.known.update(flush_failed=True),
        "open": _open,
        "resized": lambda fold, data: fold.known.update(size_bytes=_count(data["size_bytes"])),
        "end": lambda fold, data: fold.known.update(end=data),
    }

    def result(self, history: History) -> Standing:
        """The whole."""
        lines = history.lines
        return Standing(
            lines=len(lines),
            begun=any(line.kind == "begin" for line in lines),
            touched=self.touched,
            keys=self.keys,
            done=tuple(self.done),
            elapsed_s=self.before_s + self.session_s,
            before_s=self.before_s,
            started_at=lines[0].at if lines else None,
            begun_at=next((line.at for line in reversed(lines) if line.kind == "begin"), None),
            finished_at=next((line.at for line in lines if line.kind == "end"), None),
            last_at=lines[-1].at if lines else None,
            facts=self.facts,
            systems=tuple(self.systems)[:_MOST_SYSTEMS] if any(self.systems) else (),
            unwritten=tuple(merge(self.ranges["unwritten"])),
            unreadable=tuple(merge(self.ranges["unreadable"])),
            mismatch=tuple(merge(self.ranges["mismatch"])),
            **self.known,
        )


def same_spec(standing: Standing, sha256: str | None) -> bool:
    """Whether the spec is still the one the job began with; older journals do not say."""
    return standing.spec_sha256 is None or standing.spec_sha256 == sha256


def _told(data: dict[str, Any], name: str, kind: type) -> Any:
    """What a line says under this name; `None` where it is not of this kind."""
    value = data.get(name)
    return value if isinstance(value, kind) and not isinstance(value, bool) else None


def _count(value: object) -> int:
    """A number of things or of bytes: whole, and never below nothing. Raises `ValueError`."""
    if not isinstance(value, int) or value < 0:
        raise ValueError("no count")
    return value
