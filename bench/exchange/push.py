"""Sends what a workshop's server does not hold yet; may be cut at any byte and begun again.

The shape is that of tus 1.0: HEAD tells how much of a bag arrived, PATCH adds from
there. A bag is named by its SHA-256, so sending it twice is sending it once. Our own
record of what arrived is the server's signed receipt and nothing less.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.exchange import receipt, shared_packs
from bench.exchange.archive import file_sha256
from bench.exchange.bag import export_bag
from bench.exchange.fetching import Fetched, fetch
from bench.exchange.receipt import Receipt
from bench.exchange.wire import Server
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.store import Store
from diagnostics import durable

_CHUNK = 1 << 20
_MOST, _SHORT_S = 32, 4.0  # of servers announced: how many are asked, and for how long
_USUAL = "server"  # in `meta`: the server this bench pushed to last
Progress = Callable[[int, int], None]


class Pushed(msgspec.Struct, frozen=True):
    """What was sent: `resumed_at` is the byte an earlier attempt had reached.

    `lost`: events held here that the server had confirmed and holds no more; they were sent
    again. `odd`: benches of which it names events that are not those held here. `ahead`: it
    holds events of this bench that are not here. `packs`: new events of the network's packs that
    it gave, and `packs_outcome` what became of them (`fetching.Fetched`); failed: the line did.
    """

    url: str
    events: int
    added: int
    resumed_at: int
    lost: int = 0
    odd: tuple[str, ...] = ()
    ahead: bool = False
    packs: int = 0
    packs_outcome: str = ""


def push(log: Log, url: str, progress: Progress | None = None) -> Pushed:
    """Send everything this store knows and the server does not.

    A bag left from an attempt that was cut is finished first. Raises `RecordsError`:
    `push_url`, `push_unreachable`, `push_unproven`, `push_refused`, `push_stranger`,
    `push_revoked`, `receipt_*`, `bag_*`, `store_*`.
    """
    with contextlib.closing(Server(log, url)) as server:
        waiting = _waiting(log)
        lost, claims = _heads(log, server)
        events = added = resumed = 0
        if waiting.exists() and _ours(log, waiting):
            told, resumed = _send(log, server, waiting, progress)
            events, added, claims = told.events, told.added, told.heads
        log.store.set_meta(_USUAL, server.id)
        url, first = server.url, server.id
    true, odd, ahead = judge(log, claims)
    if _missing(log, true, ahead):
        export_bag(log, waiting, since_heads=true)
        # A line of its own: the server does not wait while a bag of a year is written.
        with contextlib.closing(Server(log, url)) as server:
            if server.id != first:
                raise RecordsError("push_unproven", url=url)
            told, _ = _send(log, server, waiting, progress)
        events, added = events + told.events, added + told.added
    packs = fetched(log, url)
    return Pushed(url, events, added, resumed, lost, odd, ahead, packs.added, packs.outcome)


def fetched(log: Log, url: str) -> Fetched:
    """The network's packs with the same errand; that they cannot come undoes nothing of a push."""
    try:
        with contextlib.closing(Server(log, url)) as server:
            return fetch(log, server)
    except RecordsError as error:
        if error.code.startswith("store_"):
            raise
        return Fetched("failed", code=error.code)


def choose(log: Log, urls: list[str]) -> str:
    """Of addresses somebody announced, the workshop's server: its key says so, not its name.

    Raises `RecordsError`: `hub_not_found`, `hub_several`, `hub_other` (it is the workshop's,
    and not the one of last time: somebody must give its address), `push_*` where one answers
    and is not the workshop's.
    """
    proven: dict[str, str] = {}
    failure = RecordsError("hub_not_found")
    for url in urls[:_MOST]:
        try:
            with contextlib.closing(Server(log, url, meeting_s=_SHORT_S)) as server:
                proven[server.id] = url
        except RecordsError as error:
            failure = error
    if not proven:
        raise failure
    usual = log.store.meta(_USUAL)
    if usual in proven:
        return proven[usual]
    if len(proven) > 1:
        raise RecordsError("hub_several", servers=", ".join(proven.values()))
    if usual:
        raise RecordsError("hub_other", url=next(iter(proven.values())))
    return next(iter(proven.values()))


def judge(
    log: Log, claims: dict[str, tuple[int, str]]
) -> tuple[dict[str, tuple[int, str]], tuple[str, ...], bool]:
    """Of what a server says it holds: what agrees with our own events, or cannot be known
    here; the benches where it does not agree; whether it is ahead of us on our own chain.

    It cannot know the hash of an event it never had.
    """
    ours = log.store.heads()
    true: dict[str, tuple[int, str]] = {}
    odd: list[str] = []
    ahead = False
    for bench, (seq, name) in sorted(claims.items()):
        if bench in ours and seq <= ours[bench][0][0]:
            known = log.store.query(
                "SELECT 1 FROM event WHERE bench = ? AND seq = ? AND lower(hex(hash)) = ?",
                (bench, seq, name),
            )
            if not known:
                odd.append(bench)
                continue
        elif bench == log.key.id:
            ahead = True
            continue
        true[bench] = (seq, name)
    return true, tuple(odd), ahead


def _heads(log: Log, server: Server) -> tuple[int, dict[str, tuple[int, str]]]:
    """What it holds now, and how many events it had confirmed and holds no more."""
    before = receipt.last(log.store, server.id)
    now = server.heads()
    return _lost(log.store, before, now), now.heads


def _lost(store: Store, before: bytes | None, now: Receipt) -> int:
    try:
        known = receipt.read(store, before).heads if before else {}
    except RecordsError:
        return 0
    here = {bench: tips[0][0] for bench, tips in store.heads().items()}
    return sum(
        max(0, min(seq, here.get(bench, 0)) - now.heads.get(bench, (0, ""))[0])
        for bench, (seq, _) in known.items()
        if bench not in now.forked
    )


def _waiting(log: Log) -> Path:
    folder = log.store.path.parent / "outgoing"
    try:
        durable.folder(folder)
    except OSError as error:
        raise RecordsError("bag_unwritable", path=str(folder), cause=str(error)) from error
    return folder / "push.zip"


def _ours(log: Log, waiting: Path) -> bool:
    """Whether the bag left behind was finished and noted; one that was not is made anew."""
    rows = log.store.query("SELECT 1 FROM bag_out WHERE sha256 = ?", (file_sha256(waiting),))
    return bool(rows)


def _missing(log: Log, heads: dict[str, tuple[int, str]], ahead: bool) -> bool:
    """Whether this store has a chain the server is owed and does not hold to its end."""
    left_out: frozenset[str] | None = None
    for bench, tips in log.store.heads().items():
        seq, name = heads.get(bench, (0, ""))
        if ahead and bench == log.key.id:
            continue  # it holds more than we do
        held = len(tips) == 1 and (tips[0][0] < seq or tips[0] == (seq, name))
        if held:
            continue
        left_out = shared_packs.owed_to_nobody(log) if left_out is None else left_out
        if bench not in left_out:
            return True
    return False


def _send(log: Log, server: Server, bag: Path, progress: Progress | None) -> tuple[Receipt, int]:
    digest, size = file_sha256(bag), bag.stat().st_size
    start = offset = server.offset(digest, size)
    with bag.open("rb") as file:
        while offset < size:
            file.seek(offset)
            offset = server.patch(digest, size, offset, file.read(_CHUNK))
            if progress:
                progress(offset, size)
    told = server.receipt(digest, size)
    bag.unlink(missing_ok=True)
    return told, start
