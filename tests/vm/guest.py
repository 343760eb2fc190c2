"""Makes, once, what a test machine boots: a Debian kernel, an initramfs, a root image.

The root comes from the Debian mirrors this machine is already set up with
(`/etc/apt/sources.list*`), through mmdebstrap, and is cached in `.cache/vm/`
under a hash of the recipe. The project's own code reaches the guest on two
small ext4 images: the site-packages of the running virtual environment
(cached, keyed by what is in it) and the sources (made for each run).
"""

from __future__ import annotations

import compileall
import dataclasses
import fcntl
import hashlib
import importlib.metadata
import lzma
import os
import py_compile
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.vm import aptsources
from tests.vm.cpio import archive

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
CACHE = REPOSITORY / ".cache" / "vm"

# The generic kernel: the cloud one lacks target_core_user, ahci, usb-storage, sound.
PACKAGES = (
    "linux-image-amd64", "busybox-static", "kmod", "udev", "python3", "util-linux", "fdisk",
    "e2fsprogs", "dosfstools", "smartmontools", "nvme-cli", "hdparm", "sg3-utils", "mmc-utils",
    "dmidecode", "pciutils", "usbutils", "lvm2", "mdadm", "cryptsetup-bin", "dmsetup",
    "alsa-utils", "ethtool", "iproute2", "memtester",
)  # fmt: skip

# Nothing in the tests needs these; they are two thirds of the kernel's modules.
LEFT_OUT = (
    *(f"/usr/lib/modules/*/kernel/{part}/*" for part in (
        "drivers/gpu", "drivers/media", "drivers/net/wireless", "drivers/infiniband",
        "drivers/staging", "drivers/isdn", "drivers/comedi", "drivers/iio", "sound/soc",
        "net/bluetooth", "drivers/net/can", "fs/ocfs2", "fs/ceph", "fs/xfs", "fs/btrfs",
    )),
    *(f"/lib/modules/*/kernel/{part}/*" for part in (
        "drivers/gpu", "drivers/media", "drivers/net/wireless", "drivers/infiniband",
        "drivers/staging", "drivers/isdn", "drivers/comedi", "drivers/iio", "sound/soc",
        "net/bluetooth", "drivers/net/can", "fs/ocfs2", "fs/ceph", "fs/xfs", "fs/btrfs",
    )),
    "/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*",
    # we make the initramfs ourselves: Debian's takes half a minute to build
    "/etc/kernel/postinst.d/initramfs-tools",
)  # fmt: skip

# ext4 asks for crc32c by name, which no dependency file says
EARLY_MODULES = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4", "overlay")
NOT_FOR_THE_GUEST = (
    "mypy*", "*__mypyc*", "ruff*", "pip*", "setuptools*", "pkg_resources", "_distutils_hack",
    "hypothesis*", "grimp*", "importlinter*", "import_linter*", "_pytest", "pytest*", "xdist*",
    "pypdfium2*", "librt*", "ast_serialize*", "__pycache__", "distutils-precedence.pth",
)  # fmt: skip
XZ = b"\xfd7zXZ\0"
SOURCES = ("bench", "diagnostics", "wipe", "labels", "tests")


class Unavailable(Exception):
    """The test machine cannot be made here; the message says why."""


@dataclasses.dataclass(frozen=True)
class Images:
    """What QEMU boots: paths on the host."""

    kernel: Path
    packed: Path  # the same as Debian ships it: slower to boot, but wakes from S3
    initramfs: Path
    root: Path
    site: Path
    source: Path


def _run(argv: list[str], *, timeout_s: float) -> None:
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False
    )
    if done.returncode != 0:
        tail = (done.stdout + done.stderr).decode("utf-8", "replace")[-2000:]
        raise Unavailable(f"{argv[0]} ended with {done.returncode}:\n{tail}")


def why_not() -> str | None:
    """The reason no test machine can run here, or `None`."""
    for tool in ("qemu-system-x86_64", "qemu-img", "mke2fs"):
        if shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") is None:
            return f"{tool} is not installed"
    if _root_folder().is_dir():
        return None
    if shutil.which("mmdebstrap") is None:
        return "mmdebstrap is not installed"
    if os.geteuid() != 0:
        return "making the guest's root needs to be root"
    if aptsources.debian() is None:
        return "no Debian mirror is set up on this machine"
    return None


def _root_folder() -> Path:
    recipe = "\n".join(("4", aptsources.codename() or "?", *PACKAGES, *LEFT_OUT))
    return CACHE / ("root-" + hashlib.sha256(recipe.encode()).hexdigest()[:16])


def _ext4(folder: Path, image: Path) -> None:
    """A read-only-to-be ext4 image of `folder`: no journal, no slack worth naming."""
    used = sum(
        (p.lstat().st_size + 4095) // 4096 * 4096 + 512 for p in folder.rglob("*") if not p.is_dir()
    )
    folders = sum(1 for p in folder.rglob("*") if p.is_dir())
    size_mib = int((used * 1.1 + folders * 8192) / (1 << 20)) + 24
    part = image.with_suffix(".part")
    part.unlink(missing_ok=True)
    with part.open("wb") as made:
        made.truncate(size_mib << 20)
    argv = ["mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-N"]
    files = sum(1 for _ in folder.rglob("*"))
    _run([*argv, str(files + 1024), "-d", str(folder), str(part)], timeout_s=300)
    part.rename(image)


def _early_modules(modules: Path) -> dict[str, tuple[int, bytes]]:
    """The modules the root image needs, dependencies first, and the order to load them."""
    wants: dict[str, list[str]] = {}
    for line in (modules / "modules.dep").read_text().splitlines():
        name, _, needs = line.partition(":")
        wants[name] = needs.split()
    builtin = (modules / "modules.builtin").read_text()
    order: list[str] = []
    for name in EARLY_MODULES:
        if f"/{name}.ko" in builtin:
            continue
        path = next(p for p in wants if Path(p).name.split(".")[0] == name)
        order += [need for need in reversed(wants[path]) if need not in order]
        order += [path] if path not in order else []
    files: dict[str, tuple[int, bytes]] = {}
    for path in order:
        data = (modules / path).read_bytes()
        short = Path(path).name.split(".")[0] + ".ko"
        files["modules/" + short] = (0o644, lzma.decompress(data) if path.endswith("xz") else data)
    names = [name.removeprefix("modules/") for name in files]
    files["modules/order"] = (0o644, "\n".join(names).encode())
    return files


def _keep_early(tree: Path, target: Path) -> None:
    """Set the parts of the initramfs that come from Debian aside in `target`."""
    modules = next((tree / "usr/lib/modules").iterdir())
    busybox = next(p for p in (tree / "usr/bin/busybox", tree / "bin/busybox") if p.exists())
    (target / "modules").mkdir(parents=True)
    (target / "busybox").write_bytes(busybox.read_bytes())
    for name, (_, content) in _early_modules(modules).items():
        (target / name).write_bytes(content)


def _initramfs(early: Path, target: Path) -> None:
    """Debian's parts and our two scripts: made for each run, so that both may change."""
    files = {
        "init": (0o755, (HERE / "early.sh").read_bytes()),
        "etabli-init.sh": (0o755, (HERE / "guest-init.sh").read_bytes()),
        "bin/busybox": (0o755, (early / "busybox").read_bytes()),
    }
    for path in sorted((early / "modules").iterdir()):
        files["modules/" + path.name] = (0o644, path.read_bytes())
    folders = ["bin", "sbin", "proc", "sys", "dev", "lower", "rw", "new", "modules"]
    target.write_bytes(archive(folders, files))


def _unpacked(kernel: bytes) -> bytes:
    """The kernel within `vmlinuz`, which QEMU starts by its PVH entry.

    Unpacking itself under emulation takes it a quarter of each boot. One that is not packed
    by xz boots as it is.
    """
    at = kernel.find(XZ)
    try:
        image = lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(kernel[at:]) if at >= 0 else b""
    except lzma.LZMAError:
        return kernel
    return image if image.startswith(b"\x7fELF") else kernel


def _debootstrap(target: Path) -> None:
    sources = aptsources.debian()
    if sources is None:
        raise Unavailable("no Debian mirror is set up on this machine")
    work = target.with_suffix(".building")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    listed = work / "debian.sources"
    listed.write_text(sources)
    tree = work / "tree"
    argv = ["mmdebstrap", "--variant=minbase", "--include=" + ",".join(PACKAGES)]
    argv += ['--aptopt=Apt::Install-Recommends "false"', "--dpkgopt=force-unsafe-io"]
    argv += [f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT]
    codename = aptsources.codename() or "stable"
    _run([*argv, codename, str(tree), str(listed)], timeout_s=1500)
    packed = next((tree / "boot").glob("vmlinuz-*")).read_bytes()
    (work / "vmlinuz").write_bytes(packed)
    (work / "vmlinux").write_bytes(_unpacked(packed))
    shutil.rmtree(tree / "boot")
    _ext4(tree, work / "root.ext4")
    _keep_early(tree, work / "early")
    shutil.rmtree(tree)
    work.rename(target)


def _root() -> Path:
    """The cached root; two test processes that both want it wait for one another."""
    CACHE.mkdir(parents=True, exist_ok=True)
    target = _root_folder()
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            _debootstrap(target)
    return target


def _site() -> Path:
    """The running environment's packages as an image, made again when they change."""
    packages = sorted(
        f"{d.metadata['Name']}=={d.version}" for d in importlib.metadata.distributions()
    )
    key = hashlib.sha256("\n".join((sys.version, *packages)).encode()).hexdigest()[:16]
    image = CACHE / f"site-{key}.ext4"
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not image.exists():
            folder = CACHE / "site.tree"
            shutil.rmtree(folder, ignore_errors=True)
            library = Path(sysconfig.get_paths()["purelib"])
            ignore = shutil.ignore_patterns(*NOT_FOR_THE_GUEST)
            skipped = ignore(str(library), [entry.name for entry in library.iterdir()])
            folder.mkdir()
            for entry in library.iterdir():
                if entry.name in skipped:
                    continue
                if entry.is_dir():
                    shutil.copytree(entry, folder / entry.name)
                else:
                    shutil.copy2(entry, folder / entry.name)
            _ext4(folder, image)
            shutil.rmtree(folder)
    return image


def prepare(folder: Path) -> Images:
    """Everything a boot needs; what changes from run to run is made in `folder`.

    Raises `Unavailable` with the reason when it cannot be made.
    """
    reason = why_not()
    if reason is not None:
        raise Unavailable(reason)
    root = _root()
    tree = folder / "source"
    for name in SOURCES:
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "machines")
        shutil.copytree(REPOSITORY / name, tree / name, ignore=ignored)
    # Compiled here: under emulation the guest would spend seconds on it for each process.
    compileall.compile_dir(
        tree, quiet=2, workers=1, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
    )
    source = folder / "source.ext4"
    _ext4(tree, source)
    shutil.rmtree(tree)
    initramfs = folder / "initramfs"
    _initramfs(root / "early", initramfs)
    return Images(
        root / "vmlinux", root / "vmlinuz", initramfs, root / "root.ext4", _site(), source
    )
