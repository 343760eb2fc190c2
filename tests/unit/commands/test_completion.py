"""What `etabli completion` prints completes in real shells what `--help` tells; so does the manual.

The scripts and pages are compared with the parsers by tests/unit/architecture/test_references.py.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pty
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import COMMANDS
from bench.commands.completion import FOLDER, SHELLS, script
from bench.words.catalogue import choose
from tests.references.parsers import commands, whole

ROOT = Path(__file__).resolve().parents[3]
PAGES = ("docs/man/etabli.1", "docs/man/fr/etabli.1")


def every(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[Any]:
    """Each command, with the words that name it, and its parser."""
    yield path, parser
    for word, _, sub in commands(parser):
        yield from every(sub, (*path, word))


@pytest.fixture
def parsers() -> Iterator[list[tuple[tuple[str, ...], argparse.ArgumentParser]]]:
    choose("fr")
    yield list(every(whole(everywhere=True)))
    choose(None)


def needs(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not here")
    return found


def in_bash(lines: list[list[str]]) -> list[set[str]]:
    """What bash offers for the last word of each line."""
    calls = "".join(
        f"COMP_WORDS=({' '.join(map(repr, line))}); COMP_CWORD={len(line) - 1}; _shtab_etabli;"
        'printf "%s\\n" "${COMPREPLY[*]}"\n'
        for line in lines
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", f"source {FOLDER}/etabli.bash\nIFS=' '\n{calls}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return [set(line.split()) for line in done.stdout.split("\n")[: len(lines)]]


def test_bash_offers_every_option_of_every_command(parsers: Any) -> None:
    lines = [["etabli", *path, "-"] for path, _ in parsers]
    for (path, parser), offered in zip(parsers, in_bash(lines), strict=True):
        options = {option for action in parser._actions for option in action.option_strings}
        assert offered == options, path


def test_bash_offers_every_command_and_choice(parsers: Any) -> None:
    assert in_bash([["etabli", ""]])[0] >= set(COMMANDS)
    for path, parser in parsers:
        words = {word for word, _, _ in commands(parser)}
        if words and path:
            assert in_bash([["etabli", *path, ""]])[0] >= words
    technique, language, shell = in_bash(
        [
            ["etabli", "erase", "--technique", "nvme"],
            ["etabli", "--lang", ""],
            ["etabli", "completion", ""],
        ]
    )
    assert technique and all(word.startswith("nvme_") for word in technique)
    assert language == {"fr", "en"} and shell == set(SHELLS)


def at_a_prompt(argv: list[str], start: str, typed: str, wanted: str, folder: Path) -> str:
    """Type at an interactive shell until what is wanted stands there; gives all it showed."""
    environment = {**os.environ, "PS1": "> ", "TERM": "dumb", "HOME": str(folder)}
    child, main = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execve(argv[0], argv, environment)
    told, end, sent = "", time.monotonic() + 30, False
    os.write(main, f"{start}\necho re''ady\n".encode())
    try:
        while time.monotonic() < end and wanted not in told:
            if select.select([main], [], [], 0.2)[0]:
                told += os.read(main, 65536).decode("utf-8", "replace")
            if "ready" in told and not sent:
                os.write(main, typed.encode())
                told, sent = "", True
    finally:
        os.close(main)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, 9)
        os.waitpid(child, 0)
    return told


def test_tab_completes_in_an_interactive_bash(tmp_path: Path) -> None:
    argv = [needs("bash"), "--norc", "--noprofile", "-i"]
    start = f"source {FOLDER}/etabli.bash"
    told = at_a_prompt(argv, start, "./etabli certif\t--ki\tdon\t", "--kind donor", tmp_path)
    assert "./etabli certificate --kind donor" in told
    (tmp_path / "envoi-de-lille.zip").touch()
    told = at_a_prompt(argv, start, "etabli import env\t", "lille.zip", tmp_path)
    assert "etabli import envoi-de-lille.zip" in told


def test_tab_completes_in_an_interactive_zsh(tmp_path: Path) -> None:
    argv = [needs("zsh"), "-f", "-i"]
    shutil.copy(FOLDER / "etabli.fr.zsh", tmp_path / "_etabli")
    start = f"fpath=({tmp_path} $fpath); autoload -Uz compinit; compinit -u -d {tmp_path}/dump"
    told = at_a_prompt(argv, start, "etabli certif\t--kind don\t", "donor", tmp_path)
    assert "donor" in told, told


def test_fish_offers_commands_and_options(tmp_path: Path) -> None:
    fish = needs("fish")
    environment = {**os.environ, "HOME": str(tmp_path)}
    for line, wanted in (("etabli certif", "certificate"), ("etabli erase --conf", "--confirm")):
        done = subprocess.run(
            [fish, "-c", f"source {FOLDER}/etabli.fr.fish; complete -C '{line}'"],
            capture_output=True,
            text=True,
            check=True,
            env=environment,
        )
        assert wanted in done.stdout, done


@pytest.mark.parametrize("shell", SHELLS)
def test_the_command_prints_the_script_whole(inside: Any, shell: str) -> None:
    for language in ("fr", "en"):
        done = inside("completion", shell, "--lang", language)
        assert done.returncode == 0 and done.stdout == script(shell, language)
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=done.stdout, text=True, check=False)
        assert checked.returncode == 0
    assert inside("completion", "tcsh").returncode == 2


@pytest.mark.parametrize("page", PAGES)
def test_the_manual_has_every_command_and_option(page: str, parsers: Any) -> None:
    text = (ROOT / page).read_text("utf-8").replace("\\-", "-")
    for path, parser in parsers:
        if path:
            assert f'.SS "etabli {" ".join(path)}"' in text
        for action in parser._actions:
            for option in action.option_strings:
                assert f"\\fB{option}\\fR" in text


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "argv",
    [
        ("mandoc", "-T", "lint", "-W", "warning"),
        ("groff", "-K", "utf8", "-man", "-T", "utf8", "-ww", "-z"),
        ("man", "--warnings", "-E", "UTF-8", "-Tutf8", "-Z", "-l"),
    ],
    ids=lambda argv: argv[0],
)
def test_the_manual_is_well_written(page: str, argv: tuple[str, ...]) -> None:
    done = subprocess.run(
        [needs(argv[0]), *argv[1:], str(ROOT / page)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and not done.stderr
    if argv[0] == "mandoc":
        assert not done.stdout
