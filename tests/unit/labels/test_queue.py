"""The print queue: order, repeats, faults, damage, and killed processes."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from labels.errors import LabelError
from labels.printers.send import send
from labels.queue import Job, JobState, PrintQueue
from tests.unit.labels.printer_stand_in import StandIn, printer

WHEN = "2026-11-23T08:00:00Z"


def put(queue: PrintQueue, name: str, where: str = "tcp://a", data: bytes = b"label") -> None:
    queue.add(name, data, destination=where, language="zpl", asset=f"A-{name}", created=WHEN)


def states(queue: PrintQueue) -> dict[str, str]:
    return {job.id: job.state.value for job in queue.jobs()}


@pytest.fixture
def queue(tmp_path: Path) -> PrintQueue:
    return PrintQueue(tmp_path / "queue")


def test_in_order_of_arrival(queue: PrintQueue) -> None:
    for name in ("z", "a", "m"):
        put(queue, name, data=name.encode())
    sent: list[bytes] = []
    outcomes = queue.drain(lambda data, _job: sent.append(data))
    assert sent == [b"z", b"a", b"m"]
    assert [outcome.job.asset for outcome in outcomes] == ["A-z", "A-a", "A-m"]
    assert set(states(queue).values()) == {"sent"}
    assert queue.drain(lambda data, _job: sent.append(data)) == []


def test_the_same_job_twice_is_one_label(queue: PrintQueue) -> None:
    put(queue, "once")
    put(queue, "once")
    sent: list[bytes] = []
    queue.drain(lambda data, _job: sent.append(data))
    put(queue, "once")
    queue.drain(lambda data, _job: sent.append(data))
    assert sent == [b"label"]


def test_bytes_with_line_feeds_and_nuls_come_back_exactly(queue: PrintQueue) -> None:
    data = b"\n\n\x00" + os.urandom(5000) + b"\n"
    put(queue, "raw", data=data)
    sent: list[bytes] = []
    queue.drain(lambda data, _job: sent.append(data))
    assert sent == [data]


@pytest.mark.parametrize("code", ["printer_off", "printer_busy", "printer_refused"])
def test_nothing_sent_means_queued_again(queue: PrintQueue, code: str) -> None:
    put(queue, "one")

    def fail(_data: bytes, _job: Job) -> None:
        raise LabelError(code, address="a")

    (outcome,) = queue.drain(fail)
    assert outcome.error is not None
    assert outcome.error.code == code
    assert states(queue) == {"one": "queued"}


def test_cut_half_way_asks_the_worker(queue: PrintQueue) -> None:
    put(queue, "one")

    def gone(_data: bytes, _job: Job) -> None:
        raise LabelError("printer_gone", address="a", sent_bytes=3, total_bytes=5)

    queue.drain(gone)
    assert states(queue) == {"one": "unknown"}
    sent: list[bytes] = []
    assert queue.drain(lambda data, _job: sent.append(data)) == []
    queue.decide("one", printed=False)
    queue.drain(lambda data, _job: sent.append(data))
    assert sent == [b"label"]


def test_worker_saw_it_come_out(queue: PrintQueue) -> None:
    put(queue, "one")

    def gone(_data: bytes, _job: Job) -> None:
        raise LabelError("printer_gone", address="a", sent_bytes=3, total_bytes=5)

    queue.drain(gone)
    assert queue.decide("one", printed=True).state is JobState.SENT
    with pytest.raises(LabelError, match="job_state"):
        queue.decide("one", printed=True)


def test_one_printer_off_does_not_hold_up_another(queue: PrintQueue) -> None:
    for name, where in (("1", "off"), ("2", "on"), ("3", "off"), ("4", "on")):
        put(queue, name, where)
    tried: list[str] = []

    def send_one(_data: bytes, job: Job) -> None:
        where = job.destination
        tried.append(where)
        if where == "off":
            raise LabelError("printer_off", address=where, why="")

    queue.drain(send_one)
    assert tried == ["off", "on", "on"]
    assert states(queue) == {"1": "queued", "2": "sent", "3": "queued", "4": "sent"}


def test_damaged_file_is_never_printed(queue: PrintQueue) -> None:
    put(queue, "good")
    put(queue, "bad", data=b"label to be damaged")
    path = next(queue.folder.glob("*-bad.queued"))
    path.write_bytes(path.read_bytes()[:-3])
    (queue.folder / "00000009-junk.queued").write_bytes(b"\xff\xfe")
    (queue.folder / "unrelated.txt").write_text("x")
    sent: list[bytes] = []
    outcomes = queue.drain(lambda data, _job: sent.append(data))
    assert sent == [b"label"]
    assert states(queue) == {"good": "sent", "bad": "damaged", "junk": "damaged"}
    assert {o.error.code for o in outcomes if o.error} == {"queue_damaged"}


def test_cancel_and_forget(queue: PrintQueue) -> None:
    for number in range(5):
        put(queue, str(number))
    queue.cancel("4")
    queue.drain(lambda _data, _job: None)
    queue.forget_sent(keep=2)
    assert states(queue) == {"2": "sent", "3": "sent"}
    with pytest.raises(LabelError, match="job_state"):
        queue.cancel("4")


def test_a_queue_written_before_the_language_had_a_field_opens(queue: PrintQueue) -> None:
    """As the bench wrote it then: the language at the end of the id."""
    data = b"^XA^XZ"
    header = {
        "version": 1, "asset": "AWC26-000001-P", "destination": "tcp://a", "created": WHEN,
        "sha256": hashlib.sha256(data).hexdigest(),
    }  # fmt: skip
    queue.folder.mkdir()
    for number, name in ((1, "AWC26_000001_P-20261123080000000000-zpl"), (2, "by-hand")):
        path = queue.folder / f"{number:08d}-{name}.queued"
        path.write_bytes(json.dumps(header).encode() + b"\n" + data)
    put(queue, "new")
    sent: list[tuple[bytes, str, str]] = []
    queue.drain(lambda data, job: sent.append((data, job.asset, job.language)))
    assert sent == [
        (data, "AWC26-000001-P", "zpl"), (data, "AWC26-000001-P", ""), (b"label", "A-new", "zpl"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", "../x", "a b", "x" * 65, "é"])
def test_odd_job_names_are_refused(queue: PrintQueue, name: str) -> None:
    with pytest.raises(LabelError, match="job_state"):
        put(queue, name)
    assert queue.jobs() == []


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LabelError, match="file_not_written"):
        put(PrintQueue(tmp_path / "file" / "queue"), "x")


def test_living_sender_is_left_alone(queue: PrintQueue) -> None:
    put(queue, "slow")
    begun, go_on = threading.Event(), threading.Event()

    def slow(_data: bytes, _job: Job) -> None:
        begun.set()
        go_on.wait(10)

    thread = threading.Thread(target=queue.drain, args=(slow,))
    thread.start()
    begun.wait(10)
    other = PrintQueue(queue.folder)
    assert other.recover() == []
    assert other.drain(lambda _data, _job: pytest.fail("sent twice")) == []
    with pytest.raises(LabelError, match="job_state"):
        other.cancel("slow")
    go_on.set()
    thread.join(10)
    assert states(queue) == {"slow": "sent"}


def test_two_benches_draining_one_queue_send_each_label_once(queue: PrintQueue) -> None:
    for number in range(40):
        put(queue, str(number), where=f"printer-{number % 3}", data=str(number).encode())
    sent: list[bytes] = []
    threads = [
        threading.Thread(
            target=PrintQueue(queue.folder).drain, args=(lambda data, _job: sent.append(data),)
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(sent, key=int) == [str(number).encode() for number in range(40)]


DRAIN = """
import sys
from pathlib import Path
from labels.printers.send import send
from labels.queue import PrintQueue
print("ready", flush=True)
PrintQueue(Path(sys.argv[1])).drain(lambda data, job: send(data, job.destination))
"""


@pytest.mark.long
def test_killed_at_any_moment_no_label_is_lost_or_doubled(queue: PrintQueue) -> None:
    """kill -9 of real draining processes, at random moments, until all is printed."""
    chance = random.Random(11)
    names = [f"job{number}" for number in range(12)]
    asked = kills = 0
    with printer(pace_s=0.004) as stand_in:  # about 30 ms a label
        for name in names:
            put(queue, name, stand_in.address, name.encode() + b" " * 30_000)
        while set(states(queue).values()) != {"sent"}:
            kills += 1
            assert kills < 200
            _drain_and_kill(queue, chance.uniform(0, 0.15))
            _printer_is_done(stand_in)
            for job in queue.recover():
                assert job.state is JobState.UNKNOWN
                asked += 1
                # The worker looks at the printer's tray.
                queue.decide(job.id, printed=_complete(stand_in.received, job.id))
        received = stand_in.received
    assert asked > 0
    assert set(states(queue)) == set(names)
    for name in names:
        assert sum(_complete([label], name) for label in received) == 1


def _drain_and_kill(queue: PrintQueue, after_s: float) -> None:
    arguments = [sys.executable, "-c", DRAIN, str(queue.folder)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        try:
            child.wait(after_s)
        except subprocess.TimeoutExpired:
            child.kill()


def _printer_is_done(stand_in: StandIn) -> None:
    """It serves one caller after another: once a new one is through, all before are."""
    marker = os.urandom(8)
    send(marker, stand_in.address)
    with stand_in.arrived:
        assert stand_in.arrived.wait_for(lambda: marker in stand_in.received, 10)


def _complete(labels: list[bytes], name: str) -> bool:
    return any(label.startswith(name.encode() + b" ") and len(label) > 30_000 for label in labels)


def test_over_a_real_socket_with_a_printer_that_dies(queue: PrintQueue) -> None:
    with printer("half", 4096) as stand_in:
        put(queue, "one", stand_in.address, os.urandom(1_000_000))
        (outcome,) = queue.drain(lambda data, job: send(data, job.destination, stalled_s=5))
    assert outcome.job.state is JobState.UNKNOWN
