"""`etabli read KIND FILE...`: facts of anybody's reports, one JSON line a file, offline."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell_json
from bench.opening.context import Context
from bench.words.catalogue import language, say

# Said here, not imported: naming the kinds must not load the parsers for every command.
KINDS = ("smartctl", "dmidecode", "lscpu", "cpuinfo", "lsblk", "edid", "battery")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kind", metavar="KIND", choices=KINDS, help=", ".join(KINDS))
    parser.add_argument("files", metavar="FILE", nargs="+", help=say("read.files"))
    parser.add_argument("--rules", metavar="TOML", type=Path, help=say("read.rules"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print each file's facts as soon as it is read; 1 when one of them was malformed."""
    del context
    from diagnostics.health.rules import RuleError, standard, with_overrides
    from diagnostics.read import read

    try:
        rules = with_overrides(standard(), arguments.rules) if arguments.rules else standard()
    except RuleError as error:
        code = "rules_rule_bad" if "id" in error.values else "rules_bad"
        raise Failure(code, Exit.USAGE, path=arguments.rules, **error.values) from error
    malformed = False
    for name in arguments.files:
        source = sys.stdin.buffer.read() if name == "-" else name
        found = read(arguments.kind, source, rules=rules, language=language(), name=name)
        malformed = malformed or "error" in found
        tell_json(found)
    return Exit.FINDING if malformed else Exit.DONE
