"""Runs inside the test machine: does what the host asks over a virtio-serial port.

Standard library only. One JSON object a line each way; bytes travel as base64.
Host to guest:
    {"id": 1, "do": "run", "argv": [...], "stdin": b64 | null, "timeout_s": 60}
    {"id": 2, "do": "put", "path": "/x", "content": b64}
    {"id": 3, "do": "get", "path": "/x"}
    {"id": 4, "do": "poweroff"}
Guest to host: {"ready": true} once, then {"id": n, "exit": code or null, "out": b64,
"err": b64}; `exit` is null when the time-out killed the command.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, BinaryIO

PORT_NAME = "etabli.agent"


def find_port(patience_s: float = 20.0) -> str:
    """The character device whose virtio port carries our name."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        for name in Path("/sys/class/virtio-ports").glob("*/name"):
            if name.read_text().strip() == PORT_NAME:
                return "/dev/" + name.parent.name
        time.sleep(0.05)
    raise SystemExit("agent: no virtio port " + PORT_NAME)


def do_run(request: dict[str, Any]) -> tuple[int | None, bytes, bytes]:
    """Run one command in a session of its own; kill the whole session on time-out."""
    stdin = base64.b64decode(request["stdin"]) if request.get("stdin") is not None else b""
    try:
        process = subprocess.Popen(
            request["argv"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        return 127, b"", str(error).encode()
    try:
        out, err = process.communicate(stdin, timeout=request["timeout_s"])
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        try:
            out, err = process.communicate(timeout=2)
        except subprocess.TimeoutExpired:  # stuck in the kernel: leave it there
            return None, b"", b"stuck in uninterruptible I/O"
        return None, out, err
    return process.returncode, out, err


def do_put(request: dict[str, Any]) -> tuple[int, bytes, bytes]:
    path = Path(request["path"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(request["content"]))
    return 0, b"", b""


def do_get(request: dict[str, Any]) -> tuple[int, bytes, bytes]:
    try:
        return 0, Path(request["path"]).read_bytes(), b""
    except OSError as error:
        return 1, b"", str(error).encode()


DOES = {"run": do_run, "put": do_put, "get": do_get}


def serve(port: BinaryIO) -> None:
    """Answer until the host asks for power off or closes the port."""
    lock = threading.Lock()

    def send(message: dict[str, Any]) -> None:
        data = json.dumps(message).encode() + b"\n"
        with lock:  # the virtio port takes 32 KiB at most of a write
            view = memoryview(data)
            while view:
                view = view[os.write(port.fileno(), view) :]

    def answer(request: dict[str, Any]) -> None:
        try:
            code, out, err = DOES[request["do"]](request)
        except Exception as error:  # noqa: BLE001  the host must always get its answer
            code, out, err = 126, b"", repr(error).encode()
        encoded = {"out": base64.b64encode(out).decode(), "err": base64.b64encode(err).decode()}
        send({"id": request["id"], "exit": code, **encoded})

    send({"ready": True})
    rest = b""
    while True:
        part = os.read(port.fileno(), 1 << 16)
        if not part:  # the host end is closed for a moment
            time.sleep(0.05)
            continue
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            request = json.loads(line)
            if request["do"] == "poweroff":
                send({"id": request["id"], "exit": 0, "out": "", "err": ""})
                return
            threading.Thread(target=answer, args=(request,), daemon=True).start()


if __name__ == "__main__":
    with open(find_port(), "r+b", buffering=0) as opened:
        serve(opened)
    sys.stdout.flush()
