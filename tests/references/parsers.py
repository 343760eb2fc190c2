"""All parsers of `etabli` filled, as `--help` has them: what the references are made from."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator

from bench.__main__ import COMMANDS, _accept_everywhere, _parsers


def whole(*, everywhere: bool = False) -> argparse.ArgumentParser:
    """The main parser with every command's arguments, in the language in force.

    `everywhere`: each command with the options it takes besides its own, as when it is run.
    """
    main, parsers = _parsers()
    for name in COMMANDS:
        module = importlib.import_module(f"bench.commands.{name.replace('import', 'import_')}")
        module.add_arguments(parsers[name])
        if everywhere:
            _accept_everywhere(parsers[name])
    return main


def commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str, argparse.ArgumentParser]]:
    """The commands of a parser: name, what it does, its own parser; in the order of the help."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            told = {one.dest: one.help or "" for one in action._choices_actions}
            for word, sub in action.choices.items():
                yield word, told.get(word, "").replace("%%", "%"), sub
