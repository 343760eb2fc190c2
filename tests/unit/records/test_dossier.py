"""What counts when erasures follow each other, as docs/exchange.md says it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.casefile.grade import final_grade
from bench.casefile.reading import file_of
from bench.documents.content import machine_attestation
from bench.documents.wording import summary
from bench.labelling.content import content_of
from bench.records.day.actions import disks_taken_out
from bench.records.day.review import disks_missing
from bench.records.dossier.dossier import Dossier
from bench.records.log import Log
from bench.records.signed import keys
from bench.setup.settings import Settings
from tests.forge import Bench, store_of
from wipe.model.spec import Pass, PassKind
from wipe.model.techniques import overwrite_name

S1 = {"model": "Samsung SSD 860", "serial": "S1", "size_bytes": 256}
S2 = {"model": "Samsung SSD 860", "serial": "S2", "size_bytes": 256}
SPOILT = [{"code": "journal_damaged", "values": {}}]


class Story:
    """Two benches of one workshop, one machine; every event is signed and imported."""

    def __init__(self, folder: Path) -> None:
        self.log: Log = store_of(folder, "store")
        own = keys.load(folder / "store" / "keys" / "workshop.key")
        # The one whose name sorts last speaks first: order is by clock, never by name.
        pair = sorted((Bench(name, own) for name in "ab"), key=lambda bench: bench.key.id)
        self.late, self.early = pair
        self.device = self.early.device()
        self.jobs = 0
        for bench in pair:
            self.log.store.add(bench.opened())
        # A loose disk: without a probe nobody knows what else a machine may hold.
        self.say(self.early, "machine.arrived", {"asset": "A1", "kind": "disk"})

    def say(self, bench: Bench, kind: str, data: dict[str, Any], device: str = "") -> None:
        bench.tick = max(self.early.tick, self.late.tick)
        self.log.store.add([bench.make(kind, data, device=device or self.device)])

    def probe(self, *disks: dict[str, Any]) -> None:
        seen = [disk | {"path": f"/dev/sd{n}", "kind": "ssd"} for n, disk in enumerate(disks)]
        self.say(self.early, "machine.probed", {"facts": {"disks": seen}})

    def erase(
        self,
        claim: str,
        disk: dict[str, Any] = S1,
        *,
        bench: Bench | None = None,
        device: str = "",
        job: str = "",
        reasons: Any = None,
        technique: str = "overwrite",
        journal: str = "ab" * 32,
    ) -> None:
        self.jobs += 1
        data = {
            "job": job or f"job-{self.jobs}",
            "disk": disk,
            "technique": technique,
            "claim": claim,
            "reasons": reasons,
            "verified": {"method": "full", "sectors": 9, "mismatches": 0},
            "journal_hash": journal,
            "ended": "2026-01-05T09:00:00Z",
        }
        self.say(bench or self.early, "erase.done", data, device)

    def claims(self) -> list[str]:
        """What table, attestation and label say; they must agree."""
        device = str(self.log.store.query("SELECT device FROM machine LIMIT 1")[0][0])
        found: Dossier = self.log.dossier(device)
        claims = [disk.claim for disk in found.disks]
        rows = self.log.store.query("SELECT claim FROM disk WHERE device = ?", (device,))
        assert sorted(claim for (claim,) in rows) == sorted(claims)
        paper = machine_attestation(
            self.log,
            file_of(self.log, device),
            Settings(workshop="Atelier des Weppes"),
            operator="ENC",
        )
        assert [disk.claim for disk in paper.disks] == claims
        label = content_of(
            self.log,
            device,
            "A1",
            final_grade(self.log, device),
            Settings(workshop="Atelier des Weppes"),
        )
        inside = [disk.claim for disk in found.inside]
        clean = bool(inside) and all(claim in ("purge", "clear") for claim in inside)
        assert label.data_removed == clean == (label.erased_on is not None)
        return claims


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    yield made
    made.log.store.close()


def test_failed_on_another_bench_stands_whatever_the_benches_are_called(story: Story) -> None:
    story.erase("purge", bench=story.early)
    story.erase("failed", bench=story.late)
    assert story.claims() == ["failed"]


@pytest.mark.parametrize("passes", [(Pass(PassKind.RANDOM),), (Pass(PassKind.PATTERN, 0),)])
def test_an_overwrite_is_never_said_to_purge(story: Story, passes: tuple[Pass, ...]) -> None:
    """No bench of ours says so; one whose key was stolen may."""
    story.erase("purge", technique=overwrite_name(passes))
    assert story.claims() == ["clear"]
    story.erase("purge", S2, technique="ATA SANITIZE: CRYPTO SCRAMBLE EXT")
    assert sorted(story.claims()) == ["clear", "purge"]


def test_a_proof_of_before_told_again_as_spoilt_is_news(story: Story) -> None:
    """Told again after the record was joined to another's, which made older proofs doubtful."""
    other = story.late.device()
    story.erase("clear", job="j1")
    story.say(story.late, "machine.arrived", {"asset": "A2"}, other)
    story.say(story.early, "same_as", {"other": other})
    story.erase("clear", job="j6", bench=story.late, device=other)
    story.erase("clear", job="j1", reasons=SPOILT, journal="")
    assert story.claims() == ["failed"]


def test_failed_under_a_joined_record_stands(story: Story) -> None:
    other = story.late.device()
    story.erase("purge")
    story.say(story.late, "machine.arrived", {"asset": "A2"}, other)
    story.erase("failed", bench=story.late, device=other)
    story.say(story.early, "same_as", {"other": other})
    assert story.claims() == ["failed"]


def test_an_erasure_signed_after_the_revocation_is_none(story: Story) -> None:
    story.probe(S1)
    after = story.late.seq
    story.erase("purge", bench=story.late)
    assert story.claims() == ["purge"]
    statement = keys.revoke(story.late.workshop, story.late.key.id, after, reason="lost", at="")
    made = story.early.make("bench.revoked", {"revocation": statement.plain()})
    story.log.store.add([made])
    assert story.claims() == ["none"]


@pytest.mark.parametrize("claim", ["none", "refused"])
def test_an_attempt_without_effect_undoes_nothing(story: Story, claim: str) -> None:
    story.erase("purge")
    story.erase(claim)
    assert story.claims() == ["purge"]


def test_an_attempt_whose_journal_is_spoilt_is_no_attempt_without_effect(story: Story) -> None:
    story.erase("purge")
    story.erase("none", reasons=SPOILT)
    assert story.claims() == ["none"]


@pytest.mark.parametrize("claim", ["failed", "interrupted"])
def test_what_was_tried_later_and_did_not_end_well_stands(story: Story, claim: str) -> None:
    story.erase("purge")
    story.erase(claim)
    assert story.claims() == [claim]
    story.erase("clear")
    assert story.claims() == ["clear"]


def test_the_last_word_of_a_job_is_what_the_job_says(story: Story) -> None:
    story.erase("interrupted", job="j")
    story.erase("purge", job="j")
    assert story.claims() == ["purge"]
    story.erase("failed", job="j")  # read again after a power cycle
    assert story.claims() == ["failed"]


def test_a_job_turned_away_when_resumed_has_still_begun(story: Story) -> None:
    """Found by the generated histories: the earlier purge shone through again."""
    story.erase("purge")
    story.erase("interrupted", job="j")
    story.erase("refused", job="j")
    assert story.claims() == ["interrupted"]


def test_an_erasure_under_way_is_not_over(story: Story) -> None:
    story.erase("purge")
    plan = {"job": "running", "disk": S1, "technique": "overwrite"}
    story.say(story.early, "erase.planned", plan)
    assert story.claims() == ["interrupted"]
    story.erase("none", job="running")  # it ended without touching the disk
    assert story.claims() == ["purge"]


def test_an_order_told_after_its_end_changes_nothing(story: Story) -> None:
    story.erase("purge", job="j")
    plan = {"job": "j", "disk": S1, "technique": "overwrite"}
    story.say(story.late, "erase.planned", plan)
    assert story.claims() == ["purge"]


def test_a_disk_nobody_erased_is_on_the_paper(story: Story) -> None:
    story.probe(S1, S2)
    story.erase("purge")
    assert story.claims() == ["purge", "none"]


def test_a_disk_that_is_not_seen_any_more_stays_in_the_file(story: Story) -> None:
    story.probe(S1, S2)
    story.erase("purge")
    story.probe(S1)
    assert story.claims() == ["purge", "none"]
    story.say(story.early, "disk.removed", {"disk": {"serial": "S2"}})
    assert story.claims() == ["purge", "none"]  # out of the machine, still not erased
    (_, gone) = story.log.dossier(story.device).disks
    assert gone.removed and story.log.dossier(story.device).data_removed


def test_a_supervisor_says_where_a_disk_went_that_is_not_seen_any_more(story: Story) -> None:
    nameless = {"model": "eMMC", "size_bytes": 32}
    story.probe(S1, nameless, nameless)
    story.erase("purge")
    assert disks_missing(story.log.store).count == 0
    story.probe(S1)
    assert disks_missing(story.log.store).count == 2
    told = disks_taken_out(story.log, story.device, reason="bac rouge", operator="enc-1")
    assert (told, disks_missing(story.log.store).count) == (2, 0)
    assert story.claims() == ["purge", "none", "none"]
    assert story.log.dossier(story.device).data_removed


def test_a_disk_that_left_and_came_back_is_erased_again(story: Story) -> None:
    story.probe(S1)
    story.erase("purge")
    story.say(story.early, "disk.removed", {"disk": S1})
    story.probe(S1)
    assert story.claims() == ["none"]
    assert "came_back" in story.log.dossier(story.device).disks[0].notes
    story.erase("clear")
    assert story.claims() == ["clear"]


def test_a_disk_in_another_machine_is_erased_there_again(story: Story) -> None:
    story.probe(S1)
    other = story.late.device()
    story.say(story.late, "machine.arrived", {"asset": "A2"}, other)
    story.erase("purge", bench=story.late, device=other)
    assert [disk.claim for disk in story.log.dossier(story.device).disks] == ["none"]
    assert [disk.claim for disk in story.log.dossier(other).disks] == ["purge"]


def test_four_disks_of_two_numbers_are_never_two_erased_ones(story: Story) -> None:
    """Seen in a virtual machine: the paper said « Les 2 disques sont effacés »."""
    story.probe(S1, S1, S2, S2)
    for disk in (S1, S2):
        story.erase("failed", disk)
        story.erase("purge", disk)
    assert sorted(story.claims()) == ["failed", "failed", "none", "none"]


def test_a_number_found_to_be_shared_later_proves_nothing(story: Story) -> None:
    story.erase("purge")
    assert story.claims() == ["purge"]
    story.probe(S1, S1)
    assert "purge" not in story.claims()
    story.erase("purge")
    story.erase("purge")
    story.erase("purge")
    assert not {"purge", "clear"} & set(story.claims())


def test_a_docks_number_is_no_disk(story: Story) -> None:
    for seq in (1, 2):
        dock = {"serial": "DOCK", "doubt": "bridge", "attachment": f"boot {seq}"}
        story.erase("clear", dock)
    assert story.claims() == ["none", "none"]
    paper = machine_attestation(
        story.log,
        file_of(story.log, story.device),
        Settings(workshop="Atelier des Weppes"),
        operator="ENC",
    )
    assert all(disk.serial is None and disk.doubt == "bridge" for disk in paper.disks)


def test_two_images_are_two_even_of_one_size(story: Story) -> None:
    """Seen: the second one's process was killed, the paper said « Le disque … est effacé »."""
    image = [{"code": "image_file", "values": {}}]
    story.erase("clear", {"size_bytes": 64, "attachment": "inode 1:10"}, reasons=image)
    story.erase("interrupted", {"size_bytes": 64, "attachment": "inode 1:11"})
    assert story.claims() == ["clear", "interrupted"]


def test_a_disk_in_the_place_of_an_erased_one_is_not_erased(story: Story) -> None:
    """The grade once took the claim of whatever had last been at the same path."""
    story.probe(S1)
    story.erase("clear")
    story.probe(S2)
    assert story.claims() == ["clear", "none"]
    file = file_of(story.log, story.device)
    assert file.past.erasures == {}
    grade = final_grade(story.log, story.device)
    assert grade.letter == "D" and "erasure" in [finding.column for finding in grade.findings]
    story.erase("failed", S2)
    assert file_of(story.log, story.device).past.erasures == {"/dev/sd0": "failed"}


def test_a_second_look_erases_nothing_of_a_disk_that_came_back(story: Story) -> None:
    story.probe(S1)
    story.erase("purge", job="j")
    story.say(story.early, "disk.removed", {"disk": S1})
    story.probe(S1)
    story.erase("purge", job="j")  # looked at again after a power cycle
    assert story.claims() == ["none"]
    story.erase("failed", job="j")
    assert story.claims() == ["failed"]
    story.erase("purge")
    assert story.claims() == ["purge"]


def test_a_disk_told_without_its_number_is_not_the_one_that_left(story: Story) -> None:
    story.probe(S1)
    story.say(story.early, "disk.removed", {"disk": S1})
    story.probe({"model": S1["model"], "size_bytes": S1["size_bytes"]})
    story.probe(S1)
    story.erase("clear")
    assert sorted(story.claims()) == ["clear", "none"]


def test_a_machine_whose_disks_nobody_saw_is_not_clean(story: Story) -> None:
    """One disk erased by hand proves nothing of another."""
    other = story.late.device()
    story.say(story.late, "machine.arrived", {"asset": "A2", "kind": "laptop"}, other)
    story.device = other
    story.erase("clear")
    found = story.log.dossier(story.device)
    assert found.disks[0].erased and not found.data_removed
    paper = machine_attestation(
        story.log,
        file_of(story.log, story.device),
        Settings(workshop="Atelier des Weppes"),
        operator="ENC",
    )
    assert not paper.all_erased and "peut-être" in summary(paper)[0]
    for facts in ({}, {"disks": [S1, "weird"]}, {"disks": [S1], "unknown": {"disks": "denied"}}):
        story.say(story.early, "machine.probed", {"facts": facts})
        assert not story.log.dossier(story.device).data_removed
    story.probe(S1)
    assert story.log.dossier(story.device).data_removed


def test_a_number_without_its_wwn_fits_two_disks_and_proves_neither(story: Story) -> None:
    first, second = S1 | {"wwn": "0x5001"}, S1 | {"wwn": "0x5002"}
    story.probe(first, second)
    story.erase("clear", second)
    story.erase("clear", S1)
    assert not story.log.dossier(story.device).data_removed


def test_failures_of_nameless_disks_are_no_other_disks(story: Story) -> None:
    nameless = {"model": S1["model"], "size_bytes": S1["size_bytes"]}
    story.probe(S1)
    story.erase("failed", nameless)
    story.erase("clear")
    assert sorted(story.claims()) == ["clear", "failed"]
    story.say(story.early, "disk.removed", {"disk": S1})
    assert not story.log.dossier(story.device).data_removed


def test_two_records_that_cannot_be_read_are_two(story: Story) -> None:
    story.probe(S1)
    story.say(story.early, "erase.done", {"disk": S1, "claim": 7})
    story.say(story.early, "erase.done", {"claim": 7})
    story.erase("clear")
    assert not story.log.dossier(story.device).data_removed


def test_more_disks_than_a_machine_can_hold_are_not_believed(story: Story) -> None:
    story.probe(S1, *[{} for _ in range(300)])
    story.erase("clear")
    found = story.log.dossier(story.device)
    assert len(found.disks) == 256 and not found.disks_known and not found.data_removed


def arrives_again(story: Story, bench: Bench) -> str:
    """The same PC under another number, of its own record."""
    again = bench.device()
    story.say(bench, "machine.arrived", {"asset": "A2", "kind": "disk"}, again)
    return again


@pytest.mark.parametrize("here", [True, False])
@pytest.mark.parametrize("turned", [True, False])
def test_a_join_with_a_later_arrival_leaves_no_proof_of_before(
    story: Story, here: bool, turned: bool
) -> None:
    """The PC went out and came back: nobody knows what was written on its disks since."""
    story.erase("purge")
    again = arrives_again(story, story.early if here else story.late)
    pair = (again, story.device) if turned else (story.device, again)
    story.say(story.early, "same_as", {"other": pair[1]}, pair[0])
    assert story.claims() == ["none"]
    story.erase("clear")  # and now it is erased anew
    assert story.claims() == ["clear"]


def test_a_join_of_two_records_of_one_visit_keeps_what_was_erased_after_both(
    story: Story,
) -> None:
    again = arrives_again(story, story.early)
    story.erase("purge")
    story.say(story.early, "same_as", {"other": again})
    assert story.claims() == ["purge"]


def test_parted_again_each_has_its_proofs_of_before(story: Story) -> None:
    story.erase("purge")
    again = arrives_again(story, story.early)
    story.say(story.early, "same_as", {"other": again})
    story.say(story.early, "not_same", {"other": again})
    assert story.claims() == ["purge"]


def test_what_was_erased_while_joined_is_no_proof_for_either(story: Story) -> None:
    story.probe(S1)
    story.erase("purge")
    again = arrives_again(story, story.early)
    story.say(story.early, "same_as", {"other": again})
    story.erase("clear", S2)  # the other machine's disk, under the number that stands for both
    story.say(story.early, "not_same", {"other": story.device}, again)
    dossier = story.log.dossier(story.device)
    assert {disk.identity.serial: disk.claim for disk in dossier.disks} == {
        "S1": "purge",
        "S2": "none",
    }
    assert not dossier.data_removed
    assert not story.log.dossier(again).data_removed
