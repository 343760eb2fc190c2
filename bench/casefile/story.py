"""The life of one machine in plain sentences: who, when, what, the latest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.grading.facts import LOCK_QUESTIONS
from bench.records.history import Told, of_machine
from bench.records.kinds import machine as kinds
from bench.records.kinds import network
from bench.words import dates
from bench.words.catalogue import find, say

if TYPE_CHECKING:
    from bench.records.log import Log

_MOST = 90  # letters of one value: a serial of 500 is cut, and seen to be cut


class Line(NamedTuple):
    """One event of a machine as it is read."""

    at: str  # as signed, ISO 8601, UTC
    who: str  # operator's code, "" where nobody is named
    text: str
    type: str
    bench: str
    counts: bool


def story_of(log: Log, device: str) -> tuple[Line, ...]:
    """All that was recorded of a machine. Raises `RecordsError` where the store cannot be read."""
    everything = of_machine(log.store, device)
    told_of = _partners(log, device, everything)
    return tuple(
        Line(
            told.entry.event.at,
            told.entry.event.operator,
            sentence(told, told_of),
            told.entry.event.type,
            told.entry.event.bench,
            told.counts,
        )
        for told in everything
    )


def _partners(log: Log, device: str, told: tuple[Told, ...]) -> Callable[[Told], str]:
    """What is written on the other machine a join or a parting speaks of."""
    numbers: dict[str, str] = {}
    for known in reversed(told):
        if known.counts and isinstance(known.entry.data, kinds.MachineArrived):
            numbers[known.entry.event.device] = known.entry.data.asset

    def named(known: Told) -> str:
        data, own = known.entry.data, known.entry.event.device
        assert isinstance(data, kinds.SameAs)
        other = own if data.other == device else data.other
        if not numbers.get(other):
            rows = log.store.query("SELECT asset FROM machine WHERE device = ?", (other,))
            numbers[other] = str(rows[0][0]) if rows and rows[0][0] else other[:13]
        return numbers[other]

    return named


def when(at: str) -> str:
    """The day and hour on the workshop's clock: 23/11/2026 14:05. What is no time stays."""
    there = dates.local(at)
    return at if there is None else f"{there:%d/%m/%Y %H:%M}"


def sentence(told: Told, partner: Callable[[Told], str]) -> str:
    """What one event says. Of what does not count, that too. `partner`: the number of the other
    machine that a join or a parting speaks of."""
    event, data = told.entry.event, told.entry.data
    if data is None:
        text = say("story.unknown", type=event.type)
    else:
        words, values = event.type.replace(".", "_"), _VALUES.get(type(data), _nothing)(data)
        if isinstance(data, kinds.EraseDone):
            values["claim"] = _word("documents.claim", told.claim or data.claim)
        if isinstance(data, kinds.SameAs):
            values["other"] = brief(partner(told))
        words += values.pop("more", "")
        text = say(f"story.{words}", **values)
    return text if told.counts else say("story.not_counted", text=text)


def brief(value: object) -> str:
    """One line, cut to what a page shows."""
    text = " ".join(str(value)[: _MOST * 8].split())
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"


def _word(area: str, code: str) -> str:
    """The word of a code; a code this version does not know stays as it is."""
    return find(f"{area}.{code}") or brief(code)


def _reasoned(text: str) -> str:
    return f" ({brief(text)})" if text.strip() else ""


def _nothing(data: Any) -> dict[str, Any]:
    return {}


def _arrived(data: kinds.MachineArrived) -> dict[str, Any]:
    number = say("story.number", asset=brief(data.asset)) if data.asset else ""
    return {"number": number, "kind": _reasoned(_word("documents.kind", data.kind))}


def _told(data: kinds.MachineTold) -> dict[str, Any]:
    named = [brief(part) for part in (data.maker, data.model) if part]
    return {
        "source": _word("story.source", data.source),
        "name": " ".join(named) or say("story.nameless"),
        "serial": say("story.serial", serial=brief(data.serial)) if data.serial else "",
        "tag": say("story.tag", tag=brief(data.tag)) if data.tag else "",
    }


def _probed(data: kinds.MachineProbed) -> dict[str, Any]:
    identity = data.facts.get("identity")
    identity = identity if isinstance(identity, dict) else {}
    named = [brief(identity[name]) for name in ("maker", "model") if identity.get(name)]
    serial = identity.get("serial")
    disks = data.facts.get("disks")
    return {
        "name": " ".join(named) or say("story.nameless"),
        "serial": say("story.serial", serial=brief(serial)) if serial else "",
        "count": len(disks) if isinstance(disks, list) else 0,
    }


def _recognised(data: kinds.MachineRecognised) -> dict[str, Any]:
    other = brief(data.other[:13])
    return {
        "by": _word("story.by", data.by),
        "other": say("story.other", other=other) if other else "",
        "more": f".{data.answer}",
    }


def _blocked(data: kinds.MachineBlocked) -> dict[str, Any]:
    reason, step = data.where()
    if step:
        told = say("supervisor.detail.help", step=_word("screens.steps", step))
    else:
        told = say("story.help") if reason == "help" else _word("supervisor.detail", reason)
    return {"reason": told, "more": ".cleared" if data.cleared else ".set"}


def _tested(data: kinds.TestDone) -> dict[str, Any]:
    if data.test in LOCK_QUESTIONS:  # asked like a check: passed is free
        lock = _word("grading.lock", LOCK_QUESTIONS[data.test])
        free = "held" if data.outcome == "failed" else "unknown"  # "passed" opens none
        return {"lock": lock, "more": f"_lock.{free}"}
    return {
        "test": _word("grading.test", data.test),
        "outcome": _word("grading.outcome", data.outcome),
    }


def _lock_answered(data: kinds.LockAnswered) -> dict[str, Any]:
    code = LOCK_QUESTIONS.get(data.lock)
    lock = _word("grading.lock", code) if code else brief(data.lock)
    return {"lock": lock, "more": ".free" if data.free else ".held"}


def _disk(disk: kinds.DiskName) -> str:
    named = [part for part in (disk.model, disk.serial) if part]
    return brief(" ".join(named)) or say("story.nameless_disk")


def _erasure(data: kinds.ErasePlanned | kinds.EraseDone) -> dict[str, Any]:
    return {"disk": _disk(data.disk)}


def _removed(data: kinds.DiskRemoved) -> dict[str, Any]:
    return {"disk": _disk(data.disk), "reason": _reasoned(data.reason)}


def _graded(data: Any) -> dict[str, Any]:
    return {"grade": brief(data.grade), "reason": _reasoned(getattr(data, "reason", ""))}


def _document(data: kinds.DocumentIssued) -> dict[str, Any]:
    return {"name": brief(data.name or data.kind)}


def _corrected(data: kinds.Correction) -> dict[str, Any]:
    return {
        "field": _word("story.field", data.field),
        "value": brief(data.value),
        "reason": _reasoned(data.reason),
    }


def _pair(data: kinds.SameAs) -> dict[str, Any]:
    return {"reason": _reasoned(data.reason)}


def _handed_over(data: kinds.HandoverDone) -> dict[str, Any]:
    euros = f"{data.price_cents // 100},{data.price_cents % 100:02}"
    price = say("story.price", euros=euros) if data.price_cents else ""
    return {"price": price}


_VALUES: dict[type[kinds.Data], Callable[[Any], dict[str, Any]]] = {
    kinds.MachineArrived: _arrived,
    kinds.MachineTold: _told,
    kinds.MachineProbed: _probed,
    kinds.MachineRecognised: _recognised,
    kinds.MachineBlocked: _blocked,
    kinds.MachineDestined: lambda data: {"where": _word("documents.destination", data.destination)},
    kinds.TestDone: _tested,
    kinds.LockAnswered: _lock_answered,
    kinds.ErasePlanned: _erasure,
    kinds.EraseDone: _erasure,
    kinds.DiskRemoved: _removed,
    kinds.GradeGiven: _graded,
    kinds.GradeOverridden: _graded,
    kinds.GradeValidated: _graded,
    kinds.LabelPrinted: lambda data: {"asset": brief(data.asset)},
    kinds.LabelScanned: lambda data: {"asset": brief(data.asset)},
    kinds.VisitDone: lambda data: {"outcome": _reasoned(_word("story.outcome", data.outcome))},
    kinds.DocumentIssued: _document,
    kinds.Correction: _corrected,
    kinds.SameAs: _pair,
    kinds.NotSame: _pair,
    kinds.ReservationReleased: lambda data: {"reason": _reasoned(data.reason)},
    kinds.TransferWithdrawn: lambda data: {"reason": _reasoned(data.reason)},
    kinds.HandoverDone: _handed_over,
    kinds.HandoverUndone: lambda data: {"reason": _reasoned(data.reason)},
    network.PartUsed: lambda data: {"part": brief(data.part)},
}
