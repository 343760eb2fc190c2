"""Takes out of an image of the stick what a start over the network needs."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bench.errors.failure import Exit, Failure
from bench.netboot.menus import INITRD, KERNEL, SYSTEM, Words, words_of
from diagnostics.command import Completed, Problem, Runner

# Path in the image, name for the firmware (TFTP).
STARTERS = {
    "netboot/shimx64.efi": "shimx64.efi",
    "netboot/grubx64.efi": "grubx64.efi",
    "netboot/pxelinux.0": "pxelinux.0",
    "netboot/ldlinux.c32": "ldlinux.c32",
    f"live/{KERNEL}": KERNEL,
    f"live/{INITRD}": INITRD,
}
_SYSTEM = f"live/{SYSTEM}"
_MENU = "boot/grub/grub.cfg"


class Taken(msgspec.Struct, frozen=True):
    """What was taken out: `tftp`, a folder for firmware; `system`, a file for HTTP."""

    tftp: Path
    system: Path
    words: Words

    def sizes(self) -> list[tuple[str, int]]:
        """Each file that is served, and its bytes."""
        files = sorted(path for path in self.tftp.rglob("*") if path.is_file())
        served = [(str(path.relative_to(self.tftp)), path.stat().st_size) for path in files]
        return [*served, (SYSTEM, self.system.stat().st_size)]


def take_out(runner: Runner, image: str, folder: Path) -> Taken:
    """Into `folder`, which is empty. Raises `Failure`: no image of ours, or one too old for it."""
    tftp, system, menu = folder / "tftp", folder / SYSTEM, folder / "menu"
    tftp.mkdir()
    wanted = {path: tftp / name for path, name in STARTERS.items()}
    told = _extract(runner, image, {_MENU: menu} | wanted | {_SYSTEM: system})
    if told.problem is Problem.MISSING:
        raise Failure("tool_missing", Exit.MACHINE, tool="xorriso", package="xorriso")
    if not menu.is_file():
        raise Failure("stick_no_image", Exit.USAGE, path=image)
    words = words_of(menu.read_text("utf-8", "replace"))
    if told.exit_code != 0 or words is None:
        raise Failure("netboot_image_old", Exit.USAGE, path=image)
    return Taken(tftp, system, words)


def _extract(runner: Runner, image: str, files: dict[str, Path]) -> Completed:
    argv = ["xorriso", "-osirrox", "on", "-indev", f"stdio:{image}"]
    for path, place in files.items():
        argv += ["-extract", f"/{path}", str(place)]
    done = runner.run(argv, timeout_s=300)
    for place in files.values():
        if place.is_file():
            place.chmod(0o644)
    return done
