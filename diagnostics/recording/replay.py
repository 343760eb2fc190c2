"""Stands in for a recorded machine; the format is documented in `capture.py`."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from diagnostics.command import DEFAULT_TIMEOUT_S, Completed, Content, Problem
from diagnostics.recording.store import CaptureError, load

FORMAT = 1
_INTERPRETER = "python"


def command_key(argv: Sequence[str]) -> tuple[str, ...]:
    """A command as it is found again: without this machine's interpreter and script folders."""
    words = [str(word) for word in argv]
    if words and Path(words[0]).name.startswith(_INTERPRETER):
        words = [_INTERPRETER, *(Path(w).name if w.endswith(".py") else w for w in words[1:])]
    elif words:
        words[0] = Path(words[0]).name
    return tuple(words)


class Replay:
    """A recorded machine in the place of a real one."""

    def __init__(self, source: str | Path) -> None:
        """Load a recording. Raises `CaptureError` (missing, corrupt, hostile, too_big, format)."""
        self._files = load(Path(source))
        manifest = self._object("manifest.json")
        if manifest.get("format") != FORMAT:
            raise CaptureError("format", found=manifest.get("format"), expected=FORMAT)
        self.manifest = manifest
        self._absent = (
            Problem.MISSING if manifest.get("unlisted") == "missing" else Problem.UNRECORDED
        )
        index = self._object("files.json") if "files.json" in self._files else {}
        self._problems = _strings(index.get("problems"))
        self._names = _table(index.get("names"))
        self._links = _table(index.get("links"))
        self._tools = _table(index.get("tools"))
        self._folders = self._tree()
        self._lock = threading.Lock()
        self._commands: dict[tuple[str, ...], list[Completed]] = {}
        for name in sorted(self._files):
            if name.startswith("commands/") and name.endswith(".json"):
                self._add_command(name)

    def _object(self, name: str) -> dict[str, Any]:
        try:
            value = json.loads(self._files[name])
        except KeyError:
            raise CaptureError("corrupt", file=name, why="missing") from None
        except (ValueError, RecursionError):
            raise CaptureError("corrupt", file=name, why="not JSON") from None
        if not isinstance(value, dict):
            raise CaptureError("corrupt", file=name, why="not an object")
        return value

    def _tree(self) -> dict[str, set[str]]:
        """Folders that follow from the files kept, for recordings that list none."""
        folders: dict[str, set[str]] = {}
        for name in self._files:
            if name.startswith("files/"):
                parts = name.split("/")[1:]
                for depth in range(len(parts)):
                    folders.setdefault("/" + "/".join(parts[:depth]), set()).add(parts[depth])
        return folders

    def _add_command(self, name: str) -> None:
        head = self._object(name)
        argv, code = head.get("argv"), head.get("exit_code")
        if not isinstance(argv, list) or not all(isinstance(word, str) for word in argv):
            raise CaptureError("corrupt", file=name, why="argv")
        problem = _problem(head.get("problem"))
        elapsed = head.get("elapsed_s")
        stem = name.removesuffix(".json")
        done = Completed(
            argv=tuple(argv),
            exit_code=code if isinstance(code, int) else None,
            stdout=self._files.get(f"{stem}.out", b""),
            stderr=self._files.get(f"{stem}.err", b""),
            elapsed_s=float(elapsed) if isinstance(elapsed, int | float) else 0.0,
            problem=problem,
        )
        self._commands.setdefault(command_key(argv), []).append(done)

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        stdin: bytes | None = None,
    ) -> Completed:
        """The recorded answer, at once; see `Runner.run`."""
        del timeout_s, stdin
        with self._lock:
            answers = self._commands.get(command_key(argv))
            if not answers:
                return Completed(tuple(argv), None, b"", b"", 0.0, self._absent)
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def read(self, path: str) -> Content:
        """The recorded content; see `Runner.read`."""
        data = self._files.get(f"files{path}")
        if data is not None:
            return Content(path, data)
        if path in self._problems:
            return Content(path, None, _problem(self._problems[path]) or Problem.IO)
        return Content(path, None, Problem.MISSING if path in self._folders else self._absent)

    def names(self, path: str) -> tuple[str, ...] | None:
        """The recorded names; see `Runner.names`."""
        if path in self._names:
            found = self._names[path]
            if not isinstance(found, list):
                return None
            # As `System.names`: JSON can smuggle in half of a surrogate pair, and never hold it.
            return tuple(name for name in map(str, found) if name.isprintable())
        inside = self._folders.get(path)
        return tuple(sorted(inside)) if inside is not None else None

    def link(self, path: str) -> str | None:
        """The recorded target; see `Runner.link`."""
        if path in self._links:
            target = self._links[path]
            return target if isinstance(target, str) else None
        return path if f"files{path}" in self._files or path in self._folders else None

    def has(self, tool: str) -> bool:
        """Whether the machine had this tool; see `Runner.has`."""
        if tool in self._tools:
            return self._tools[tool] is True
        return any(key and key[0] == tool for key in self._commands)


def _problem(value: object) -> Problem | None:
    try:
        return Problem(value) if isinstance(value, str) else None
    except ValueError:
        return Problem.IO


def _strings(value: object) -> dict[str, str]:
    return {str(k): str(v) for k, v in _table(value).items()}


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
