"""Updates as `etabli stick` offers them: signed here, written there, kept once they came up."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.opening.context import Context
from bench.records.signed import keys
from bench.stick.live import Lines, live
from bench.stick.release import statement, trusted_keys
from bench.stick.source import Source, digest, from_file, of_stick
from bench.stick.update import come_up, update
from bench.words.catalogue import say
from diagnostics import durable
from diagnostics.command import Runner
from wipe.seen.reading import read_topology


def run(arguments: argparse.Namespace, context: Context) -> int:
    """One of --update, --came-up, --release-key, --sign. Raises `Failure`."""
    runner = context.runner()
    if arguments.came_up:
        if come_up(runner, read_topology(runner)):
            tell(say("stick.came_up"))
        return int(Exit.DONE)
    if len(arguments.paths) != 1:
        raise Failure("stick_paths", Exit.USAGE)
    path = arguments.paths[0]
    if arguments.release_key:
        return _new_key(context, Path(path))
    if arguments.sign:
        return _sign(runner, Path(arguments.sign), path)
    return _update(arguments, runner, path)


def _new_key(context: Context, path: Path) -> int:
    """The key that signs images, and beside it the public half that images are built with."""
    public = Path(f"{path}.pub")
    key = keys.create(path, context.random)
    durable.write_whole(public, key.public.hex().encode() + b"\n")
    tell(say("stick.key_made", path=path, public=public, fingerprint=key.fingerprint))
    return int(Exit.DONE)


def _sign(runner: Runner, secret: Path, path: str) -> int:
    key, source = keys.load(secret), from_file(runner, path)
    release = Path(f"{path}.release")
    durable.write_whole(release, statement(key, source, digest(source, lambda done: None)))
    tell(say("stick.signed", path=release))
    return int(Exit.DONE)


def _source(runner: Runner, path: str) -> Source:
    """The newer image: a file with what was signed beside it, or another stick that holds both."""
    return of_stick(runner, path) if Path(path).is_block_device() else from_file(runner, path)


def _update(arguments: argparse.Namespace, runner: Runner, path: str) -> int:
    source, topology = _source(runner, path), read_topology(runner)
    try:
        with live() if not arguments.json else Lines(None) as board:
            slot = update(
                runner, topology, source, trusted_keys(), show=board.show, pause=time.sleep
            )
    except KeyboardInterrupt:
        tell(say("stick.update_interrupted"), error=True)
        return 130
    if arguments.json:
        tell_json({"status": "done", "slot": slot, "sha256": source.sha256 or None})
    else:
        tell(say("stick.updated"))
    return int(Exit.DONE)
