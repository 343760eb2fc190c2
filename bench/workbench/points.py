"""What is to settle on a day, as the supervisor's screens show it: in sentences, what blocks
first, each with what may be decided about it. `bench.records.day.review` finds it.
"""

from __future__ import annotations

import msgspec

from bench.guide.supervision import Action, Ask, DayFinding, FindingKey
from bench.packs.shelf import Pack, gone, waiting
from bench.records.day.review import OPEN_LISTS, Conflict, DayCase, Duplicate, Review
from bench.records.fold.corrections import NUMBER_FIELDS, TEXT_FIELDS
from bench.records.log import Log
from bench.words.catalogue import say
from bench.workbench.review_words import (
    conflict_text,
    detail_text,
    known_as,
    pack_detail,
    pack_name,
    point,
    subject_text,
    words_of,
)
from diagnostics.locks import MANAGED

GRADES = ("A", "B", "C", "D", "E")
_OF_TWO = ("identity", "returned")  # conflicts about two records


class Subject(msgspec.Struct, frozen=True):
    """What a finding is about: devices, the one that is meant first, and the field in conflict; or
    rules of the network that wait for an answer."""

    devices: tuple[str, ...]
    field: str = ""
    pack: Pack | None = None


class Points:
    """The findings of one review; `subjects` tells what each is about. `prints`: whether a label
    may be printed from here."""

    def __init__(self, log: Log, *, prints: bool = False) -> None:
        self._log, self._prints = log, prints
        self.subjects: dict[FindingKey, Subject] = {}

    def findings(self, found: Review) -> tuple[DayFinding, ...]:
        """What is to settle in a review, what blocks first."""
        findings = [case for name in OPEN_LISTS for case in self._cases(found, name)]
        findings += [self._duplicate(duplicate) for duplicate in found.duplicates]
        findings += [self._conflict(conflict) for conflict in found.to_arbitrate]
        findings += [self._pack(pack) for pack in waiting(self._log)]
        findings += [self._gone(pack) for pack in gone(self._log)]
        return tuple(sorted(findings, key=lambda finding: not finding.blocks))

    def _cases(self, found: Review, name: str) -> list[DayFinding]:
        cases = getattr(found, name).shown
        if name == "erasures_bad":  # each once: those still open come first
            cases = [case for case in cases if case not in found.erasures_open.shown]
        return [self._case(name, case) for case in cases]

    def _case(self, name: str, case: DayCase) -> DayFinding:
        key = FindingKey(name, case.device, case.detail)
        self.subjects[key] = Subject((case.device,))
        unblock = (Action("unblock", say("supervisor.unblock"), (_reason(),)),)
        letters = Ask(say("supervisor.ask.grade"), tuple((grade, grade) for grade in GRADES))
        grade = (Action("grade", say("supervisor.grade"), (letters, _reason())),)
        withdrawing = (Action("withdraw", say("supervisor.withdraw"), (_reason(),)),)
        offered = {
            "blocked": unblock,
            "ungraded": grade,
            "far_grades": (Action("validate", say("supervisor.validate")), *grade),
            "erasures_unproven": withdrawing,
            "erasures_open": withdrawing,
            "disks_missing": (Action("take_out", say("supervisor.take_out"), (_reason(),)),),
        }
        printing = (Action("print", say("supervisor.print")),) if self._prints else ()
        number = (Ask(say("supervisor.ask.stuck")),)
        offered["unlabelled"] = (*printing, Action("stuck", say("supervisor.stuck"), number))
        if name == "locks":
            offered[name] = self._lock_actions(case)
        if name == "erasures_bad" and case.claim == "interrupted":
            offered[name] = withdrawing  # ordered and never ended: its folder may be lost
        words, subject = words_of(name, case), case.asset or case.device[:13]
        return DayFinding(
            key=key,
            title=say(f"supervisor.list.{words}"),
            subject=subject,
            detail=detail_text(name, case),
            said=point(words, subject, detail_text(name, case)),
            blocks=name in ("erasures_unproven", "erasures_open"),
            advice=say(f"supervisor.advice.{words}"),
            actions=(*offered.get(name, ()), _correction()),
        )

    def _lock_actions(self, case: DayCase) -> tuple[Action, ...]:
        """A question a lock. "No" comes first: Enter alone opens none."""
        known = [word.partition("=")[0] for word in case.detail.split()]
        no, yes = ("no", say("supervisor.lock.no")), ("yes", say("supervisor.lock.yes"))
        asked = [(f"lock {lock}", say(f"supervisor.lock.{lock}")) for lock in known]
        actions = tuple(Action(key, text, (Ask(text, (no, yes)),)) for key, text in asked)
        lot = self._lot_of(case.device)
        if not lot or MANAGED not in case.detail.split():
            return actions
        text = say("supervisor.lock.whole_lot")
        all_yes = ("yes", say("supervisor.lock.yes_lot", lot=lot))
        return (*actions, Action("lot", text, (Ask(text, (no, all_yes)),)))

    def _lot_of(self, device: str) -> str:
        rows = self._log.store.query("SELECT lot FROM machine WHERE device = ?", (device,))
        return str(rows[0][0]) if rows else ""

    def _duplicate(self, shared: Duplicate) -> DayFinding:
        key = FindingKey("duplicate", shared.value, shared.kind)
        self.subjects[key] = Subject(shared.devices)
        machines = ", ".join(known_as(self._log.store, device) for device in shared.devices)
        return DayFinding(
            key=key,
            title=say("supervisor.list.duplicate"),
            subject=shared.value,
            subject_is="shared",
            detail=machines,
            said=point("duplicate", shared.value, machines),
            advice=say("supervisor.advice.duplicate"),
            actions=_pair_actions(),
            pair=True,
        )

    def _conflict(self, conflict: Conflict) -> DayFinding:
        about = conflict.other or conflict.detail
        key = FindingKey(f"conflict_{conflict.kind}", conflict.subject, about)
        offered: tuple[Action, ...] = ()
        if conflict.kind in _OF_TWO:
            self.subjects[key] = Subject((conflict.name, conflict.other))
            offered = _pair_actions()
        elif conflict.kind == "correction":
            self.subjects[key] = Subject((conflict.name,), conflict.detail)
            values = Ask(say("supervisor.ask.value"), _values(conflict.choices))
            offered = (Action("settle", say("supervisor.settle"), (values, _reason())),)
        subject, detail = subject_text(self._log.store, conflict), conflict_text(conflict)
        return DayFinding(
            key=key,
            title=say("supervisor.list.conflict"),
            subject=subject,
            detail=detail,
            said=point("conflict", subject, detail),
            advice=say("supervisor.advice.conflict"),
            actions=offered,
            pair=conflict.kind in _OF_TWO,
        )

    def _pack(self, pack: Pack) -> DayFinding:
        key = FindingKey("pack", pack.pack, pack.event)
        self.subjects[key] = Subject((), pack=pack)
        name, detail = pack_name(pack), pack_detail(pack)
        return DayFinding(
            key=key,
            title=say("supervisor.list.pack"),
            subject=name,
            subject_is="pack",
            detail=detail,
            said=point("pack", name, detail),
            advice=say("supervisor.advice.pack"),
            actions=(
                Action("decline", say("supervisor.decline")),  # Enter alone takes nothing on
                Action("accept", say("supervisor.accept")),
            ),
        )

    def _gone(self, pack: Pack) -> DayFinding:
        """Rules that graded here and were withdrawn: told until a supervisor has read it."""
        key = FindingKey("pack_gone", pack.pack, pack.event)
        self.subjects[key] = Subject((), pack=pack)
        return DayFinding(
            key=key,
            title=say("supervisor.list.pack_gone"),
            subject=pack_name(pack),
            subject_is="pack",
            detail=pack.reason,
            said=point("pack_gone", pack_name(pack), pack.reason),
            advice=say("supervisor.advice.pack_gone"),
            actions=(Action("decline", say("supervisor.read")),),
        )


def _reason() -> Ask:
    return Ask(say("supervisor.ask.reason"))


def _correction() -> Action:
    fields = tuple(
        (field, say(f"supervisor.field.{field}")) for field in (*TEXT_FIELDS, *NUMBER_FIELDS)
    )
    asks = (Ask(say("supervisor.ask.field"), fields), Ask(say("supervisor.ask.value")), _reason())
    return Action("correct", say("supervisor.correct"), asks)


def _pair_actions() -> tuple[Action, ...]:
    return (
        Action("join", say("supervisor.join"), (_reason(),)),
        Action("separate", say("supervisor.separate"), (_reason(),)),
    )


def _values(choices: str) -> tuple[tuple[str, str], ...]:
    """What the benches wrote: canonical JSON values, as `corrections.apply` lists them."""
    try:
        pairs = msgspec.json.decode(choices, type=list[tuple[str, str]])
        return tuple((text, str(msgspec.json.decode(text))) for text, _ in pairs)
    except msgspec.MsgspecError:
        return ()
