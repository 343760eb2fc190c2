"""One question and one answer over a Unix socket: `ask` on this side, `serve` on the other.

A connection carries one question to its end of file, then one answer. Who asks is told by the
kernel (SO_PEERCRED, unix(7)). What is too long, too slow, or asked by somebody else gets no
answer at all.
"""

from __future__ import annotations

import os
import pwd
import socket
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from diagnostics.command import Problem

MOST_QUESTION_BYTES = 1 << 16
MOST_ANSWER_BYTES = 32 << 20  # two files of the largest size, as text
PATIENCE_S = 5.0  # for a question to come whole, and for an answer to be taken
AT_ONCE = 64  # a rack of 24 disks is asked all at once
_FIRST = 3  # SD_LISTEN_FDS_START, sd_listen_fds(3)
_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: struct ucred


class Silent(Exception):
    """No answer: `TIMEOUT`, or `SERVICE` where nobody is there or the question was dropped."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def ask(path: Path, question: bytes, *, timeout_s: float) -> bytes:
    """The answer of whoever listens at `path`. Raises `Silent`."""
    deadline = time.monotonic() + timeout_s
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(timeout_s)
            line.connect(str(path))
            line.sendall(question)
            line.shutdown(socket.SHUT_WR)
            answer = _whole(line, MOST_ANSWER_BYTES, deadline)
    except TimeoutError as error:
        raise Silent(Problem.TIMEOUT) from error
    except OSError as error:
        raise Silent(Problem.SERVICE) from error
    if not answer:
        raise Silent(Problem.SERVICE)
    return answer


def _whole(line: socket.socket, most: int, deadline: float) -> bytes | None:
    """All that comes until its end; `None` where it is too long. Raises `TimeoutError`."""
    parts: list[bytes] = []
    size = 0
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        line.settimeout(left)
        part = line.recv(1 << 16)
        if not part:
            return b"".join(parts)
        size += len(part)
        if size > most:
            return None
        parts.append(part)


def given() -> socket.socket | None:
    """The listening socket systemd hands over; `None` where it was not systemd that started us."""
    mine = os.environ.get("LISTEN_PID") == str(os.getpid())
    if not mine or os.environ.get("LISTEN_FDS") != "1":
        return None
    return socket.socket(fileno=_FIRST)


def allowed_users(name: str) -> frozenset[int]:
    """Root, and the user of this name. Raises `KeyError` where there is none."""
    return frozenset((0, pwd.getpwnam(name).pw_uid))


def group_of(name: str) -> int:
    """The user's own group. Raises `KeyError` where there is no such user."""
    return pwd.getpwnam(name).pw_gid


def serve(listener: socket.socket, users: frozenset[int], answer: Callable[[bytes], bytes]) -> None:
    """Answer these users for ever, `AT_ONCE` of them side by side; the others wait their turn."""
    free = threading.BoundedSemaphore(AT_ONCE)

    def meet(line: socket.socket) -> None:
        try:
            with line:
                _answer(line, users, answer)
        finally:
            free.release()

    while True:
        free.acquire()
        try:
            line, _ = listener.accept()
            threading.Thread(target=meet, args=(line,), daemon=True).start()
        except (OSError, RuntimeError):  # who asked is gone, or no descriptor or thread is free
            free.release()
            time.sleep(0.05)


def _answer(line: socket.socket, users: frozenset[int], answer: Callable[[bytes], bytes]) -> None:
    told = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _, uid, _ = _CREDENTIALS.unpack(told)
    if uid not in users:
        return
    try:
        question = _whole(line, MOST_QUESTION_BYTES, time.monotonic() + PATIENCE_S)
        if not question:
            return
        said = answer(question)
        line.settimeout(PATIENCE_S)
        line.sendall(said)
    except OSError:
        return  # who asked does not wait, or never asked
    except Exception:  # noqa: BLE001  one question's bug must not silence the others; it is in the log
        traceback.print_exc(file=sys.stderr)
