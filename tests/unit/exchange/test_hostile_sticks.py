"""Sticks made to harm: links where we write, names that lie, bags that only fill the disk."""

from __future__ import annotations

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from bench.exchange import contents
from bench.exchange.bag import export_bag
from bench.exchange.importing import import_bags
from bench.exchange.own_bag import OwnBag
from bench.exchange.sync import FOLDER, sync
from bench.exchange.verify import verify_bag
from bench.records import attachments, log, persons
from bench.records.copies import backup
from bench.records.errors import RecordsError
from bench.records.signed import keys
from tests import forge
from tests.unit.exchange import hostile
from tests.unit.exchange.test_bags import open_bench, register, revoke, visit
from tests.unit.exchange.test_hostile_bags import Bed, forged


@pytest.fixture
def bed(tmp_path: Path) -> Bed:
    return Bed(tmp_path)


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        "DATA/events.jsonl",
        "data/Events.jsonl",
        "data/events.JSONL",
        "BAGIT.TXT",
        "data/tables/Machine.csv",
        "data/tables/machine.CSV",
        "data/tables/ｍachine.csv",
        "data/tables/machiné.csv",
        "data/tables/machine\u0301.csv",
        "data/tables/machine.csv\u202e",
        "data/attachments/" + "A" * 64,
        "data/attachments/" + "\u0661" * 64,  # digits, but not ours
        "data/inner.zip",
    ],
)
def test_no_second_spelling_of_a_member(bed: Bed, name: str) -> None:
    members = bed.members()
    twin = dict(members) | {name: members["data/tables/machine.csv"]}
    hostile.put_together(bed.out, twin, bed.key)
    assert bed.refused() in ("bag_member", "bag_layout")


def test_a_zip_in_a_bag_is_a_file_like_any_other(bed: Bed, tmp_path: Path) -> None:
    """A nested bomb is never opened; and a file nobody names is not taken at all."""
    bomb = tmp_path / "inner.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as inner:
        inner.writestr("../../evil", b"\0" * 20_000_000)
    content = bomb.read_bytes()
    bomb.unlink()
    sha256 = hashlib.sha256(content).hexdigest()
    members = bed.members()
    members[contents.ATTACHMENTS + sha256] = content
    bed.build(members)
    (done,) = import_bags(bed.store, [bed.out]).bags
    assert done.error and done.error.code == "attachment_unnamed"
    assert bed.state() == bed.before
    line = forged(bed.key, type="document.issued", data={"kind": "sheet", "sha256": sha256})
    hostile.with_events(members, bed.key, lambda lines: [*lines, line])
    bed.build(members)
    (done,) = import_bags(bed.store, [bed.out]).bags
    assert done.outcome == "applied" and done.attachments == 1
    assert attachments.content(bed.store.store, sha256) == content
    assert not list(tmp_path.rglob("evil"))


def test_a_huge_manifest_and_a_huge_directory(bed: Bed) -> None:
    members = bed.members()
    hostile.reseal_tags(members)
    lines = b"".join(b"%064x  data/x%d\n" % (n, n) for n in range(100_000))
    members[contents.MANIFEST] = lines
    hostile.put_together(bed.out, members, bed.key)
    assert bed.refused() in ("bag_member", "bag_bomb")
    members = bed.members()

    def long_comment(info: zipfile.ZipInfo) -> None:
        info.comment = b"x" * 60_000

    hostile.put_together(bed.out, members, bed.key, change=long_comment)
    assert bed.refused() == "bag_layout"


def test_certificates_are_counted(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.exchange.contents.MAX_CERTIFICATES", 3)
    stranger = keys.Key(b"\7" * 32)
    lines = [
        forged(stranger, type="bench.certified", seq=n, data={"certificate": {}})
        for n in range(2, 9)
    ]
    members = bed.members()
    hostile.with_events(members, bed.key, lambda old: [*old, *lines])
    bed.build(members)
    assert bed.refused() == "statement_wrong"


@pytest.mark.parametrize(
    "at",
    [
        "2026-13-01T00:00:00.000Z",
        "2026-02-30T00:00:00.000Z",
        "2026-01-01T25:00:00.000Z",
        "0000-01-01T00:00:00.000Z",
        "9999-99-99T99:99:99.999Z",
        "\u0662\u0660\u0662\u0666-\u0660\u0661-\u0660\u0661T00:00:00.000Z",
        "2026-01-01T00:00:00.000Z\n",
    ],
)
def test_no_day_that_is_none(bed: Bed, at: str) -> None:
    members = bed.members()
    hostile.with_events(members, bed.key, lambda lines: [*lines, forged(bed.key, at=at)])
    bed.build(members)
    assert bed.refused() == "event_time"


def test_a_payload_of_megabytes_nested_deep(bed: Bed) -> None:
    deep = b'{"data":' + b'{"a":' * 1_000_000 + b"1" + b"}" * 1_000_000 + b"}"
    line = b'{"event":%s,"key":"%s","signature":"%s"}\n' % (deep, b"a" * 64, b"b" * 128)
    members = bed.members()
    hostile.with_events(members, bed.key, lambda lines: [*lines, line])
    bed.build(members)
    assert bed.refused() in ("line_too_long", "bag_bomb")


def test_links_left_on_a_stick_are_never_written_through(tmp_path: Path) -> None:
    bench, shop = open_bench(tmp_path, "bench"), open_bench(tmp_path, "shop")
    register(shop, bench)
    stick, victim = tmp_path / "stick", tmp_path / "victim"
    inside = stick / FOLDER
    inside.mkdir(parents=True)
    victim.write_bytes(b"precious")
    export_bag(bench, inside / "bag.zip")
    digest = hashlib.sha256((inside / "bag.zip").read_bytes()).hexdigest()
    own = f"{shop.key.id[:16]}.zip"
    for name in (
        f"accuse-{digest[:16]}.json",
        f".accuse-{digest[:16]}.json.{os.getpid()}.part",
        own,
        f".{own}.{os.getpid()}.part",
    ):
        (inside / name).symlink_to(victim)
    done = sync(shop, stick)
    assert not done.bags[0].error and done.answers and done.left
    assert done.own is OwnBag.DAMAGED  # a link bore its name
    assert victim.read_bytes() == b"precious"
    assert not [path for path in inside.iterdir() if path.is_symlink()]
    assert verify_bag(inside / own).whole


def test_a_folder_that_is_a_link_is_not_ours(tmp_path: Path) -> None:
    bench, outside = open_bench(tmp_path, "bench"), tmp_path / "outside"
    stick = tmp_path / "stick"
    outside.mkdir()
    stick.mkdir()
    (stick / FOLDER).symlink_to(outside)
    with pytest.raises(RecordsError, match="sync_folder"):
        sync(bench, stick)
    assert not list(outside.iterdir())


def test_a_backup_writes_no_key_through_a_link(tmp_path: Path) -> None:
    bench, place = open_bench(tmp_path, "bench"), tmp_path / "stick"
    stick = backup.own_folder(place, bench.key.id)
    (stick / backup.KEYS).mkdir(parents=True)
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (stick / backup.KEYS / "bench.key").symlink_to(victim)
    (stick / f".{backup.NAME}.new").symlink_to(victim)
    backup.save(bench, place)
    assert victim.read_bytes() == b"precious"
    assert keys.load(stick / backup.KEYS / "bench.key").id == bench.key.id


@pytest.mark.parametrize("name", [b"\x1b[2Jok.zip", b"\xff\xfe.zip", "\u202epiz.x.zip".encode()])
def test_a_name_that_lies_is_shown_harmless(tmp_path: Path, name: bytes) -> None:
    bench, stick = open_bench(tmp_path, "bench"), tmp_path / "stick"
    stick.mkdir()
    (stick / os.fsdecode(name)).write_bytes(b"no bag")
    (done,) = sync(bench, stick).bags
    assert done.error and done.quarantined
    assert done.name.isprintable() and done.name.endswith(".zip")
    done.name.encode()


def test_a_lost_stick_cannot_make_others_forget(tmp_path: Path) -> None:
    bench, shop = open_bench(tmp_path, "bench"), open_bench(tmp_path, "shop")
    register(shop, bench)
    reference = persons.add(shop, "donor", {"name": "Une"})
    visit(bench, 1)
    (last, _) = bench.store.heads()[bench.key.id][0]
    export_bag(bench, tmp_path / "good.zip")
    import_bags(shop, [tmp_path / "good.zip"])
    bench.append("person.forgotten", {"person": reference})
    revoke(shop, bench, last)
    shop.store.add(list(bench.store.events()))  # carried by somebody who did not know
    assert persons.forgotten(shop.store) == [] and persons.forget_again(shop.store) == 0
    assert persons.find(shop.store, reference) is not None


def test_the_same_bag_taken_by_two_at_once_is_taken_once(tmp_path: Path) -> None:
    bench, shop = forge.store_of(tmp_path, "bench"), forge.store_of(tmp_path, "shop")
    register(shop, bench)
    export_bag(bench, tmp_path / "a.zip")
    other = log.open_bench(tmp_path / "shop", forge.Clock(), forge.Noise("other"))
    from bench.exchange.importing import _Importer  # the second begins before the first ends

    class Late(_Importer):
        def _read_events(self, *found: object) -> tuple[int, int]:
            import_bags(other, [tmp_path / "a.zip"])
            return super()._read_events(*found)  # type: ignore[arg-type]

    done = Late(shop, False, None).one(tmp_path / "a.zip")
    ((answer,),) = shop.store.query("SELECT receipt FROM bag_in")
    assert done.outcome == "applied" and done.added == 0 and done.receipt == answer
