"""Printer addresses as people type them."""

import pytest

from labels.errors import LabelError
from labels.printers.destination import CupsQueue, Device, File, Ipp, Network, destination


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tcp://10.0.0.7", Network("10.0.0.7", 9100)),
        ("tcp://zebra.local:6101/", Network("zebra.local", 6101)),
        ("tcp://zebra?quiet", Network("zebra", 9100, True)),
        ("tcp://[fe80::1]:9100", Network("fe80::1", 9100)),
        ("ipp://bureau", Ipp("http://bureau:631/ipp/print")),
        ("ipp://bureau:8631/p/1", Ipp("http://bureau:8631/p/1")),
        ("usb:/dev/usb/lp0", Device("/dev/usb/lp0")),
        ("/dev/usb/lp1", Device("/dev/usb/lp1")),
        ("lp:Salle_2", CupsQueue("Salle_2")),
        ("file:/tmp/a b.pdf", File("/tmp/a b.pdf")),
        ("label.png", File("label.png")),
    ],
)
def test_destinations(text: str, expected: object) -> None:
    assert destination(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "tcp://", "tcp://a:0", "tcp://a:99999", "ftp://a", "lp:-o raw", "usb:/etc/passwd", "lp:"],
)
def test_destinations_that_make_no_sense(text: str) -> None:
    with pytest.raises(LabelError) as caught:
        destination(text)
    assert caught.value.code == "unknown_destination"
