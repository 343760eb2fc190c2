"""How often somebody may try: by account, by address, in memory, bounded."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_KEYS = 20_000  # remembered; the longest unused is forgotten first


class Limit:
    """A bucket a key: `most` tries at once, one more each `each_s` seconds."""

    def __init__(
        self, most: int, each_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most, self.each_s, self._clock = most, each_s, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # left, when
        self._turn = threading.Lock()

    def wait_s(self, key: str) -> int:
        """Takes one try; 0 where there was one, else the seconds until there is."""
        now = self._clock()
        with self._turn:
            left, at = self._buckets.pop(key, (float(self.most), now))
            left = min(self.most, left + (now - at) / self.each_s)
            allowed = left >= 1
            self._buckets[key] = (left - allowed, now)
            while len(self._buckets) > MOST_KEYS:
                self._buckets.popitem(last=False)
        return 0 if allowed else max(1, round((1 - left) * self.each_s))

    def forgive(self, key: str) -> None:
        """Who succeeded begins anew."""
        with self._turn:
            self._buckets.pop(key, None)


class Tries:
    """Of signing in: a name is tried ten times, then once each half minute; an address more."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.of_name = Limit(10, 30, clock)
        self.of_address = Limit(40, 6, clock)

    def wait_s(self, name: str, address: str) -> int:
        """Seconds until the next try of either; 0: this one may be made, and was counted."""
        return self.of_address.wait_s(network_of(address)) or self.of_name.wait_s(name)


def network_of(address: str) -> str:
    """What one person has of addresses: an IPv4 address, a /64 of IPv6."""
    try:
        told = ipaddress.ip_address(address)
    except ValueError:
        return address[:45]
    if told.version == 4:
        return str(told)
    return str(ipaddress.ip_network((told, 64), strict=False))
