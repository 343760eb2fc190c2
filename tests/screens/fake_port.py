"""A whole bench in memory, for the tests of the screens: adjustable speed and faults."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from bench.errors.failure import Failure
from bench.guide.comfort import THE_BENCHS, Comfort
from bench.guide.network import Networking
from bench.guide.people import Added, Listed, People, Who
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
    JobStatus,
    JobView,
    LabelDoubt,
    LabelView,
    LookQuestion,
    PrintAnswer,
    ReturnAnswer,
    Returning,
    ScaleMark,
    SelfTestView,
    StartAnswer,
    SummaryView,
)
from bench.guide.visit import Visit, decode, encode
from diagnostics.model import Battery, Cpu, Disk, DiskKind, Identity, Machine, Memory

SAMSUNG = DiskChoice(
    key="S3Z9NB0K8F3K:256",
    path="/dev/sda",
    title="Samsung 860 EVO",
    size="256 Go",
    serial_tail="8F3K",
    confirm="8F3K",
    allowed=True,
    kind="ssd",
    method="Le disque s'efface lui-même, puis je vérifie.",
    expected_s=600,
)
STICK = DiskChoice(
    key="USB1:16",
    path="/dev/sdz",
    title="Clé Établi",
    size="16 Go",
    serial_tail="0001",
    confirm="0001",
    allowed=False,
    ours=True,
)
ASSET = "RC26-004217-7"


def many(count: int) -> list[DiskChoice]:
    """A tray of disks, each with a serial of its own; the fifth is refused."""
    models = ("WD Blue", "Seagate Barracuda 7200.12", "Toshiba MQ01", "Samsung 870 QVO")
    return [
        msgspec.structs.replace(
            SAMSUNG,
            key=f"SN{index:04}",
            path=f"/dev/sd{chr(97 + index)}",
            title=models[index % 4],
            size=("500 Go", "1 To", "320 Go", "2 To")[index % 4],
            serial_tail=f"{1000 + index}",
            confirm=f"{1000 + index}",
            allowed=index != 4,
            reasons=() if index != 4 else ("Ce disque est monté.",),
        )
        for index in range(count)
    ]


MACHINE = Machine(
    identity=Identity(maker="LENOVO", model="ThinkPad T480", serial="PF1ABCDE"),
    cpu=Cpu(model="Intel Core i5-8350U"),
    memory=Memory(installed_bytes=8 << 30),
    disks=(
        Disk(path="/dev/sda", name="sda", size_bytes=256_060_514_304),
        # What we run from: the kernel shows it like any other, and the PC leaves without it.
        Disk("/dev/sdb", "sdb", DiskKind.USB_FLASH, size_bytes=15_500_000_000, transport="usb"),
    ),
    batteries=(Battery(name="BAT0", health_percent=81),),
)
CHECKS = (
    CheckStep(
        "sound",
        CheckMode.PLAY,
        "Le son",
        ("Écoutez.",),
        "Avez-vous entendu la musique ?",
        "sound",
    ),
    CheckStep("wifi", CheckMode.AUTO, "Le Wi-Fi", ("Je cherche un réseau.",), picture="network"),
    CheckStep(
        "pixels",
        CheckMode.COLOURS,
        "L'écran",
        ("L'écran va changer de couleur.", "Cherchez des points qui ne changent pas."),
        "L'écran est-il bon partout ?",
        "screen",
    ),
    CheckStep(
        "hinge", CheckMode.ASK, "Les charnières", (), "L'écran tient-il ouvert tout seul ?", "pc"
    ),
    CheckStep(
        "keys",
        CheckMode.WATCH,
        "Le clavier",
        ("Appuyez sur chaque touche.",),
        picture="keyboard",
    ),
)
LABELS = ("Aucune trace", "Petites traces", "Quelques rayures", "Grosses rayures", "Cassé")
LOOKS = (
    LookQuestion(
        "lid",
        "Le dessus",
        "Quel dessin ressemble au dessus du PC ?",
        tuple(ScaleMark(n, LABELS[n - 1], f"lid_{n}") for n in range(1, 6)),
    ),
    LookQuestion(
        "keyboard",
        "Le clavier",
        "Quel dessin ressemble au clavier ?",
        tuple(ScaleMark(n, LABELS[n - 1], f"palm_rest_{n}") for n in range(1, 6)),
    ),
)


NADIA, DENISE = Listed("NAD", "Nadia"), Listed("ENC", "Denise")


@dataclass
class FakePeople:
    """Two people, and whoever is added; `asks`: the supervisor's code, where one is set.

    Which texts are badges is not judged here: tests/screens/test_people.py asks the real one.
    """

    port: FakePort
    known: list[Listed] = field(default_factory=lambda: [NADIA, DENISE])
    asks: str = ""
    comforts: dict[str, Comfort] = field(default_factory=dict)

    def listed(self) -> tuple[Listed, ...]:
        self.port._did("listed")
        return tuple(self.known)

    def who(self, text: str, *, typed: bool) -> Who:
        self.port._did("who", text, typed)
        code = {"OP-NADIA": "NAD"}.get(text.upper(), text.upper())
        found = next((one for one in self.known if one.code == code), None)
        if found is not None:
            return Who(ok=True, code=found.code, name=found.name)
        told = self.port.stretch("Je ne connais pas ce badge.")
        return Who(ok=False, code=code, text=told, new=len(code) > 2)

    def add(self, name: str, badge: str, code: str) -> Added:
        self.port._did("add", name, badge, code)
        if self.asks and not code:
            return Added(asks_code=True)
        if code != self.asks:
            return Added(text=self.port.stretch("Ce n'est pas le bon code."))
        self.known.append(Listed(badge or "OP-7F3K", name))
        return Added(self.known[-1])

    def comfort(self, code: str) -> Comfort:
        self.port._did("comfort", code)
        return self.comforts.get(code, THE_BENCHS)

    def keep_comfort(self, code: str, comfort: Comfort) -> None:
        self.port._did("keep_comfort", code, comfort)
        self.comforts[code] = comfort


@dataclass
class FakePort:
    """Does nothing to anything. Erasures move on by `percent_a_look` at each look at the jobs."""

    found: list[DiskChoice] = field(default_factory=lambda: [SAMSUNG, STICK])
    complete: bool = True
    air: Networking | None = None
    sending: Sends | None = None  # where records are in memory
    keys: str = ""  # the console's keyboard, where it may be changed
    percent_a_look: int = 50
    ends_with: str = "purge"
    printer: str | None = "Brother QL-820NWB"
    prints: bool = True
    sleeps: bool = True
    looks: bool = True  # when an erasure is to be looked at once more
    thaws: bool = True  # what is frozen, when it sleeps
    faults: dict[str, Exception] = field(default_factory=dict)  # method name -> raised once
    always: dict[str, Exception] = field(default_factory=dict)  # method name -> raised each time
    slow: dict[str, threading.Event] = field(default_factory=dict)  # method name -> waits for it
    stretch: Callable[[str], str] = lambda text: text
    broken: bool = False  # answers nonsense, as only a bug would
    saved: bytes = encode(Visit())
    log: list[tuple[object, ...]] = field(default_factory=list)
    running: dict[str, JobView] = field(default_factory=dict)
    numbers: int = 0
    stops: bool = True  # False: the disk is stuck and its process never ends
    elsewhere: str = ""  # what is said of a job that somebody else resumed first
    tests: list[SelfTestView] = field(default_factory=list)
    doubts: list[LabelDoubt] = field(default_factory=list)
    advised: list[Advice] = field(default_factory=list)  # what the network knows of the model
    before: list[Returning] = field(default_factory=list)  # machines that the PC may be
    probes: int = 0
    waits: bool = False  # a supervisor's answer is awaited
    stopped: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.people: People = FakePeople(self)

    def _did(self, name: str, *what: object) -> None:
        self.log.append((name, *what))
        gate = self.slow.get(name)
        if gate is not None:
            gate.wait(300)
        fault = self.faults.pop(name, None) or self.always.get(name)
        if fault is not None:
            raise fault

    def calls(self, name: str) -> list[tuple[object, ...]]:
        return [call for call in self.log if call[0] == name]

    def current_visit(self) -> Visit:
        self._did("current_visit")
        return decode(self.saved) or Visit()

    def save_visit(self, visit: Visit) -> None:
        self._did("save_visit", visit)
        self.saved = encode(visit)

    def new_asset(self) -> str:
        self._did("new_asset")
        if self.broken:
            return 5  # type: ignore[return-value]
        self.numbers += 1
        return ASSET if self.numbers == 1 else f"RC26-00421{7 + self.numbers}-X"

    def check_asset(self, text: str) -> AssetAnswer:
        self._did("check_asset", text)
        if text.endswith(ASSET):
            return AssetAnswer(ok=True, asset=ASSET)
        near = ASSET if text.startswith("RC26-0042") else None
        return AssetAnswer(ok=False, suggestion=near, text=self.stretch("Ce numéro n'est pas bon."))

    def probe(self, on_part: Callable[[Machine], None]) -> Machine:
        on_part(Machine(identity=MACHINE.identity))
        self._did("probe")
        self.probes += 1
        return MACHINE

    def advice(self) -> tuple[Advice, ...]:
        self._did("advice")
        return tuple(self.advised)

    def returning(self) -> tuple[Returning, ...]:
        self._did("returning")
        return tuple(self.before)

    def answer_returning(self, key: str, answer: ReturnAnswer) -> None:
        self._did("answer_returning", key, answer)

    def checks(self) -> tuple[CheckStep, ...]:
        self._did("checks")
        tell = self.stretch
        return tuple(
            msgspec.structs.replace(
                step,
                title=tell(step.title),
                lines=tuple(tell(line) for line in step.lines),
                question=tell(step.question) if step.question else "",
            )
            for step in CHECKS
        )

    def run_check(self, id: str, on_progress: Callable[[CheckProgress], None]) -> EndedCheck:
        self.stopped.clear()
        self._did("run_check", id)
        if id == "sound":
            return EndedCheck(id, None)
        if id == "keys":
            on_progress(CheckProgress(3, 84, self.stretch("3 touches sur 84")))
            self.stopped.wait(300)
            return EndedCheck(id, CheckMark.FAILED, self.stretch("Il manque 81 touches."))
        return EndedCheck(id, CheckMark.PASSED, self.stretch("4 réseaux trouvés."))

    def stop_check(self, id: str) -> None:
        self.stopped.set()

    def answer_check(self, id: str, result: CheckMark) -> None:
        self._did("answer_check", id, result)

    def count_check(self, id: str, count: int | None) -> EndedCheck:
        self._did("count_check", id, count)
        result = CheckMark.NOT_TESTED if count is None else CheckMark.PASSED
        return EndedCheck(id, result)

    def selftests(self) -> tuple[SelfTestView, ...]:
        self._did("selftests")
        return tuple(self.tests)

    def test_long(self, path: str) -> None:
        self._did("test_long", path)
        self.tests = [
            msgspec.structs.replace(
                one, state="running", text="le disque se teste.", long_offered=False
            )
            for one in self.tests
        ]

    def disks(self) -> DiskList:
        self._did("disks")
        warnings = () if self.complete else (self.stretch("Le PC est en mode RAID."),)
        return DiskList(tuple(self.found), self.complete, warnings)

    def thaw(self) -> bool:
        self._did("thaw")
        if self.sleeps and self.thaws:
            self.found = [msgspec.structs.replace(one, can_thaw=False) for one in self.found]
        return self.sleeps

    def start_erase(self, key: str, path: str, confirm: str) -> StartAnswer:
        self._did("start_erase", key, path, confirm)
        one = next((one for one in self.found if one.key == key), None)
        if one is None:  # pulled out since the guard looked: the real one starts nothing either
            return StartAnswer(None, self.stretch("Ce disque n'est plus là."))
        assert one.path == path and one.confirm == confirm and one.allowed and not one.ours
        job = f"job{len(self.running) + 1}"
        self.running[job] = JobView(
            job, key, one.title, JobStatus.RUNNING, one.size, self.stretch("J'efface."), 0
        )
        return StartAnswer(job)

    def jobs(self) -> tuple[JobView, ...]:
        self._did("jobs")
        for id, job in self.running.items():
            if job.status is JobStatus.RUNNING:
                self.running[id] = self._moved(job)
        return tuple(self.running.values())

    def _moved(self, job: JobView) -> JobView:
        percent = min(100, (job.percent or 0) + self.percent_a_look)
        if percent < 100:
            end = datetime.datetime(2026, 7, 14, 14, 32, tzinfo=datetime.UTC)
            return msgspec.structs.replace(
                job,
                percent=percent,
                speed_bytes_s=480_000_000,
                left_s=(100 - percent) * 6,
                finish_at=end,
                temperature_c=41,
            )
        good = self.ends_with in ("purge", "clear")
        said = "Effacement complet du disque." if good else "Des secteurs ne s'effacent pas."
        status = JobStatus.INTERRUPTED if self.ends_with == "interrupted" else JobStatus.DONE
        return msgspec.structs.replace(
            job, percent=100, status=status, claim=self.ends_with, sentence=self.stretch(said)
        )

    def resume(self, job: str) -> StartAnswer:
        self._did("resume", job)
        self.ends_with = "purge"
        self.running[job] = msgspec.structs.replace(
            self.running[job], status=JobStatus.RUNNING, percent=40, claim=None
        )
        return StartAnswer(job, self.elsewhere)

    def recheck(self, job: str) -> StartAnswer:
        self._did("recheck", job)
        if not self.looks:
            return StartAnswer(None, self.stretch("Le disque n'a pas pu être relu."))
        self.running[job] = msgspec.structs.replace(
            self.running[job], status=JobStatus.RUNNING, percent=0, claim=None, recheck=False
        )
        return StartAnswer(job)

    def stop_erase(self, job: str) -> bool:
        self._did("stop_erase", job)
        if self.stops:
            self.running[job] = msgspec.structs.replace(
                self.running[job], status=JobStatus.INTERRUPTED
            )
        return True

    def disk_taken_out(self, key: str) -> None:
        self._did("disk_taken_out", key)

    def look_questions(self) -> tuple[LookQuestion, ...]:
        self._did("look_questions")
        tell = self.stretch
        return tuple(
            LookQuestion(
                one.id,
                tell(one.title),
                tell(one.question),
                tuple(ScaleMark(m.value, tell(m.label), m.picture) for m in one.scale),
            )
            for one in LOOKS
        )

    def grade(self, answers: Mapping[str, int]) -> GradeView:
        self._did("grade", dict(answers))
        return self.grade_again(answers)

    def grade_again(self, answers: Mapping[str, int]) -> GradeView:
        tell = self.stretch
        return GradeView(
            "B",
            tell("F3 : tout marche"),
            tell("C6 : traces légères"),
            (tell("le dessus a des rayures (3 sur 5)"), tell("la batterie tient 81 %")),
            (tell("Changer la batterie : note A."),),
            waits=self.waits,
        )

    def label_view(self) -> LabelView:
        self._did("label_view")
        lines = ("LENOVO ThinkPad T480", "i5-8350U, 8 Go, 256 Go", "Note B")
        return LabelView(ASSET, lines, self.printer)

    def print_label(self) -> PrintAnswer:
        self._did("print_label")
        if not self.prints:
            return PrintAnswer(ok=False, text=self.stretch("L'imprimante n'a plus de papier."))
        return PrintAnswer(ok=True, text=self.stretch("L'étiquette est imprimée."))

    def label_in_doubt(self) -> LabelDoubt | None:
        self._did("label_in_doubt")
        return self.doubts[0] if self.doubts else None

    def settle_label(self, id: str, *, printed: bool) -> PrintAnswer:
        self._did("settle_label", id, printed)
        self.doubts = [one for one in self.doubts if one.id != id]
        return PrintAnswer(ok=True, text="" if printed else self.stretch("C'est imprimé."))

    def label_scanned(self, text: str) -> bool:
        self._did("label_scanned", text)
        return text.endswith(ASSET)

    def finish(self, visit: Visit) -> SummaryView:
        self._did("finish", visit.outcome)
        lines = ("Disque Samsung 860 EVO : effacé.", "Note B.", "Étiquette collée.")
        return SummaryView(tuple(self.stretch(line) for line in lines), waits=self.waits)

    def keyboard(self) -> str:
        return self.keys

    def set_keyboard(self, name: str) -> bool:
        self._did("set_keyboard", name)
        self.keys = name
        return True

    def networking(self) -> Networking | None:
        return self.air

    def call_supervisor(self, where: str) -> None:
        self._did("call_supervisor", where)


def disk_full() -> Failure:
    return Failure("data_full", path="/data")
