"""Asking to join a workshop over its network: the request is left, the answer fetched.

A bench that asks knows no workshop yet, so nobody is proven here. Nothing secret is said; what
comes back counts for nothing until the workshop's fingerprint was heard (`bench.records.joining`),
for the server that answers may be a thief's.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from bench.exchange.wire import Line
from bench.records import joining
from bench.records.errors import RecordsError
from bench.records.log import Log

PATH = "/joining"
MAX_REQUEST, MAX_ANSWER = 8 << 10, 64 << 10  # bytes
MOST = 8  # servers of a network that are asked at once
_SHORT_S = 4.0


class Round(NamedTuple):
    """Who was asked: the addresses that have the request, the answers by address, and why one
    did not take it."""

    taken: tuple[str, ...]
    answers: dict[str, bytes]
    why: RecordsError | None = None


def ask(log: Log, url: str, request: bytes, *, meeting_s: float = _SHORT_S) -> bytes:
    """Leave a request at a server, or see what became of it; gives the answer to this bench,
    empty while nobody there has answered.

    Raises `RecordsError`: `push_url`, `push_unreachable`, `push_unproven`, `push_refused`,
    `joining_closed`, `joining_full`, `joining_busy`.
    """
    with contextlib.closing(Line(log, url, meeting_s=meeting_s)) as line:
        _, answer = line.ask("POST", PATH, {}, request, most=MAX_ANSWER, limit_s=meeting_s)
        if answer and not _is_ours(log, answer):
            raise RecordsError("push_refused", url=line.url, detail="answer")
    return answer


def _is_ours(log: Log, answer: bytes) -> bool:
    """Whether it is a workshop's answer to this bench; which workshop's, only a voice can say."""
    try:
        certificate, _ = joining.read_answer(answer)
    except RecordsError:
        return False
    return certificate.bench == log.key.id


def ask_all(log: Log, urls: Sequence[str], request: bytes) -> Round:
    """Ask the servers that were found, side by side: one that hangs holds up nobody. Of many,
    others each time: a thief may announce hundreds. Raises nothing."""
    chosen = list(urls) if len(urls) <= MOST else random.sample(list(urls), MOST)

    def answer_of(url: str) -> bytes | RecordsError:
        try:
            return ask(log, url, request)
        except RecordsError as error:
            return error

    with ThreadPoolExecutor(MOST) as pool:
        told = dict(zip(chosen, pool.map(answer_of, chosen), strict=True))
    taken = {url: said for url, said in told.items() if isinstance(said, bytes)}
    failed = [said for said in told.values() if isinstance(said, RecordsError)]
    answers = {url: said for url, said in taken.items() if said}
    return Round(tuple(taken), answers, failed[-1] if failed else None)
