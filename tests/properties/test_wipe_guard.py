"""Over generated topologies: a disk in use is never let through."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from wipe.decide.guard import examine
from wipe.model.codes import Code
from wipe.model.spec import Seen, Target, TargetKind
from wipe.seen.topology import BootMark, LoopFile, Mount, Node, Topology

SIZE = 1 << 30


def disk(name: str, **more: object) -> Node:
    base = Node(
        name=name,
        number="8:0",
        size_bytes=SIZE,
        read_only=False,
        serial="S1",
        wwn="W1",
        diskseq=3,
        port="/sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0",
    )
    return msgspec.structs.replace(base, **more)


TARGET = Target("/dev/sda", TargetKind.BLOCK, SIZE, seen=Seen("S1", "W1", 3, "boot"))


def topology(*nodes: Node, **more: object) -> Topology:
    base = Topology(nodes=(disk("sda"), *nodes), boot_id="boot")
    return msgspec.structs.replace(base, **more)


def test_a_quiet_disk_is_allowed_even_with_old_partitions_and_labels() -> None:
    old = disk("sda1", parent="sda", number="8:1", filesystem="zfs_member", uuid="U", label="data")
    assert examine(topology(old), TARGET).allowed


layers = st.lists(
    st.sampled_from(["partition", "lvm", "md", "luks", "dm", "bcache", "loop"]), max_size=5
)
uses = st.sampled_from(["mount", "root", "swap", "btrfs", "zfs", "held", "boot", "device-mount"])


@given(layers, uses, st.booleans())
def test_whatever_is_used_above_a_disk_refuses_it(
    stack: list[str], use: str, quiet_neighbour: bool
) -> None:
    nodes = [disk("sda")]
    for level, layer in enumerate(stack, 1):
        below = nodes[-1]
        layers: dict[str, tuple[str, dict[str, Any]]] = {
            "partition": (f"{below.name}p{level}", {"parent": below.name}),
            "lvm": (f"dm-{level}", {"mapper_uuid": "LVM-x"}),
            "luks": (f"dm-{level}", {"mapper_uuid": "CRYPT-x"}),
            "dm": (f"dm-{level}", {"mapper_uuid": ""}),
            "md": (f"md{level}", {"md": True}),
            "bcache": (f"bcache{level}", {"bcache": True}),
            "loop": (f"loop{level}", {"backing_file": f"/dev/{below.name}"}),
        }
        name, more = layers[layer]
        if layer not in ("partition", "loop"):
            nodes[-1] = msgspec.structs.replace(below, holders=(name,))
        nodes.append(disk(name, number=f"9:{level}", serial=None, wwn=None, **more))
    top = nodes[-1]
    extra: dict[str, object] = {}
    if use in ("mount", "root"):
        at = "/" if use == "root" else "/mnt/x"
        extra["mounts"] = (Mount(top.number, "x", at, "ext4"),)
    elif use == "device-mount":  # btrfs: an anonymous number, only the source tells
        extra["mounts"] = (Mount("0:33", f"/dev/{top.name}", "/mnt/x", "btrfs"),)
    elif use == "swap":
        extra["swaps"] = (f"/dev/{top.name}",)
    elif use == "btrfs":
        extra["pooled"] = (top.name,)
    elif use == "zfs":
        nodes[-1] = msgspec.structs.replace(top, filesystem="zfs_member")
        extra["zfs_pools"] = ("tank",)
    elif use == "held":
        nodes[-1] = msgspec.structs.replace(top, holders=("unknown7",))
    else:
        nodes[0] = msgspec.structs.replace(nodes[0], uuid="ABCD-1234")
        extra["boot_marks"] = (BootMark("uuid", "abcd-1234"),)
    if quiet_neighbour:
        nodes.append(disk("sdb", number="8:16", serial="S2", wwn="W2"))
    seen = Topology(nodes=tuple(nodes), boot_id="boot", **extra)  # type: ignore[arg-type]
    answer = examine(seen, TARGET)
    assert not answer.allowed and answer.reasons
    if quiet_neighbour:
        other = msgspec.structs.replace(TARGET, path="/dev/sdb", seen=Seen("S2", "W2", 3, "boot"))
        assert examine(seen, other).allowed


changes = st.sampled_from(
    [
        {"serial": "S2"}, {"serial": None}, {"wwn": "W2"}, {"wwn": None}, {"size_bytes": 512},
        {"size_bytes": 0}, {"size_bytes": None}, {"read_only": True}, {"read_only": None},
        {"parent": "sdz"}, {"optical": True}, {"hidden": True}, {"md": True}, {"mapper_uuid": ""},
        {"label": "ETABLI-DATA"},
    ]
)  # fmt: skip


@given(changes)
def test_anything_changed_or_unfit_refuses(change: dict[str, object]) -> None:
    changed = Topology(nodes=(disk("sda", **change),), boot_id="boot")
    assert not examine(changed, TARGET).allowed


@given(st.sampled_from(["zram0", "ram1", "dm-3", "md0", "sr0", "nbd0", "zd16", "mmcblk0boot0"]))
def test_what_is_no_disk_is_never_a_target(name: str) -> None:
    target = msgspec.structs.replace(TARGET, path=f"/dev/{name}")
    assert not examine(Topology(nodes=(disk(name),), boot_id="boot"), target).allowed


def test_a_nameless_disk_is_known_by_its_attachment_alone() -> None:
    seen = Seen(None, None, 3, "boot")
    target = msgspec.structs.replace(TARGET, seen=seen)
    same = Topology(nodes=(disk("sda", serial=None, wwn=None),), boot_id="boot")
    other = Topology(nodes=(disk("sda", serial=None, wwn=None, diskseq=4),), boot_id="boot")
    assert examine(same, target).allowed
    assert not examine(other, target).allowed


def test_a_live_system_that_cannot_see_labels_refuses_every_real_disk() -> None:
    blind = topology(live=True, unread=("labels",))
    assert not examine(blind, TARGET).allowed


def test_a_loop_over_a_device_or_a_shared_file_is_refused() -> None:
    loops = (LoopFile("loop0", "/a.img", "1:2"), LoopFile("loop1", "/b.img", "1:2"))
    one = disk("loop0", backing_file="/a.img", driver="loop")
    target = msgspec.structs.replace(TARGET, path="/dev/loop0")
    assert examine(Topology(nodes=(one,), boot_id="boot", loop_files=loops[:1]), target).allowed
    assert not examine(Topology(nodes=(one,), boot_id="boot", loop_files=loops), target).allowed
    live = msgspec.structs.replace(one, backing_file="/run/etabli/stick/live/system.squashfs")
    refused = examine(Topology(nodes=(live,), boot_id="boot"), target)
    assert Code.ETABLI_STICK in {reason.code for reason in refused.reasons}
    over = msgspec.structs.replace(one, backing_file="/dev/vda")
    assert not examine(Topology(nodes=(over,), boot_id="boot"), target).allowed


@given(st.builds(Topology, nodes=st.just(()), unread=st.lists(st.text(), max_size=2).map(tuple)))
def test_an_unseen_disk_is_refused(seen: Topology) -> None:
    assert not examine(seen, TARGET).allowed
