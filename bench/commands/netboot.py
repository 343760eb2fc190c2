"""`etabli netboot`: start PCs over the network from this computer."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell
from bench.opening.context import Context
from bench.words.catalogue import say

if TYPE_CHECKING:
    from bench.netboot.image import Taken
    from bench.netboot.place import Place

_PORT = 8475  # beside the workshop's server (bench.exchange.wire.PORT)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("image", nargs="?", metavar="IMAGE", help=say("netboot.help_image"))
    add("--interface", default="", metavar="NOM", help=say("netboot.help_interface"))
    add("--port", type=int, default=_PORT, help=say("netboot.help_port"))
    add("--plan-only", action="store_true", help=say("netboot.help_plan"))
    add("--erase-unkept", action="store_true", help=say("netboot.help_erase"))


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Serves until interrupted."""
    from bench.netboot.image import take_out
    from bench.netboot.menus import grub_menu, kernel_line, pxelinux_menu
    from bench.netboot.place import read_place
    from bench.netboot.serve import serve
    from bench.stick.source import digest, from_file

    if not arguments.image:
        raise Failure("netboot_no_image", Exit.USAGE)
    if not arguments.interface:
        raise Failure("netboot_no_interface", Exit.USAGE)
    if not 0 < arguments.port < 65536:
        raise Failure("netboot_port_number", Exit.USAGE, port=arguments.port)
    runner = context.runner()
    place = read_place(runner, arguments.interface)
    if not arguments.plan_only:
        _must_be_able(say("netboot.what"))
    digest(from_file(runner, arguments.image), lambda done: None)  # whole, and as it was made
    for number in (signal.SIGINT, signal.SIGTERM):  # a service manager sends the second
        signal.signal(number, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="etabli-netboot-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # nobody reads there
        taken = take_out(runner, arguments.image, folder)
        url = f"http://{place.address}:{arguments.port}/{taken.system.name}"
        line = kernel_line(taken.words, url, erase_unkept=arguments.erase_unkept)
        _write(taken.tftp / "grub" / "grub.cfg", grub_menu(line))
        _write(taken.tftp / "pxelinux.cfg" / "default", pxelinux_menu(line))
        _show(place, taken, url, erase_unkept=arguments.erase_unkept)
        if arguments.plan_only:
            return int(Exit.DONE)
        with contextlib.suppress(KeyboardInterrupt):
            serve(place, arguments.port, taken, ready=_ready, told=_told)
    return int(Exit.DONE)


def _must_be_able(what: str) -> None:
    if os.geteuid() != 0:
        raise Failure("not_root", Exit.MACHINE, what=what)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    path.chmod(0o644)


def _show(place: Place, taken: Taken, url: str, *, erase_unkept: bool) -> None:
    """What is served, to whom."""
    where = {"interface": place.interface, "address": place.address, "network": str(place.network)}
    tell(say("netboot.plan", **where))
    tell(f"  - {say('netboot.addresses')}")
    for name, size in taken.sizes():
        tell(f"  - {say('netboot.file', name=name, size=f'{size / 1e6:.1f}')}")
    tell(f"  - {say('netboot.system', url=url, system=taken.words.system)}")
    tell(f"  - {say('netboot.erase' if erase_unkept else 'netboot.no_erase')}")


def _ready() -> None:
    tell(say("netboot.ready"), flush=True)


def _told(what: str, who: str, seconds: str) -> None:
    tell(say(f"netboot.bench.{what}", who=who, seconds=seconds), flush=True)
