"""A label from the record to the printer: every fault told, none lost, none doubled."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.casefile import locks, writing
from bench.casefile.grade import final_grade, give_grade
from bench.guide.shown import PrintAnswer
from bench.labelling import printing
from bench.labelling.content import content_of
from bench.opening.context import Context
from bench.records.day.review import review
from bench.records.log import Log
from bench.setup.clock import SystemClock
from bench.setup.datafolder import DataFolder
from bench.setup.settings import Settings
from bench.workbench.finish import print_later, print_machine_label
from labels import proof
from labels.errors import LabelError
from labels.printers import brother_ql
from labels.queue import JobState
from tests.unit.documents.recorded import disk, erased_machine, laptop
from tests.unit.labels.printer_stand_in import StandIn, printer

ASSET = "RC26-004217-H"
READY = b"\x80\x20\x42" + bytes([0x30, 0x38, 0, 0, 0, 0, 0, 62, 0x0A]) + bytes(20)
NO_PAPER = READY[:8] + b"\x01" + READY[9:]
NARROW = READY[:10] + bytes([29]) + READY[11:]


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(DataFolder(tmp_path / "data", "option"), clock=SystemClock())


@pytest.fixture
def log(context: Context) -> Iterator[Log]:
    log = context.open_log()
    writing.arrive(log, ASSET)
    yield log
    log.store.close()


def press_print(context: Context, log: Log, where: str, asset: str = ASSET) -> PrintAnswer:
    device = writing.must_know(log, asset)
    return print_machine_label(context, log, device, asset, Settings(printer=where))


def printed(log: Log, asset: str = ASSET) -> list[bool]:
    """The recorded prints of a machine: whether each was a reprint."""
    events = reversed(list(log.newest(writing.must_know(log, asset))))
    return [event.data["reprint"] for event in events if event.type == "label.printed"]


def states(context: Context) -> list[JobState]:
    return [job.state for job in printing.print_queue(context).jobs()]


def codes_of(data: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return proof.read_codes(brother_ql.decode(data))


def test_what_comes_out_is_the_machine_and_is_recorded_once(context: Context, log: Log) -> None:
    with printer(status=READY) as stand_in:
        answer = press_print(context, log, stand_in.address)
        (label,) = stand_in.wait_for(1)
    assert (answer.ok, answer.text) == (True, "L'étiquette est imprimée.")
    assert codes_of(label) == ((ASSET,), (ASSET,))
    assert printed(log) == [False]


def test_without_a_printer_nothing_says_that_the_machine_is_labelled(
    context: Context, log: Log
) -> None:
    device = writing.must_know(log, ASSET)
    answer = print_machine_label(context, log, device, ASSET, Settings(printer=None))
    assert not answer.ok and "Pas d'imprimante" in answer.text
    (picture,) = answer.files
    assert Path(picture).is_file()  # to be printed elsewhere
    assert printed(log) == [] and not log.dossier(device).labelled
    assert [case.asset for case in review(log, today(log)).unlabelled.shown] == [ASSET]
    with printer(status=READY) as stand_in:
        later = print_later(context, log, Settings(printer=stand_in.address), device, "ENC")
        assert later.ok and len(stand_in.wait_for(1)) == 1
    assert printed(log) == [False] and not review(log, today(log)).unlabelled.count


def today(log: Log) -> str:
    return log.clock.now().date().isoformat()


def test_a_label_printed_before_the_supervisors_answer_has_no_grade_and_is_printed_again(
    context: Context, log: Log
) -> None:
    device = erased_machine(log, "RC26-004218-F", laptop(disk("S1")), "S1")
    assert give_grade(log, device).letter == "C"
    locks.put_to_supervisor(log, device, ("mdm_attestation", "bios_password_unread"))
    log.append("test.done", {"test": "mdm_attestation", "outcome": "not_tested"}, device=device)
    content = content_of(log, device, "RC26-004218-F", final_grade(log, device), Settings())
    assert content.grade == ""

    def unlabelled() -> list[tuple[str, str]]:
        found = review(log, today(log)).unlabelled.shown
        return [(case.asset, case.detail) for case in found if case.device == device]

    with printer(status=READY) as stand_in:
        settings = Settings(printer=stand_in.address)
        assert print_later(context, log, settings, device, "").ok
        assert unlabelled() == []
        assert locks.answer(log, device, "mdm_attestation", free=True, operator="ENC")
        assert unlabelled() == []  # one question is still open
        letter = locks.answer(log, device, "bios_password_unread", free=True, operator="ENC")
        assert letter == "C" and unlabelled() == [("RC26-004218-F", "no_letter")]
        assert print_later(context, log, settings, device, "ENC").ok
    assert unlabelled() == []
    told = [e.data["grade"] for e in log.events() if e.type == "label.printed"]
    assert told == ["", letter]


def test_off_then_on_gives_each_label_once(context: Context, log: Log) -> None:
    """Pressed three times for two machines while it is off: two labels, no lie."""
    other = "RC26-004218-F"
    writing.arrive(log, other)
    where = "usb:/dev/usb/lp99"  # pulled out
    settings = [(where, ASSET), (where, ASSET), (where, other)]
    for address, asset in settings:
        answer = press_print(context, log, address, asset)
        assert not answer.ok
        assert "attend" in answer.text
    assert printed(log) == printed(log, other) == []
    assert states(context) == [JobState.QUEUED, JobState.QUEUED]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (NO_PAPER, "Il n'y a plus d'étiquettes. Mettez un rouleau. L'étiquette attend."),
        (NARROW, "Ce n'est pas le bon rouleau. Changez-le. L'étiquette attend."),
    ],
)
def test_the_printer_says_what_is_wrong(
    context: Context, log: Log, status: bytes, words: str
) -> None:
    with printer(status=status) as stand_in:
        answer = press_print(context, log, stand_in.address)
        assert (answer.ok, answer.text) == (False, words)
        assert stand_in.received == []
        stand_in.status = READY  # a roll was put in
        outcomes = printing.send_waiting(context, log)
        assert [outcome.job.state for outcome in outcomes] == [JobState.SENT]
        assert len(stand_in.wait_for(1)) == 1
    assert printed(log) == [False]
    assert printing.waiting_jobs(context) == ()


def test_garbage_for_a_status_is_no_reason_to_wait(context: Context, log: Log) -> None:
    with printer(status=b"\xff" * 40) as stand_in:
        assert press_print(context, log, stand_in.address).ok


@pytest.mark.parametrize("came_out", [True, False])
def test_gone_half_way_is_asked_and_never_sent_again_alone(
    context: Context, log: Log, came_out: bool
) -> None:
    with printer("half", status=READY) as stand_in:
        answer = press_print(context, log, stand_in.address)
        assert (answer.ok, answer.text) == (
            False,
            "L'imprimante s'est arrêtée. L'étiquette est-elle sortie ?",
        )
        (job,) = printing.unknown_jobs(context)
        assert (job.asset, job.state) == (ASSET, JobState.UNKNOWN)
        assert printing.send_waiting(context, log) == []  # nobody has answered yet
        stand_in.fault = None
        printing.settle(context, log, job.id, printed=came_out)
        assert printing.unknown_jobs(context) == ()
        printing.send_waiting(context, log)
        labels = stand_in.wait_for(1 if came_out else 2)
    assert len(labels) == (1 if came_out else 2)
    assert printed(log) == [False]
    with pytest.raises(LabelError, match="job_state"):
        printing.settle(context, log, job.id, printed=True)


def test_asked_again_after_a_doubt_replaces_the_label(context: Context, log: Log) -> None:
    with printer("half", status=READY) as stand_in:
        press_print(context, log, stand_in.address)
        stand_in.fault = None
        assert press_print(context, log, stand_in.address).ok
        assert len(stand_in.wait_for(2)) == 2
    assert printing.waiting_jobs(context) == ()
    assert printed(log) == [False]


PRINT = """
import sys
from pathlib import Path
from bench.opening.context import Context
from bench.setup.datafolder import DataFolder
from bench.workbench.finish import print_machine_label
from bench.casefile import writing
from bench.setup.settings import Settings
context = Context(DataFolder(Path(sys.argv[1]), "option"))
log = context.open_log()
device = writing.must_know(log, sys.argv[2])
print_machine_label(context, log, device, sys.argv[2], Settings(printer=sys.argv[3]))
"""


def test_power_cut_while_printing_is_asked_at_the_next_start(context: Context, log: Log) -> None:
    with printer("silent") as stand_in:
        words = [sys.executable, "-c", PRINT, str(context.data.path), ASSET, stand_in.address]
        with subprocess.Popen([*words], cwd=_ROOT, env={**os.environ, "PYTHONPATH": "."}) as child:
            _until_asked_and_taken(stand_in)
            child.send_signal(signal.SIGKILL)
    (job,) = printing.unknown_jobs(context)
    assert job.asset == ASSET
    assert printed(log) == []


_ROOT = Path(__file__).resolve().parents[3]


def _until_asked_and_taken(stand_in: StandIn) -> None:
    """The printer has read a whole label and keeps silent, as one that lost power."""
    labels = stand_in.wait_for(1, 30)
    assert codes_of(labels[0])[0] == (ASSET,)


def test_full_data_folder_is_one_sentence_and_no_label(
    context: Context, log: Log, tmp_path: Path
) -> None:
    blocked = context.data.path / "print-queue"
    blocked.write_bytes(b"")  # a folder cannot be made where a file lies
    with printer(status=READY) as stand_in:
        answer = press_print(context, log, stand_in.address)
        assert not answer.ok
        assert "ne peut pas être écrit" in answer.text
        assert stand_in.received == []
    assert printed(log) == []
