"""Getting the bytes of a label to its printer, and saying honestly how far they went.

Two kinds of failure, kept apart because a label printed twice is as wrong as one lost:
before the first byte (`printer_off`, `printer_busy`, `printer_refused`: may be tried
again) and after it (`printer_gone`: only a person can see whether it came out).
"""

from __future__ import annotations

import errno
import fcntl
import os
import select
import socket
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from diagnostics import durable
from labels.errors import LabelError
from labels.printers import ipp
from labels.printers.destination import (
    CupsQueue,
    Destination,
    Device,
    File,
    Ipp,
    Network,
    destination,
)

CONNECT_S = 5.0
# A label takes a printer two seconds; one that is out of paper stops reading.
STALLED_S = 20.0
# Codes raised before the first byte left.
RETRY_SAFELY = frozenset(
    {
        "printer_off",
        "printer_busy",
        "printer_refused",
        "printer_not_ready",
        "wrong_roll",
        "file_not_written",
        "unknown_destination",
    }
)
# Half a minute in all: another bench's label, or a short batch of them.
BACK_OFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)

# (arguments, standard input) -> (exit code, what it said); the caller starts processes.
Run = Callable[[Sequence[str], bytes], tuple[int, str]]


def send(
    data: bytes,
    where: str | Destination,
    *,
    run: Run | None = None,
    media_type: str = "application/octet-stream",
    title: str = "Établi",
    stalled_s: float = STALLED_S,
    listening: bool = False,
) -> None:
    """Send once; returns when everything was taken, else raises `LabelError`.

    `run` is needed for `lp:` only. Codes: see this module; `file_not_written`,
    `unknown_destination`.
    """
    target = destination(where) if isinstance(where, str) else where
    match target:
        case Device(path):
            _to_device(data, path, stalled_s)
        case Network():
            _to_network(data, target, stalled_s, listening=listening)
        case Ipp():
            ipp.print_job(data, target, media_type=media_type, title=title, timeout_s=stalled_s)
        case CupsQueue(name):
            _to_queue(data, name, media_type, title, run)
        case File(path):
            write_whole(Path(path), data)


def send_patiently(
    data: bytes,
    where: str | Destination,
    *,
    sleep: Callable[[float], None] = time.sleep,
    back_off_s: Sequence[float] = BACK_OFF_S,
    listening: bool = False,
    **options: object,
) -> None:
    """Send, waiting longer and longer while another bench holds the printer.

    Only `printer_busy` is waited for: nothing was sent then. `listening`: its port was open a
    moment ago, so if it is refused now another bench was faster (these printers take one
    caller); else nobody is there, which is said at once. Raises as `send` does.
    """
    options["listening"] = listening
    for pause_s in back_off_s:
        try:
            return send(data, where, **options)  # type: ignore[arg-type]
        except LabelError as error:
            if error.code != "printer_busy":
                raise
        sleep(pause_s)
    return send(data, where, **options)  # type: ignore[arg-type]


def _to_network(data: bytes, printer: Network, stalled_s: float, *, listening: bool) -> None:
    address = f"{printer.host}:{printer.port}"
    try:
        connection = socket.create_connection((printer.host, printer.port), timeout=CONNECT_S)
    except OSError as error:
        if listening and isinstance(error, ConnectionRefusedError):
            raise LabelError("printer_busy", address=address) from None
        raise LabelError("printer_off", address=address, why=error.strerror or str(error)) from None
    sent = 0
    with connection:
        connection.settimeout(stalled_s)
        try:
            while sent < len(data):
                sent += connection.send(data[sent : sent + 65536])
            connection.shutdown(socket.SHUT_WR)
            if printer.quiet:
                _wait_until_acknowledged(connection, stalled_s)
            else:
                _wait_for_the_end(connection)
        except OSError:
            raise _gone(address, sent, len(data)) from None


def _wait_for_the_end(connection: socket.socket) -> None:
    """Until the printer closes, which it does once it has read everything.

    Closing before could reset the connection and lose the tail. A printer that keeps
    silent has acknowledged nothing: the time-out then makes it `printer_gone`.
    """
    for _ in range(64):  # an answer without end is no printer's
        if not connection.recv(4096):
            return


def _wait_until_acknowledged(connection: socket.socket, stalled_s: float) -> None:
    """Until the other end's TCP has acknowledged every byte (SIOCOUTQ, tcp(7))."""
    deadline = time.monotonic() + stalled_s
    while int.from_bytes(fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)), sys.byteorder):
        if time.monotonic() > deadline:
            raise TimeoutError
        # Readable means closed or reset; else look again in a moment.
        if select.select([connection], [], [], 0.02)[0] and not connection.recv(4096):
            return


def _to_device(data: bytes, path: str, stalled_s: float) -> None:
    try:
        # usblp lets one program in at a time: the open is the lock.
        device = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.EBUSY:
            raise LabelError("printer_busy", address=path) from None
        code = "printer_refused" if error.errno in (errno.EACCES, errno.EPERM) else "printer_off"
        raise LabelError(code, address=path, why=error.strerror) from None
    sent = 0
    try:
        while sent < len(data):
            _, writable, _ = select.select([], [device], [], stalled_s)
            if not writable:
                raise TimeoutError
            sent += os.write(device, data[sent : sent + 8192])
    except OSError as error:
        if sent == 0:
            raise LabelError("printer_off", address=path, why=str(error)) from None
        raise _gone(path, sent, len(data)) from None
    finally:
        os.close(device)


def _to_queue(data: bytes, name: str, media_type: str, title: str, run: Run | None) -> None:
    if run is None:
        raise LabelError("printer_refused", address=name, why="no way to run lp here")
    arguments = ["lp", "-d", name, "-t", title]
    if media_type == "application/pdf":
        # Any scaling would move the labels off their sheet.
        arguments += ["-o", "media=A4", "-o", "print-scaling=none"]
    else:
        arguments += ["-o", "raw"]
    exit_code, said = run(arguments, data)
    if exit_code != 0:
        raise LabelError("printer_refused", address=name, why=said.strip()[:200])


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that after a power cut it is there whole or not at all.

    Raises `LabelError("file_not_written")`; nothing half-written is left.
    """
    try:
        durable.write_whole(path, data, as_folder=True)
    except OSError as error:
        raise LabelError("file_not_written", path=str(path), why=error.strerror) from None


def _gone(address: str, sent: int, total: int) -> LabelError:
    return LabelError("printer_gone", address=address, sent_bytes=sent, total_bytes=total)
