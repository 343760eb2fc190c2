"""A workshop's network of one bridge: its router gives addresses, our server has one, PCs join.

All of it lies in two network namespaces of its own: nothing of this machine's network is touched.
"""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from types import TracebackType

SERVER, ROUTER, NETWORK = "10.77.0.2", "10.77.0.1", "10.77.0.0/24"
BRIDGE = "br0"


class Network:
    """Use as a context manager. `refusal` says why there can be none here.

    The router is a plain DHCP server that knows of no start over the network; like many a box it
    names itself as the next server.
    """

    def __init__(self, folder: Path) -> None:
        self._server = f"etabli-s{os.getpid()}"
        self._router = f"etabli-r{os.getpid()}"
        self.log = folder / "router.log"
        self.within = ("ip", "netns", "exec", self._server)
        self._taps = 0
        self._box: subprocess.Popen[bytes] | None = None

    @staticmethod
    def refusal() -> str | None:
        if os.geteuid() != 0:
            return "root is needed for a network of its own"
        name = f"etabli-t{os.getpid()}"
        tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
        return None if tried.returncode == 0 else "no network namespaces here"

    def __enter__(self) -> Network:
        for name in (self._server, self._router):
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
        _ip("-n", self._server, "link", "add", BRIDGE, "type", "bridge")
        _ip("-n", self._server, "addr", "add", f"{SERVER}/24", "dev", BRIDGE)
        _ip("-n", self._server, "link", "set", BRIDGE, "up")
        _ip("-n", self._server, "link", "add", "cable", "type", "veth", "peer", "name", "box")
        _ip("-n", self._server, "link", "set", "box", "netns", self._router)
        _ip("-n", self._server, "link", "set", "cable", "master", BRIDGE, "up")
        _ip("-n", self._router, "addr", "add", f"{ROUTER}/24", "dev", "box")
        _ip("-n", self._router, "link", "set", "box", "up")
        self.give_addresses()
        return self

    def give_addresses(self) -> None:
        """Switch the router's DHCP on."""
        argv = ["ip", "netns", "exec", self._router, "dnsmasq", "--conf-file=/dev/null"]
        argv += ["--keep-in-foreground", "--log-facility=-", "--port=0", "--interface=box"]
        argv += ["--except-interface=lo", "--bind-interfaces", "--leasefile-ro", "--pid-file"]
        argv += ["--dhcp-range=10.77.0.50,10.77.0.99,1h", "--log-dhcp", "--user=nobody"]
        with self.log.open("ab") as log:
            self._box = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stderr=log, stdout=log)
        deadline = time.monotonic() + 20
        while "sockets bound" not in self.log.read_text("utf-8", "replace"):
            assert self._box.poll() is None and time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def card(self, model: str = "virtio-net-pci") -> list[str]:
        """QEMU's words for a network card of that model, plugged into the bridge."""
        self._taps += 1
        tap = f"tap{self._taps}"
        _ip("-n", self._server, "tuntap", "add", tap, "mode", "tap")
        _ip("-n", self._server, "link", "set", tap, "master", BRIDGE, "up")
        mac = f"52:54:00:77:00:{self._taps:02x}"
        netdev = f"tap,id={tap},ifname={tap},script=no,downscript=no"
        device = f"{model},netdev={tap},mac={mac},bootindex=2,id=cable"
        return ["-netdev", netdev, "-device", device, "-device", "virtio-rng-pci"]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._box is not None:
            self._box.kill()
            self._box.wait()
        for name in (self._server, self._router):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"
