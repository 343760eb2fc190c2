"""`etabli completion SHELL`: what a shell runs to complete our commands and options."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.errors.failure import Exit
from bench.errors.sentence import tell
from bench.opening.context import Context
from bench.words.catalogue import language, say

SHELLS = ("bash", "zsh", "fish")
# Made from the parsers by `python -m tests.references` and kept: nothing is installed to make them.
FOLDER = Path(__file__).parent / "shells"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help=say("cli.completion_shell"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    for line in script(arguments.shell, language()).splitlines():
        tell(line)
    return int(Exit.DONE)


def script(shell: str, language: str) -> str:
    """The script of one shell. Those that show what an option means speak a language."""
    spoken = "" if shell == "bash" else f".{language}"
    return (FOLDER / f"etabli{spoken}.{shell}").read_text("utf-8")
