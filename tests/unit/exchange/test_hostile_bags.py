"""Hostile bags: each refused with one code, and the store as it was."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from bench.exchange import contents
from bench.exchange.archive import SEAL_BYTES
from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.exchange.verify import verify_bag
from bench.records import audit
from bench.records.signed import canonical, event, keys, sealed
from bench.records.signed.event import Event
from bench.records.signed.keys import Key
from tests import forge
from tests.unit.exchange import hostile
from tests.unit.exchange.hostile import Members

WORKSHOP = Key(b"\1" * 32)


class Bed:
    """A good bag, the certified key that made it, and a store that trusts it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bench = forge.store_of(folder, "bench")
        device = self.bench.new_device()
        self.bench.append("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device)
        self.bench.append("visit.done", {}, device=device)
        self.key = self.bench.key
        export_bag(self.bench, folder / "good.zip")
        workshop = keys.load(folder / "bench" / "keys" / "workshop.key")
        self.store = forge.store_of(folder, "store", workshop)
        self.out = folder / "bad.zip"
        self.before = self.state()

    def state(self) -> tuple[object, ...]:
        store = self.store.store
        tables = ("event", "trust", "bag_in", "attachment", "signer", "subject")
        counts = [store.query(f"SELECT count(*) FROM {name}")[0][0] for name in tables]
        return (store.state_hash(), *counts)

    def members(self) -> Members:
        return hostile.take_apart(self.folder / "good.zip")

    def build(self, members: Members, **more: object) -> None:
        hostile.reseal_tags(members)
        hostile.put_together(self.out, members, self.key, **more)  # type: ignore[arg-type]

    def refused(self) -> str:
        """The code it is refused with; checks that nothing else happened."""
        outside = {path for path in self.folder.iterdir()}
        (done,) = import_bags(self.store, [self.out]).bags
        assert done.outcome == "refused" and done.error is not None
        assert self.state() == self.before
        assert {path for path in self.folder.iterdir()} == outside
        assert not list((self.store.store.path.parent / "incoming").iterdir())
        found = verify_bag(self.out)
        # Trust and revocation are the store's to judge; all else a file says of itself.
        if done.error.code not in ("key_unknown", "key_unknown_relayed", "key_revoked"):
            assert not found.whole and found.findings[0].code == done.error.code
        return done.error.code


@pytest.fixture
def bed(tmp_path: Path) -> Bed:
    return Bed(tmp_path)


def test_the_builder_builds_good_bags_too(bed: Bed) -> None:
    members = bed.members()
    hostile.with_events(members, bed.key, lambda lines: lines)
    bed.build(members)
    assert verify_bag(bed.out).whole
    (done,) = import_bags(bed.store, [bed.out]).bags
    assert (done.outcome, done.added) == ("applied", 4)


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        "data/../../evil.txt",
        "../evil.txt",
        "/etc/evil",
        "data/attachments/../../../evil",
        "data/attachments/" + "a" * 63,
        "data\\tables\\x.csv",
        "data/tables/é.csv",
        "data/tables/x.sh",
        "data/tables/x.csv\n",
        "data/events.jsonl/",
        "C:/evil",
        "",
    ],
)
def test_no_name_but_ours(bed: Bed, name: str) -> None:
    pairs = [*bed.members().items(), (name, b"evil")]
    hostile.put_together(bed.out, pairs, bed.key)
    assert bed.refused() in ("bag_member", "bag_layout")


@pytest.mark.parametrize("folder", ["", "/", "../", "a/../", ".hidden/", "x" * 70 + "/", "é/"])
def test_no_folder_but_a_plain_one(bed: Bed, folder: str) -> None:
    bed.build(bed.members(), folder=folder)
    assert bed.refused() in ("bag_member", "bag_layout")


def set_info(**values: object) -> Callable[[zipfile.ZipInfo], None]:
    def change(info: zipfile.ZipInfo) -> None:
        for name, value in values.items():
            setattr(info, name, value)

    return change


@pytest.mark.parametrize(
    "change",
    [
        set_info(external_attr=0o120777 << 16),  # a link
        set_info(external_attr=0o020666 << 16),  # a device
        set_info(external_attr=0o104755 << 16),  # set-user-id
        set_info(external_attr=0),
        set_info(comment=b"hidden"),
        set_info(extra=b"\x99\x99\x04\x00abcd"),
        set_info(compress_type=zipfile.ZIP_BZIP2),
        set_info(compress_type=zipfile.ZIP_LZMA),
    ],
)
def test_no_header_but_a_plain_one(bed: Bed, change: Callable[[zipfile.ZipInfo], None]) -> None:
    bed.build(bed.members(), change=change)
    assert bed.refused() == "bag_member"


def test_a_member_twice(bed: Bed) -> None:
    members = bed.members()
    hostile.reseal_tags(members)
    pairs = [*members.items(), (contents.EVENTS, b"")]
    with pytest.warns(UserWarning, match="Duplicate name"):
        hostile.put_together(bed.out, pairs, bed.key)
    assert bed.refused() == "bag_member_twice"


def test_a_bomb(bed: Bed) -> None:
    members = bed.members()
    members["data/tables/machine.csv"] = b"\0" * 50_000_000
    bed.build(members)
    assert bed.out.stat().st_size < 100_000
    assert bed.refused() == "bag_bomb"


def test_a_member_that_declares_less_than_it_holds(bed: Bed) -> None:
    members = bed.members()
    bed.build(members)
    raw = bytearray(bed.out.read_bytes())
    with zipfile.ZipFile(bed.out) as archive:
        info = archive.getinfo("bag/" + contents.EVENTS)
        directory = archive.start_dir
    size = info.file_size.to_bytes(4, "little")
    for start in (info.header_offset, directory):
        place = raw.index(size, start)
        raw[place : place + 4] = (100).to_bytes(4, "little")
    bed.out.write_bytes(raw)
    hostile.seal(bed.out, bed.key)
    assert bed.refused() in ("bag_unreadable", "bag_layout", "manifest_wrong")


@pytest.mark.parametrize("where", ["start", "gap", "before_end"])
def test_hidden_bytes(bed: Bed, where: str) -> None:
    bed.build(bed.members())
    raw = bed.out.read_bytes()
    with zipfile.ZipFile(bed.out) as archive:
        gap = archive.start_dir
    place = {"start": 0, "gap": gap, "before_end": len(raw) - SEAL_BYTES - 22}[where]
    bed.out.write_bytes(raw[:place] + b"hidden" + raw[place:])
    hostile.seal(bed.out, bed.key)
    assert bed.refused() in ("bag_layout", "bag_unreadable")


@pytest.mark.parametrize("cut", [0, 1, 100, 271, 272, 273, 400, 2000])
def test_cut_and_lengthened(bed: Bed, cut: int) -> None:
    whole = (bed.folder / "good.zip").read_bytes()
    bed.out.write_bytes(whole[: len(whole) - cut] if cut else whole + b"\0")
    assert bed.refused() in ("bag_not_sealed", "bag_altered", "bag_layout")


@pytest.mark.parametrize("raw", [b"", b"PK\5\6" + b"\0" * 18, b"\0" * 5000, b"hello"])
def test_what_is_no_bag(bed: Bed, raw: bytes) -> None:
    bed.out.write_bytes(raw)
    assert bed.refused() == "bag_not_sealed"


def test_a_link_on_the_stick_is_not_followed(bed: Bed) -> None:
    bed.out.symlink_to(bed.folder / "good.zip")
    (done,) = import_bags(bed.store, [bed.out]).bags
    assert done.error and done.error.code == "bag_io"
    bed.out.unlink()
    bed.out.mkdir()
    (done,) = import_bags(bed.store, [bed.out]).bags
    assert done.error and done.error.code == "bag_io"


def edit(name: str, old: bytes, new: bytes) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        assert old in members[name]
        members[name] = members[name].replace(old, new)

    return change


def test_manifests_that_do_not_agree(bed: Bed) -> None:
    for name in (contents.EVENTS, contents.PACKAGE, "data/tables/machine.csv"):
        members = bed.members()
        members[name] += b" "
        hostile.put_together(bed.out, members, bed.key)
        assert bed.refused() == "manifest_wrong"
    for name in (contents.BAGIT, contents.INFO):
        members = bed.members()
        members[name] += b"X: y\n"
        hostile.put_together(bed.out, members, bed.key)
        assert bed.refused() == "manifest_wrong"
    for name in (contents.MANIFEST, contents.EVENTS, contents.BAGIT, contents.STATEMENT):
        members = bed.members()
        del members[name]
        hostile.put_together(bed.out, members, bed.key)
        assert bed.refused() in ("bag_member_missing", "manifest_wrong")


def test_an_attachment_that_is_not_its_name(bed: Bed) -> None:
    members = bed.members()
    members[contents.ATTACHMENTS + "a" * 64] = b"evil"
    bed.build(members)
    assert bed.refused() == "manifest_wrong"


def test_a_statement_that_lies(bed: Bed) -> None:
    value, _ = sealed.read(bed.members()[contents.STATEMENT], "statement")
    for changed, code in (
        ({"events": 3}, "statement_wrong"),
        ({"events": 5}, "statement_wrong"),
        ({"events": -1}, "statement_wrong"),
        ({"events": "4"}, "statement_wrong"),
        ({"sender": "a" * 32}, "statement_wrong"),
        ({"events_sha256": "0" * 64}, "statement_wrong"),
    ):
        members = bed.members()
        hostile.restate(members, bed.key, value | changed)
        bed.build(members)
        assert bed.refused() == code
    members = bed.members()
    hostile.restate(members, Key(b"\7" * 32), value)
    bed.build(members)
    assert bed.refused() == "statement_wrong"


def test_a_bag_resealed_by_a_stranger(bed: Bed) -> None:
    stranger = Key(b"\7" * 32)
    members = bed.members()
    value, _ = sealed.read(members[contents.STATEMENT], "statement")
    hostile.restate(members, stranger, value | {"sender": stranger.id})
    hostile.reseal_tags(members)
    hostile.put_together(bed.out, members, stranger)
    assert bed.refused() == "key_unknown"


def forged(key: Key, **changes: object) -> bytes:
    """An event line whose body breaks a rule but whose signature holds."""
    base = {
        "schema": 1,
        "id": "x",
        "type": "visit.done",
        "bench": key.id,
        "seq": 5,
        "tick": 5,
        "prev": "ab" * 32,
        "at": "2026-01-01T00:00:00.000Z",
        "operator": "",
        "device": "",
        "lot": "",
        "data": {},
    }
    return signed_line(key, msgspec.json.encode(base | changes, order="sorted"))


def signed_line(key: Key, body: bytes, signer: Key | None = None) -> bytes:
    signature = (signer or key).sign(event.KIND, body)
    made = Event(schema=1, id="", type="x", bench="", seq=1, tick=1, prev="", at="", data={})
    return contents.write_line(event.Signed(made, body, key.public, signature))


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


def line_cases(key: Key) -> dict[str, tuple[bytes, str]]:
    good = forged(key)
    deep = b'{"data":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    return {
        "float": (forged(key, data={"x": 1.5}), "value_float"),
        "huge integer": (forged(key, data={"x": 2**60}), "value_integer"),
        "huge payload": (forged(key, data={"x": "a" * 300_000}), "line_too_long"),
        "nested": (forged(key, data={"x": nested(40)}), "value_too_deep"),
        "nested beyond the parser": (signed_line(key, deep), "line_unreadable"),
        "no sequence": (forged(key, seq=0), "event_shape"),
        "negative tick": (forged(key, tick=-1), "event_shape"),
        "text for a number": (forged(key, seq="5"), "event_shape"),
        "first with a previous": (forged(key, seq=1), "event_shape"),
        "type with a path": (forged(key, type="../x"), "event_type"),
        "time without zone": (forged(key, at="2026-01-01T00:00:00"), "event_time"),
        "long device": (forged(key, device="d" * 65), "event_shape"),
        "control character": (forged(key, device="a\u0007"), "event_shape"),
        "spaces": (signed_line(key, b'{ "a": 1 }'), "value_not_canonical"),
        "order": (signed_line(key, b'{"b":1,"a":1}'), "value_not_canonical"),
        "twice the same name": (signed_line(key, b'{"a":1,"a":2}'), "value_not_canonical"),
        "wrong UTF-8": (signed_line(key, b'{"a":"\xff\xfe"}'), "value_unreadable"),
        "lone surrogate": (signed_line(key, b'{"a":"\\ud800"}'), "line_unreadable"),
        "not an object": (signed_line(key, b"[]"), "event_shape"),
        "another's signature": (
            signed_line(key, forged(key)[9 : forged(key).index(b',"key"')], Key(b"\7" * 32)),
            "signature_wrong",
        ),
        "another's name": (forged(key, bench="ab" * 16), "signature_wrong"),
        "not JSON": (b"nothing\n", "line_unreadable"),
        "empty line": (b"\n", "line_unreadable"),
        "more in the line": (good[:-2] + b',"x":1}\n', "line_unreadable"),
        "capital hex": (good.replace(b'"signature":"', b'"signature":" '), "line_unreadable"),
    }


@pytest.mark.long
@pytest.mark.parametrize("case", sorted(line_cases(Key(b"\2" * 32))))
def test_an_event_that_breaks_a_rule_refuses_the_whole_bag(bed: Bed, case: str) -> None:
    line, code = line_cases(bed.key)[case]
    members = bed.members()
    hostile.with_events(members, bed.key, lambda lines: [*lines, line])
    bed.build(members)
    assert bed.refused() == code


def test_an_altered_event(bed: Bed) -> None:
    def alter(lines: list[bytes]) -> list[bytes]:
        return [line.replace(b'"asset":"A1"', b'"asset":"A2"') for line in lines]

    members = bed.members()
    hostile.with_events(members, bed.key, alter)
    bed.build(members)
    assert bed.refused() == "signature_wrong"


def test_an_event_of_a_bench_nobody_certified(bed: Bed) -> None:
    stranger = Key(b"\7" * 32)
    members = bed.members()
    hostile.with_events(members, bed.key, lambda lines: [*lines, forged(stranger)])
    bed.build(members)
    assert bed.refused() == "key_unknown_relayed"


def test_a_certificate_a_thief_signed_for_himself(bed: Bed) -> None:
    thief, workshop = Key(b"\7" * 32), Key(b"\6" * 32)
    certificate = keys.certify(workshop, thief.public, name="x", at="").plain()
    data = {"certificate": certificate}
    line = forged(thief, type="bench.certified", data=data)
    members = bed.members()
    hostile.with_events(members, bed.key, lambda lines: [*lines, line])
    bed.build(members)
    assert bed.refused() == "key_unknown_relayed"


@pytest.mark.parametrize("year", ["1970", "2099"])
def test_a_dead_clock_is_taken_and_said(bed: Bed, year: str) -> None:
    line = forged(bed.key, at=f"{year}-01-01T00:00:00.000Z", device="d1")
    members = bed.members()
    hostile.with_events(members, bed.key, lambda lines: [*lines, line])
    bed.build(members)
    (done,) = import_bags(bed.store, [bed.out]).bags
    assert (done.outcome, done.doubtful_clocks) == ("applied", 1)


@pytest.mark.parametrize(
    ("kind", "rows"),
    # What cannot be read of an erasure counts against the machine, never for it.
    [("test.done", []), ("erase.done", [(1, 0)])],
)
def test_a_known_type_with_wrong_data_is_kept_and_proves_nothing(
    bed: Bed, kind: str, rows: list[tuple[int, int]]
) -> None:
    line = forged(bed.key, type=kind, device="d1", data={"claim": "purge"})
    members = bed.members()
    hostile.with_events(members, bed.key, lambda lines: [*lines, line])
    bed.build(members)
    assert import_bags(bed.store, [bed.out]).ok
    found = "SELECT disks, disks_erased FROM machine WHERE device = 'd1'"
    assert bed.store.store.query(found) == rows
    assert audit.verify(bed.store.store).ok


def test_limits_are_those_of_the_record() -> None:
    assert contents.MAX_LINE > canonical.MAX_BYTES


def test_quarantine_is_bounded(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.exchange.importing.MAX_QUARANTINE_BYTES", 3000)
    for number in range(5):
        bed.out.write_bytes(bytes([number]) * 1000)
        assert bed.refused() == "bag_not_sealed"
    aside = bed.store.store.path.parent / "quarantine"
    assert len(list(aside.glob("*.json"))) == 5
    assert sum(path.stat().st_size for path in aside.glob("*.zip")) <= 3000


def and_then(line: bytes) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [*lines, line]


def test_a_tick_just_below_the_limit_does_not_stop_the_clock(bed: Bed) -> None:
    for number, tick in enumerate((2**52 - 1, 2**52), start=5):
        line = forged(bed.key, tick=tick, seq=number, device="d1")
        members = bed.members()
        hostile.with_events(members, bed.key, and_then(line))
        bed.build(members)
        assert import_bags(bed.store, [bed.out]).ok == (tick < 2**52)
    assert bed.store.append("visit.done", {}, device="d2").tick < 2**34
