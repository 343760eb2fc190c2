"""A watched folder: a share or a synchronised folder where members put their bags.

Whatever is put there may be half copied, nonsense or somebody's mischief. A file that stands still
is claimed by a rename, judged as every bag is, and laid into `taken` with its receipt or into
`refused` with the reason beside it. Where our own disk fails it stays, and is tried again.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from bench.errors.failure import Exit, Failure
from bench.exchange.archive import shown_name
from bench.exchange.importing import Imported, import_bags
from bench.hub.pages.deposit import sentences
from bench.hub.pages.page import Site
from bench.records.errors import RecordsError
from diagnostics import durable

LOOK_S = 2.0
STILL_S = 6.0  # unchanged for so long it was copied to its end
_CLAIMED, _TAKEN, _REFUSED = ".en-cours", "taken", "refused"
_DRAFTS = (".part", ".tmp", ".new", ".crdownload", ".partial")
_MOST_NAMES = 1000  # looked at in one go: a flood waits its turn


class _Seen(NamedTuple):
    size: int
    mtime_ns: int
    inode: int


class Watched:
    """One folder. `told`: of each bag that was judged."""

    def __init__(
        self,
        site: Site,
        folder: Path,
        told: Callable[[Imported], None] | None = None,
        still_s: float = STILL_S,
        look_s: float = LOOK_S,
    ) -> None:
        self._site, self._folder, self._told = site, folder, told
        self._looks, self._look_s = max(1, round(still_s / look_s)), look_s
        self._still: dict[str, tuple[_Seen, int]] = {}
        self._failed = False

    def run(self, over: threading.Event) -> None:
        """Look again and again until it is over; what fails is said once, and tried again."""
        while not over.wait(self._look_s):
            try:
                self.look(over)
                self._failed = False
            except (OSError, RecordsError) as error:
                if not self._failed:
                    traceback.print_exception(error)
                self._failed = True

    def look(self, over: threading.Event | None = None) -> None:
        """Take what stands still, and what a start finds claimed. Raises `OSError`,
        `RecordsError` (`store_*`)."""
        claimed = self._folder / _CLAIMED
        for name in self._ready():
            durable.folder(claimed)
            durable.move(self._folder / name, _free(claimed, name))
        for path in sorted(claimed.iterdir()) if claimed.is_dir() else []:
            if over is not None and over.is_set():
                return
            self._take(path)

    def _ready(self) -> list[str]:
        """Files as they were for so many looks."""
        now: dict[str, tuple[_Seen, int]] = {}
        with os.scandir(self._folder) as entries:
            for entry in itertools.islice(entries, _MOST_NAMES):
                if entry.name.startswith(".") or entry.name.endswith(_DRAFTS):
                    continue
                with contextlib.suppress(FileNotFoundError):
                    found = entry.stat(follow_symlinks=False)
                    if not stat.S_ISREG(found.st_mode):
                        continue
                    seen = _Seen(found.st_size, found.st_mtime_ns, found.st_ino)
                    before, looks = self._still.get(entry.name, (None, -1))
                    now[entry.name] = (seen, looks + 1 if before == seen else 0)
        self._still = now
        return [name for name, (_, looks) in now.items() if looks >= self._looks]

    def _take(self, path: Path) -> None:
        with self._site.turn, self._site.log() as log:
            (bag,) = import_bags(log, [path]).bags
        into = self._folder / (_TAKEN if bag.error is None else _REFUSED)
        durable.folder(into)
        place = _free(into, path.name)
        if bag.error is None:
            beside, text = f"{place.name}.accuse.json", bag.receipt
        else:
            said = "\n".join(sentences(shown_name(path), bag))
            beside, text = f"{place.name}.txt", f"{said}\n".encode()
        durable.write_whole(into / beside, text, as_folder=True)
        durable.move(path, place)
        if self._told:
            self._told(bag)


@contextlib.contextmanager
def watched(
    site: Site, folder: Path | None, told: Callable[[Imported], None] | None
) -> Iterator[None]:
    """In a thread of its own while the block lasts; nothing without a folder. Raises `Failure`."""
    if folder is None:
        yield
        return
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise Failure("hub.errors.watch_folder", Exit.USAGE, path=folder)
    over, watch = threading.Event(), Watched(site, folder.absolute(), told)
    thread = threading.Thread(target=watch.run, args=(over,), name="watch")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _free(folder: Path, name: str) -> Path:
    """A name that nothing bears there yet."""
    stem, ending = Path(name).stem, Path(name).suffix
    names = itertools.chain([name], (f"{stem}-{count}{ending}" for count in itertools.count(2)))
    return next(folder / each for each in names if not os.path.lexists(folder / each))
