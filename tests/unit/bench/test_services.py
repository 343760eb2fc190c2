"""The stick's services are woken once the first screen is there, and nothing waits for them."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bench.setup import services


def test_each_is_asked_for_and_asked_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(services.SOCKETS, str(tmp_path))
    with socket.socket(socket.AF_UNIX) as probe, socket.socket(socket.AF_UNIX) as wipe:
        for listener, name in ((probe, "probe"), (wipe, "wipe")):
            listener.bind(str(tmp_path / name))
            listener.listen()
            listener.settimeout(5)
        services.wake()
        for listener in (probe, wipe):
            with listener.accept()[0] as line:
                assert line.recv(10) == b""


@pytest.mark.parametrize("where", ["", "nowhere"])
def test_where_there_are_none_nothing_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setenv(services.SOCKETS, str(tmp_path / where))
    services.wake()
    monkeypatch.delenv(services.SOCKETS)
    services.wake()
