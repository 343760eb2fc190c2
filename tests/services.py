"""A privileged service as systemd starts it (its socket handed over), and who asks it: nobody.

Both are processes of their own; the service runs as whoever runs the tests, root for most.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parents[1]
NOBODY = 65534
NAMED = "nobody"  # this user, as a service is told
_HAND_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""
_DROP = "import os\nos.setgroups([])\nos.setresgid({0}, {0}, {0})\nos.setresuid({0}, {0}, {0})\n"


class Service:
    """`python -m MODULE WORDS` on the socket at `path`. Use as a context manager."""

    def __init__(self, module: str, path: Path, *words: str) -> None:
        self.path, self._module, self._words = path, module, words
        self.errors = path.with_name(path.name + ".errors")

    def start(self) -> None:
        """Start the process; the socket stays the same, as systemd keeps it."""
        handed = self._listener.fileno()
        python = [sys.executable, "-P", "-m", self._module, *self._words]
        with self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _HAND_OVER, str(handed), *python],
                pass_fds=(handed,),
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stderr=errors,
                cwd="/",
            )

    def memory_kib(self) -> int:
        """What the process holds of RAM now."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.partition("VmRSS:")[2].split()[0])

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Service:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self.path.chmod(0o666)  # who may ask is the service's own affair here
        self._listener.listen(128)
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        self._listener.close()


def as_nobody(
    imports: str,
    script: str,
    *words: str,
    environment: Mapping[str, str] | None = None,
    uid: int = NOBODY,
) -> str:
    """What a program prints that gives up root once its libraries are loaded."""
    program = imports + "\n" + _DROP.format(uid) + script
    done = subprocess.run(
        [sys.executable, "-P", "-c", program, *words],
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout
