"""`etabli hub database`, as an administrator types it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.records import log
from bench.records.postgres import addresses
from tests import forge, further
from tests.unit.hub.test_commands import etabli


@pytest.fixture(scope="module")
def network() -> Iterator[further.Network]:
    with further.running() as started:
        yield started


@pytest.mark.long
def test_a_workshop_goes_and_comes_back_and_the_password_is_nowhere(
    network: further.Network, tmp_path: Path
) -> None:
    addresses.keep(tmp_path, network.database())
    hub = log.open_bench(tmp_path, forge.Clock(), forge.Noise("hub"))
    device = hub.new_device()
    hub.append("machine.arrived", {"asset": "A1", "kind": "laptop"}, device=device)
    for _ in range(3):
        hub.append("label.scanned", {"asset": "A1"}, device=device)
    shop = hub.workshop[:8]
    hub.store.close()
    told = [etabli(tmp_path, "hub", "database")]
    assert "principal" in told[0].stdout
    told.append(etabli(tmp_path, "hub", "database", "move", shop, "--to", "lille"))
    assert told[-1].returncode == 0 and "lille" in told[-1].stdout, told[-1].stderr
    told.append(etabli(tmp_path, "hub", "database", "list", "--json"))
    (part,) = json.loads(told[-1].stdout)
    assert (part["workshop"][:8], part["server"], part["events"]) == (shop, "lille", 3)
    told.append(etabli(tmp_path, "hub", "database", "settle"))
    told.append(etabli(tmp_path, "log", "verify"))
    assert told[-1].returncode == 0, told[-1].stderr
    told.append(etabli(tmp_path, "hub", "database", "move", shop, "--to", "brest"))
    assert told[-1].returncode == 2 and "brest" in told[-1].stderr
    network.change("lille", "UPDATE etabli.body SET bytes = '{}'")
    told.append(etabli(tmp_path, "log", "verify"))
    assert told[-1].returncode == 1 and "changée après signature" in told[-1].stdout
    told.append(etabli(tmp_path, "hub", "database", "home", shop))
    assert told[-1].returncode != 0 and "lille" in told[-1].stderr
    network.kill("lille")
    told.append(etabli(tmp_path, "hub", "database"))
    assert told[-1].returncode == 0 and "ne répond pas" in told[-1].stdout
    network.further["lille"].start()
    said = "".join(each.stdout + each.stderr for each in told)
    assert further.PASSWORD not in said
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or further.PASSWORD.encode() not in path.read_bytes(), path


@pytest.mark.long
def test_a_record_in_a_file_has_no_further_server(tmp_path: Path) -> None:
    forge.store_of(tmp_path.parent, tmp_path.name).store.close()
    told = etabli(tmp_path, "hub", "database")
    assert told.returncode != 0 and "PostgreSQL" in told.stderr
