"""A braille display at the end of a cable: what brltty would raise as dots is read as letters.

brltty's own driver for terminals (`tt`) stands for the display's; all else of it is the stick's:
the service, its rights, how it finds the screen and follows the cursor. A terminal is at the other
end of the cable (an adapter of USB, as many printers have): tmux draws what comes.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.vm.inside import Inside

COLUMNS = 40
DRIVER = (
    f"/usr/bin/brltty --no-daemon --standard-error -b tt -d serial:ttyUSB0 -B tt:columns={COLUMNS}"
)
DROP_IN = "/run/systemd/system/etabli-braille.service.d"
_SHOW = """
import socket, sys
wire = socket.socket(socket.AF_UNIX)
wire.connect(sys.argv[1])
while part := wire.recv(4096):
    sys.stdout.buffer.write(part)
    sys.stdout.flush()
"""


def cable(folder: Path) -> tuple[str, ...]:
    """What QEMU plugs in: an adapter that could be anything."""
    wire = f"socket,id=adapter,path={folder / 'adapter'},server=on,wait=off"
    return (
        "-chardev",
        wire,
        "-device",
        "usb-serial,bus=usb.0,port=3,chardev=adapter,always-plugged=on",
    )


class Display:
    """Use as a context manager, once the PC has the cable."""

    def __init__(self, pc: Inside, folder: Path) -> None:
        self._pc, self._folder = pc, folder

    def _tmux(self, *words: str) -> str:
        argv = ["tmux", "-S", str(self._folder / "tmux"), *words]
        return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=20).stdout

    def __enter__(self) -> Display:
        show = self._folder / "show.py"
        show.write_text(_SHOW)
        line = f"stty raw -echo; {sys.executable} {show} {self._folder / 'adapter'}"
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", str(COLUMNS + 2), "-y", "8", line)
        told = f"[Service]\nExecStart=\nExecStart={DRIVER}\nDeviceAllow=char-ttyUSB rw\n"
        self._pc.run(f"mkdir -p {DROP_IN}")
        self._pc.put(f"{DROP_IN}/test.conf", told)
        self._pc.run("systemctl daemon-reload; systemctl restart etabli-braille")
        return self

    def __exit__(self, *error: object) -> None:
        self._pc.run(f"rm -r {DROP_IN}; systemctl daemon-reload; systemctl restart etabli-braille")
        self._tmux("kill-server")

    def wait_for(self, text: str, *, timeout_s: float) -> str:
        """The display's line, once it shows `text`."""
        deadline = time.monotonic() + timeout_s
        while text not in (line := self._tmux("capture-pane", "-p")):
            told = self._pc.run("journalctl -u etabli-braille -n 20 --no-pager")
            assert time.monotonic() < deadline, f"never felt: {text!r}; at the end:\n{line}\n{told}"
            time.sleep(1)
        return line
