"""The commands that the documents show, read from their code blocks."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_STARTS = ("./etabli", "etabli ", "$ ")
_INLINE = re.compile(r"`((?:\./)?etabli(?: [^`]+)?)`")


@dataclass(frozen=True)
class Documented:
    """One command as a page shows it, without its comment."""

    page: str
    text: str

    @property
    def words(self) -> list[str]:
        return shlex.split(self.text)


def pages() -> list[Path]:
    """README.md, CONTRIBUTING.md and everything below docs/."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def documented() -> list[Documented]:
    """Every command of the shell blocks, and of other blocks that begin like one of ours."""
    found: dict[Documented, None] = {}
    for page in pages():
        for language, block in _BLOCK.findall(page.read_text("utf-8")):
            lines = block.replace("\\\n", " ").splitlines()
            shell = language in ("sh", "bash")
            for line in lines:
                words = (
                    shlex.split(line.removeprefix("$ "), comments=True)
                    if _ours(line, shell)
                    else []
                )
                if words:
                    found[Documented(str(page.relative_to(ROOT)), shlex.join(words))] = None
    return list(found)


def _ours(line: str, shell: bool) -> bool:
    return shell or line.strip().startswith(_STARTS)


def inline() -> list[Documented]:
    """Every `etabli …` that stands in a sentence."""
    found: dict[Documented, None] = {}
    for page in pages():
        text = _BLOCK.sub("", page.read_text("utf-8"))
        for command in _INLINE.findall(text):
            found[Documented(str(page.relative_to(ROOT)), command.removeprefix("./"))] = None
    return list(found)
