"""Prints what psutil knows as one JSON line; run as a command so that a recording keeps it."""

from __future__ import annotations

import json
from typing import Any

import psutil


def facts() -> dict[str, Any]:
    """Memory, processors and network links: the points psutil reads best on every kernel."""
    links = psutil.net_if_stats()
    return {
        "memory_total_bytes": psutil.virtual_memory().total,
        "cores": psutil.cpu_count(logical=False),
        "threads": psutil.cpu_count(logical=True),
        "links": {
            name: {"up": link.isup, "speed_mbit": link.speed, "full_duplex": int(link.duplex) == 2}
            for name, link in links.items()
        },
    }


if __name__ == "__main__":
    print(json.dumps(facts(), sort_keys=True))
