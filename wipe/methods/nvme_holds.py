"""Counts what an NVMe controller holds: namespaces, unallocated capacity, boot partitions, RPMB.

NVMe base specification 2.0: 5.17.2 (Identify: CNS 02h active, 10h allocated namespaces, 12h
controllers a namespace is attached to), 5.17.2.1 (CMIC 76, OACS 256, TNVMCAP 280, UNVMCAP 296,
RPMBS 312, NN 516), 5.16.1.22 (log 15h) and 3.1.3 (CAP.BPS, BPINFO). Raw structures through
`admin-passthru`: what `list-ns` prints has changed its shape between versions of nvme-cli.
"""

from __future__ import annotations

import itertools
import re

import msgspec

from diagnostics.command import Runner
from wipe.model.capabilities import Holds

_ACTIVE, _ALLOCATED, _ATTACHED_TO = 0x02, 0x10, 0x12
_LIMIT_S = 60.0
_UNIT = 128 << 10  # boot partitions and RPMB are counted in 128 KiB


class Claims(msgspec.Struct, frozen=True):
    """What Identify Controller says of what else there may be."""

    own: int  # CNTLID
    highest: int  # NN: no namespace has a greater number
    manages: bool  # Namespace Management: namespaces are made, deleted, attached, detached
    several: bool  # other controllers may have namespaces of their own
    version: int  # 0x00010400 is 1.4; 0 before 1.2, which had no boot partitions
    total_bytes: int
    unallocated_bytes: int
    rpmb_bytes: int


def parse_claims(raw: bytes) -> Claims | None:
    """Identify Controller, 4096 bytes; `None` when it is not."""
    if len(raw) < 4096:
        return None

    def number(start: int, length: int) -> int:
        return int.from_bytes(raw[start : start + length], "little")

    rpmbs = number(312, 4)
    return Claims(
        own=number(78, 2),
        highest=number(516, 4),
        manages=bool(number(256, 2) & 8),
        several=bool(raw[76] & 2),
        version=number(80, 4),
        total_bytes=number(280, 16),
        unallocated_bytes=number(296, 16),
        rpmb_bytes=(rpmbs & 7) * ((rpmbs >> 16 & 0xFF) + 1) * _UNIT,
    )


def parse_list(raw: bytes) -> frozenset[int] | None:
    """A namespace list: 1024 numbers, rising, zeros after the last."""
    if len(raw) < 4096:
        return None
    numbers = [int.from_bytes(raw[at : at + 4], "little") for at in range(0, 4096, 4)]
    filled = numbers[: numbers.index(0)] if 0 in numbers else numbers
    rising = all(lower < other for lower, other in itertools.pairwise(filled))
    return frozenset(filled) if rising and not any(numbers[len(filled) :]) else None


def parse_controllers(raw: bytes) -> frozenset[int] | None:
    """A controller list: how many, then their numbers."""
    if len(raw) < 4096:
        return None
    count = int.from_bytes(raw[0:2], "little")
    ends = range(2, min(2 + 2 * count, 4096), 2)
    return frozenset(int.from_bytes(raw[at : at + 2], "little") for at in ends)


def parse_boot_log(raw: bytes) -> int | None:
    """Log 15h: BPINFO at byte 4, its lower fifteen bits the size of each of two partitions."""
    if len(raw) < 16 or raw[0] & 0x7F != 0x15:
        return None
    return 2 * _UNIT * (int.from_bytes(raw[4:8], "little") & 0x7FFF)


def parse_registers(text: str) -> int | None:
    """CAP bit 45 and BPINFO as `show-regs` prints them: `cap     : 20400f0107ff`, in hex."""
    found = dict(re.findall(r"^(cap|bpinfo)\s*:\s*(?:0x)?([0-9a-f]{1,16})\s*$", text, re.M))
    if "cap" not in found:
        return None
    if not int(found["cap"], 16) >> 45 & 1:
        return 0
    info = found.get("bpinfo")
    return None if info is None else 2 * _UNIT * (int(info, 16) & 0x7FFF)


def count(runner: Runner, device: str, raw: bytes, shown: int) -> Holds:
    """What the controller holds; `raw`: its Identify Controller data, `shown`: by the kernel."""
    said = parse_claims(raw)
    if said is None:
        return Holds(namespaces=shown if shown > 1 else None)
    allocated = _list(runner, device, _ALLOCATED)
    active = _list(runner, device, _ACTIVE)
    hidden = (allocated or frozenset()) - (active or frozenset())
    return Holds(
        namespaces=_namespaces(said, allocated, active, shown),
        elsewhere=sum(
            _elsewhere(runner, device, said, namespace) for namespace in sorted(hidden)[:64]
        ),
        unallocated_bytes=_unallocated(said),
        boot_bytes=_boot(runner, device, said),
        rpmb_bytes=said.rpmb_bytes,
    )


def _identify(runner: Runner, device: str, what: int, namespace: int = 0) -> bytes:
    words = [
        "nvme", "admin-passthru", device, "--opcode=0x06", f"--cdw10={what:#x}",
        f"--namespace-id={namespace}", "--data-len=4096", "--read", "--raw-binary",
    ]  # fmt: skip
    done = runner.run(words, timeout_s=_LIMIT_S)
    return done.stdout if done.exit_code == 0 else b""


def _list(runner: Runner, device: str, what: int) -> frozenset[int] | None:
    return parse_list(_identify(runner, device, what))


def _namespaces(
    said: Claims, allocated: frozenset[int] | None, active: frozenset[int] | None, shown: int
) -> int | None:
    """All there are; `None` where it did not say and its other words do not settle it."""
    least = max(shown, len(active or ()))
    if allocated:
        return max(least, len(allocated))
    if said.highest == 1:
        return max(least, 1)
    # Without Namespace Management and other controllers none can be there but the active ones.
    settled = active and not said.manages and not said.several
    return least if settled or least > 1 else None


def _elsewhere(runner: Runner, device: str, said: Claims, namespace: int) -> bool:
    """Whether another controller has it attached; where it does not say, one may."""
    controllers = parse_controllers(_identify(runner, device, _ATTACHED_TO, namespace))
    if controllers is None:
        return said.several
    return bool(controllers - {said.own})


def _unallocated(said: Claims) -> int | None:
    """UNVMCAP counts only beside a total; a drive that makes no namespaces has all in them."""
    if said.total_bytes:
        return said.unallocated_bytes
    return None if said.manages else 0


def _boot(runner: Runner, device: str, said: Claims) -> int | None:
    """Both boot partitions; log 15h since 2.0, the controller's registers before."""
    if said.version < 0x00010200:
        return 0
    words = ["nvme", "get-log", device, "--log-id=0x15", "--log-len=16", "--raw-binary"]
    done = runner.run(words, timeout_s=_LIMIT_S)
    found = parse_boot_log(done.stdout) if done.exit_code == 0 else None
    if found is not None:
        return found
    return parse_registers(runner.run(["nvme", "show-regs", device], timeout_s=_LIMIT_S).text)
