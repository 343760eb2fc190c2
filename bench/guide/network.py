"""What the screens see of the network, and what may be asked of it: a small port of its own.

`bench.workbench.network` is the real one, on the live stick alone: an installed bench's network
is its owner's.
"""

from __future__ import annotations

import enum
from typing import Protocol

from bench.guide.shown import Shown
from bench.guide.supervision import Did

MOST_BARS = 4


class Lock(enum.Enum):
    """What a Wi-Fi network asks of who joins it."""

    OPEN = "open"
    PASSPHRASE = "passphrase"
    OTHER = "other"  # an account, or what is no longer safe: not from these screens


class Wifi(Shown, frozen=True):
    """One Wi-Fi network in reach. `key` names it to the port; its name is anybody's choice."""

    key: str
    name: str  # fit for the console
    bars: int  # 1 to MOST_BARS
    lock: Lock
    known: bool = False
    joined: bool = False


class NetworkView(Shown, frozen=True):
    """How this bench is connected, and the Wi-Fi networks in reach, the strongest first."""

    cable: str = ""  # its address; "" without one
    wifi: bool = False  # this PC has a Wi-Fi that works
    address: str = ""  # of the Wi-Fi
    networks: tuple[Wifi, ...] = ()


class Networking(Protocol):
    """Each method may take a while: call it from a lane of its own. They do not raise."""

    def look(self, *, search: bool) -> NetworkView:
        """How it stands now; `search`: after listening for networks anew, some seconds."""

    def join(self, key: str, passphrase: str) -> Did:
        """Connect, and keep it for the next starts; some seconds to half a minute."""
