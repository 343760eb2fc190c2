"""Where a stick's partitions go, and which media are refused: pure."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.stick import origin
from bench.stick.decide import Seen, Why, Wish, answer
from bench.stick.layout import MIB, Layout, NoRoom, inodes, lay_out
from bench.stick.table import DATA, HEAD_BYTES, ORIGIN, SLOT, Part, Table, parse
from diagnostics.model import DiskKind
from wipe.decide.guard import boot_medium
from wipe.model.codes import Code
from wipe.model.spec import Seen as SeenTarget
from wipe.model.spec import Target, TargetKind
from wipe.seen.topology import BootMark, Mount, Node, Topology, removable

PORT = "/sys/devices/pci0000:00/0000:00:14.0/usb1/1-{}/1-{}:1.0/host6/target6:0:0/6:0:0:0"
IMAGE = Table((Part(1, 32768, 200 * MIB, "X"), Part(2, 210 * MIB, 8 * MIB, "Y")), 226 * MIB, 248)


def usb(name: str, port: int = 1, **change: Any) -> Node:
    node = Node(
        name=name,
        number=f"8:{port * 16}",
        size_bytes=8_000_000_000,
        read_only=False,
        logical_sector_bytes=512,
        diskseq=port,
        port=PORT.format(port, port),
        kind=DiskKind.USB_FLASH,
        transport="usb",
        model="Stick",
        serial=f"S{port}",
    )
    return msgspec.structs.replace(node, **change)


def target(node: Node) -> Target:
    return Target(
        path=f"/dev/{node.name}",
        kind=TargetKind.BLOCK,
        size_bytes=node.size_bytes or 0,
        logical_sector_bytes=node.logical_sector_bytes or 512,
        serial=node.serial,
        transport=node.transport,
        seen=SeenTarget(
            serial=node.serial, diskseq=node.diskseq, boot_id="b", port=node.port, model=node.model
        ),
    )


def asked(
    node: Node,
    *others: Node,
    wish: Wish = Wish.WRITE,
    seen: Seen = Seen(whole=True),  # noqa: B008 (frozen)
    **more: Any,
) -> list[str]:
    topology = Topology(nodes=(node, *others), boot_id="b", **more)
    image = seen.table if wish is Wish.DATA and seen.table is not None else IMAGE
    found = answer(topology, target(node), seen, wish, image)
    codes = [reason.code.value for reason in found.guard]
    codes += [against.code.value for against in found.against]
    assert (found.layout is None) == bool(codes)
    return codes


def written(data_start: int = 1024 * MIB) -> Table:
    """The table of a stick of ours."""
    parts = (
        *IMAGE.parts,
        Part(3, 226 * MIB, MIB, ORIGIN, "U1"),
        Part(4, 512 * MIB, 512 * MIB, SLOT, "U2"),
        Part(5, data_start, 1000 * MIB, DATA, "U3"),
    )
    return Table(parts, 8_000_000_000, 248)


# -- what may be written on ---------------------------------------------------------


def test_an_empty_stick_may_be_written() -> None:
    assert asked(usb("sdb")) == []


@pytest.mark.parametrize(
    "node",
    [
        usb("sda", transport="sata", kind=DiskKind.SSD),
        usb("nvme0n1", transport="nvme", kind=DiskKind.NVME),
        usb("mmcblk0", transport="mmc", kind=DiskKind.EMMC),
        usb("mmcblk0", transport="mmc", kind=DiskKind.UNKNOWN),
        usb("sda", transport="sas", kind=DiskKind.SAS_HDD),
        usb("sda", transport=None, kind=DiskKind.UNKNOWN),
        usb("vda", transport=None, kind=DiskKind.VIRTUAL),
    ],
)
@pytest.mark.parametrize("wish", list(Wish))
def test_what_is_built_in_or_unknown_is_refused(node: Node, wish: Wish) -> None:
    assert not removable(node)
    assert Why.NOT_REMOVABLE in asked(node, wish=wish)


def test_a_card_and_a_disk_in_an_enclosure_may_be_written() -> None:
    assert asked(usb("mmcblk0", transport="mmc", kind=DiskKind.SD)) == []
    assert asked(usb("sdb", kind=DiskKind.UNKNOWN)) == []


@pytest.mark.parametrize("wish", [Wish.WRITE, Wish.NEW, Wish.KEEP])
def test_what_is_in_use_is_refused(wish: Wish) -> None:
    stick = usb("sdb")
    part = Node(name="sdb1", number="8:17", parent="sdb", size_bytes=MIB)
    seen = Seen(written(), True, True)
    mount = Mount("8:17", "/dev/sdb1", "/media/x", "vfat")
    assert Code.MOUNTED in asked(stick, part, wish=wish, seen=seen, mounts=(mount,))
    assert Code.SWAP in asked(stick, part, wish=wish, seen=seen, swaps=("/dev/sdb1",))
    held = msgspec.structs.replace(part, holders=("dm-0",))
    mapper = Node(name="dm-0", number="254:0", mapper_uuid="LVM-x")
    assert Code.LVM_IN_USE in asked(stick, held, mapper, wish=wish, seen=seen)
    assert Code.READ_ONLY in asked(usb("sdb", read_only=True), wish=wish, seen=seen)
    assert Code.PARTITION in asked(msgspec.structs.replace(part, transport="usb"), stick, wish=wish)


def test_a_stick_of_ours_is_no_reason_but_its_records_are() -> None:
    stick = usb("sdb", label="ETABLI")
    assert asked(stick) == []
    full = Seen(written(), True, True)
    assert asked(stick, seen=full) == [Why.RECORDS]
    assert asked(stick, seen=full, wish=Wish.NEW) == []
    assert asked(stick, seen=full, wish=Wish.KEEP) == []
    # Cut off before its file system was made: there is nothing to keep, and nothing to lose.
    assert asked(stick, seen=Seen(written(), True, False)) == []
    assert asked(stick, seen=Seen(None, True), wish=Wish.KEEP) == [Why.NOTHING_TO_KEEP]


def test_what_could_not_be_read_may_hold_records() -> None:
    for wish in (Wish.WRITE, Wish.KEEP, Wish.DATA):
        assert asked(usb("sdb"), seen=Seen(None, False), wish=wish) == [Why.TABLE_UNREAD]
    assert asked(usb("sdb"), seen=Seen(None, False), wish=Wish.NEW) == []


def test_a_larger_image_never_reaches_the_records() -> None:
    near = Seen(written(data_start=226 * MIB), True, True)
    assert asked(usb("sdb"), seen=near, wish=Wish.KEEP) == [Why.RECORDS_IN_THE_WAY]


def test_too_small_and_of_other_sectors() -> None:
    assert asked(usb("sdb", size_bytes=226 * MIB)) == [Why.TOO_SMALL]
    assert asked(usb("sdb", logical_sector_bytes=4096)) == [Why.SECTOR_SIZE]


# -- the stick we run from, and its sisters ------------------------------------------


def started(port: int = 1) -> dict[str, Any]:
    marks = (
        BootMark("uuid", "2026-11-29-12-00-00-00"),
        BootMark("port", PORT.format(port, port)),
        BootMark("serial", f"S{port}"),
    )
    return {"boot_marks": marks, "live": True}


ISO: dict[str, Any] = {"uuid": "2026-11-29-12-00-00-00", "label": "ETABLI"}


@pytest.mark.parametrize("wish", [Wish.WRITE, Wish.NEW, Wish.KEEP])
def test_the_stick_we_run_from_is_never_written(wish: Wish) -> None:
    seen = Seen(written(), True, True, True)
    assert Code.BOOT_MEDIUM in asked(usb("sdb", 1, **ISO), wish=wish, seen=seen, **started())


def test_a_sister_with_the_same_image_is_another_stick() -> None:
    own, sister = usb("sdb", 1, **ISO), usb("sdc", 2, **ISO)
    assert asked(sister, own, **started()) == []
    assert Code.BOOT_MEDIUM in asked(own, sister, **started())
    topology = Topology(nodes=(own, sister), boot_id="b", **started())
    assert boot_medium(topology) == own
    # Ours was pulled out (toram): what bears its image may be it, in another socket.
    assert Code.BOOT_MEDIUM in asked(sister, **started())
    assert Code.BOOT_MEDIUM in asked(usb("sdc", 2, **ISO | {"serial": "S1"}), own, **started())


def test_only_the_place_for_records_may_be_made_on_the_stick_we_run_from() -> None:
    own = usb("sdb", 1, **ISO)
    part = Node(name="sdb1", number="8:17", parent="sdb", size_bytes=MIB)
    plain = Seen(IMAGE, True, False, True)
    image = Mount("8:17", "/dev/sdb1", "/run/etabli/stick", "iso9660")
    assert asked(own, part, wish=Wish.DATA, seen=plain, mounts=(image,), **started()) == []
    mapped = Node(name="dm-0", number="254:0", mapper_uuid="", driver="dm-")
    led = msgspec.structs.replace(part, holders=("dm-0",))
    through = Mount("254:0", "/dev/mapper/etabli-stick", "/run/etabli/stick", "iso9660")
    more: dict[str, Any] = {"wish": Wish.DATA, "seen": plain, "mounts": (through,)}
    assert asked(own, led, mapped, **more, **started()) == []
    assert Code.MAPPER_IN_USE in asked(own, led, mapped, **more)
    locked = msgspec.structs.replace(mapped, mapper_uuid="CRYPT-x")
    assert Code.LUKS_IN_USE in asked(own, led, locked, **more, **started())
    other = Mount("8:17", "/dev/sdb1", "/media", "ext4")
    mounted = asked(own, part, wish=Wish.DATA, seen=plain, mounts=(image, other), **started())
    assert Code.BOOT_MEDIUM in mounted and Code.MOUNTED in mounted
    # Of any other stick, a mounted image is a stick in use.
    elsewhere = asked(own, part, wish=Wish.DATA, seen=plain, mounts=(image,))
    assert elsewhere == [Code.MOUNTED]


def test_the_place_for_records_wants_an_image_before_it() -> None:
    assert asked(usb("sdb"), wish=Wish.DATA, seen=Seen(IMAGE, True)) == [Why.NO_IMAGE]
    assert asked(usb("sdb"), wish=Wish.DATA, seen=Seen(None, True, image=True)) == [Why.NO_IMAGE]
    to_the_end = Seen(msgspec.structs.replace(IMAGE, length_bytes=8_000_000_000), True, image=True)
    assert asked(usb("sdb"), wish=Wish.DATA, seen=to_the_end) == [Why.NO_ROOM]


# -- where all lies -----------------------------------------------------------------


@given(
    st.integers(1 * MIB, 700 * MIB).map(lambda size: size // 512 * 512),
    st.integers(1 * MIB, 64 << 30).map(lambda size: size // 512 * 512),
)
def test_no_two_parts_touch_and_all_is_used(image: int, size: int) -> None:
    found = lay_out(image, size, 4)
    if isinstance(found, NoRoom):
        assert size < found.needed_bytes
        return
    at = image
    for part in found.parts:
        assert part.start_bytes >= at and part.start_bytes % MIB == 0
        at = part.end_bytes
    assert size - 2 * MIB <= at <= size - MIB
    data = found.of_type(DATA)
    assert data is not None and data.size_bytes >= 64 * MIB
    assert (found.of_type(SLOT) is not None) == (size >= 2_000_000_000)
    assert 4096 <= inodes(data.size_bytes) <= 1 << 17


@given(
    st.integers(200, 1500).map(lambda size: size * MIB),
    st.integers(100, 1200).map(lambda start: start * MIB),
)
def test_what_is_kept_stays_where_it_is(image: int, start: int) -> None:
    before = written(start)
    found = lay_out(image, 8_000_000_000, 3, before)
    data = before.of_type(DATA)
    assert data is not None
    if isinstance(found, NoRoom):
        assert start < image + 2 * MIB
        return
    kept = found.of_type(DATA)
    assert kept is not None
    assert (kept.start_bytes, kept.size_bytes, kept.uuid) == (start, data.size_bytes, "U3")
    assert all(part.start_bytes >= image for part in found.parts)
    assert min(part.start_bytes for part in found.parts) + MIB <= start
    assert isinstance(found, Layout)


@given(st.binary(max_size=9000))
def test_a_note_that_is_none_is_none(data: bytes) -> None:
    assert origin.decode(data) is None
    assert parse(data.decode("latin-1")) is None


def test_a_note_comes_back() -> None:
    head, state = bytes(range(256)) * (HEAD_BYTES // 256), b"x" * 65536
    note = origin.Origin(226 * MIB, "a" * 64, ((0, HEAD_BYTES), (218 * MIB, 65536)), "signed")
    data = origin.encode(note, (head, state))
    assert origin.decode(data) == (note, (head, state))
    assert origin.decode(data[:-1]) is None
    for wrong in (
        ((0, HEAD_BYTES), (226 * MIB, 512)),
        ((512, HEAD_BYTES),),
        ((0, HEAD_BYTES), (0, MIB)),
        ((0, HEAD_BYTES), (-1, 512)),
    ):
        line = msgspec.json.encode(msgspec.structs.replace(note, ranges=wrong)) + b"\n"
        assert origin.decode(line.ljust(4096, b"\0") + data[4096:]) is None
