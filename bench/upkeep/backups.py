"""Snapshots that take themselves: at closing, at the start of the screens, after an import.

Never in anybody's way: a place that fails is noted for the review and the doctor, and
raises nothing; work on the screens goes on while a thread copies.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors.sentence import tell
from bench.setup.clock import Clock
from bench.setup.settings import Backup
from bench.words.catalogue import filled_or_bare, find

if TYPE_CHECKING:
    from bench.opening.context import Context
    from bench.records.copies.snapshots import Trouble
    from bench.records.store import Store

FOLDER = "backups"
_one_at_a_time = threading.Lock()


def back_up(folder: Path, clock: Clock, policy: Backup) -> tuple[Trouble, ...]:
    """Take a snapshot of a data folder's store to every place; gives what failed."""
    from bench.records.copies import snapshots
    from bench.records.errors import RecordsError
    from bench.records.postgres import addresses
    from bench.records.store import Store

    database, now = folder / "etabli.db", clock.now()
    try:
        if addresses.named(folder):  # a server of PostgreSQL's is copied by its own means
            return ()
        reader = Store.open(database, read_only=True)
        try:
            failed = [_take(reader, place, policy.keep, clock) for place in places(folder, policy)]
        finally:
            reader.close()
        writer = Store.open(database)
        try:
            troubles = [trouble for trouble in failed if trouble]
            snapshots.note(writer, now, troubles, taken=len(troubles) < len(failed))
        finally:
            writer.close()
    except RecordsError as error:
        return (snapshots.Trouble(str(folder), error.code),)
    return tuple(troubles)


def places(folder: Path, policy: Backup) -> list[Path]:
    """Where snapshots go. In the second place each bench has a folder: it may be shared."""
    from bench.records.copies.backup import own_folder
    from bench.records.errors import RecordsError
    from bench.records.signed import keys

    found = [folder / FOLDER]
    if policy.second:
        try:
            bench = keys.load(folder / "keys" / "bench.key").id
        except RecordsError:
            bench = "poste"
        found.append(own_folder(Path(policy.second).expanduser(), bench))
    return found


def _take(reader: Store, place: Path, keep: int, clock: Clock) -> Trouble | None:
    from bench.records import persons
    from bench.records.copies import snapshots
    from bench.records.errors import RecordsError

    # A stick that is not plugged in: making its folder would fill the disk below it.
    if place.name != FOLDER and not _is_there(place.parent):
        return snapshots.Trouble(str(place.parent), "backup_place_gone")
    try:
        snapshots.take(reader, place, keep=keep, now=clock.now())
        snapshots.forget(place, persons.forgotten(reader), reader.key)
    except RecordsError as error:
        cause = str(error.values.get("cause", ""))
        return snapshots.Trouble(str(place), error.code, cause[:200])
    return None


def _is_there(place: Path) -> bool:
    try:
        return place.is_dir()
    except OSError:
        return False


def back_up_and_tell(context: Context) -> None:
    """After a command that changed the record: take a snapshot, say what failed, go on."""
    from bench.setup.settings import load

    for trouble in back_up(context.data.path, context.clock, load(context.data.path).backup):
        text = find(f"review.warning.{trouble.code}") or trouble.code
        values = {"path": trouble.path, "cause": trouble.cause}
        tell("! " + filled_or_bare(text, values), error=True)


def after_import(context: Context) -> None:
    """New records came: copy them, and drop the original bags that are too old."""
    back_up_and_tell(context)
    drop_old_bags(context.data.path, context.clock)


def drop_old_bags(folder: Path, clock: Clock) -> None:
    """Keep the bags that came in as `settings.toml` says. Raises `Failure` for a bad file."""
    from bench.exchange import kept
    from bench.setup.settings import load

    policy = load(folder).bags
    kept.prune(folder, days=policy.keep_days, megabytes=policy.keep_megabytes, now=clock.now())


def start(folder: Path, clock: Clock, policy: Backup) -> threading.Thread:
    """The same in a thread of its own, which ends with the program."""

    def work() -> None:
        if _one_at_a_time.acquire(blocking=False):
            try:
                back_up(folder, clock, policy)
            finally:
                _one_at_a_time.release()

    thread = threading.Thread(target=work, name="backup", daemon=True)
    thread.start()
    return thread


def start_if_due(folder: Path, clock: Clock, policy: Backup) -> threading.Thread | None:
    """For the start of the screens: begin when the last snapshot is as old as set.

    Raises nothing: a store that cannot be read is somebody else's to tell.
    """
    from bench.records.copies import snapshots
    from bench.records.errors import RecordsError
    from bench.records.postgres import addresses
    from bench.records.store import Store

    try:
        if addresses.named(folder):
            return None
        reader = Store.open(folder / "etabli.db", read_only=True)
        try:
            is_due = snapshots.due(reader, clock.now(), policy.hours)
        finally:
            reader.close()
    except RecordsError:
        return None
    return start(folder, clock, policy) if is_due else None
