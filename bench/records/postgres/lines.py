"""Open lines to PostgreSQL: made as the record needs them, kept a while for the next request.

A page opens the record and closes it: a new line each time would cost more than the page.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from bench.records.postgres.addresses import shown
from bench.records.postgres.failures import PostgresError
from bench.records.postgres.values import CONTEXT

SCHEMA = "etabli"
_MOST = 8  # idle lines a server and process keep
_CONNECT_S = 5
_BUSY_MS = 15_000  # as long as who writes into SQLite's file waits for another
# A server that would lose an acknowledged bag is asked to write before it answers. `pg_temp` last:
# nobody's temporary table stands before ours. No query here is long enough to be compiled first.
_SET = (
    f"SET search_path = {SCHEMA}, pg_temp; SET lock_timeout = {_BUSY_MS};"
    " SET client_encoding = 'UTF8'; SET standard_conforming_strings = on;"
    " SET jit = off;"
    " SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'"
)
_idle: dict[tuple[int, str], list[psycopg.Connection[Any]]] = {}
_turn = threading.Lock()


def taken(url: str, read_only: bool = False) -> psycopg.Connection[Any]:
    """A line that is open, an idle one where there is. Raises `PostgresError`."""
    while not read_only:
        with _turn:
            waiting = _idle.get((os.getpid(), url))
            line = waiting.pop() if waiting else None
        if line is None:
            break
        if _lives(line):
            return line
        with contextlib.suppress(psycopg.Error):
            line.close()
    return _opened(url, read_only)


def give_back(url: str, line: psycopg.Connection[Any], read_only: bool) -> None:
    """Keep an idle line for the next, or close it."""
    quiet = not line.closed and line.info.transaction_status == TransactionStatus.IDLE
    if quiet and not read_only:
        with _turn:
            waiting = _idle.setdefault((os.getpid(), url), [])
            if len(waiting) < _MOST:
                waiting.append(line)
                return
    with contextlib.suppress(psycopg.Error):
        line.close()


def _lives(line: psycopg.Connection[Any]) -> bool:
    """A server that stopped has said so: an idle line has nothing to read otherwise."""
    try:
        return not line.closed and not select.select([line.fileno()], [], [], 0)[0]
    except (OSError, ValueError, psycopg.Error):
        return False


def _opened(url: str, read_only: bool) -> psycopg.Connection[Any]:
    try:
        line: psycopg.Connection[Any] = psycopg.Connection.connect(
            url, autocommit=True, context=CONTEXT, **_unsaid(url)
        )
        try:
            line.execute(_SET)
            if read_only:
                line.execute("SET default_transaction_read_only = on")
        except BaseException:
            line.close()
            raise
    except psycopg.Error as error:
        raise PostgresError(error, shown(url)) from error
    return line


def _unsaid(url: str) -> dict[str, Any]:
    """What we ask of a line where the URL does not say it otherwise."""
    wanted: dict[str, Any] = {
        "connect_timeout": _CONNECT_S,
        "application_name": "etabli",
        "target_session_attrs": "read-write",  # of several servers the one that may be written to
        "keepalives_idle": 30,
        "tcp_user_timeout": 30_000,  # ms without an answer: it is gone
    }
    return {name: value for name, value in wanted.items() if f"{name}=" not in url}
