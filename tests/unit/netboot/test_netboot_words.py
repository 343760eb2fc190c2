"""What PCs are told over the network, and what a person who serves it wrongly is told."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.errors.failure import Failure
from bench.netboot import menus, proxy
from bench.netboot.place import Place, read_place
from diagnostics.command import Completed, System

ROOT = Path(__file__).resolve().parents[3]
HASH = "1f" * 32
PLACE = Place("eth0", "10.0.0.2", ipaddress.IPv4Network("10.0.0.0/24"))


def menu() -> str:
    """The stick's own, as live/build fills it in."""
    text = (ROOT / "live" / "grub.cfg").read_text()
    filled = text.replace("@UUID@", "2026-11-29-08-00-00-00").replace("@HASH@", HASH)
    return filled.replace("@BLOCKS@", "50000")


def test_the_kernel_is_told_what_the_stick_tells_it_but_where_to_look() -> None:
    words = menus.words_of(menu())
    assert words is not None and words.system == HASH
    line = menus.kernel_line(words, "http://10.0.0.2:8475/system.squashfs", erase_unkept=False)
    told = line.split()
    own = set(re.findall(r'^set (?:etabli|quiet|never)="(.*)"$', menu(), re.MULTILINE))
    expected = {word for words in own for word in words.split() if "uuid" not in word}
    assert set(told) == expected | {"etabli.net=http://10.0.0.2:8475/system.squashfs"}
    assert f"etabli.verity={HASH}" in told and "etabli.blocks=50000" in told
    allowed = menus.kernel_line(words, "http://x/y", erase_unkept=True).split()
    assert "etabli.unkept=erase" in allowed


def test_both_menus_give_the_whole_line_and_the_card() -> None:
    words = menus.words_of(menu())
    assert words is not None
    line = menus.kernel_line(words, "http://10.0.0.2:8475/system.squashfs", erase_unkept=False)
    grub, pxelinux = menus.grub_menu(line), menus.pxelinux_menu(line)
    assert grub.count(f"linux /vmlinuz {line}") == 2 == grub.count("BOOTIF=01-$net_default_mac")
    assert pxelinux.count(f"APPEND {line}") == 2 == pxelinux.count("SYSAPPEND 2")
    assert grub.isascii() and pxelinux.isascii()


@pytest.mark.parametrize("text", ["", 'set etabli="boot=etabli"', menu().replace(HASH, "zz")])
def test_what_is_no_menu_of_ours_gives_no_words(text: str) -> None:
    assert menus.words_of(text) is None


def test_no_address_is_given_and_no_name_answered() -> None:
    told = proxy.argv(PLACE, Path("/served"))
    ranges = [word for word in told if word.startswith("--dhcp-range=")]
    assert ranges == ["--dhcp-range=10.0.0.0,proxy,255.255.255.0"]
    assert {"--port=0", "--conf-file=/dev/null", "--bind-interfaces"} <= set(told)
    assert "--interface=eth0" in told and "--except-interface=lo" in told
    assert "--user=nobody" in told and "--tftp-root=/served" in told


@pytest.mark.parametrize(
    ("line", "card"),
    [
        ("dnsmasq-dhcp[15451]: PXE(br0) 52:54:00:77:00:01 proxy", "52:54:00:77:00:01"),
        ("dnsmasq-dhcp: PXE(br0) 10.77.0.5 52:54:00:77:00:01 proxy", "52:54:00:77:00:01"),
        ("dnsmasq-tftp[15451]: sent /served/pxelinux.0 to 10.77.0.80", None),
        ("dnsmasq[15451]: started, version 2.90 DNS disabled", None),
    ],
)
def test_a_bench_that_asks_is_told_by_its_card(line: str, card: str | None) -> None:
    assert proxy.asking(line) == card


class Linked(System):
    def __init__(self, text: bytes, code: int = 0) -> None:
        super().__init__()
        self._text, self._code = text, code

    def run(self, argv, *, timeout_s=10.0, stdin=None):  # type: ignore[no-untyped-def]
        return Completed(tuple(argv), self._code, self._text, b"", 0.0)


LINK = b'[{"addr_info":[{"family":"inet","local":"10.0.0.2","prefixlen":%d,"scope":"%s"}]}]'


def test_an_interface_is_served_where_it_has_an_address_of_a_network() -> None:
    assert read_place(Linked(LINK % (24, b"global")), "eth0") == PLACE


@pytest.mark.parametrize(
    ("machine", "interface", "code"),
    [
        (Linked(b"", 1), "eth9", "netboot_interface_unknown"),
        (Linked(b"[]"), "-x", "netboot_interface_unknown"),
        (Linked(b"[]"), "a\nb", "netboot_interface_unknown"),
        (Linked(b"[]"), "eth0", "netboot_no_address"),
        (Linked(b"{nonsense"), "eth0", "netboot_no_address"),
        (Linked(LINK % (32, b"global")), "eth0", "netboot_no_address"),  # nobody else is in it
        (Linked(LINK % (24, b"link")), "eth0", "netboot_no_address"),
    ],
)
def test_an_interface_that_nobody_can_be_served_on(
    machine: System, interface: str, code: str
) -> None:
    with pytest.raises(Failure) as refused:
        read_place(machine, interface)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], 2),
        (["image.iso"], 2),
        (["image.iso", "--interface", "eth0", "--port", "70000"], 2),
        (["image.iso", "--interface", "nowhere0"], 2),
        (["missing.iso", "--interface", "lo"], 2),
    ],
)
def test_wrong_use_is_one_sentence(
    words: list[str], code: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["--data", str(tmp_path / "data"), "netboot", *words]) == code
    said = capsys.readouterr()
    assert not said.out and said.err.startswith("etabli") and "Traceback" not in said.err
    assert not (tmp_path / "data").exists()
