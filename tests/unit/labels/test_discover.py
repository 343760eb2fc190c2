"""Finding printers: USB from a made-up /sys and /dev, mDNS on the loopback."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from labels.printers.discover import (
    IPP_SERVICE,
    RAW_SERVICE,
    Found,
    language_of,
    network,
    parse_1284,
    usb,
)


@pytest.mark.parametrize(
    ("device_id", "language", "warnings"),
    [
        ("MFG:Brother;CMD:PT-CBP;MDL:QL-800;CLS:PRINTER;", "ql", ()),
        ("MFG:Brother;CMD:PT-CBP;MDL:QL-1110NWB;CLS:PRINTER;", "ql", ()),
        ("MANUFACTURER:Zebra Technologies ;COMMAND SET:ZPL;MODEL:ZTC ZD421-203dpi ZPL;", "zpl", ()),
        ("MFG:Zebra;CMD:EPL;MDL:LP 2844;", "epl", ()),
        ("MFG:DYMO;CMD: ;MDL:LabelWriter 450 Turbo;CLS:PRINTER;", "dymo", ()),
        ("MFG:DYMO;MDL:LabelWriter 550;", None, ("dymo_550",)),
        ("MFG:DYMO;MDL:LabelWriter 5XL;", None, ("dymo_550",)),
        ("MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;", "escpos", ()),
        ("MFG:Brother;CMD:PT-CBP;MDL:PT-P750W;CLS:PRINTER;", "pt", ()),
        ("MFG:Brother;CMD:PT-CBP;MDL:PT-P900W;CLS:PRINTER;", None, ("unknown_language",)),
        ("MFG:HP;CMD:PCL,PDF,URF;MDL:LaserJet;", "pdf", ()),
        ("MFG:Nobody;MDL:Thing;", None, ("unknown_language",)),
        ("", None, ("unknown_language",)),
        ("\x00;:;;MFG;=" * 500, None, ("unknown_language",)),
    ],
)
def test_language_of_device_ids(
    device_id: str, language: str | None, warnings: tuple[str, ...]
) -> None:
    fields = parse_1284(device_id)
    found = language_of(fields.get("MFG", ""), fields.get("MDL", ""), fields.get("CMD", ""))
    assert found == (language, warnings)


def _device(root: Path, name: str, device_id: str, *, node: bool = True) -> None:
    folder = root / "sys/class/usbmisc" / name / "device"
    folder.mkdir(parents=True)
    (folder / "ieee1284_id").write_text(device_id + "\n")
    if node:
        (root / "dev/usb").mkdir(parents=True, exist_ok=True)
        (root / "dev/usb" / name).touch()


def test_usb(tmp_path: Path) -> None:
    _device(tmp_path, "lp0", "MFG:Brother;MDL:QL-800;")
    _device(tmp_path, "lp1", "MFG:DYMO;MDL:LabelWriter 450;", node=False)
    (tmp_path / "sys/class/usbmisc/hiddev0").mkdir()
    first, second = usb(tmp_path)
    assert first == Found(f"usb:{tmp_path}/dev/usb/lp0", "Brother", "QL-800", "ql")
    assert (second.language, second.warnings) == ("dymo", ("device_missing",))


def test_brother_posing_as_a_disk(tmp_path: Path) -> None:
    device = tmp_path / "sys/bus/usb/devices/1-2"
    (device / "1-2:1.0").mkdir(parents=True)
    (device / "idVendor").write_text("04f9\n")
    (device / "product").write_text("QL-800\n")
    (device / "1-2:1.0/bInterfaceClass").write_text("08\n")
    (found,) = usb(tmp_path)
    assert (found.model, found.warnings, found.destination) == ("QL-800", ("editor_lite",), "")
    (device / "1-2:1.0/bInterfaceClass").write_text("07\n")
    assert usb(tmp_path) == []


def test_no_usb_at_all(tmp_path: Path) -> None:
    assert usb(tmp_path) == []


@pytest.mark.long
def test_printers_that_announce_themselves() -> None:
    zeroconf = pytest.importorskip("zeroconf")
    try:
        announcer = zeroconf.Zeroconf(interfaces=["127.0.0.1"])
    except OSError as error:
        pytest.skip(f"no multicast on this machine: {error}")

    def service(kind: str, name: str, port: int, texts: dict[str, str]) -> object:
        return zeroconf.ServiceInfo(
            kind,
            f"{name}.{kind}",
            addresses=[socket.inet_aton("127.0.0.1")],
            port=port,
            properties=texts,
            server="etabli-test.local.",
        )

    zebra = {"usb_MFG": "Zebra", "usb_MDL": "ZD421", "usb_CMD": "ZPL"}
    office = {"ty": "HP LaserJet", "pdl": "application/pdf,image/urf", "rp": "ipp/print"}
    try:
        for info in (
            service(RAW_SERVICE, "etabli-zebra", 19100, zebra),
            service(IPP_SERVICE, "etabli-office", 16310, office),
            # Label printers announce IPP too; they are taken once, raw.
            service(IPP_SERVICE, "etabli-zebra", 16311, zebra),
        ):
            announcer.register_service(info, cooperating_responders=True)  # no probing: faster
        found = {printer.destination: printer for printer in network(interfaces=["127.0.0.1"])}
    finally:
        announcer.unregister_all_services()
        announcer.close()
    assert found["tcp://127.0.0.1:19100"].language == "zpl"
    assert found["ipp://127.0.0.1:16310/ipp/print"].language == "pdf"
    assert not any(":16311" in destination for destination in found)
