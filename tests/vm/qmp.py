"""The machine's monitor: QEMU's QMP protocol over a UNIX socket."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path
from typing import Any


class Monitor:
    """One connection to a running QEMU. Raises `OSError` once the machine is gone."""

    def __init__(self, path: Path, *, patience_s: float = 20.0) -> None:
        deadline = time.monotonic() + patience_s
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(30)
        while True:
            try:
                self._socket.connect(str(path))
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        self._lines = self._socket.makefile("rb")
        self.events: list[dict[str, Any]] = []
        self._next()
        self.do("qmp_capabilities")

    def _next(self) -> dict[str, Any]:
        line = self._lines.readline()
        if not line:
            raise ConnectionError("the monitor is closed")
        message: dict[str, Any] = json.loads(line)
        return message

    def do(self, command: str, **arguments: Any) -> Any:
        """Run one command; give what it returns. Raises `RuntimeError` when refused."""
        names = {key.rstrip("_").replace("_", "-"): value for key, value in arguments.items()}
        return self._do(command, names)

    def _do(self, command: str, arguments: dict[str, Any]) -> Any:
        request = {"execute": command, "arguments": arguments}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        while True:
            message = self._next()
            if "event" in message:
                self.events.append(message)
            elif "error" in message:
                raise RuntimeError(f"{command}: {message['error']['desc']}")
            else:
                return message.get("return")

    def wait_event(self, name: str, *, timeout_s: float = 30.0) -> dict[str, Any]:
        """The next event of this name, those already seen included."""
        deadline = time.monotonic() + timeout_s
        while True:
            for event in self.events:
                if event["event"] == name:
                    self.events.remove(event)
                    return event
            self._socket.settimeout(max(0.1, deadline - time.monotonic()))
            try:
                message = self._next()
            finally:
                self._socket.settimeout(30)
            if "event" in message:
                self.events.append(message)

    def press(self, *keys: str, hold_ms: int = 60) -> None:
        """Press keys together, by QEMU's names ("a", "shift", "f1", "ret"), and let go."""
        wanted = [{"type": "qcode", "data": key} for key in keys]
        self.do("send-key", keys=wanted, hold_time=hold_ms)

    def link(self, netdev: str, up: bool) -> None:
        """Plug or unplug a network cable."""
        self.do("set_link", name=netdev, up=up)

    def slow_writes(self, device: str, bytes_s: int) -> None:
        """Let a disk take no more than this; its names keep their underscores."""
        limits = dict.fromkeys(("bps", "bps_rd", "iops", "iops_rd", "iops_wr"), 0)
        arguments = {"id": device, "bps_wr": bytes_s, **limits}
        self._do("block_set_io_throttle", arguments)

    def close(self) -> None:
        self._lines.close()
        self._socket.close()
