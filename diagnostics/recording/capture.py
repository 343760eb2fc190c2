"""Records a machine to a folder or zip, and stands in for it afterwards.

Format 1, stable (see `docs/` and `tests/machines/README.md`):

    manifest.json       {"format": 1, "recorded_at": RFC 3339, "anonymised": bool,
                         "unlisted": "unrecorded" | "missing", "note": text}
    commands/NNN.json   {"argv": [...], "exit_code": int|null, "problem": code|null,
                         "elapsed_s": number}
    commands/NNN.out    standard output, NNN.err standard error (absent when empty)
    files.json          {"problems": {path: code}, "names": {path: [...]|null},
                         "links": {path: target|null}, "tools": {name: bool}}
    files/<path>        what a file held

`"unlisted": "missing"` is for recordings written by hand: what is not there did not exist.
A recorder reads each file, folder and link once, so that two sources that look at the same
moving value (a temperature, free memory) agree in the replay as they did live. Commands
are kept in the order they ran; asked more often than recorded, the last answer repeats.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from diagnostics.command import DEFAULT_TIMEOUT_S, Completed, Content, Problem, Runner
from diagnostics.recording.anonymise import anonymise as anonymised
from diagnostics.recording.replay import FORMAT, Replay, command_key
from diagnostics.recording.store import CaptureError, Store, store

__all__ = ["CaptureError", "Recording", "Replay", "command_key", "save"]


class Recording:
    """A runner that keeps all that passed through another one."""

    def __init__(self, inner: Runner) -> None:
        self._inner = inner
        self._lock = threading.Lock()  # sources run side by side
        self.commands: list[Completed] = []
        self.contents: dict[str, Content] = {}
        self.folders: dict[str, tuple[str, ...] | None] = {}
        self.links: dict[str, str | None] = {}
        self.tools: dict[str, bool] = {}

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        stdin: bytes | None = None,
    ) -> Completed:
        """Run and keep; see `Runner.run`."""
        done = self._inner.run(argv, timeout_s=timeout_s, stdin=stdin)
        with self._lock:
            self.commands.append(done)
        return done

    def read(self, path: str) -> Content:
        """Read once and keep; see `Runner.read`."""
        if path not in self.contents:
            content = self._inner.read(path)
            with self._lock:
                self.contents.setdefault(path, content)
        return self.contents[path]

    def names(self, path: str) -> tuple[str, ...] | None:
        """List once and keep; see `Runner.names`."""
        if path not in self.folders:
            found = self._inner.names(path)
            with self._lock:
                self.folders.setdefault(path, found)
        return self.folders[path]

    def link(self, path: str) -> str | None:
        """Resolve once and keep; see `Runner.link`."""
        if path not in self.links:
            found = self._inner.link(path)
            with self._lock:
                self.links.setdefault(path, found)
        return self.links[path]

    def has(self, tool: str) -> bool:
        """Look once and keep; see `Runner.has`."""
        if tool not in self.tools:
            found = self._inner.has(tool)
            with self._lock:
                self.tools.setdefault(tool, found)
        return self.tools[tool]

    def entries(self, *, recorded_at: str, note: str = "") -> Store:
        """The recording as files by name, ready for `save` or `anonymise`."""
        manifest = {
            "format": FORMAT,
            "recorded_at": recorded_at,
            "anonymised": False,
            "unlisted": Problem.UNRECORDED.value,
            "note": note,
        }
        files: Store = {"manifest.json": _json(manifest)}
        for number, done in enumerate(self.commands, 1):
            files.update(_command_files(number, done))
        index: dict[str, Any] = {"problems": {}, "names": {}, "links": {}, "tools": {}}
        for path, content in sorted(self.contents.items()):
            if content.data is not None:
                files[f"files{path}"] = content.data
            else:
                index["problems"][path] = (content.problem or Problem.IO).value
        index["names"] = dict(sorted(self.folders.items()))
        index["links"] = dict(sorted(self.links.items()))
        index["tools"] = dict(sorted(self.tools.items()))
        files["files.json"] = _json(index)
        return files

    def save(
        self,
        target: str | Path,
        *,
        anonymise: bool = False,
        recorded_at: str | None = None,
        note: str = "",
    ) -> int:
        """Write the recording to a folder or zip; give the number of its files.

        `recorded_at` is RFC 3339 UTC, now by default. Raises `CaptureError`.
        """
        moment = recorded_at or datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        files = self.entries(recorded_at=moment, note=note)
        if anonymise:
            files = anonymised(files, secrets.token_bytes(32))
        save(files, target)
        return len(files)


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _command_files(number: int, done: Completed) -> Store:
    stem = f"commands/{number:03d}"
    head = {
        "argv": list(command_key(done.argv)),
        "exit_code": done.exit_code,
        "problem": done.problem.value if done.problem else None,
        "elapsed_s": round(done.elapsed_s, 3),
    }
    files: Store = {f"{stem}.json": _json(head)}
    if done.stdout:
        files[f"{stem}.out"] = done.stdout
    if done.stderr:
        files[f"{stem}.err"] = done.stderr
    return files


def save(files: Mapping[str, bytes], target: str | Path) -> None:
    """Write a recording to a folder, or to a zip where the name ends in ".zip".

    Raises `CaptureError("exists")` rather than mix two recordings, and `CaptureError("io")`.
    """
    store(files, Path(target))
