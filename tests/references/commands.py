"""docs/commands.md, from the parsers of the commands themselves."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from bench.words.catalogue import choose, say
from tests.references.events import row_of
from tests.references.parsers import commands, whole

_HEAD = """# Commands

Made from the code by `python -m tests.references`; do not edit. Every command also takes `--data`,
`--lang` and `--debug`, before or after its name, and `--help`. Exit codes and JSON shapes:
[design.md](design.md#what-others-rely-on).
"""
_EVERYWHERE = {"--help", "--data", "--lang", "--debug"}


def page() -> str:
    """The whole page, in English."""
    choose("en")
    try:
        main = whole()
        parts = [_HEAD, *_section("etabli", say("cli.about"), main, everywhere=True)]
        for name, about, parser in commands(main):
            parts += _section(f"etabli {name}", about, parser)
        return "\n".join(parts)
    finally:
        choose(None)


def _section(
    name: str, about: str, parser: argparse.ArgumentParser, *, everywhere: bool = False
) -> Iterator[str]:
    stop = "" if about.endswith((".", "…")) else "."
    yield f"## `{name}`\n\n{about[:1].upper()}{about[1:]}{stop}\n"
    rows = [row for action in parser._actions if (row := _row(action, everywhere))]
    if rows:
        yield "| argument | meaning | values, default |\n|---|---|---|\n" + "\n".join(rows) + "\n"
    if not everywhere:
        for word, told, sub in commands(parser):
            yield from _section(f"{name} {word}", told, sub)


def _row(action: argparse.Action, everywhere: bool) -> str:
    """One argument as a row; "" for what every command has and for the list of commands."""
    commands = isinstance(action, argparse._SubParsersAction)
    common = set(action.option_strings) & (_EVERYWHERE if not everywhere else {"--help"})
    if commands or common:
        return ""
    parts = (_name(action), action.help or "", _values(action))
    return row_of(part.replace("%%", "%").replace("|", "\\|") for part in parts)


def _name(action: argparse.Action) -> str:
    shown = action.metavar if isinstance(action.metavar, str) else action.dest
    value = "" if action.nargs == 0 else (shown if action.metavar else shown.upper())
    if not action.option_strings:
        more = " …" if action.nargs in ("*", "+") else ""
        optional = action.nargs in ("*", "?")
        return f"`[{shown}{more}]`" if optional else f"`{shown}{more}`"
    optional_value = f" [{value}]" if action.nargs == "?" else f" {value}" if value else ""
    needed = ", needed" if action.required else ""
    return f"`{', '.join(action.option_strings)}{optional_value}`{needed}"


def _values(action: argparse.Action) -> str:
    parts = []
    if action.choices is not None:
        parts.append(", ".join(f"`{one}`" for one in action.choices))
    if isinstance(action, argparse._AppendAction):
        parts.append("may be repeated")
    plain = action.default not in (None, "", False, True, argparse.SUPPRESS) and action.nargs != 0
    if plain and action.default != []:
        parts.append(f"default `{action.default}`")
    return "; ".join(parts)
