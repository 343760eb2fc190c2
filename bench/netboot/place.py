"""The one interface that is served: its address and network. Reads only."""

from __future__ import annotations

import ipaddress

import msgspec

from bench.errors.failure import Exit, Failure
from diagnostics.command import Problem, Runner
from diagnostics.learn import learn


class Place(msgspec.Struct, frozen=True):
    """Where PCs are served: `interface` has `address` in `network` (both IPv4)."""

    interface: str
    address: str
    network: ipaddress.IPv4Network


class _Address(msgspec.Struct):
    family: str = ""
    local: str = ""
    prefixlen: int = 0
    scope: str = ""


class _Link(msgspec.Struct):
    addr_info: list[_Address] = []


learn(list[_Link])


def read_place(runner: Runner, interface: str) -> Place:
    """Raises `Failure` where there is no such interface, or it has no address of a network."""
    if not interface.isascii() or not interface.isprintable() or interface.startswith("-"):
        raise Failure("netboot_interface_unknown", Exit.USAGE, interface=ascii(interface))
    told = runner.run(["ip", "-j", "-4", "addr", "show", "dev", interface])
    if told.problem is Problem.MISSING:
        raise Failure("tool_missing", Exit.MACHINE, tool="ip", package="iproute2")
    if told.exit_code != 0:
        raise Failure("netboot_interface_unknown", Exit.USAGE, interface=interface)
    try:
        links = msgspec.json.decode(told.text, type=list[_Link])
        found = [address for link in links for address in link.addr_info]
        usable = [a for a in found if a.family == "inet" and a.scope == "global"]
        network = ipaddress.ip_network(f"{usable[0].local}/{usable[0].prefixlen}", strict=False)
    except (msgspec.MsgspecError, IndexError, ValueError):
        raise Failure("netboot_no_address", Exit.USAGE, interface=interface) from None
    if not isinstance(network, ipaddress.IPv4Network) or network.prefixlen > 30:
        raise Failure("netboot_no_address", Exit.USAGE, interface=interface)
    return Place(interface, usable[0].local, network)
