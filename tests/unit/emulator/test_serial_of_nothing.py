"""A drive with a blank serial, as lsblk shows it (seen in the VM): it must stay unknown."""

from __future__ import annotations

import json

from diagnostics.sources import lsblk
from wipe.seen.topology import parse_lsblk

ROW = {
    "name": "sdk",
    "kname": "sdk",
    "path": "/dev/sdk",
    "type": "disk",
    "size": 2097152,
    "model": "ETABLI HONEST SSD",
}


def _text(serial: str) -> str:
    return json.dumps({"blockdevices": [{**ROW, "serial": serial}]})


def test_the_models_name_is_no_serial() -> None:
    for false_serial in ("ETABLI_HONEST_SSD", "Maker_ETABLI_HONEST_SSD-0:0"):
        assert parse_lsblk(_text(false_serial))["sdk"].serial is None
        assert lsblk.parse(_text(false_serial))[0].serial is None


def test_a_serial_stays() -> None:
    assert parse_lsblk(_text("S3Z8NB0K"))["sdk"].serial == "S3Z8NB0K"
    assert lsblk.parse(_text("S3Z8NB0K"))[0].serial == "S3Z8NB0K"
