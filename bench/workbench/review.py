"""The supervisor's screens made real: review of the day, decisions, closing, export.

Thin: `bench.records.day.review` finds, `bench.records.day.actions` decides, this puts them in
sentences and keeps who has entered.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.carrying.carrier import Carrier
from bench.casefile import locks
from bench.casefile.beside import beside
from bench.casefile.withdraw import withdraw
from bench.errors.failure import Failure
from bench.errors.sentence import as_failure, sentence
from bench.exchange.bag import export_bag, free_place
from bench.guide.shown import PrintAnswer
from bench.guide.supervision import (
    Both,
    DayFinding,
    DayView,
    Did,
    FindingKey,
    Stick,
    Stock,
    Sums,
    Written,
)
from bench.packs import shelf
from bench.records.day import actions, pin
from bench.records.day.review import Review, review
from bench.records.day.sums import Span
from bench.records.errors import RecordsError
from bench.records.fold.corrections import NUMBER_FIELDS
from bench.records.log import Log
from bench.words.catalogue import for_the_workshop, say
from bench.words.dates import day_text
from bench.workbench.find import FindDesk
from bench.workbench.points import Points, Subject
from bench.workbench.review_words import closing_lines, day_lines, known_as
from bench.workbench.sums import sums_view
from diagnostics import durable
from labels import identifier

_LOOK_S = 0.5  # between two looks at how far a stick is written


class ReviewDesk:
    """One supervisor at a time, on one log. Exports go to `folder`; `after_closing` must not
    wait: it is where the backup begins. `before_reading` puts every job on record. `stock`
    makes the doors to lots and machines, given who has entered. `send` pushes to the
    workshop's server and says what became of it. `print_label` prints the label of a device
    for an operator. `keep_list` writes the list of a day and gives where it is. `carrier` puts
    what goes out on a stick.
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
        carrier: Carrier | None = None,
    ) -> None:
        self._log, self._folder = log, folder
        self._after_closing, self._before_reading = after_closing, before_reading
        self._operator = ""
        self.stock = stock(self._who) if stock is not None else None
        self._send = send
        self.finder = FindDesk(log, self._decide, lambda: self._operator)
        self._print_label = print_label
        self._keep_list = keep_list
        self._carrier, self._made = carrier, Path()
        self._points = self._found()

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
        points = self._points = self._found()
        return DayView(
            day=found.day,
            lines=day_lines(found),
            findings=points.findings(found),
            closed=found.closed_everywhere,
            may_close=found.can_close,
            open_count=found.open_count,
            closed_here=found.closed_here,
            closings=closing_lines(found, self._log.key.id),
        )

    def _found(self) -> Points:
        return Points(self._log, prints=self._print_label is not None)

    def act(self, finding: FindingKey, action: str, answers: tuple[str, ...]) -> Did:
        subject = self._points.subjects.get(finding)
        if subject is None:
            return Did(ok=False, text=say("supervisor.changed"))
        if (pack := subject.pack) is not None:
            took, who = action == "accept", self._operator
            return self._decide(lambda: shelf.answer(self._log, pack, took, operator=who))
        return self._decide(lambda: self._act(subject, action, answers))

    def compare(self, finding: FindingKey) -> tuple[Both, ...]:
        subject = self._points.subjects.get(finding)
        if subject is None or len(subject.devices) < 2:
            return ()
        facts = beside(self._log, *subject.devices[:2])
        return tuple(Both(fact.name, fact.left, fact.right, fact.same) for fact in facts)

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
            with for_the_workshop():  # its points are sentences
                kept = keep_list(found, self._found().findings(found))

        done = self._try(work, "")
        return Did(ok=True, text=say("day_list.kept", path=kept)) if done.ok else done

    def sums(self, span: str) -> Sums:
        return sums_view(self._log, Span(span), self._log.clock.now().date())

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
        try:
            durable.folder(self._folder)
            out = free_place(self._folder, self._log.clock.now())
        except OSError as error:
            told = say("supervisor.folder", path=self._folder, why=error.strerror)
            return Did(ok=False, text=told)
        told = say("supervisor.exported", path=out)
        return self._try(lambda: self._export(out), told)

    def _export(self, out: Path) -> None:
        self._before_reading()
        export_bag(self._log, out)
        self._made = out

    @property
    def carries(self) -> bool:
        return self._carrier is not None

    def sticks(self) -> tuple[Stick, ...]:
        found = self._carrier.found() if self._carrier is not None else ()
        return tuple(Stick(volume.key, volume.title) for volume in found)

    def carry(self, stick: str) -> Did:
        carrier, file = self._carrier, self._made
        if carrier is None or not file.name:
            return Did(ok=False, text=say("supervisor.enter_first"))

        def work() -> Did:
            put = carrier.put(stick, file, file.name)
            told = say("carrying.done" if put.closed else "carrying.done_open", name=file.name)
            return Did(ok=True, text=told)

        done = self._try(work)
        return done if done.ok else Did(False, f"{done.text} {say('carrying.kept')}")

    def carried(self) -> Written:
        time.sleep(_LOOK_S)
        try:
            written = self._carrier.written() if self._carrier is not None else 0
            return Written(written, self._made.stat().st_size)
        except (OSError, Failure):  # how far it is decides nothing
            return Written(0, 0)

    # -- decisions ------------------------------------------------------------------

    def _act(self, subject: Subject, action: str, answers: tuple[str, ...]) -> object:
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
            out = actions.disks_taken_out(self._log, device, reason=answers[0], **why)
            return None if out else Did(False, say("supervisor.changed"))
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


def _value(name: str, typed: str) -> str | int:
    """The typed value in the field's kind; a bad number is refused by the record itself."""
    if name in NUMBER_FIELDS and typed.strip().isdecimal():
        return int(typed)
    return typed.strip()
