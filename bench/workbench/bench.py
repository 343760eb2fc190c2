"""The port of the screens made real: machine, jobs, record, grade, label of one visit.

Thin on purpose: each method asks the module that knows and turns the answer into
what the screens show. `bench.guide.port` says which thread calls what.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from bench.casefile import locks, writing
from bench.casefile.numbers import next_asset
from bench.casefile.shown import look_questions
from bench.erasing import jobs
from bench.erasing.candidates import Candidate, key_of
from bench.erasing.eraser import Eraser, Own, Why
from bench.erasing.reader import JobReader
from bench.erasing.record import Recorder
from bench.erasing.served import Served
from bench.guide.shown import (
    Advice,
    AssetAnswer,
    CheckMark,
    CheckProgress,
    CheckStep,
    DiskList,
    EndedCheck,
    GradeView,
    JobView,
    LabelDoubt,
    LabelView,
    LookQuestion,
    PrintAnswer,
    ReturnAnswer,
    Returning,
    SelfTestView,
    StartAnswer,
    SummaryView,
)
from bench.guide.starting import KEYBOARDS
from bench.guide.visit import Visit, VisitStep
from bench.setup import live, services
from bench.setup.settings import keep_keyboard, load
from bench.upkeep.sending import Sending
from bench.words.catalogue import say
from bench.words.reasons import reason_text
from bench.workbench import disks, label_doubt
from bench.workbench.advice import advice_on
from bench.workbench.checks import CheckDesk, desk_of, note_selftests
from bench.workbench.finish import finish_visit, grade_view, print_machine_label, show_label
from bench.workbench.jobs import Starts, board
from bench.workbench.network import NetworkDesk
from bench.workbench.people import PeopleDesk
from bench.workbench.returning import ReturningDesk
from bench.workbench.second_looks import SecondLooks
from bench.workbench.selftests import views
from bench.workbench.visitfile import VisitFile
from diagnostics.checks.model import CheckOutcome
from diagnostics.command import Runner
from diagnostics.model import Machine
from diagnostics.probe import probe
from labels import identifier
from wipe.job import suspend
from wipe.journal import journal, state
from wipe.journal.overtaken import overtaken
from wipe.model.spec import Target

if TYPE_CHECKING:
    from bench.opening.context import Context


# Until the PC was read nobody knows whether it has a file already.
_UNREAD = (VisitStep.ARRIVAL, VisitStep.MACHINE)


class Workbench:
    """One bench with a real machine. `close` when the screens end."""

    live = True

    def __init__(self, context: Context) -> None:
        context.data.make()
        self.context = context
        self.settings = load(context.data.path)
        self.runner: Runner = context.runner()
        self.log = context.open_log()
        self.people = PeopleDesk(self.log, self.settings, self._serials)
        self._file = VisitFile(context.data.visit)
        self._visit, self.device, self._noted = self._file.read()
        self.machine: Machine | None = None
        self._checks: CheckDesk | None = None
        self._returning = ReturningDesk(self.log)
        self._starts = Starts(context.clock.monotonic_s)
        self._eraser = self._own_or_served()
        self._jobs = JobReader(context.data.jobs)
        self._recorder = Recorder(self.log, context.data.jobs)
        self._looks = SecondLooks(self._eraser, self.runner, context.data.jobs, context.clock)
        self.sending: Sending | None = None  # where records are in memory
        self._met: dict[str, Target] = {}  # every disk that was seen, by its key

    def close(self) -> None:
        if self._checks is not None:
            self._checks.close()
        self.log.store.close()

    # -- the console's keyboard ---------------------------------------------------

    def keyboard(self) -> str:
        if not (self.live and live.is_stick(self.runner)):
            return ""
        return load(self.context.data.path).keyboard or KEYBOARDS[0]

    def set_keyboard(self, name: str) -> bool:
        done = live.set_keyboard(self.runner, name)
        if done:
            keep_keyboard(self.context.data.path, name)
        return done

    def networking(self) -> NetworkDesk | None:
        if not (self.live and live.is_stick(self.runner)):
            return None
        return NetworkDesk(self.runner, self.context.data.path / "wifi")

    def _own_or_served(self) -> Eraser:
        """Who erases: this process, or the stick's service, where there is one."""
        service, context = services.socket("wipe"), self.context
        if service is not None:
            return Served(service)
        return Own(self.runner, context.data.jobs, context.clock, context.random)

    # -- who and what -------------------------------------------------------------

    @property
    def operator(self) -> str:
        return self._visit.operator or ""

    def _serials(self) -> tuple[str, ...]:
        """Of the PC in hand: a number from its case is nobody's badge."""
        machine = self.machine or Machine()
        own = (machine.identity.serial, machine.identity.board_serial)
        return tuple(filter(None, (*own, *(disk.serial for disk in machine.disks))))

    def current_visit(self) -> Visit:
        return self._visit

    def save_visit(self, visit: Visit) -> None:
        number, accepted = self._visit.asset or "", visit.step not in _UNREAD
        if visit.asset != self._visit.asset:
            self._new_subject(visit)
        if accepted:
            self._open_file(visit)
        if accepted and self.device:
            self._returning.record(self.device, number, visit.operator or "")
            if self.machine is not None and not self._noted:
                writing.note_machine(self.log, self.device, self.machine, visit.operator or "")
                self._noted = True
        self._file.write(visit, self.device, self._noted)
        self._visit = visit

    def _open_file(self, visit: Visit) -> None:
        """Only once it is known whether this PC has one already, or where its file is needed."""
        if visit.asset is not None and not self.device:
            kind = self.machine.identity.kind if self.machine else None
            self.device = writing.arrive(self.log, visit.asset, kind or "", visit.operator or "")

    def _new_subject(self, visit: Visit) -> None:
        """Another machine: nothing of the last one may stick to it. Or the same, whose file was
        found: what was read of it stays, and goes there."""
        known = self._returning.continues
        if visit.asset is not None and visit.asset == known and visit.step not in _UNREAD:
            other = self.device or writing.device_of(self.log, self._visit.asset or "")
            if other:  # a second file of this PC exists already: a supervisor joins the two
                self._returning.record(other, "", visit.operator or "")
            self.device, self._noted = self._returning.device, False
            kind = self.machine.identity.kind if self.machine else None
            writing.come_in(self.log, self.device, kind or "", visit.operator or "")
            return
        self._returning.forget()
        self.device, self._noted, self.machine = "", False, None
        if self._checks is not None:
            self._checks.close()
        self._checks = None

    def new_asset(self) -> str:
        return next_asset(self.log, self.settings)

    def check_asset(self, text: str) -> AssetAnswer:
        found = identifier.parse(text)
        if isinstance(found, identifier.Identifier):
            return AssetAnswer(True, str(found))
        suggestion = found.suggestions[0] if found.suggestions else None
        return AssetAnswer(False, suggestion=suggestion, text=say("workbench.asset_wrong"))

    # -- the machine and its checks ------------------------------------------------

    def probe(self, on_part: Callable[[Machine], None]) -> Machine:
        self.machine = probe(self.runner, on_part)
        return self.machine

    def advice(self) -> tuple[Advice, ...]:
        return advice_on(self.log, self._known_machine())

    def returning(self) -> tuple[Returning, ...]:
        own = self.device or writing.device_of(self.log, self._visit.asset or "") or ""
        return self._returning.ask(self._known_machine(), own)

    def answer_returning(self, key: str, answer: ReturnAnswer) -> None:
        self._returning.answer(key, answer)

    def checks(self) -> tuple[CheckStep, ...]:
        if self._checks is None:
            self._checks = desk_of(self.runner, self._known_machine(), self.context.data, self.live)
            for settled in self._checks.settled():
                self._note_check(settled.id, settled.outcome.value, settled.evidence)
            if self.device:
                locks.put_to_supervisor(self.log, self.device, self._checks.locks, self.operator)
            self._checks.start()
        return self._checks.steps()

    def _known_machine(self) -> Machine:
        """As read in this session, else as recorded, else read now."""
        if self.machine is None:
            self.machine = writing.past(self.log, self.device).machine if self.device else None
        return self.machine or self.probe(lambda part: None)

    def _desk(self) -> CheckDesk:
        self.checks()
        assert self._checks is not None
        return self._checks

    def run_check(self, id: str, on_progress: Callable[[CheckProgress], None]) -> EndedCheck:
        return self._desk().run(id, on_progress)

    def stop_check(self, id: str) -> None:
        self._desk().stop(id)

    def answer_check(self, id: str, result: CheckMark) -> None:
        kept = self._desk().answer(id, result)
        if kept.outcome is CheckOutcome.NOT_TESTED and locks.answered(self.log, self.device, id):
            return  # what he did not see is no answer to what the supervisor has answered
        self._note_check(id, kept.outcome.value, kept.evidence)

    def count_check(self, id: str, count: int | None) -> EndedCheck:
        kept = self._desk().count(id, count)
        self._note_check(id, kept.outcome.value, kept.evidence)
        return self._desk().outcome(kept)

    def selftests(self) -> tuple[SelfTestView, ...]:
        desk, machine = self._checks, self.machine
        if desk is None or machine is None:
            return ()
        return views(desk.selftests(), desk.with_selftests(machine))

    def test_long(self, path: str) -> None:
        self._desk().test_long(path)

    def _note_check(self, id: str, outcome: str, evidence: Mapping[str, object]) -> None:
        if self.device:
            writing.note_check(
                self.log, self.device, id, outcome, evidence=evidence, operator=self.operator
            )

    # -- erasure ------------------------------------------------------------------

    def found_disks(self) -> list[Candidate]:
        """Every disk as it is now."""
        found = self._eraser.found()
        self._met.update((key_of(candidate.target), candidate.target) for candidate in found)
        return found

    def disks(self) -> DiskList:
        sleeps = partial(suspend.may_sleep, self.runner, self.context.data.jobs)
        return disks.disk_list(self._known_machine(), self.found_disks(), sleeps)

    def thaw(self) -> bool:
        return self._eraser.sleep()

    def start_erase(self, key: str, path: str, confirm: str) -> StartAnswer:
        case = jobs.Case(self.device, self._visit.asset or "", self.operator)
        ordered = self._eraser.order(key, path, confirm, case)
        if ordered.why is Why.REFUSED:
            return StartAnswer(None, " ".join(map(reason_text, ordered.reasons)))
        if ordered.why is not None:
            return StartAnswer(None, say(f"workbench.{ordered.why.value}"))
        if self._checks is not None:
            self._checks.release(path)
        job = self.context.data.jobs / ordered.job
        self._recorder.note(state.read(job))  # known even where its folder is lost
        return self._begin(ordered.job)

    def jobs(self) -> tuple[JobView, ...]:
        clock, may = self.context.clock, self._looks.may
        return board(self._recorder, self._jobs, clock, self.device, self._starts, may_look=may)

    def _begin(self, job: str) -> StartAnswer:
        self._eraser.begin(job)
        self._starts.started(job)
        return StartAnswer(job)

    def resume(self, job: str) -> StartAnswer:
        found = jobs.find(self.context.data.jobs, [job])[0]
        if journal.alive(found):  # taken up by a command since; it is shown here as it goes on
            return StartAnswer(job, say("workbench.already_running"))
        later = overtaken(self._jobs.list(self.context.clock.now())).get(found.name)
        if later is not None:
            return StartAnswer(None, say("workbench.overtaken"))
        return self._begin(found.name)

    def recheck(self, job: str) -> StartAnswer:
        return self._looks.begin(job)

    def stop_erase(self, job: str) -> bool:
        return self._eraser.stop(jobs.find(self.context.data.jobs, [job])[0].name)

    def disk_taken_out(self, key: str) -> None:
        if not self.device:
            return
        target = self._met.get(key) or self._met_before(key)
        if target is None:  # nobody knows which disk that was: on record it is still inside
            return
        writing.note_removed(self.log, self.device, target, self.operator)
        self.machine = writing.without_disk(self._known_machine(), target)
        writing.note_machine(self.log, self.device, self.machine, self.operator)

    def _met_before(self, key: str) -> Target | None:
        """A disk that was there before the screens were started again: one that was to be erased,
        or one with a number of its own."""
        specs = [job.spec for job in self._jobs.list(self.context.clock.now())]
        known = [spec.target for spec in specs if spec is not None]
        known += disks.targets(self._known_machine())
        return next((disk for disk in known if key_of(disk) == key), None)

    # -- grade, label, end --------------------------------------------------------

    def look_questions(self) -> tuple[LookQuestion, ...]:
        return look_questions(self._known_machine().identity.kind)

    def grade(self, answers: Mapping[str, int]) -> GradeView:
        self.machine = note_selftests(self.log, self.device, self._desk(), self._known_machine())
        for result in self._desk().results():
            if result.id not in writing.past(self.log, self.device).functions:
                self._note_check(result.id, result.outcome.value, result.evidence)
        looks = {id: mark - 1 for id, mark in answers.items()}
        writing.note_looks(self.log, self.device, looks, self.operator)
        return grade_view(self.log, self.device, self.operator)

    def grade_again(self, answers: Mapping[str, int]) -> GradeView:
        return grade_view(self.log, self.device)

    def label_view(self) -> LabelView:
        return show_label(self.log, self.device, self._visit.asset or "", self.settings)

    def print_label(self) -> PrintAnswer:
        asset = self._visit.asset or ""
        return print_machine_label(
            self.context, self.log, self.device, asset, self.settings, operator=self.operator
        )

    def label_in_doubt(self) -> LabelDoubt | None:
        return label_doubt.oldest(self.context)

    def settle_label(self, id: str, *, printed: bool) -> PrintAnswer:
        own = self._visit.asset or ""
        return label_doubt.settle(
            self.context, self.log, id, printed=printed, own=own, operator=self.operator
        )

    def label_scanned(self, text: str) -> bool:
        found = identifier.parse(text)
        good = isinstance(found, identifier.Identifier) and str(found) == self._visit.asset
        if good:
            data = {"asset": str(found)}
            self.log.append("label.scanned", data, operator=self.operator, device=self.device)
        return good

    def finish(self, visit: Visit) -> SummaryView:
        done = finish_visit(self.context, self.log, self.device, visit, self.settings)
        if self.sending is not None:
            self.sending.wake()
        return done

    def call_supervisor(self, where: str) -> None:
        if self._visit.asset is not None and not self.device:
            self._open_file(self._visit)
            self._file.write(self._visit, self.device, self._noted)
        if self.device:
            data = {"reason": "help", "step": where}
            self.log.append("machine.blocked", data, operator=self.operator, device=self.device)
