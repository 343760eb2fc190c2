"""Serves until interrupted: dnsmasq, and beside it the process that sends the system.

Both give up root's rights once their ports are open. Whichever ends, ends the other: no PC is told
to start that would then get nothing.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from bench.errors.failure import Exit, Failure
from bench.netboot.files import READY
from bench.netboot.image import Taken
from bench.netboot.place import Place
from bench.netboot.proxy import argv, asking
from diagnostics.command import Talking, start_talking

_ROOT = Path(__file__).resolve().parents[2]
Told = Callable[[str, str, str], None]  # what (a word of `netboot.bench`), who, seconds
_Line = tuple[Talking, str | None]  # None: it has ended


def serve(place: Place, port: int, taken: Taken, *, ready: Callable[[], None], told: Told) -> None:
    """Until `KeyboardInterrupt`. Raises `Failure`: a port is taken, or one of the two ended."""
    lines: queue.Queue[_Line] = queue.Queue()
    sender = _sender(place, port, taken)
    proxy = None
    try:
        _heard(sender, lines)
        said = _next(lines)[1]
        if said != READY:
            values = {"port": port, "address": place.address, "why": said or ""}
            raise Failure("netboot_port", Exit.MACHINE, **values)
        proxy = _proxy(place, taken)
        _heard(proxy, lines)
        _follow(proxy, lines, ready=ready, told=told)
    finally:
        sender.stop()
        if proxy is not None:
            proxy.stop()


def _follow(
    proxy: Talking, lines: queue.Queue[_Line], *, ready: Callable[[], None], told: Told
) -> None:
    last = ""
    while True:
        source, line = _next(lines)
        if line is None:
            raise Failure("netboot_ended", Exit.MACHINE, why=last)
        if source is not proxy:
            what, who, seconds = line.split(" ")
            told(what, who, seconds)
            continue
        last = line.rpartition(": ")[2] or last
        if "started, version" in line:
            ready()
        card = asking(line)
        if card is not None:
            told("asks", card, "")


def _next(lines: queue.Queue[_Line]) -> _Line:
    """A signal that another thread was given does not wake this one: it looks every second."""
    while True:
        try:
            return lines.get(timeout=1.0)
        except queue.Empty:
            continue


def _heard(service: Talking, lines: queue.Queue[_Line]) -> None:
    """All that it says goes to `lines`, and that it ended."""

    def listen() -> None:
        for line in service.lines():
            lines.put((service, line))
        lines.put((service, None))

    threading.Thread(target=listen, daemon=True).start()


def _sender(place: Place, port: int, taken: Taken) -> Talking:
    words = (place.interface, place.address, str(port), str(taken.system))
    libraries = [path for path in sys.path if path and Path(path).is_absolute()]
    environment = {"PYTHONPATH": ":".join([str(_ROOT), *libraries])}
    command = [sys.executable, "-P", "-m", "bench.netboot.files", *words]
    return start_talking(command, environment=environment)


def _proxy(place: Place, taken: Taken) -> Talking:
    # Debian's place, which an ordinary user's PATH lacks.
    try:
        return start_talking(["/usr/sbin/dnsmasq", *argv(place, taken.tftp)], environment={})
    except OSError:
        values = {"tool": "dnsmasq", "package": "dnsmasq-base"}
        raise Failure("tool_missing", Exit.MACHINE, **values) from None
