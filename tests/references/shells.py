"""The completion scripts that `etabli completion` prints, from the parsers, by shtab.

shtab is a tool of the tests: what it makes is committed, so that a bench needs no library for it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import shtab

from bench.words.catalogue import LANGUAGES, choose
from tests.references.parsers import commands, whole

FILES = {"B.zip", "DISK", "DISQUE", "F", "FICHIER", "FICHIER|CODE|-", "FILE", "IMAGE"}
FILES |= {"IMAGE DISQUE", "KEY", "R", "TOML"}
FOLDERS = {"DIR"}
EITHER = {"DIR|ZIP"}


def names() -> list[str]:
    spoken = [f"etabli.{language}.{shell}" for shell in ("zsh", "fish") for language in LANGUAGES]
    return ["etabli.bash", *spoken]


def page(name: str) -> str:
    """One script by its file's name."""
    parts = name.split(".")
    choose(parts[1] if len(parts) == 3 else "fr")
    try:
        parser = whole(everywhere=True)
        _mark(parser)
        lines = shtab.complete(parser, parts[-1]).splitlines()
    finally:
        choose(None)
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _mark(parser: argparse.ArgumentParser) -> None:
    """Say of each argument that is a place which kind it is."""
    for action in parser._actions:
        shown = action.metavar
        if action.choices is not None:
            continue
        if shown in FOLDERS:
            vars(action)["complete"] = shtab.DIRECTORY
        elif shown in FILES | EITHER or action.type is Path:
            vars(action)["complete"] = shtab.FILE
    for _, _, sub in commands(parser):
        _mark(sub)
