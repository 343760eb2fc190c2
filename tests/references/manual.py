"""The manual page, `man etabli`, from the parsers and bench/words/<language>/manual.toml."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator

from bench.errors.failure import Exit
from bench.words.catalogue import choose, say
from bench.words.version import VERSION
from tests.references.parsers import commands, whole

_EVERYWHERE = {"--help", "--version", "--data", "--lang", "--debug"}
_DATE = "2026-11-30"  # of the form of this page; a manual page must have one


def page(language: str) -> str:
    """The page in one language, in the macros of man(7)."""
    choose(language)
    try:
        return "\n".join(_page(whole())) + "\n"
    finally:
        choose(None)


def _page(parser: argparse.ArgumentParser) -> Iterator[str]:
    yield '.\\" -*- coding: utf-8 -*-'
    yield '.\\" python -m tests.references writes it from the code; do not edit.'
    yield f'.TH ETABLI 1 {_DATE} "etabli {VERSION}" "{_text(say("manual.title"))}"'
    yield from _section("name")
    yield f"etabli \\- {_text(say('manual.about'))}"
    yield from _section("synopsis")
    yield f".B etabli\n[{_usage(parser)} ...]"
    yield from _section("description")
    yield from _paragraphs("description")
    yield from _section("options")
    yield from _arguments(parser, everywhere=True)
    yield from _section("commands")
    for name, about, sub in commands(parser):
        yield from _command(name, about, sub)
    yield from _section("exit_status")
    for code in Exit:
        yield f".TP\n.B {code.value}\n{_text(say(f'manual.exit.{code.name.lower()}'))}"
    yield from _section("environment")
    for variable in ("ETABLI_DATA", "ETABLI_LANG"):
        yield f".TP\n.B {variable}\n{_text(say(f'manual.environment.{variable.lower()}'))}"
    yield from _section("files")
    yield from _paragraphs("files")
    yield from _section("examples")
    for number in range(1, 5):
        command, meaning = say(f"manual.example.{number}").split(" # ")
        yield f".TP\n.B {_text(command)}\n{_text(meaning)}"
    yield from _section("see_also")
    yield from _paragraphs("see_also")


def _section(name: str) -> Iterator[str]:
    yield f".SH {_text(say(f'manual.section.{name}'))}"


def _paragraphs(name: str) -> Iterator[str]:
    for number, part in enumerate(say(f"manual.{name}").split("\n")):
        yield (".PP\n" if number else "") + _text(part)


def _command(name: str, about: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    """One command with its arguments; those below it as commands of two words."""
    yield f'.SS "etabli {name}"'
    yield _text(about[:1].upper() + about[1:].removesuffix(".").removesuffix("…") + ".")
    if usage := _usage(parser):
        yield f".PP\n.B etabli {name}\n{usage}"
    yield from _arguments(parser)
    for word, more, sub in commands(parser):
        yield from _command(f"{name} {word}", more, sub)


def _usage(parser: argparse.ArgumentParser) -> str:
    """What stands after the name: options that are needed, what is named, a command."""
    parts = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            parts.append(_italic(_shown(action)))
        elif action.option_strings and action.required:
            parts.append(f"{_bold(action.option_strings[-1])} {_value(action)}".strip())
        elif not action.option_strings:
            value = _italic(_shown(action)) + (" ..." if action.nargs in ("*", "+") else "")
            parts.append(f"[{value}]" if action.nargs in ("*", "?") else value)
    return " ".join(parts)


def _arguments(parser: argparse.ArgumentParser, *, everywhere: bool = False) -> Iterator[str]:
    for action in parser._actions:
        common = bool(set(action.option_strings) & _EVERYWHERE)
        if isinstance(action, argparse._SubParsersAction) or (common and not everywhere):
            continue
        head = ", ".join(map(_bold, action.option_strings)) or _italic(_shown(action))
        value = _value(action) if action.option_strings else ""
        yield f".TP\n{f'{head} {value}'.strip()}"
        parts = [(action.help or "").replace("%%", "%")]
        if action.choices is not None and action.help != ", ".join(map(str, action.choices)):
            parts.append(say("manual.choices", choices=", ".join(map(str, action.choices))))
        if isinstance(action, argparse._AppendAction):
            parts.append(say("manual.repeated"))
        if action.default not in (None, "", False, argparse.SUPPRESS, []) and action.nargs != 0:
            parts.append(say("manual.default", value=action.default))
        yield _text(" ".join(f"{part.removesuffix('.')}." for part in parts if part))


def _shown(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        return action.metavar
    return action.dest.upper() if action.option_strings else action.dest


def _value(action: argparse.Action) -> str:
    if action.nargs == 0:
        return ""
    value = _italic(_shown(action))
    return f"[{value}]" if action.nargs == "?" else value


def _bold(text: str) -> str:
    return f"\\fB{_text(text)}\\fR"


def _italic(text: str) -> str:
    return f"\\fI{_text(text)}\\fR"


def _text(text: str) -> str:
    """Text that no roff reads as anything else, in lines that fit a page of source."""
    told = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    told = told.replace("`", "\\(ga").replace("^", "\\(ha").replace("~", "\\(ti")
    lines = textwrap.wrap(told, 78, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"\\&{line}" if line.startswith(".") else line for line in lines)
