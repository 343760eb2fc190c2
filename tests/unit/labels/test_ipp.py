"""A4 pages over IPP, to CUPS' own IPP Everywhere printer; the result is read back."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2
import pytest

from bench.__main__ import main
from labels import proof
from labels.blocks import Block, identifiers
from labels.errors import LabelError
from labels.make import sheet
from labels.printers import ipp
from labels.printers.ask import ask
from labels.printers.destination import Ipp
from labels.printers.send import send
from labels.printers.status import PrinterState
from tests.unit.documents.paper_reader import codes as paper_codes
from tests.unit.documents.recorded import ASSETS, record
from tests.unit.labels.printer_stand_in import free_port, printer


@pytest.fixture(scope="module")
def ipp_printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ipp, Path]]:
    """CUPS' own IPP Everywhere printer, keeping what it prints."""
    program = shutil.which("ippeveprinter", path=TOOLS)
    if program is None:
        pytest.skip("ippeveprinter (Debian cups-ipp-utils) is not installed")
    spool = tmp_path_factory.mktemp("ipp")
    with _announcements(tmp_path_factory.mktemp("bus")) as environment:
        port = free_port()
        arguments = [program, "-k", "-d", str(spool), "-f", "application/pdf", "-p", str(port)]
        # Without a program that prints, it pretends to by sleeping for 5 to 15 s.
        arguments += ["-c", shutil.which("true") or "/bin/true"]
        process = _start([*arguments, "-r", "off", "-n", "localhost", "Atelier"], environment)
        target = Ipp(f"http://localhost:{port}/ipp/print")
        try:
            while ask(target, "pdf").worst is PrinterState.OFF:
                if process.poll() is not None:
                    pytest.skip("ippeveprinter needs a running avahi-daemon, or root and dbus")
                time.sleep(0.05)
            yield target, spool
        finally:
            process.terminate()
            process.wait(10)


TOOLS = "/usr/bin:/usr/sbin:/usr/local/bin"


def _start(arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        arguments,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment},
    )


@contextmanager
def _announcements(folder: Path) -> Iterator[dict[str, str]]:
    """A bus and an avahi-daemon of our own: ippeveprinter does not start without them."""
    bus = shutil.which("dbus-daemon", path=TOOLS)
    avahi = shutil.which("avahi-daemon", path=TOOLS)
    if bus is None or avahi is None or os.geteuid() != 0 or Path("/run/avahi-daemon/pid").exists():
        yield {}
        return
    address = f"unix:path={folder / 'bus'}"
    environment = {"DBUS_SYSTEM_BUS_ADDRESS": address}
    processes = [_start([bus, "--session", "--nofork", f"--address={address}"], {})]
    try:
        while not (folder / "bus").exists() and processes[0].poll() is None:
            time.sleep(0.02)
        plain = ["--no-drop-root", "--no-chroot", "--no-rlimits", "-f", "/dev/null"]
        processes.append(_start([avahi, *plain], environment))
        while not Path("/run/avahi-daemon/pid").exists() and processes[1].poll() is None:
            time.sleep(0.02)
        yield environment
    finally:
        for process in reversed(processes):
            process.terminate()
            process.wait(10)


def test_a4_sheet_over_ipp_is_read_back_from_the_printer(
    ipp_printer: tuple[Ipp, Path],
) -> None:
    target, spool = ipp_printer
    codes = [str(identifier) for identifier in identifiers(Block("R", 26, 1, 21))]
    pages = sheet(codes)
    job = ipp.print_job(pages, target, media_type="application/pdf", title="Planche")
    assert job > 0
    deadline = time.monotonic() + 20
    while (state := ipp.job_state(target, job)) not in (7, 8, 9) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert state == 9  # completed
    (printed,) = spool.rglob("*.pdf")
    assert printed.read_bytes() == pages
    page = pypdfium2.PdfDocument(printed.read_bytes())[0]
    assert set(proof.read_codes(page.render(scale=300 / 72).to_pil())[0]) == set(codes)


def test_status_over_ipp(ipp_printer: tuple[Ipp, Path]) -> None:
    answer = ipp.printer_answer(ipp_printer[0])
    assert answer.status == 0
    assert "application/pdf" in answer.words("document-format-supported")
    assert ask(ipp_printer[0], "pdf").worst in set(PrinterState) - {
        PrinterState.OFF,
        PrinterState.UNKNOWN_ANSWER,
    }


def test_ipp_refusing_a_format(ipp_printer: tuple[Ipp, Path]) -> None:
    with pytest.raises(LabelError) as caught:
        ipp.print_job(b"x", ipp_printer[0], media_type="application/x-nonsense", title="x")
    assert caught.value.code == "printer_refused"


def test_ipp_nobody_there_and_garbage() -> None:
    with pytest.raises(LabelError) as caught:
        send(b"%PDF", f"ipp://127.0.0.1:{free_port()}/ipp/print", media_type="application/pdf")
    assert caught.value.code == "printer_off"
    with printer("answer", answer=b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nxyz") as stand_in:
        url = stand_in.address.replace("tcp:", "http:") + "/ipp/print"
        with pytest.raises(LabelError) as caught:
            send(b"%PDF", Ipp(url), stalled_s=2)
    assert caught.value.code == "printer_gone"


@pytest.mark.parametrize(
    "junk", [b"", b"\x02", bytes(8), b"\x02\x00\x00\x00\x00\x00\x00\x01\x21\xff", b"\xff" * 500]
)
def test_ipp_answers_that_are_none(junk: bytes) -> None:
    answer = ipp.parse_answer(junk)
    assert answer is None or answer.attributes == {}


def test_a_machines_label_goes_to_the_office_printer_as_a_person_prints_it(
    ipp_printer: tuple[Ipp, Path], tmp_path: Path
) -> None:
    target, spool = ipp_printer
    data = tmp_path / "data"
    record(data)
    words = ["label", ASSETS[0], "--print", target.printer_uri, "--to", "pdf"]
    before = set(spool.rglob("*.pdf"))
    assert main([*words, "--data", str(data)]) == 0
    (paper,) = set(spool.rglob("*.pdf")) - before
    assert paper_codes(paper.read_bytes(), dpi=300).count(ASSETS[0]) == 2
