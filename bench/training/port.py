"""The port of an exercise: it answers as a bench would, and there is nothing behind it.

The machine is facts that were recorded once; the disks are words; the erasures are a clock. No
runner, record, service or printer can be reached from here (a contract in pyproject.toml).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from bench.casefile.shown import grade_shown, look_questions
from bench.grading.engine import grade
from bench.grading.facts import from_machine
from bench.grading.rules import standard_rules
from bench.guide.badges import why_no_badge
from bench.guide.comfort import THE_BENCHS, Comfort
from bench.guide.people import Added, Listed, People, Who
from bench.guide.scan import readings
from bench.guide.sending import Sends
from bench.guide.shown import (
    Advice,
    AssetAnswer,
    CheckMark,
    CheckMode,
    CheckProgress,
    CheckStep,
    DiskChoice,
    DiskList,
    EndedCheck,
    GradeView,
    JobView,
    KnownBy,
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
from bench.guide.visit import Visit, VisitStep
from bench.training.erasures import Erasures
from bench.training.lesson import Lesson, LessonDisk, machine_of
from bench.words.catalogue import say
from bench.words.facts import gigabytes
from diagnostics.model import Machine
from diagnostics.naming import machine_name
from labels.identifier import DEMO, Identifier, make, parse

# The parts without which a laptop is for repair, and one more; each with its drawing.
ASKED = {
    "keyboard": "keyboard",
    "screen": "screen",
    "pointer": "touchpad",
    "sound": "sound",
    "usb": "usb",
}
_BEFORE, _FIRST = 900, 1  # numbers: of the PC that was here before, and of the one at hand
_YEAR = 0  # no workshop has numbered anything in 2000
TAIL = 4  # characters of a label's number that may be typed for the whole
_LABEL = "label"


class ExercisePort:
    """One lesson's bench. Satisfies `bench.guide.learning.Pretending`."""

    sending: Sends | None = None  # nothing is recorded, so nothing is to be sent

    def __init__(self, lesson: Lesson, people: People | None, clock: Callable[[], float]) -> None:
        self._lesson = lesson
        self._machine = machine_of(lesson)
        self.people: People = ExercisePeople(people, any_badge=lesson.scans_badge)
        self._erasures = Erasures(clock)
        self._numbers = 0
        self._answers: dict[str, str] = {}
        self._taken_out: set[str] = set()
        self._in_hand = ""
        self._known = lesson.returns
        self._visit = self._first_visit()

    def _first_visit(self) -> Visit:
        """Where the lesson begins; what comes before is done already, by the exercise."""
        if self._lesson.start == "hello":
            return Visit()
        learner = say("training.learner")
        at = Visit(step=VisitStep(self._lesson.start), operator=DEMO, operator_name=learner)
        if at.step is VisitStep.ARRIVAL:
            return at
        return replace(at, asset=self.new_asset(), machine_read=at.step is not VisitStep.MACHINE)

    # -- of the exercise alone ------------------------------------------------------

    def hands(self, key: str) -> None:
        self._in_hand = key

    def unplug(self, key: str) -> None:
        self._taken_out.add(key)

    def meaning(self, scanned: str) -> str:
        found = [parse(reading) for reading in readings(scanned)]
        return _LABEL if any(isinstance(each, Identifier) for each in found) else "other"

    # -- who and what ---------------------------------------------------------------

    def current_visit(self) -> Visit:
        return self._visit

    def save_visit(self, visit: Visit) -> None:
        self._visit = visit

    def new_asset(self) -> str:
        self._numbers += 1
        return str(make(DEMO, "C", _YEAR, _FIRST + self._numbers - 1))

    def check_asset(self, text: str) -> AssetAnswer:
        found = parse(text)
        if not isinstance(found, Identifier):
            return AssetAnswer(False, text=say("workbench.asset_wrong"))
        if found.prefix != DEMO:  # a real PC has nothing to do with an exercise
            return AssetAnswer(False, text=say("training.real_label"))
        return AssetAnswer(True, str(found))

    # -- the machine and its checks ---------------------------------------------------

    def probe(self, on_part: Callable[[Machine], None]) -> Machine:
        on_part(Machine(identity=self._machine.identity))
        return self._machine

    def advice(self) -> tuple[Advice, ...]:
        return ()

    def returning(self) -> tuple[Returning, ...]:
        if not self._known:
            return ()
        identity = self._machine.identity
        model = machine_name(identity.maker, identity.model)
        before = str(make(DEMO, "C", _YEAR, _BEFORE))
        return (Returning(before, before, "2026-03-12", model, KnownBy.SERIAL),)

    def answer_returning(self, key: str, answer: ReturnAnswer) -> None:
        self._known = answer is not ReturnAnswer.SAME

    def checks(self) -> tuple[CheckStep, ...]:
        return tuple(
            CheckStep(
                id=id,
                mode=CheckMode.ASK,
                title=say(f"checks.{id}.name"),
                lines=(say("training.check.imagine"),),
                question=say("training.check.works", name=say(f"checks.{id}.name")),
                picture=picture,
            )
            for id, picture in ASKED.items()
        )

    def run_check(self, id: str, on_progress: Callable[[CheckProgress], None]) -> EndedCheck:
        return EndedCheck(id, None)

    def stop_check(self, id: str) -> None:
        return

    def answer_check(self, id: str, result: CheckMark) -> None:
        self._answers[id] = result.value

    def count_check(self, id: str, count: int | None) -> EndedCheck:
        return EndedCheck(id, CheckMark.NOT_TESTED)

    def selftests(self) -> tuple[SelfTestView, ...]:
        return ()

    def test_long(self, path: str) -> None:
        return

    # -- disks that are nowhere ---------------------------------------------------------

    def disks(self) -> DiskList:
        out = self._taken_out | {self._in_hand}
        found = (disk for disk in self._lesson.disks if disk.key not in out)
        return DiskList(tuple(map(self._choice, found)), complete=True)

    def _choice(self, disk: LessonDisk) -> DiskChoice:
        own = self._machine.disks[0] if disk.key == "own" else None
        model = (own.model if own else disk.model) or say("workbench.disk")
        serial = (own.serial if own else disk.serial) or disk.key
        size = (own.size_bytes if own else disk.size_bytes) or 0
        return DiskChoice(
            key=disk.key,
            path=f"exercise/{disk.key}",
            title=model,
            size=gigabytes(size) or "",
            serial_tail=serial[-4:],
            confirm=serial[-4:],
            allowed=True,
            kind=(own.kind if own else disk.kind).value,
            method=say("training.erasure.method"),
        )

    def thaw(self) -> bool:
        return False

    def start_erase(self, key: str, path: str, confirm: str) -> StartAnswer:
        chosen = [disk for disk in self.disks().disks if disk.key == key]
        if not chosen or (chosen[0].path, chosen[0].confirm) != (path, confirm):
            return StartAnswer(None, say("workbench.disk_changed"))
        ends = next(disk.ends for disk in self._lesson.disks if disk.key == key)
        return StartAnswer(self._erasures.begin(key, chosen[0].title, chosen[0].size, ends))

    def jobs(self) -> tuple[JobView, ...]:
        return self._erasures.views()

    def resume(self, job: str) -> StartAnswer:
        if self._erasures.resume(job):
            return StartAnswer(job)
        return StartAnswer(None, say("workbench.overtaken"))

    def recheck(self, job: str) -> StartAnswer:
        return StartAnswer(None, say("workbench.not_rechecked"))

    def stop_erase(self, job: str) -> bool:
        return self._erasures.stop(job)

    def disk_taken_out(self, key: str) -> None:
        self._taken_out.add(key)

    # -- grade, label, end ----------------------------------------------------------------

    def look_questions(self) -> tuple[LookQuestion, ...]:
        return look_questions(self._machine.identity.kind)

    def grade(self, answers: Mapping[str, int]) -> GradeView:
        """By the real rules, from what was answered here and nothing else."""
        own, erased = self._machine.disks[0], self._erasures.ended_well()
        facts = from_machine(
            self._machine,
            functions=self._answers,
            verdicts={own.path: "reuse"},
            erasures={own.path: "clear"} if "own" in erased else {},
            cosmetic={id: mark - 1 for id, mark in answers.items()},
            donor_released=True,
        )
        return grade_shown(grade(facts, standard_rules()), waits=False)

    def grade_again(self, answers: Mapping[str, int]) -> GradeView:
        return self.grade(answers)

    def label_view(self) -> LabelView:
        identity = self._machine.identity
        model = machine_name(identity.maker, identity.model)
        lines = (say("training.mark"), model, say("training.label.never"))
        return LabelView(self._visit.asset or "", lines, say("training.label.printer"))

    def print_label(self) -> PrintAnswer:
        return PrintAnswer(True, say("training.label.none"))

    def label_in_doubt(self) -> LabelDoubt | None:
        return None

    def settle_label(self, id: str, *, printed: bool) -> PrintAnswer:
        return PrintAnswer(True, "")

    def label_scanned(self, text: str) -> bool:
        """Its whole number: of an end that is typed, the page makes the whole as at the bench."""
        found = parse(text)
        return isinstance(found, Identifier) and str(found) == self._visit.asset

    def finish(self, visit: Visit) -> SummaryView:
        return SummaryView((say("training.nothing_kept"),))

    def keyboard(self) -> str:
        return ""

    def set_keyboard(self, name: str) -> bool:
        return False

    def networking(self) -> None:
        return None

    def call_supervisor(self, where: str) -> None:
        return


class ExercisePeople:
    """The people of the bench, read and never added to; and somebody, where there is nobody."""

    def __init__(self, people: People | None, *, any_badge: bool = False) -> None:
        """`any_badge`: the exercise has a badge scanned."""
        self._people, self._any_badge = people, any_badge

    def listed(self) -> tuple[Listed, ...]:
        known = self._people.listed() if self._people is not None else ()
        return known or (Listed(DEMO, say("training.learner")),)

    def who(self, text: str, *, typed: bool) -> Who:
        """Whose it is, refused as at the bench: what is nobody's there is nobody's here.

        But in an exercise that has one scanned, any code that may be a badge is one: a newcomer's
        stands on no list yet. The coach says so."""
        if self._people is not None:
            found = self._people.who(text, typed=typed)
            if found.ok or typed or not (found.new and self._any_badge):
                return found
        learner = Who(True, DEMO, say("training.learner"))
        if typed and text.strip().casefold() in (DEMO.casefold(), learner.name.casefold()):
            return learner
        why = why_no_badge(text)
        if typed and why in ("", "shape"):
            return Who(False, text=say("people.unknown_typed"))
        if why or not self._any_badge:
            return Who(False, text=say(f"people.no_badge.{why}" if why else "people.unknown"))
        return learner

    def add(self, name: str, badge: str, code: str) -> Added:
        return Added(text=say("training.nobody_added"))

    def comfort(self, code: str) -> Comfort:
        """As at the real bench: an exercise is read aloud to who is read to."""
        return self._people.comfort(code) if self._people is not None else THE_BENCHS

    def keep_comfort(self, code: str, comfort: Comfort) -> None:
        """Of a person of this bench: what is comfortable was found out for good."""
        if self._people is not None and any(each.code == code for each in self._people.listed()):
            self._people.keep_comfort(code, comfort)
