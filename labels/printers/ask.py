"""Asking a printer how it is, on the same cable its labels take."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import socket
import struct
import time
from collections.abc import Callable

from labels.errors import LabelError
from labels.printers import ipp, status
from labels.printers.destination import (
    CupsQueue,
    Destination,
    Device,
    File,
    Ipp,
    Network,
    destination,
)
from labels.printers.rolls import must_fit
from labels.printers.status import NO_ANSWER, PRINTABLE, PrinterState, PrinterStatus

ANSWER_S = 2.0
LPGETSTATUS = 0x060B  # linux/lp.h

# What to send, how many bytes an answer has at most, and who reads it.
_QUESTIONS: dict[str, tuple[bytes, int, Callable[[bytes], PrinterStatus]]] = {
    # 400 zeros first: a printer in the middle of a label must not take it for a row.
    "ql": (bytes(400) + b"\x1b@\x1biS", 32, status.from_brother),
    "pt": (bytes(100) + b"\x1b@\x1biS", 32, lambda answer: status.from_brother(answer, 24)),
    "zpl": (b"~HS", 90, status.from_zpl),
    "epl": (b"\n^ee\n", 4, status.from_epl),
    "dymo": (b"\x1b" * 85 + b"A", 1, status.from_dymo),
    "escpos": (b"\x10\x04\x02\x10\x04\x04", 2, status.from_escpos),
}


def ask(where: str | Destination, language: str, answer_s: float = ANSWER_S) -> PrinterStatus:
    """The printer's status; codes for everything that goes wrong, never an exception.

    `language` is the target's name (`ql`, `zpl`…). A queue of CUPS or a file tells
    nothing (`no_answer`). Ask between labels, never while one is being sent.
    """
    try:
        target = destination(where) if isinstance(where, str) else where
        if isinstance(target, Ipp):
            return status.from_ipp(ipp.printer_answer(target, answer_s))
    except LabelError as error:
        return _failed(error.code)
    if isinstance(target, CupsQueue | File) or language not in _QUESTIONS:
        return NO_ANSWER
    question, most, read = _QUESTIONS[language]
    try:
        if isinstance(target, Network):
            answer = _over_network(target, question, most, answer_s)
        else:
            answer, flags = _over_usb(target, question, most, answer_s)
            if not answer and flags is not None:
                return status.from_usblp(flags)
    except OSError as error:  # a port where nobody listens is known at once: it is no busy one
        busy = error.errno == errno.EBUSY
        why = error.strerror or str(error)
        return PrinterStatus((PrinterState.BUSY if busy else PrinterState.OFF,), why=why)
    return read(answer) if answer else NO_ANSWER


# Neither sure trouble nor a reason to hold a label back: sending finds out.
_GO_ON = PRINTABLE | {PrinterState.BUSY, PrinterState.NO_ANSWER, PrinterState.UNKNOWN_ANSWER}


def must_be_ready(
    where: str | Destination, language: str, data: bytes = b"", answer_s: float = ANSWER_S
) -> PrinterStatus:
    """Ask before a label leaves; raises `LabelError` `printer_off`, `printer_not_ready`, or
    `wrong_roll` where `data` was made for another roll than the printer has.

    A printer that says nothing, or nothing that makes sense, is no reason to keep a
    label back: half of them cannot answer (Brother QL over the network, for one).
    """
    found = ask(where, language, answer_s)
    address = where if isinstance(where, str) else str(where)
    if found.worst is PrinterState.OFF:
        raise LabelError("printer_off", address=address, why=found.why)
    if found.worst not in _GO_ON:
        raise LabelError("printer_not_ready", address=address, state=found.worst.value)
    if language == "ql":
        must_fit(data, found.roll)
    return found


def _failed(code: str) -> PrinterStatus:
    known = {
        "printer_off": PrinterState.OFF,
        "printer_busy": PrinterState.BUSY,
        "printer_gone": PrinterState.NO_ANSWER,
    }
    return PrinterStatus((known.get(code, PrinterState.UNKNOWN_ANSWER),))


def _over_network(printer: Network, question: bytes, most: int, answer_s: float) -> bytes:
    with socket.create_connection((printer.host, printer.port), timeout=answer_s) as connection:
        connection.sendall(question)
        return _collect(connection.fileno(), most, answer_s, lambda: connection.recv(most))


def _over_usb(
    printer: Device, question: bytes, most: int, answer_s: float
) -> tuple[bytes, int | None]:
    """The answer, and what the USB printer class itself says (`None` if it does not)."""
    device = os.open(printer.path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        flags = _port_status(device)
        if not select.select([], [device], [], answer_s)[1]:
            return b"", flags
        os.write(device, question)
        return _collect(device, most, answer_s, lambda: os.read(device, most)), flags
    finally:
        os.close(device)


def _port_status(device: int) -> int | None:
    try:
        return int(struct.unpack("i", fcntl.ioctl(device, LPGETSTATUS, bytes(4)))[0])
    except OSError:
        return None


def _collect(handle: int, most: int, answer_s: float, read: Callable[[], bytes]) -> bytes:
    """Bytes until there are enough, the printer stops, or the time is over."""
    answer = b""
    deadline = time.monotonic() + answer_s
    while len(answer) < most and (left := deadline - time.monotonic()) > 0:
        if not select.select([handle], [], [], left)[0]:
            break
        try:
            part = read()
        except BlockingIOError:
            continue
        if not part:
            break
        answer += part
        # The first bytes came: the rest of an answer follows at once.
        deadline = min(deadline, time.monotonic() + 0.3)
    return answer
