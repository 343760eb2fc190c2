"""The supervisor's screens made real: review of the day, decisions, closing, export.

Thin: `bench.records.day.review` finds, `bench.records.day.actions` decides, this puts them in
sentences and keeps who has entered.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.casefile import locks
from bench.casefile.withdraw import withdraw
from bench.errors.failure import Failure
from bench.errors.sentence import as_failure, sentence
from bench.exchange.bag import export_bag
from bench.guide.shown import PrintAnswer
from bench.guide.supervision import Action, Ask, DayFinding, DayView, Did, FindingKey, Stock
from bench.records.day import actions, pin
from bench.records.day.review import OPEN_LISTS, Conflict, DayCase, Duplicate, Review, review
from bench.records.errors import RecordsError
from bench.records.fold.corrections import NUMBER_FIELDS, TEXT_FIELDS
from bench.records.log import Log
from bench.words.catalogue import say
from bench.words.dates import day_text
from bench.workbench.find import FindDesk
from bench.workbench.review_words import (
    closing_lines,
    conflict_text,
    day_lines,
    detail_text,
    known_as,
    point,
    subject_text,
    words_of,
)
from diagnostics import durable
from diagnostics.locks import MANAGED
from labels import identifier

GRADES = ("A", "B", "C", "D", "E")


class _Subject(msgspec.Struct, frozen=True):
    """What a finding is about: devices, the one that is meant first, and the field in conflict."""

    devices: tuple[str, ...]
    field: str = ""


class ReviewDesk:
    """One supervisor at a time, on one log. Exports go to `folder`; `after_closing` must not
    wait: it is where the backup begins. `before_reading` puts every job on record. `stock`
    makes the doors to lots and machines, given who has entered. `send` pushes to the
    workshop's server and says what became of it. `print_label` prints the label of a device
    for an operator. `keep_list` writes the list of a day and gives where it is.
    """

    def __init__(
        self,
        log: Log,
        folder: Path,
        after_closing: Callable[[], object] = lambda: None,
        before_reading: Callable[[], object] = lambda: None,
        stock: Callable[[Callable[[], str]], Stock] | None = None,
        *,
        send: Callable[[], str] | None = None,
        print_label: Callable[[str, str], PrintAnswer] | None = None,
        keep_list: Callable[[Review, tuple[DayFinding, ...]], Path] | None = None,
    ) -> None:
        self._log, self._folder = log, folder
        self._after_closing, self._before_reading = after_closing, before_reading
        self._operator = ""
        self.stock = stock(self._who) if stock is not None else None
        self._send = send
        self.finder = FindDesk(log)
        self._print_label = print_label
        self._keep_list = keep_list
        self._subjects: dict[FindingKey, _Subject] = {}

    def pin_is_set(self) -> bool:
        return pin.is_set(self._log)

    def pin_fits(self, code: str) -> Did:
        return self._try(lambda: pin.check_strength(code))

    def choose_pin(self, code: str) -> Did:
        if pin.is_set(self._log):
            return Did(ok=False, text=say("supervisor.pin_kept"))
        return self._try(lambda: pin.choose(self._log, code), say("supervisor.pin_chosen"))

    def enter(self, operator: str, code: str) -> Did:
        done = self._try(lambda: pin.unlock(self._log, code))
        self._operator = operator if done.ok else ""
        return done

    def _who(self) -> str:
        """The supervisor who entered and is still there, "" where nobody is: some acts need no
        signature, and none is done by whoever finds the page open."""
        return self._operator if self._log.supervisor_here() else ""

    def leave(self) -> None:
        self._operator = ""
        self.finder.forget()
        pin.lock(self._log)

    def day(self) -> DayView:
        self._before_reading()
        found = review(self._log, self._log.clock.now().date().isoformat())
        self._subjects = {}
        return DayView(
            day=found.day,
            lines=day_lines(found),
            findings=self.findings(found),
            closed=found.closed_everywhere,
            may_close=found.can_close,
            open_count=found.open_count,
            closed_here=found.closed_here,
            closings=closing_lines(found, self._log.key.id),
        )

    def findings(self, found: Review) -> tuple[DayFinding, ...]:
        """What is to settle in a review, what blocks first."""
        findings = [case for name in OPEN_LISTS for case in self._cases(found, name)]
        findings += [self._duplicate(duplicate) for duplicate in found.duplicates]
        findings += [self._conflict(conflict) for conflict in found.to_arbitrate]
        return tuple(sorted(findings, key=lambda finding: not finding.blocks))

    def act(self, finding: FindingKey, action: str, answers: tuple[str, ...]) -> Did:
        subject = self._subjects.get(finding)
        if subject is None:
            return Did(ok=False, text=say("supervisor.changed"))
        return self._decide(lambda: self._act(subject, action, answers))

    def close_day(self, day: str) -> Did:
        done = say("review.closed", day=day_text(day))
        closed = self._decide(lambda: self._close(day), done)
        if closed.ok:
            self._after_closing()
        return closed

    def _close(self, day: str) -> object:
        self._before_reading()
        return actions.close_day(self._log, day, operator=self._operator)

    def reopen_day(self, day: str, reason: str) -> Did:
        who = self._operator
        return self._decide(
            lambda: actions.reopen_day(self._log, day, reason=reason, operator=who),
            say("review.reopened", day=day_text(day)),
        )

    @property
    def lists(self) -> bool:
        return self._keep_list is not None

    def make_list(self, day: str) -> Did:
        keep_list = self._keep_list
        if keep_list is None or not self._who():
            return Did(ok=False, text=say("supervisor.enter_first"))
        kept = Path()

        def work() -> None:
            nonlocal kept
            self._before_reading()
            found = review(self._log, day)
            kept = keep_list(found, self.findings(found))

        done = self._try(work, "")
        return Did(ok=True, text=say("day_list.kept", path=kept)) if done.ok else done

    @property
    def sends(self) -> bool:
        return self._send is not None

    def send(self) -> Did:
        send, told = self._send, ""
        if send is None or not self._who():
            return Did(ok=False, text=say("supervisor.enter_first"))

        def work() -> None:
            nonlocal told
            self._before_reading()
            told = send()

        done = self._try(work, "")
        return Did(ok=True, text=told) if done.ok else done

    def export(self) -> Did:
        if not self._who():
            return Did(ok=False, text=say("supervisor.enter_first"))
        stamp = self._log.clock.now().strftime("%Y%m%d-%H%M%S")
        out = self._folder / f"envoi-{stamp}.zip"
        try:
            durable.folder(self._folder)
        except OSError as error:
            return Did(ok=False, text=say("supervisor.folder", path=out.parent, why=error.strerror))
        told = say("supervisor.exported", path=out)
        return self._try(lambda: self._export(out), told)

    def _export(self, out: Path) -> object:
        self._before_reading()
        return export_bag(self._log, out)

    # -- findings -------------------------------------------------------------------

    def _cases(self, found: Review, name: str) -> list[DayFinding]:
        cases = getattr(found, name).shown
        if name == "erasures_bad":  # each once: those still open come first
            cases = [case for case in cases if case not in found.erasures_open.shown]
        return [self._case(name, case) for case in cases]

    def _case(self, name: str, case: DayCase) -> DayFinding:
        key = FindingKey(name, case.device, case.detail)
        self._subjects[key] = _Subject((case.device,))
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
        printing = (Action("print", say("supervisor.print")),) if self._print_label else ()
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
        self._subjects[key] = _Subject(shared.devices)
        machines = ", ".join(known_as(self._log.store, device) for device in shared.devices)
        return DayFinding(
            key=key,
            title=say("supervisor.list.duplicate"),
            subject=shared.value,
            detail=machines,
            said=point("duplicate", shared.value, machines),
            advice=say("supervisor.advice.duplicate"),
            actions=_pair_actions(),
        )

    def _conflict(self, conflict: Conflict) -> DayFinding:
        about = conflict.other or conflict.detail
        key = FindingKey(f"conflict_{conflict.kind}", conflict.subject, about)
        offered: tuple[Action, ...] = ()
        if conflict.kind in ("identity", "returned"):
            self._subjects[key] = _Subject((conflict.name, conflict.other))
            offered = _pair_actions()
        elif conflict.kind == "correction":
            self._subjects[key] = _Subject((conflict.name,), conflict.detail)
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
        )

    # -- decisions ------------------------------------------------------------------

    def _act(self, subject: _Subject, action: str, answers: tuple[str, ...]) -> object:
        device, why = subject.devices[0], {"operator": self._operator}
        if action == "correct":
            name, typed, reason = answers
            value = _value(name, typed)
            return actions.correct(self._log, device, name, value, reason=reason, **why)
        if action == "settle":
            chosen, reason = answers
            value = msgspec.json.decode(chosen)
            return actions.correct(self._log, device, subject.field, value, reason=reason, **why)
        if action == "grade":
            letter, reason = answers
            return actions.override_grade(self._log, device, letter, reason=reason, **why)
        if action == "validate":
            return actions.validate_grade(self._log, device, **why)
        if action == "withdraw":
            return withdraw(self._log, device, answers[0], self._operator)
        if action == "take_out":
            return actions.disks_taken_out(self._log, device, reason=answers[0], **why)
        if action.startswith("lock "):
            lock, free = action.partition(" ")[2], answers[0] == "yes"
            letter = locks.answer(self._log, device, lock, free=free, **why)
            return Did(True, say("supervisor.lock.done", letter=letter)) if letter else None
        if action == "lot":
            return locks.answer_lot(self._log, device, **why) if answers[0] == "yes" else None
        if action == "print" and self._print_label is not None:
            printed = self._print_label(device, self._operator)
            return Did(printed.ok, " ".join((printed.text, *printed.files[: not printed.ok])))
        if action == "stuck":
            return self._stuck(device, answers[0])
        if action == "unblock":
            data = {"reason": answers[0][:64], "cleared": True}
            return self._log.append("machine.blocked", data, device=device, **why)
        decide = actions.join if action == "join" else actions.separate
        for other in subject.devices[1:]:
            decide(self._log, device, other, reason=answers[0], **why)
        return None

    def _stuck(self, device: str, typed: str) -> Did | None:
        """A label that was made elsewhere, or by hand: its number is read back, as at the bench."""
        read = identifier.parse(typed)
        written = known_as(self._log.store, device)
        if str(read) != written or not isinstance(read, identifier.Identifier):
            return Did(False, say("screens.stick.wrong"))
        self._log.append(
            "label.scanned", {"asset": str(read)}, device=device, operator=self._operator
        )
        return None

    def _decide(self, work: Callable[[], object], told: str = "") -> Did:
        if not self._who():
            return Did(ok=False, text=say("supervisor.enter_first"))
        return self._try(work, told or say("supervisor.done"))

    def _try(self, work: Callable[[], object], told: str = "") -> Did:
        try:
            found = work()
        except (RecordsError, Failure) as error:
            failure = error if isinstance(error, Failure) else as_failure(error)
            text = sentence(failure) if failure else error.code
            return Did(ok=False, text=text[:1].upper() + text[1:])
        return found if isinstance(found, Did) else Did(ok=True, text=told)


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


def _value(name: str, typed: str) -> str | int:
    """The typed value in the field's kind; a bad number is refused by the record itself."""
    if name in NUMBER_FIELDS and typed.strip().isdecimal():
        return int(typed)
    return typed.strip()


def _values(choices: str) -> tuple[tuple[str, str], ...]:
    """What the benches wrote: canonical JSON values, as `corrections.apply` lists them."""
    try:
        pairs = msgspec.json.decode(choices, type=list[tuple[str, str]])
        return tuple((text, str(msgspec.json.decode(text))) for text, _ in pairs)
    except msgspec.MsgspecError:
        return ()
