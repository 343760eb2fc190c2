"""The `etabli` command: finds the sub-command, runs it, turns failures into one line.

Nothing heavy is imported here: `etabli --version` must cost little more than
Python itself, so each sub-command is a module of its own, imported when named.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # importing typing for it would cost a third of `--version` (14 ms)
if TYPE_CHECKING:
    from types import ModuleType

    from bench.errors.arguments import Parser

# In the order people meet them; each is bench/commands/<name>.py.
COMMANDS = (
    "probe",
    "capture",
    "read",
    "disks",
    "selftest",
    "erase",
    "jobs",
    "grade",
    "label",
    "certificate",
    "people",
    "lot",
    "donor",
    "destine",
    "handover",
    "request",
    "transfer",
    "pack",
    "note",
    "verify",
    "review",
    "find",
    "log",
    "export",
    "import",
    "sync",
    "push",
    "forget",
    "restore",
    "keys",
    "hub",
    "stick",
    "netboot",
    "demo",
    "train",
    "doctor",
    "completion",
)


def main(argv: list[str] | None = None) -> int:
    """Run `etabli` with these arguments; give the exit code (docs/design.md)."""
    words = sys.argv[1:] if argv is None else argv
    if words == ["--version"]:
        from bench.words.version import VERSION

        print(f"etabli {VERSION}")
        return 0
    return _guarded(words)


def _guarded(words: list[str]) -> int:
    """Run, and turn every way of failing into a sentence and an exit code."""
    import os

    from bench.errors.failure import Exit, Failure

    debug = "--debug" in words
    try:
        return _dispatch(words)
    except Failure as failure:
        if debug:
            raise
        from bench.errors.sentence import complain

        complain(failure)
        return int(failure.exit_code)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader went away (`| head`): not our error, and stdout must not be flushed again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return int(Exit.DONE)
    except Exception as error:  # the last net: a person gets a sentence, not a traceback
        if debug:
            raise
        from bench.errors.sentence import complain_unexpected

        return complain_unexpected(error)


def _dispatch(words: list[str]) -> int:
    from bench.opening.context import Context
    from bench.words.catalogue import choose

    choose(_language_named(words))  # argparse writes its help, and what is wrong, while it reads
    parser, subparsers = _parsers()
    name = _command_named(words)
    module: ModuleType | None = None
    if name is not None:
        import importlib

        module = importlib.import_module(f"bench.commands.{name.replace('import', 'import_')}")
        module.add_arguments(subparsers[name])
        _accept_everywhere(subparsers[name])
    arguments = parser.parse_args(words)
    choose(arguments.lang)
    context = Context.from_arguments(arguments)
    if arguments.command is None or module is None:
        from bench.commands.screens import run

        return run(arguments, context)
    if getattr(arguments, "operator", ""):  # one reader of who that is, whatever the command
        arguments.operator = context.operator(arguments.operator)
    code: int = module.run(arguments, context)
    return code


def _command_named(words: list[str]) -> str | None:
    """The sub-command: the first word that is neither an option nor an option's value."""
    skip = False
    for word in words:
        if not skip and not word.startswith("-"):
            return word if word in COMMANDS else None
        skip = word in ("--data", "--lang")
    return None


def _language_named(words: list[str]) -> str | None:
    """The last language asked for, before argparse has read anything."""
    named = None
    for at, word in enumerate(words):
        if word == "--lang":
            named = words[at + 1] if at + 1 < len(words) else None
        elif word.startswith("--lang="):
            named = word.removeprefix("--lang=")
    return named


def _parsers() -> tuple[Parser, dict[str, Parser]]:
    """The main parser, and an empty parser a command (filled only for the one named)."""
    from bench.errors.arguments import Parser
    from bench.words.catalogue import say
    from bench.words.version import VERSION

    parser = Parser(prog="etabli", description=say("cli.about"), add_help=True)
    parser.add_argument(
        "--version", action="version", version=f"etabli {VERSION}", help=say("cli.version")
    )
    parser.add_argument("--data", metavar="DIR", help=say("cli.data"))
    parser.add_argument("--lang", choices=("fr", "en"), help=say("cli.lang"))
    parser.add_argument("--debug", action="store_true", help=say("cli.debug"))
    parser.add_argument("--demo", action="store_true", help=say("cli.demo_screens"))
    group = parser.add_subparsers(dest="command", metavar=say("cli.command"), parser_class=Parser)
    subparsers = {}
    for name in COMMANDS:
        sub = group.add_parser(name, help=say(f"cli.{name}"), description=say(f"cli.{name}"))
        subparsers[name] = sub
    return parser, subparsers


def _accept_everywhere(parser: Parser) -> None:
    """Take the options of `etabli` after the command too, and after its own: where people type
    them.
    """
    from argparse import SUPPRESS, _SubParsersAction

    from bench.words.catalogue import say

    add = parser.add_argument
    add("--debug", action="store_true", default=SUPPRESS, help=say("cli.debug"))
    add("--data", metavar="DIR", default=SUPPRESS, help=say("cli.data"))
    add("--lang", choices=("fr", "en"), default=SUPPRESS, help=say("cli.lang"))
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for nested in action.choices.values():
                _accept_everywhere(nested)


if __name__ == "__main__":
    sys.exit(main())
