"""Whatever happened to a machine, everything that speaks of it says the same, disk by disk and
test by test, and nothing says more than its worst unresolved fact carries."""

from __future__ import annotations

import datetime
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bench.casefile.grade import final_grade
from bench.casefile.reading import file_of
from bench.documents import content
from bench.documents.attestation_pdf import issue_attestation
from bench.documents.shortcode import verify_code
from bench.documents.wording import disk_title, summary
from bench.exchange.formats import bolc, credential, glpi
from bench.exchange.formats.source import items
from bench.labelling.content import content_of
from bench.records.day.review import review
from bench.records.dossier.dossier import Dossier
from bench.records.dossier.erasures import ERASED
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.signed.event import Signed
from bench.setup.settings import Settings
from labels.content import LabelState
from tests.forge import store_of
from tests.histories import WORKSHOP, History
from tests.unit.documents.paper_reader import texts

# CI tries others each day, a newcomer's run the same few. Two thousand took 14 min of a slow day.
HISTORIES = int(os.environ.get("ETABLI_HISTORIES", "400" if os.environ.get("CI") else "44"))
FIRST = datetime.date.today().toordinal() * HISTORIES if os.environ.get("CI") else 0
_ROUNDS = 4
SETTINGS = Settings(workshop="Atelier des Weppes")


@pytest.mark.parametrize("part", range(_ROUNDS))
def test_all_say_the_same_and_nothing_says_more(part: int, tmp_path: Path) -> None:
    log = store_of(tmp_path, "store", WORKSHOP)
    each = HISTORIES // _ROUNDS
    seen: Counter[str] = Counter()
    first = FIRST + part * each
    for seed in range(first, first + each):
        print(f"history {seed}")  # shown where it fails
        history = History(seed)
        for bag in history.shuffled():
            log.store.add(bag)
        marks = ",".join("?" * len(history.devices))
        roots = log.store.query(
            f"SELECT device FROM machine WHERE device IN ({marks})", history.devices
        )
        for (device,) in roots:
            found = log.dossier(device)
            seen.update(disk.claim for disk in found.disks)
            seen["joined"] += len(roots) == 1
            _tables_agree(log, device, found)
            _papers_agree(log, device, found)
            _label_and_grade_agree(log, device, found)
            _exports_agree(log, device, found)
            _nothing_is_better(log, history, device, found)
    _review_agrees(log)
    # The histories are not all alike: the test has met what it is about.
    seen["erased"] = sum(seen[claim] for claim in ERASED)
    assert min(seen[word] for word in ("erased", "failed", "interrupted", "none", "joined")) > 0


def _claims(found: Dossier) -> list[tuple[str, str]]:
    return [(disk.key, disk.claim) for disk in found.disks]


def _tables_agree(log: Log, device: str, found: Dossier) -> None:
    rows = log.store.query("SELECT disk, claim FROM disk WHERE device = ?", (device,))
    assert sorted(rows) == sorted(_claims(found))
    erased = sum(disk.erased for disk in found.inside)
    counts = log.store.query("SELECT disks, disks_erased FROM machine WHERE device = ?", (device,))
    assert counts == [(len(found.inside), erased)]
    tests = log.store.query("SELECT test, outcome FROM test WHERE device = ?", (device,))
    assert dict(tests) == {name: test.outcome for name, test in found.tests.items()}


def _papers_agree(log: Log, device: str, found: Dossier) -> None:
    file = file_of(log, device)
    attestation = content.machine_attestation(log, file, SETTINGS, operator="ENC")
    issued = issue_attestation(attestation, log.key)
    signed = json.loads(issued.json)["payload"]
    told = [disk["claim"] for machine in signed["machines"] for disk in machine["disks"]]
    claims = [disk.claim for disk in found.disks]
    assert told == claims
    clean = bool(claims) and all(claim in ERASED for claim in claims)
    assert attestation.all_erased == (clean and found.disks_known)
    assert verify_code(issued.code).payload is not None
    counts = verify_code(issued.code).payload["counts"]  # type: ignore[index]
    assert counts == dict(Counter(claims))
    text = "".join(texts(issued.pdf)).replace(" ", "")
    assert summary(attestation)[0].replace(" ", "") in text
    for disk in attestation.disks:
        # Above six they are a table, whose narrow cells wrap: the summary counts them.
        assert len(attestation.disks) > 6 or disk_title(disk).replace(" ", "") in text
        assert not (disk.doubt and (disk.serial or disk.wwn))
    sheet = content.machine_sheet(log, file, final_grade(log, device), SETTINGS)
    assert [disk.claim for disk in sheet.disks] == [disk.claim for disk in found.inside]
    assert sheet.functions == {name: test.outcome for name, test in found.tests.items()}


def _label_and_grade_agree(log: Log, device: str, found: Dossier) -> None:
    grade = final_grade(log, device)
    label = content_of(log, device, "A", grade, SETTINGS)
    assert label.data_removed == found.data_removed
    clean = bool(found.inside) and all(disk.erased for disk in found.inside)
    assert found.data_removed == (clean and found.disks_known)
    if not found.data_removed:
        assert label.erased_on is None and label.erased_method == ""
        assert label.state in (LabelState.TO_TEST, LabelState.PARTS)
    if any(not disk.erased for disk in found.inside):
        assert grade.letter == "D" and not grade.refurbished_allowed


def _exports_agree(log: Log, device: str, found: Dossier) -> None:
    (item,) = items(log.store, device=device)
    assert [(disk.key, disk.claim) for disk in item.disks] == _claims(found)
    assert item.tests == {name: test.outcome for name, test in found.tests.items()}
    remarks = str(bolc.row(item)[15])
    told = [part.rpartition(" : ")[2] for part in remarks.split(" ; ") if " : " in part]
    assert sorted(told) == sorted(disk.claim for disk in found.inside)
    assert glpi.document(item, tag="x")
    try:
        subject: dict[str, Any] = credential.issue(item, log.key, at="2026-01-05T00:00:00Z")
    except RecordsError:
        assert not any(disk.erased for disk in found.disks)
        return
    attested = subject["credentialSubject"]
    assert len(attested["disks"]) == sum(disk.erased for disk in found.disks)
    assert attested["disksNotProvenErased"] == sum(not disk.erased for disk in found.disks)


def _review_agrees(log: Log) -> None:
    found = review(log, "2026-01-05")
    bad = log.store.query(
        "SELECT count(*) FROM disk AS d WHERE EXISTS (SELECT 1 FROM erasure AS e WHERE"
        " e.device = d.device AND e.disk = d.disk AND e.current = 1) AND d.told IN"
        " ('failed', 'interrupted', 'none', 'refused')"
    )
    unproven = log.store.query(
        "SELECT count(*) FROM disk WHERE told IN ('purge', 'clear') AND proven = 0"
    )
    assert found.erasures_bad.count == bad[0][0]
    assert found.erasures_unproven.count == unproven[0][0]


# -- never better: from the signed events alone, without the reader ---------------------------


def _nothing_is_better(log: Log, history: History, device: str, found: Dossier) -> None:
    counting = _counting(log, history, device)
    for disk in found.disks:
        if not disk.erased:
            continue
        serial = disk.identity.serial
        about = [one for one in counting if _serial(one) == serial]
        proofs = [at for at, one in enumerate(about) if _proves(one, disk.claim)]
        assert serial and proofs, "erased without any event that proves it"
        after = about[proofs[-1] + 1 :]
        job = about[proofs[-1]].event.data["job"]
        for one in after:
            kind, data = one.event.type, one.event.data
            untouched = data.get("claim") in ("refused", "none") and not data.get("reasons")
            assert not (kind == "erase.done" and (data["job"] == job or not untouched))
        assert serial != "0123456789AB", "a dock's number"
        assert not any(_told_twice(one, serial) for one in counting)
        planned = {o.event.data["job"] for o in after if o.event.type == "erase.planned"}
        done = {o.event.data["job"] for o in about if o.event.type == "erase.done"}
        assert planned <= done
        _not_put_back(counting, serial, about[proofs[-1]])
        _younger_than_the_join(counting, about[proofs[-1]])


def _not_put_back(counting: list[Signed], serial: str, proof: Signed) -> None:
    """It was not taken out and seen again since."""
    out = False
    for one in counting[counting.index(proof) :]:
        data = one.event.data
        if one.event.type == "disk.removed" and data["disk"].get("serial") == serial:
            out = True
        if one.event.type == "machine.probed":
            inside = [disk.get("serial") for disk in data["facts"]["disks"]]
            assert not (out and serial in inside)


def _younger_than_the_join(counting: list[Signed], proof: Signed) -> None:
    """Of records that two benches began nobody knows which arrival came last."""
    benches = {one.event.bench for one in counting if one.event.type == "machine.arrived"}
    joins = [at for at, one in enumerate(counting) if one.event.type == "same_as"]
    assert len(benches) < 2 or not joins or counting.index(proof) > joins[-1]


def _counting(log: Log, history: History, device: str) -> list[Signed]:
    """The events that count of this machine and those joined to it, in the record's order."""
    joined = log.store.query("SELECT device FROM alias WHERE root = ?", (device,))
    names = {device, *(name for (name,) in joined)}
    revoked = dict(log.store.query("SELECT bench, revoked_after FROM bench"))
    kept = []
    for one in history.events:
        after = revoked.get(one.event.bench)
        if one.event.device in names and (after is None or one.event.seq <= after):
            kept.append(one)
    return sorted(kept, key=lambda o: (o.event.tick, o.event.bench, o.event.seq, o.hash.hex()))


def _told_twice(one: Signed, serial: str) -> bool:
    """Whether a probe saw two disks with this number at once."""
    disks = one.event.data.get("facts", {}).get("disks", [])
    return sum(disk.get("serial") == serial for disk in disks) > 1


def _serial(one: Signed) -> object:
    disk = one.event.data.get("disk")
    return disk.get("serial") if isinstance(disk, dict) else None


def _proves(one: Signed, claim: str) -> bool:
    data = one.event.data
    return (
        one.event.type == "erase.done"
        and data["claim"] == claim
        and (data["verified"] or {}).get("mismatches") == 0
        and data["hidden_areas"] != "left"
        and data["journal_hash"] != ""
    )
