"""Sending over real sockets, device files, IPP and files, with printers that fail."""

from __future__ import annotations

import os
import pty
import resource
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from labels import proof
from labels.blocks import Block, identifiers
from labels.content import LabelContent
from labels.errors import LabelError
from labels.make import make
from labels.printers.ask import ask, must_be_ready
from labels.printers.destination import CupsQueue, Device, File
from labels.printers.send import send, send_patiently
from labels.printers.status import PrinterState
from labels.targets import TARGETS
from tests.unit.labels.printer_stand_in import free_port, printer

CONTENT = LabelContent(asset="RC26-004217-H", title="HP EliteBook 840 G5", site="Roubaix")
READY_HS = (
    b"\x02030,0,0,0400,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02001,0,0,0,1,2,6,0,00000000,1,000\x03\r\n"
    b"\x021234,0\x03\r\n"
)


def code_of(error: pytest.ExceptionInfo[LabelError]) -> str:
    return error.value.code


@pytest.mark.parametrize("target", ["ql", "zpl"])
def test_what_arrives_at_port_9100_is_the_label(target: str) -> None:
    data = make(CONTENT, target=target)
    with printer() as stand_in:
        send(data, stand_in.address)
        (received,) = stand_in.wait_for(1)
    assert received == data
    assert proof.read_codes(TARGETS[target].code().decode(received))[0] == (CONTENT.asset,)


def test_printer_closing_half_way_leaves_it_open_whether_it_printed() -> None:
    data = os.urandom(4_000_000)  # more than both sides buffer
    with printer("half", 20_000) as stand_in, pytest.raises(LabelError) as caught:
        send(data, stand_in.address, stalled_s=5)
    assert code_of(caught) == "printer_gone"
    assert 0 < int(str(caught.value.values["sent_bytes"])) < len(data)


def test_a_small_label_cut_off_half_way_is_seen_too() -> None:
    data = make(CONTENT, target="ql")
    with printer("half", 4096) as stand_in, pytest.raises(LabelError) as caught:
        send(data, stand_in.address, stalled_s=5)
    assert code_of(caught) == "printer_gone"


@pytest.mark.parametrize("fault", ["deaf", "silent"])
def test_printer_that_never_answers(fault: str) -> None:
    with printer(fault) as stand_in, pytest.raises(LabelError) as caught:
        send(b"label", stand_in.address, stalled_s=0.3)
    assert code_of(caught) == "printer_gone"


def test_quiet_printer_is_believed_once_it_acknowledged() -> None:
    with printer("silent") as stand_in:
        send(b"label" * 1000, stand_in.address + "?quiet", stalled_s=5)
        assert stand_in.wait_for(1) == [b"label" * 1000]


def test_quiet_printer_that_reads_nothing_is_not_believed() -> None:
    with printer("deaf") as stand_in, pytest.raises(LabelError) as caught:
        send(bytes(8_000_000), stand_in.address + "?quiet", stalled_s=0.3)
    assert code_of(caught) == "printer_gone"


def test_nobody_there() -> None:
    with pytest.raises(LabelError) as caught:
        send(b"x", "tcp://printer.invalid:9100")
    assert code_of(caught) == "printer_off"


def test_busy_printer_is_waited_for_and_then_given_up() -> None:
    pauses: list[float] = []
    with pytest.raises(LabelError) as caught:
        send_patiently(
            b"x",
            f"tcp://127.0.0.1:{free_port()}",
            sleep=pauses.append,
            back_off_s=(1, 2, 4),
            listening=True,
        )
    assert code_of(caught) == "printer_busy"
    assert pauses == [1, 2, 4]


def test_a_port_where_nobody_listens_is_told_at_once() -> None:
    started = time.monotonic()
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(LabelError) as caught:
        send_patiently(b"x", address, sleep=lambda _: pytest.fail("it waited"))
    assert code_of(caught) == "printer_off" and "refused" in str(caught.value)
    with pytest.raises(LabelError) as caught:
        must_be_ready(address, "ql")
    assert code_of(caught) == "printer_off" and "refused" in str(caught.value)
    assert time.monotonic() - started < 2


def test_busy_printer_that_becomes_free_gets_the_label_once() -> None:
    port = free_port()
    server = socket.socket()
    received: list[bytes] = []

    def take() -> None:
        caller, _ = server.accept()
        with caller:
            while part := caller.recv(4096):
                received.append(part)

    thread = threading.Thread(target=take)

    def opens_at_the_second_try(_pause_s: float) -> None:
        if not thread.is_alive():
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(("127.0.0.1", port))
            server.listen(1)
            thread.start()

    send_patiently(
        b"label", f"tcp://127.0.0.1:{port}", sleep=opens_at_the_second_try, listening=True
    )
    thread.join(5)
    server.close()
    assert b"".join(received) == b"label"


def test_other_failures_are_not_repeated() -> None:
    pauses: list[float] = []
    with printer("half", 100) as stand_in, pytest.raises(LabelError):
        send_patiently(os.urandom(1_000_000), stand_in.address, sleep=pauses.append, stalled_s=5)
    assert pauses == []
    assert len(stand_in.received) == 1


def test_several_benches_share_one_printer_without_mixing_labels() -> None:
    labels = {
        str(identifier): make(LabelContent(asset=str(identifier), state=None), target="zpl")
        for identifier in identifiers(Block("R", 26, 1, 6))
    }
    with printer() as stand_in:
        benches = [
            threading.Thread(target=send_patiently, args=(data, stand_in.address))
            for data in labels.values()
        ]
        for bench in benches:
            bench.start()
        for bench in benches:
            bench.join()
        received = stand_in.wait_for(len(labels))
    assert sorted(received) == sorted(labels.values())


# Device files -------------------------------------------------------------------------


def test_device_file_gets_every_byte() -> None:
    main, device = pty.openpty()
    os.set_blocking(main, True)
    path = os.ttyname(device)
    _raw(device)
    data = make(CONTENT, target="zpl")
    got = bytearray()
    reader = threading.Thread(target=_read_until, args=(main, got, len(data)))
    reader.start()
    send(data, Device(path), stalled_s=5)
    reader.join(5)
    os.close(main)
    os.close(device)
    assert bytes(got) == data


def _raw(device: int) -> None:
    import tty

    tty.setraw(device)


def _read_until(handle: int, got: bytearray, count: int) -> None:
    while len(got) < count:
        got += os.read(handle, 65536)


def test_device_that_stops_taking_data(tmp_path: Path) -> None:
    fifo = tmp_path / "lp0"
    os.mkfifo(fifo)
    reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        with pytest.raises(LabelError) as caught:
            send(bytes(200_000), Device(str(fifo)), stalled_s=0.2)
    finally:
        os.close(reading)
    assert code_of(caught) == "printer_gone"
    assert caught.value.values["sent_bytes"] == 65536  # a pipe's buffer


def test_device_unplugged_in_the_middle(tmp_path: Path) -> None:
    fifo = tmp_path / "lp0"
    os.mkfifo(fifo)
    reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)

    def unplug() -> None:
        while len(os.read(reading, 1) if _readable(reading) else b"") == 0:
            pass
        os.close(reading)

    thread = threading.Thread(target=unplug)
    thread.start()
    with pytest.raises(LabelError) as caught:
        send(bytes(500_000), Device(str(fifo)), stalled_s=5)
    thread.join(5)
    assert code_of(caught) == "printer_gone"


def _readable(handle: int) -> bool:
    import select

    return bool(select.select([handle], [], [], 1)[0])


@pytest.mark.parametrize("path", ["/dev/usb/lp99", "/dev/does/not/exist"])
def test_no_device(path: str) -> None:
    with pytest.raises(LabelError) as caught:
        send(b"x", path)
    assert code_of(caught) == "printer_off"


# CUPS and files -----------------------------------------------------------------------


def test_lp_is_asked_for_true_size_a4_for_pages_and_raw_for_labels() -> None:
    calls: list[tuple[list[str], bytes]] = []

    def run(arguments: Sequence[str], data: bytes) -> tuple[int, str]:
        calls.append((list(arguments), data))
        return 0, "request id is bureau-1"

    send(b"%PDF", "lp:bureau", run=run, media_type="application/pdf", title="Planche")
    send(b"^XA", "lp:zebra", run=run)
    page = ["lp", "-d", "bureau", "-t", "Planche", "-o", "media=A4", "-o", "print-scaling=none"]
    assert calls[0] == (page, b"%PDF")
    assert calls[1] == (["lp", "-d", "zebra", "-t", "Établi", "-o", "raw"], b"^XA")


@pytest.mark.parametrize("run", [None, lambda _arguments, _data: (1, "lp: no such queue\n")])
def test_lp_failing(run: object) -> None:
    with pytest.raises(LabelError) as caught:
        send(b"x", CupsQueue("nobody"), run=run)  # type: ignore[arg-type]
    assert code_of(caught) == "printer_refused"


def test_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "label.zpl"
    send(b"new", f"file:{path}")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_full_folder_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "label.zpl"
    path.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # the kernel then says EFBIG
    try:
        with pytest.raises(LabelError) as caught:
            send(bytes(5000), File(str(path)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code_of(caught) == "file_not_written"
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


# Asking -------------------------------------------------------------------------------


def test_status_over_the_network() -> None:
    with printer("answer", answer=READY_HS) as stand_in:
        assert ask(stand_in.address, "zpl").worst is PrinterState.READY
        assert stand_in.received == [b"~HS"]
    paper_out = READY_HS.replace(b"030,0", b"030,1", 1)
    with printer("answer", answer=paper_out) as stand_in:
        assert ask(stand_in.address, "zpl").worst is PrinterState.PAPER_OUT


def test_garbage_status() -> None:
    with printer("answer", answer=os.urandom(40)) as stand_in:
        assert ask(stand_in.address, "zpl").worst is PrinterState.UNKNOWN_ANSWER


@pytest.mark.parametrize("fault", ["deaf", "silent"])
def test_no_status(fault: str) -> None:
    with printer(fault) as stand_in:
        started = time.monotonic()
        assert ask(stand_in.address, "ql", answer_s=0.2).worst is PrinterState.NO_ANSWER
        assert time.monotonic() - started < 2


def test_status_of_what_is_not_there() -> None:
    assert ask(f"tcp://127.0.0.1:{free_port()}", "zpl").worst is PrinterState.OFF
    assert ask("tcp://printer.invalid", "zpl").worst is PrinterState.OFF
    assert ask("/dev/usb/lp99", "ql").worst is PrinterState.OFF
    assert ask("nonsense://", "ql").worst is PrinterState.UNKNOWN_ANSWER
    assert ask("lp:queue", "pdf").worst is PrinterState.NO_ANSWER
