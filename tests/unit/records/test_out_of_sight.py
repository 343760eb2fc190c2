"""A machine that was out of sight: its old proofs and open locks say nothing of it now."""

from __future__ import annotations

from typing import Any

import pytest

from bench.casefile import writing
from bench.records import log, returning
from bench.records.signed import keys
from tests import forge
from tests.unit.documents.papers import erase_done
from tests.unit.records.test_returning import SERIAL, came, disk, facts, records

__all__ = ["records"]  # a fixture
LOCK = "mdm_attestation"


@pytest.fixture
def erased(records: log.Log) -> str:
    """A machine whose only disk is erased, whose lock a supervisor called open."""
    device = came(records, "A1", facts(SERIAL, None, disk()))
    name = {"model": "WDC WD5000AAKX", "serial": "WX11A1", "size_bytes": 500_107_862_016}
    records.append("erase.done", erase_done(disk=name, claim="purge"), device=device)
    records.append("lock.answered", {"lock": LOCK, "free": True}, device=device)
    assert records.dossier(device).data_removed and not records.dossier(device).locks_open
    return device


def again(records: log.Log, device: str, *disks: dict[str, Any]) -> None:
    records.append("machine.probed", {"facts": facts(SERIAL, None, *disks)}, device=device)


@pytest.mark.parametrize("seen", [(disk(),), ()])
def test_recognised_it_is_erased_and_asked_about_anew(
    records: log.Log, erased: str, seen: tuple[dict[str, Any], ...]
) -> None:
    records.append("machine.recognised", {"answer": "same", "by": "serial"}, device=erased)
    again(records, erased, *seen)
    found = records.dossier(erased)
    assert not found.data_removed and LOCK not in found.tests
    assert all("came_back" in each.notes for each in found.disks)


def test_read_after_it_was_handed_over_it_came_back(records: log.Log, erased: str) -> None:
    records.append("handover.done", {"recipient": "p1"}, device=erased)
    assert records.dossier(erased).data_removed
    again(records, erased, disk())
    assert not records.dossier(erased).data_removed


def test_never_taken_it_keeps_its_proof(records: log.Log, erased: str) -> None:
    records.append("handover.done", {"recipient": "p1"}, device=erased)
    records.append("handover.undone", {"reason": "not fetched"}, device=erased)
    again(records, erased, disk())
    assert records.dossier(erased).data_removed


def test_disks_behind_a_controller_may_be_more_than_were_seen(
    records: log.Log, erased: str
) -> None:
    hidden = facts(SERIAL, None, disk()) | {"warnings": ["raid_hides_disks"]}
    records.append("machine.probed", {"facts": hidden}, device=erased)
    assert not records.dossier(erased).data_removed


def test_what_a_worker_saw_opens_no_lock(records: log.Log) -> None:
    device = came(records, "A1", facts(SERIAL))
    told = {"test": LOCK, "outcome": "passed", "evidence": {"answered_by": "supervisor"}}
    records.append("test.done", told, device=device)
    assert records.dossier(device).locks_open == (LOCK,)


def test_a_file_that_never_arrived_here_is_no_machine_of_ours(records: log.Log) -> None:
    """Planted by another, under the number and serial of a machine that will come."""
    other = forge.Bench("other", keys.Key(b"\x21" * 32))
    planted = records.new_device()
    told = {"facts": facts(SERIAL, None, disk())}
    records.store.add(
        [
            other.make("machine.probed", told, device=planted),
            other.make("label.printed", {"asset": "A1"}, device=planted),
        ]
    )
    for before in returning.earlier(records, facts(SERIAL, None, disk())):
        assert before.apart
    assert writing.arrive(records, "A1") != planted
