"""A bare Debian live console, the peer of `tests.benchmarks.boot`: Debian's own live-boot.

The kernel of the stick's release, systemd, udev, a root shell on tty1 without a password. Made once
in `.cache/bare/` (a minute, as root, from the machine's mirror), on a medium as the stick's is.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / ".cache" / "bare"
PACKAGES = "linux-image-amd64,initramfs-tools,live-boot,live-boot-initramfs-tools,systemd-sysv,udev"
WORDS = "boot=live quiet loglevel=3"
LOGIN = """[Service]
ExecStart=
ExecStart=-/sbin/agetty --autologin root --noclear %I $TERM
"""
PROMPT = "root@"


def _run(*argv: str | Path) -> None:
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, timeout=1200)


def make() -> Path:
    """The folder with `vmlinuz`, `initrd` and `medium.iso`. Raises `CalledProcessError`."""
    if (FOLDER / "medium.iso").exists():
        return FOLDER
    work = FOLDER / "work"
    tree, disc = work / "tree", work / "disc"
    shutil.rmtree(work, ignore_errors=True)
    (disc / "live").mkdir(parents=True)
    argv = ["mmdebstrap", "--mode=root", "--variant=minbase", "--quiet", f"--include={PACKAGES}"]
    _run(*argv, '--aptopt=Apt::Install-Recommends "false"', "trixie", tree)
    _run("chroot", tree, "passwd", "-d", "root")
    drop_in = tree / "etc/systemd/system/getty@tty1.service.d"
    drop_in.mkdir(parents=True)
    (drop_in / "login.conf").write_text(LOGIN)
    for name, found in (("vmlinuz", "vmlinuz-*"), ("initrd", "initrd.img-*")):
        shutil.copyfile(next((tree / "boot").glob(found)), FOLDER / name)
    squash = disc / "live" / "filesystem.squashfs"
    how = ("-quiet", "-no-progress", "-comp", "zstd", "-Xcompression-level", "15", "-b", "256K")
    _run("mksquashfs", tree, squash, "-e", "boot", "var/cache", *how)
    _run("xorriso", "-as", "mkisofs", "-quiet", "-r", "-o", work / "medium.iso", disc)
    (work / "medium.iso").rename(FOLDER / "medium.iso")
    shutil.rmtree(work)
    return FOLDER
