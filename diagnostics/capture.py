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

from diagnostics.anonymise import anonymise as anonymised
from diagnostics.capture_errors import CaptureError
from diagnostics.capture_store import Store, load, store
from diagnostics.command import DEFAULT_TIMEOUT_S, Completed, Content, Problem, Runner

__all__ = ["CaptureError", "Recording", "Replay", "command_key", "save"]
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
            return tuple(str(name) for name in found) if isinstance(found, list) else None
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
