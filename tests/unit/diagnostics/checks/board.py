"""A machine at the Runner seam: files and command answers, as a recording would hold them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from diagnostics.command import Completed, Content, Problem

Answer = Completed | Callable[["Board", tuple[str, ...]], Completed]


def gave(stdout: bytes | str = b"", stderr: bytes | str = b"", code: int | None = 0) -> Completed:
    out = stdout.encode() if isinstance(stdout, str) else stdout
    err = stderr.encode() if isinstance(stderr, str) else stderr
    return Completed((), code, out, err, 0.1)


class Board:
    """Files by path (None = unreadable), links, commands by their first words."""

    def __init__(
        self,
        files: Mapping[str, str | None] | None = None,
        links: Mapping[str, str] | None = None,
        commands: Mapping[str, Answer] | None = None,
        absent: Problem = Problem.MISSING,
    ) -> None:
        self.files = dict(files or {})
        self.links = dict(links or {})
        self.commands = dict(commands or {})
        self.absent = absent
        self.ran: list[tuple[str, ...]] = []

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 10.0, stdin: bytes | None = None
    ) -> Completed:
        words = tuple(argv)
        self.ran.append(words)
        line = " ".join(words)
        for prefix in sorted(self.commands, key=len, reverse=True):
            if line.startswith(prefix):
                answer = self.commands[prefix]
                return answer(self, words) if callable(answer) else answer
        return Completed(words, None, b"", b"", 0.0, self.absent)

    def read(self, path: str) -> Content:
        if path not in self.files:
            return Content(path, None, self.absent)
        text = self.files[path]
        return Content(path, None if text is None else text.encode())

    def names(self, path: str) -> tuple[str, ...] | None:
        stem = path.rstrip("/") + "/"
        every = (*self.files, *self.links)
        found = {one[len(stem) :].split("/")[0] for one in every if one.startswith(stem)}
        return tuple(sorted(found - {""})) if found or path in self.files else None

    def link(self, path: str) -> str | None:
        return self.links.get(path)

    def has(self, tool: str) -> bool:
        return any(prefix.split()[0] == tool for prefix in self.commands)


class Clock:
    """Time that passes only when somebody waits; `then` runs at each wait."""

    def __init__(self, then: Callable[[int], bool | None] | None = None) -> None:
        self.at = 0.0
        self.waits = 0
        self._then = then

    def monotonic(self) -> float:
        return self.at

    def pause(self, seconds: float) -> bool:
        self.at += seconds
        self.waits += 1
        return bool(self._then(self.waits)) if self._then else False
