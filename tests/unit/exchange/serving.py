"""A real hub on the loopback, for as long as a block lasts."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from bench.hub.connections import Lines
from bench.hub.server import Hub
from bench.records import log
from tests import forge


@contextlib.contextmanager
def serving(folder: Path, lines: Lines | None = None) -> Iterator[tuple[Hub, str]]:
    """Serve a data folder; gives the hub and its address."""
    clock, noise = forge.Clock(), forge.Noise(f"hub {folder.name}")
    hub = Hub(lambda: log.open_bench(folder, clock, noise), folder, lines=lines)
    listener = hub.listen("127.0.0.1", 0)
    # Late lines are looked for at every turn of this loop.
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub, f"https://127.0.0.1:{listener.server_address[1]}"
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
