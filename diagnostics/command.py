"""The only place that starts a process or reads what the kernel shows.

Everything that touches the machine goes through a `Runner`, so that a recorded
machine can stand in for a real one (docs/design.md, idea 5):

* `System` really runs commands and reads files;
* `Recording` wraps another runner and keeps all that passed (see `capture.py`);
* `Replay` answers from what was kept;
* `Served` has root's part asked by a service (see `served/client.py`).

A command is an argument list, never a shell line. It runs with `LC_ALL=C.UTF-8`,
closed standard input and a time-out. Whatever goes wrong is a value
(`Problem`), never an exception: a probe must outlive every tool.
"""

from __future__ import annotations

import enum
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import msgspec

from diagnostics import durable
from diagnostics.learn import learn

MAX_FILE_BYTES = 8 << 20  # no sysfs, procfs or firmware file we read comes near this
DEFAULT_TIMEOUT_S = 10.0


class Problem(enum.Enum):
    """Why a command or a file gave nothing; `None` beside it means it answered."""

    MISSING = "missing"  # tool or file is not there
    DENIED = "denied"  # not allowed, most often: not root
    TIMEOUT = "timeout"  # did not end in time and was killed
    IO = "io"  # the kernel or the device answered with an error
    UNRECORDED = "unrecorded"  # a replayed machine was asked what nobody recorded
    SERVICE = "service"  # the service that may ask it is not there, or gave no answer


class Completed(msgspec.Struct, frozen=True):
    """What a command gave. `exit_code` is `None` when it never ran to its end."""

    argv: tuple[str, ...]
    exit_code: int | None
    stdout: bytes
    stderr: bytes
    elapsed_s: float
    problem: Problem | None = None

    @property
    def text(self) -> str:
        """Standard output as text; bytes that are not UTF-8 become U+FFFD."""
        return self.stdout.decode("utf-8", "replace")


class Content(msgspec.Struct, frozen=True):
    """What a file gave; `data` is `None` when it gave nothing, with the reason."""

    path: str
    data: bytes | None
    problem: Problem | None = None

    @property
    def text(self) -> str | None:
        """The file as stripped text, or `None`."""
        if self.data is None:
            return None
        return self.data.decode("utf-8", "replace").strip("\x00\n\r\t ")


learn(Completed, Content)


class Runner(Protocol):
    """How the rest of the program reaches the machine."""

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        stdin: bytes | None = None,
    ) -> Completed:
        """Run a command to its end. Never raises."""

    def read(self, path: str) -> Content:
        """Read a file, at most `MAX_FILE_BYTES`. Never raises."""

    def names(self, path: str) -> tuple[str, ...] | None:
        """Sorted names in a folder; `None` when it is missing or unreadable."""

    def link(self, path: str) -> str | None:
        """Where a path really leads (all links resolved); `None` when it does not exist."""

    def has(self, tool: str) -> bool:
        """Whether a command of this name can be started."""


class System:
    """The real machine."""

    def __init__(self, extra_path: str = "/usr/sbin:/sbin") -> None:
        # An ordinary user's PATH on Debian lacks sbin, where smartctl and dmidecode live.
        path = os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin")
        self._path = f"{path}:{extra_path}"

    def _environment(self) -> Mapping[str, str]:
        return {**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": "", "PATH": self._path}

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        stdin: bytes | None = None,
    ) -> Completed:
        started = time.monotonic()
        words = tuple(argv)

        def gave(problem: Problem | None, code: int | None, out: bytes, err: bytes) -> Completed:
            return Completed(words, code, out, err, time.monotonic() - started, problem)

        tool = shutil.which(words[0], path=self._path)
        if tool is None:
            return gave(Problem.MISSING, None, b"", b"")
        try:
            process = subprocess.Popen(
                [tool, *words[1:]],
                stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=dict(self._environment()),
                start_new_session=True,  # so that a time-out reaches the children too
            )
        except PermissionError:
            return gave(Problem.DENIED, None, b"", b"")
        except OSError as error:
            return gave(Problem.IO, None, b"", str(error).encode())
        try:
            out, err = process.communicate(stdin, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            out, err = _kill(process)
            return gave(Problem.TIMEOUT, None, out, err)
        return gave(None, process.returncode, out, err)

    def read(self, path: str) -> Content:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return Content(path, None, Problem.MISSING)
        except PermissionError:
            return Content(path, None, Problem.DENIED)
        except OSError:
            return Content(path, None, Problem.IO)
        try:
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                return Content(path, None, Problem.MISSING)
            parts: list[bytes] = []
            left = MAX_FILE_BYTES
            while left > 0 and (part := os.read(descriptor, min(left, 1 << 16))):
                parts.append(part)
                left -= len(part)
            return Content(path, b"".join(parts))
        except PermissionError:
            return Content(path, None, Problem.DENIED)
        except OSError:
            return Content(path, None, Problem.IO)
        finally:
            os.close(descriptor)

    def names(self, path: str) -> tuple[str, ...] | None:
        try:
            names = sorted(child.name for child in Path(path).iterdir())
            return tuple(name for name in names if name.isprintable())  # else no JSON holds it
        except OSError:
            return None

    def link(self, path: str) -> str | None:
        try:
            return str(Path(path).resolve(strict=True))
        except (OSError, RuntimeError):
            return None

    def has(self, tool: str) -> bool:
        return shutil.which(tool, path=self._path) is not None


def _kill(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """Kill a command and its children; give up on one stuck in uninterruptible I/O."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    try:
        return process.communicate(timeout=1.0)
    except subprocess.TimeoutExpired:
        # State D: the kernel will reap it when the device lets go. We must not wait for that.
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        return b"", b""


def start_detached(argv: Sequence[str], *, log: Path, environment: Mapping[str, str]) -> int:
    """Start a process that outlives us, in a session of its own; give its pid.

    Standard output and error go to `log`. Raises `OSError` when it cannot start.
    """
    with os.fdopen(durable.open_file(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab") as sink:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            env={**os.environ, **environment, "LC_ALL": "C.UTF-8"},
            start_new_session=True,
            cwd="/",
            close_fds=True,
        )
    return process.pid


class Held:
    """A process of ours that can be stopped at any moment, from any thread.

    It is never known by its number alone: nobody else waits for it, so its number stays
    its own until `poll` has read how it ended (a number read from a file may be reused).
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        with self._lock:
            return self._process.poll() is None

    def stop(self) -> None:
        """End it and its children now; one that has ended already is left alone."""
        with self._lock:
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def wait(self, timeout_s: float) -> int | None:
        """Its exit code once it ended (negative: the signal); `None` when it still runs."""
        deadline = time.monotonic() + timeout_s
        while self.running and time.monotonic() < deadline:
            time.sleep(0.01)
        with self._lock:
            return self._process.poll()


def start_held(argv: Sequence[str], *, stdin: bytes) -> Held:
    """Start a process with these bytes to read, and go on; it ends by itself or by `stop`.

    What it says is thrown away. Raises `OSError` when it cannot start.
    """
    with tempfile.TemporaryFile() as source:  # a pipe would hold us until it has read all
        source.write(stdin)
        source.seek(0)
        process = subprocess.Popen(
            list(argv),
            stdin=source,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
    return Held(process)


class Talking(Held):
    """The same, with what it says: standard output and error, line by line, to its end.

    Its standard input ends when we do, however we end: it may take that as its own end.
    """

    def lines(self) -> Iterator[str]:
        """For one thread. Each as it comes, without its line break."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            yield line.decode("utf-8", "replace").rstrip()


def start_talking(argv: Sequence[str], *, environment: Mapping[str, str]) -> Talking:
    """Start a service of ours beside us. Raises `OSError` when it cannot start."""
    process = subprocess.Popen(
        list(argv),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **environment, "LC_ALL": "C.UTF-8"},
        start_new_session=True,
        cwd="/",
    )
    return Talking(process)
