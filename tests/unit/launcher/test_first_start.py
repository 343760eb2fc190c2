"""A stranger's first minute: a fresh clone, its own environment, a real terminal.

The launcher once closed a descriptor in a way that left standard error on /dev/null for good:
the program started, and painted nothing, for ever. No test started it as a person does.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LIMIT_S = 400.0  # two clones install their libraries, perhaps beside a full load
NOBODY = 65534
SCREEN = "Scannez votre badge."
CONTROL = re.compile(rb"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07]*\x07|[=>()][0-9A-B]?)")
pytestmark = [
    pytest.mark.long,  # two clones install their libraries
    pytest.mark.root,
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not here"),
]


def clone(owner: int) -> Path:
    """The tree as it stands, cloned by git into a folder of this user."""
    folder = Path(tempfile.mkdtemp(prefix="etabli-clone-"))
    folder.chmod(0o755)
    made = folder / "etabli"
    git = ["git", "-c", "safe.directory=*"]
    subprocess.run([*git, "clone", "-q", str(ROOT), str(made)], check=True)
    changed = subprocess.run(
        [*git, "-C", str(ROOT), "diff", "--name-only", "--diff-filter=AM", "HEAD"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in changed.split():  # what a maintainer has not committed yet is tried too
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, made / name)
    (folder / "home").mkdir()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner, owner, follow_symlinks=False)
    return made


class Start:
    """One start of the launcher in a pseudo-terminal of 80x24."""

    def __init__(self, made: Path, user: int, *argv: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        home = made.parent / "home"
        path = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        kept = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        environment = {**kept, "HOME": str(home), "PATH": path, "TERM": "linux", "LANG": "C.UTF-8"}
        if user == 0:  # root's own Python comes first, as in root's shell
            environment["PATH"] = os.environ["PATH"]
        be = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        words = [*be, str(made / "etabli"), *argv, "--data", str(home / "data")]
        self._process = subprocess.Popen(
            words,
            cwd=made,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self._raw = b""
        self.shown = ""

    @property
    def launcher_lines(self) -> list[str]:
        """What stood on the terminal before the program took it over."""
        told = self._raw.partition(b"\x1b")[0].decode("utf-8", "replace")
        return [line for line in re.split(r"[\r\n]+", told) if line.strip()]

    def see(self, text: str) -> str:
        """Everything written so far, once this text stands there; fails when it never does."""
        end = time.monotonic() + LIMIT_S
        while text not in self.shown:
            left = end - time.monotonic()
            assert left > 0, f"no {text!r} in {LIMIT_S:.0f} s, only: {self.shown[-1500:]!r}"
            if not select.select([self._master], [], [], min(left, 1.0))[0]:
                continue
            try:
                more = os.read(self._master, 65536)
            except OSError:  # the other side is closed
                more = b""
            assert more, f"ended {self._process.wait()} before {text!r}: {self.shown[-1500:]!r}"
            self._raw += more
            self.shown = CONTROL.sub(b"", self._raw).decode("utf-8", "replace")
        return self.shown

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def open_files(self) -> list[str]:
        """What the program holds open: no lock of the launcher's may stay in it."""
        held = Path(f"/proc/{self._process.pid}/fd")
        return [str(path.readlink()) for path in held.iterdir()]

    def end(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._master)


@pytest.fixture(scope="module")
def clones() -> Iterator[dict[int, Path]]:
    """Root's clone wants a tool that no machine has, so that root is asked on every machine."""
    made = {user: clone(user) for user in (0, NOBODY)}
    launcher = made[0] / "etabli"
    text = launcher.read_text("utf-8")
    launcher.write_text(text.replace('TOOLS="', 'TOOLS="etabli-no-tool:etabli-no-package '))
    yield made
    for path in made.values():
        shutil.rmtree(path.parent)


@pytest.mark.parametrize("user", [0, NOBODY], ids=["root", "ordinary"])
def test_first_and_second_start_show_the_first_screen(clones: dict[int, Path], user: int) -> None:
    made = clones[user]
    first = Start(made, user)
    try:
        if user == 0:
            first.see("Les installer maintenant ? [O/n]")
            first.type("n\n")
        first.see(SCREEN)
        assert not [name for name in first.open_files() if name.endswith(".lock")]
    finally:
        first.end()
    lines = first.launcher_lines
    # One line that moves, then what is missing; nothing of the installer's own talk.
    assert "première mise en place" in lines[0]
    assert all(line.startswith("etabli: ") or line == "n" for line in lines), lines
    second = Start(made, user)
    try:
        shown = second.see(SCREEN)
        assert "mise en place" not in shown and "installer" not in shown
    finally:
        second.end()
    left = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(made), "status", "--porcelain"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    changed = [line for line in left if not line.endswith(" etabli")]
    assert not [line for line in changed if line.startswith("??")], "what a start leaves is ignored"


def test_what_the_installer_says_is_shown_when_it_fails(clones: dict[int, Path]) -> None:
    made = clones[NOBODY]
    broken = made / "constraints" / "run.txt"
    kept = broken.read_text("utf-8")
    broken.write_text("etabli-there-is-no-such-library==1 --hash=sha256:" + "0" * 64 + "\n")
    try:
        start = Start(made, NOBODY)
        shown = start.see("les bibliothèques ne s'installent pas")
        assert "etabli-there-is-no-such-library" in shown
        start.end()
    finally:
        broken.write_text(kept)
    again = Start(made, NOBODY)  # a set-up that failed starts again
    try:
        again.see(SCREEN)
    finally:
        again.end()
