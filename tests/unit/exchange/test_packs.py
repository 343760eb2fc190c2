"""Packs of the network: from the coordination to benches by push, by file, and never by a thief."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import main
from bench.exchange import shared_packs
from bench.exchange.bag import export_bag
from bench.exchange.fetching import fetch
from bench.exchange.importing import import_bags
from bench.exchange.push import push
from bench.exchange.reading import Bag
from bench.exchange.sync import sync
from bench.exchange.trust import Heard
from bench.exchange.wire import Offer, Server
from bench.packs import shelf
from bench.records import attachments, joining, log
from bench.records.errors import RecordsError
from bench.records.signed import fingerprint, keys
from tests import forge
from tests.unit.exchange.parties import partner, visit
from tests.unit.exchange.serving import serving

REGION = keys.Key(b"\7" * 32)
SHEET = b"%PDF-1.4\nConseils de nettoyage\n"
QUIRKS = b"""
[[quirk]]
maker = "lenovo"
model = "ThinkPad T440*"
text = "Retire la petite pile avant d'ouvrir."
"""
T440 = ("LENOVO", "ThinkPad T440s")


def coordinating(made: log.Log) -> log.Log:
    """A bench of the region's own, with the role."""
    forge.register(made.store, REGION, region=True)
    told = keys.certify(REGION, made.key.public, name="r", at="", role="coordination")
    made.append("bench.certified", {"certificate": told.plain()})
    return made


@pytest.fixture
def region(tmp_path: Path) -> log.Log:
    return coordinating(forge.store_of(tmp_path, "region"))


@pytest.fixture
def hub(tmp_path: Path, bench: log.Log) -> log.Log:
    """The workshop's computer. It knows the region, and so does its bench."""
    made = partner(tmp_path, "hub", bench)
    for each in (made, bench):
        forge.register(each.store, REGION, region=True)
    return made


def given(region: log.Log, folder: Path, *others: log.Log) -> Path:
    """The region's packs as a file, taken in by others."""
    path = folder / f"packs-{region.store.count()}.zip"
    export_bag(region, path, packs=True)
    for other in others:
        (bag,) = import_bags(other, [path]).bags
        assert bag.error is None
    return path


def sheet(region: log.Log, content: bytes = SHEET) -> int:
    return shelf.publish(
        region, pack="nettoyage", kind="sheet", title="Nettoyer un clavier", content=content
    )


def quirks(region: log.Log, content: bytes = QUIRKS) -> int:
    return shelf.publish(
        region, pack="modeles", kind="quirks", title="Ce que nous savons", content=content
    )


@contextlib.contextmanager
def line(bench: log.Log, url: str) -> Iterator[Server]:
    with contextlib.closing(Server(bench, url)) as server:
        yield server


@pytest.mark.long
def test_from_the_coordination_to_a_bench_by_two_pushes(
    tmp_path: Path, region: log.Log, hub: log.Log, bench: log.Log
) -> None:
    """The region's computer gives to a member's, which pushes to it, and that to its benches."""
    workshop = keys.load(tmp_path / "hub" / "keys" / "workshop.key")
    forge.register(region.store, workshop)
    sheet(region), quirks(region)
    visit(hub, "A1")
    with serving(tmp_path / "region") as (_, url):
        done = push(hub, url)
    assert (done.packs_outcome, done.packs > 0) == ("applied", True)
    visit(bench, "A2")
    with serving(tmp_path / "hub") as (_, url):
        done = push(bench, url)
        assert (done.packs_outcome, done.packs > 0) == ("applied", True)
        assert [(p.pack, p.version, p.state) for p in shelf.packs(bench)] == [
            ("modeles", 1, "current"),
            ("nettoyage", 1, "current"),
        ]
        assert shelf.content(bench, shelf.pack_named(bench, "nettoyage")) == SHEET
        (told,) = shelf.advice(bench, *T440)
        assert told.text.startswith("Retire la petite pile")
        assert (told.pack.network, told.pack.pack, told.pack.version) == ("workshop", "modeles", 1)
        assert shelf.advice(bench, "LENOVO", "ThinkPad T450") == []
        # Nothing more to say, nothing more to send, although the region's chain came in part.
        again = push(bench, url)
        assert (again.packs_outcome, again.packs, again.events) == ("known", 0, 0)


def test_what_a_bench_is_given_holds_nothing_but_packs(
    tmp_path: Path, region: log.Log, hub: log.Log, bench: log.Log
) -> None:
    visit(region, "R1")
    visit(hub, "H1")
    sheet(region)
    given(region, tmp_path, hub)
    out = tmp_path / "given.zip"
    export_bag(hub, out, packs=True)
    with Bag(out) as bag:
        kinds = {signed.event.type for signed, _ in bag.signed_events()}
        assert kinds <= {"bench.opened", "bench.certified", "pack.published"}
        assert not any("tables" in name or "datapackage" in name for name in bag.archive.sizes)
        assert len(bag.file_names()) == 1


def test_what_comes_with_packs_is_whole_without_what_is_between(
    tmp_path: Path, region: log.Log, hub: log.Log, capsys: pytest.CaptureFixture[str]
) -> None:
    """What lacks between is for nobody here; with one machine of that bench it is a gap again."""
    visit(region, "R1")
    sheet(region)
    visit(region, "R2")
    quirks(region)
    given(region, tmp_path, hub)
    report = hub.verify()
    assert report.ok and report.packs_only == (region.key.id,)
    assert "events_missing" not in {one.code for one in report.notices}
    assert main(["log", "verify", "--data", str(tmp_path / "hub")]) == 0
    told = capsys.readouterr().out
    assert told.count("seuls les recueils") == 1 and "manque" not in told
    last = max((each for each in region.store.events()), key=lambda each: each.event.seq)
    visit(region, "R3")
    hub.store.add([each for each in region.store.events() if each.event.seq > last.event.seq])
    report = hub.verify()
    assert not report.packs_only
    assert "events_missing" in {one.code for one in report.notices}


def test_what_lacks_of_the_own_chain_is_said_whatever_is_left_of_it(region: log.Log) -> None:
    visit(region, "R1")
    sheet(region)
    connection = region.store.db.conn
    others = "SELECT n FROM event WHERE type IN ('machine.arrived', 'visit.done')"
    connection.execute(f"DELETE FROM subject WHERE event IN ({others})")
    connection.execute(f"DELETE FROM event WHERE n IN ({others})")
    report = region.verify()
    assert not report.packs_only
    assert "events_missing" in {one.code for one in report.notices}


def test_a_bench_that_joins_changes_nothing_of_what_is_given(
    tmp_path: Path, region: log.Log, hub: log.Log
) -> None:
    """PCs that keep nothing join at each start: nobody fetches the packs again for that."""
    sheet(region)
    given(region, tmp_path, hub)
    before = shared_packs.digest(hub)
    workshop = keys.load(tmp_path / "hub" / "keys" / "workshop.key")
    passing = forge.Bench("passing", workshop)
    hub.store.add(passing.opened())
    joining.revoke(hub, workshop, passing.key.id, "0", reason="éteint")
    visit(hub, "A3")
    assert shared_packs.digest(hub) == before
    shelf.publish(
        region, pack="notes", kind="sheet", title="Notes", content=b"Une ligne de plus.\n"
    )
    given(region, tmp_path, hub)
    assert shared_packs.digest(hub) != before


def test_an_older_version_sent_again_changes_nothing(
    tmp_path: Path, region: log.Log, bench: log.Log, hub: log.Log
) -> None:
    quirks(region)
    old = given(region, tmp_path, bench)
    quirks(region, QUIRKS.replace(b"petite pile", b"batterie"))
    given(region, tmp_path, bench)
    import_bags(bench, [old])
    import_bags(hub, [given(region, tmp_path), old])  # the other way round
    for each in (bench, hub):
        (told,) = shelf.advice(each, *T440)
        assert "batterie" in told.text and told.pack.version == 2
    # The old file is asked for by nobody any more, so nobody carries it.
    assert len(shared_packs.files(region.store)) == 1


def test_what_was_withdrawn_stays_withdrawn_whatever_comes_late(
    tmp_path: Path, region: log.Log, bench: log.Log, hub: log.Log
) -> None:
    quirks(region)
    old = given(region, tmp_path)
    shelf.withdraw(region, "modeles", reason="une erreur de modèle")
    new = given(region, tmp_path)
    import_bags(bench, [new, old])
    assert shelf.advice(bench, *T440) == []
    with pytest.raises(RecordsError, match="pack_withdrawn") as caught:
        shelf.pack_named(bench, "modeles")
    assert caught.value.values["reason"] == "une erreur de modèle"
    assert quirks(region) == 2  # and it can be published anew
    given(region, tmp_path, bench)
    assert shelf.pack_named(bench, "modeles").version == 2


def test_a_member_publishes_nothing(tmp_path: Path, hub: log.Log, bench: log.Log) -> None:
    """By our own command it is refused; signed by hand with its key it counts for nothing."""
    with pytest.raises(RecordsError, match="pack_not_coordination"):
        sheet(hub)
    with pytest.raises(RecordsError, match="pack_not_coordination"):
        shelf.withdraw(hub, "nettoyage", reason="je peux")
    digest = attachments.attach(hub.store, SHEET)
    said = {"pack": "nettoyage", "version": 9, "kind": "sheet", "title": "Faux", "form": "pdf"}
    hub.append("pack.published", said | {"file": digest, "size_bytes": len(SHEET)})
    out = tmp_path / "thief.zip"
    export_bag(hub, out)
    (bag,) = import_bags(bench, [out]).bags
    assert bag.error is None and bag.added  # kept and relayed, as all that is signed
    assert shelf.packs(hub, every=True) == shelf.packs(bench, every=True) == []


def test_a_role_that_a_member_gives_itself_says_nothing(
    tmp_path: Path, region: log.Log, bench: log.Log
) -> None:
    workshop = keys.load(tmp_path / "bench" / "keys" / "workshop.key")
    thief = forge.Bench("thief", workshop)
    said = {"pack": "modeles", "version": 5, "kind": "quirks", "title": "F", "form": "toml"}
    said |= {"file": attachments.attach(bench.store, QUIRKS), "size_bytes": len(QUIRKS)}
    bench.store.add([*thief.opened("coordination"), thief.make("pack.published", said)])
    assert shelf.packs(bench, every=True) == []


def test_another_network_counts_nowhere_it_was_not_heard(
    tmp_path: Path, region: log.Log, bench: log.Log
) -> None:
    """This bench's workshop joined no network: what comes is refused, in one sentence."""
    sheet(region)
    path = tmp_path / "packs.zip"
    export_bag(region, path, packs=True)
    (bag,) = import_bags(bench, [path]).bags
    assert bag.error is not None and bag.error.code == "key_unknown"
    # Known, and no region: its events count, its packs do not.
    forge.register(bench.store, REGION)
    (bag,) = import_bags(bench, [path]).bags
    assert bag.error is None and shelf.packs(bench, every=True) == []
    forge.register(bench.store, REGION, region=True)
    assert [pack.pack for pack in shelf.packs(bench)] == ["nettoyage"]


def test_a_bench_hears_the_network_s_fingerprint_once(
    tmp_path: Path, region: log.Log, bench: log.Log
) -> None:
    hub = partner(tmp_path, "hub", bench)
    forge.register(hub.store, REGION, region=True)
    sheet(region)
    given(region, tmp_path, hub)
    with serving(tmp_path / "hub") as (_, url):
        assert push(bench, url).packs_outcome == "unknown_network"
        assert not (tmp_path / "bench" / "quarantine").exists()
        other = Heard.typed(fingerprint.show(keys.Key(b"\5" * 32).public), region=True)
        with line(bench, url) as server, pytest.raises(RecordsError, match="fingerprint_wrong"):
            fetch(bench, server, other)
        heard = Heard.typed(fingerprint.show(REGION.public), region=True)
        with line(bench, url) as server:
            assert fetch(bench, server, heard).outcome == "applied"
    assert [pack.pack for pack in shelf.packs(bench)] == ["nettoyage"]


def test_a_stolen_coordination_speaks_until_it_is_revoked(
    tmp_path: Path, region: log.Log, bench: log.Log, hub: log.Log
) -> None:
    """And then as if it never had: what it published before stands, if the region says so."""
    quirks(region)
    before = region.store.heads()[region.key.id][0][0]
    stolen = QUIRKS.replace(b"Retire la petite pile", b"Jette la machine")
    quirks(region, stolen)
    late = given(region, tmp_path, bench)
    assert "Jette" in shelf.advice(bench, *T440)[0].text
    joining.revoke(region, REGION, region.key.id, str(before), reason="volée")
    office = coordinating(forge.store_of(tmp_path, "office"))
    export_bag(region, tmp_path / "all.zip")
    assert import_bags(office, [tmp_path / "all.zip"]).ok
    path = tmp_path / "revoked.zip"
    export_bag(office, path, packs=True)
    (bag,) = import_bags(bench, [path]).bags
    assert bag.error is None
    assert [told.pack.version for told in shelf.advice(bench, *T440)] == [1]
    import_bags(hub, [late, path])
    assert [told.pack.version for told in shelf.advice(hub, *T440)] == [1]


def test_one_changed_byte_of_a_file_is_found(
    tmp_path: Path, region: log.Log, bench: log.Log, hub: log.Log
) -> None:
    sheet(region)
    path = given(region, tmp_path)
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"%PDF-1.4") + 9] ^= 1
    path.write_bytes(raw)
    (bag,) = import_bags(bench, [path]).bags
    assert bag.error is not None and bag.outcome == "refused"
    assert shelf.packs(bench, every=True) == []


def test_a_publication_without_its_file_says_so(
    tmp_path: Path, region: log.Log, bench: log.Log, hub: log.Log
) -> None:
    """Events that came by another way: the file comes with the next push."""
    sheet(region), quirks(region)
    bench.store.add(list(region.store.events()))
    with pytest.raises(RecordsError, match="pack_absent"):
        shelf.content(bench, shelf.pack_named(bench, "nettoyage"))
    assert shelf.advice(bench, *T440) == []
    given(region, tmp_path, hub)
    with serving(tmp_path / "hub") as (_, url):
        assert push(bench, url).packs_outcome == "applied"
    assert shelf.content(bench, shelf.pack_named(bench, "nettoyage")) == SHEET


def test_a_coordination_s_own_mistake_is_looked_at_again_where_it_is_used(
    tmp_path: Path, region: log.Log, bench: log.Log, hub: log.Log
) -> None:
    """Signed by hand: a text that is no TOML, a file as a picture that is none."""
    content = b"[[quirk]\nmodel = 3"
    said = {"pack": "modeles", "version": 1, "kind": "quirks", "title": "F", "form": "toml"}
    digest = attachments.attach(region.store, content)
    region.append("pack.published", said | {"file": digest, "size_bytes": len(content)})
    given(region, tmp_path, bench)
    with pytest.raises(RecordsError, match="pack_quirks"):
        shelf.content(bench, shelf.pack_named(bench, "modeles"))
    assert shelf.advice(bench, *T440) == []


def test_two_files_of_one_version_are_nobody_s_word(
    tmp_path: Path, region: log.Log, bench: log.Log, hub: log.Log
) -> None:
    office = coordinating(forge.store_of(tmp_path, "office"))
    quirks(region), quirks(office, QUIRKS.replace(b"petite pile", b"batterie"))
    given(region, tmp_path, bench)
    given(office, tmp_path, bench)
    assert {pack.state for pack in shelf.packs(bench, every=True)} == {"clash"}
    assert shelf.advice(bench, *T440) == []
    with pytest.raises(RecordsError, match="pack_clash"):
        shelf.pack_named(bench, "modeles")
    given(office, tmp_path, region)
    assert quirks(region) == 2
    given(region, tmp_path, bench)
    assert shelf.pack_named(bench, "modeles").version == 2


def test_by_a_stick_too(tmp_path: Path, region: log.Log, bench: log.Log, hub: log.Log) -> None:
    """The file lies at the top of the stick; `sync` takes it as any bag."""
    sheet(region)
    stick = tmp_path / "stick"
    stick.mkdir()
    export_bag(region, stick / "recueils.zip", packs=True)
    assert sync(bench, stick).ok
    assert shelf.content(bench, shelf.pack_named(bench, "nettoyage")) == SHEET


def test_a_push_does_not_carry_files_back(
    tmp_path: Path, region: log.Log, bench: log.Log, hub: log.Log
) -> None:
    sheet(region, SHEET + b"x" * 2_000_000)
    given(region, tmp_path, bench)
    visit(bench, "A1")
    out = tmp_path / "since.zip"
    made = export_bag(bench, out, since_heads=_heads(bench))
    assert (made.scope, made.attachments) == ("since", 0) and made.size_bytes < 200_000
    whole = export_bag(bench, tmp_path / "whole.zip")
    assert whole.attachments == 1


def test_a_network_is_heard_by_a_bag_that_was_taken_before(
    tmp_path: Path, region: log.Log, bench: log.Log
) -> None:
    """`--region` was forgotten: the same bag once more said that nothing changes."""
    sheet(region)
    said, wrong = REGION.fingerprint, keys.Key(b"\x09" * 32).fingerprint
    path = tmp_path / "packs.zip"
    export_bag(region, path, packs=True)
    (first,) = import_bags(bench, [path], heard=Heard.typed(said)).bags
    assert first.error is None and not shelf.packs(bench)
    (again,) = import_bags(bench, [path], heard=Heard.typed(said, region=True)).bags
    assert again.error is None and again.added == 0 and shelf.packs(bench)
    with pytest.raises(RecordsError, match="fingerprint"):
        import_bags(bench, [path], heard=Heard.typed(wrong))
    assert import_bags(bench, [path]).bags[0].outcome == "known"


def test_of_a_network_that_the_server_does_not_know_nothing_goes_there(
    tmp_path: Path, hub: log.Log, bench: log.Log
) -> None:
    """It had to refuse the whole bag, and with it every machine of that bench, for ever."""
    other = keys.Key(b"\x09" * 32)
    stranger = forge.store_of(tmp_path, "stranger")
    forge.register(stranger.store, other, region=True)
    told = keys.certify(other, stranger.key.public, name="o", at="", role="coordination")
    stranger.append("bench.certified", {"certificate": told.plain()})
    sheet(stranger)
    forge.register(bench.store, other, region=True)
    given(stranger, tmp_path, bench)
    for asset in ("A1", "A2"):  # the first bag is whole, the next what is missing
        visit(bench, asset)
        with serving(tmp_path / "hub") as (_, url):
            assert push(bench, url).added > 0
            assert push(bench, url).events == 0
    assert {("A1",), ("A2",)} <= set(hub.store.query("SELECT asset FROM machine"))
    assert stranger.key.id not in hub.store.heads() and shelf.packs(bench)


def _heads(bench: log.Log) -> dict[str, tuple[int, str]]:
    ((seq, name),) = bench.store.query(
        "SELECT seq, lower(hex(hash)) FROM event WHERE bench = ? AND seq = 2", (bench.key.id,)
    )
    return {bench.key.id: (seq, name)}


def test_a_server_of_before_and_a_line_that_fails_undo_nothing_of_a_push(
    tmp_path: Path, hub: log.Log, bench: log.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that knows no packs answers as to any path it does not know."""
    with serving(tmp_path / "hub") as (_, url):
        ask = Server.ask

        def older(self: Server, method: str, path: str, *rest: Any, **more: Any) -> Any:
            return ask(self, method, path.replace("/packs", "/paks"), *rest, **more)

        monkeypatch.setattr(Server, "ask", older)
        done = push(bench, url)
        assert (done.packs_outcome, done.added > 0) == ("not_served", True)

        def cut(self: Server, method: str, path: str, *rest: Any, **more: Any) -> Any:
            if path == "/packs":
                raise RecordsError("push_unreachable", url=url, detail="cut")
            return ask(self, method, path, *rest, **more)

        monkeypatch.setattr(Server, "ask", cut)
        visit(bench, "A2")
        done = push(bench, url)
        assert (done.packs_outcome, done.added > 0) == ("failed", True)


def test_a_server_that_lies_about_its_bag_gives_nothing(
    tmp_path: Path, region: log.Log, hub: log.Log, bench: log.Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too large, of another name, without an end: nothing of it is kept."""
    sheet(region)
    given(region, tmp_path, hub)
    with serving(tmp_path / "hub") as (_, url):
        with line(bench, url) as server:
            true = server.packs()
        for lie in (
            Offer("..", true.size_bytes, []),
            Offer("0" * 64, true.size_bytes, []),
            Offer(true.sha256, true.size_bytes + 1, []),
            Offer(true.sha256, true.size_bytes - 1, []),
            Offer(true.sha256, 2**40, []),
            Offer(true.sha256, -1, []),
        ):
            monkeypatch.setattr(Server, "packs", lambda _, told=lie: told)
            with line(bench, url) as server, pytest.raises(RecordsError) as caught:
                fetch(bench, server)
            assert caught.value.code == "push_refused"
    assert shelf.packs(bench, every=True) == []
    assert list((tmp_path / "bench" / "incoming").glob("*")) == []


def test_nobody_but_a_bench_of_the_workshop_is_given_anything(
    tmp_path: Path, region: log.Log, hub: log.Log, bench: log.Log
) -> None:
    sheet(region)
    given(region, tmp_path, hub)
    stranger = forge.store_of(tmp_path, "stranger")
    workshop = keys.load(tmp_path / "hub" / "keys" / "workshop.key")
    forge.register(stranger.store, workshop)  # knows the server; the server does not know it
    with (
        serving(tmp_path / "hub") as (_, url),
        line(stranger, url) as server,
        pytest.raises(RecordsError, match="push_stranger"),
    ):
        server.packs()
