"""HPA, ACCESSIBLE MAX ADDRESS and DCO: found, lifted, reported. Read and set through hdparm.

`hdparm -N` asks for the native size by whichever of the first two the drive has.

Lifted permanently (`-N p…`): a later overwrite, and the next owner, get the whole
disk. DCO can only be restored once the HPA is gone. Linux may see the new size
only after a power cycle (nwipe #459): then the job says so and waits.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from diagnostics.command import Runner
from wipe.methods.ata import SURE, may_hide, visible_sectors
from wipe.model.capabilities import HiddenAreas

_LIMIT_S = 60.0


def parse_hpa(text: str) -> tuple[int, int] | None:
    """` max sectors   = 1000/2000, HPA is enabled` -> (visible, native); else `None`."""
    found = re.search(r"max sectors\s*=\s*(\d{1,19})/(\d{1,19})", text)
    if found is None or "invalid" in text:
        return None
    visible, native = int(found.group(1)), int(found.group(2))
    return (visible, native) if 0 < visible <= native else None


def parse_dco(text: str) -> int | None:
    """`Real max sectors: N` of `--dco-identify`; refused when the checksum failed."""
    found = re.search(r"Real max sectors:\s*(\d{1,19})", text)
    return int(found.group(1)) if found and "Checksum FAILED" not in text else None


def identify(runner: Runner, path: str, words: tuple[int, ...]) -> HiddenAreas | None:
    """What a drive with this IDENTIFY data keeps from the host; `None` when it does not say.

    A drive that knows no way to hide anything (HPA and DCO are gone since ACS-3) hides nothing.
    """
    # Word 83 bit 11: Device Configuration Overlay, obsolete since ACS-3 but still on old disks.
    areas = read_hidden(runner, path, has_dco=bool(words[83] & 1 << 11))
    if areas is not None or may_hide(words):
        return areas
    visible = visible_sectors(words)
    return HiddenAreas(visible_sectors=visible, native_sectors=visible)


def read_hidden(runner: Runner, path: str, *, has_dco: bool) -> HiddenAreas | None:
    """What the drive keeps from the host; `None` when it cannot be asked."""
    hpa = parse_hpa(runner.run(["hdparm", "-N", path], timeout_s=_LIMIT_S).text)
    dco = None
    if has_dco:
        done = runner.run(["hdparm", "--dco-identify", path], timeout_s=_LIMIT_S)
        dco = parse_dco(done.text)
    if hpa is None:
        return None
    return HiddenAreas(visible_sectors=hpa[0], native_sectors=hpa[1], dco_sectors=dco)


def lift(runner: Runner, path: str, areas: HiddenAreas) -> None:
    """Remove the HPA, then the DCO. The kernel must look again afterwards: `rescan`."""
    visible, native = areas.visible_sectors or 0, areas.native_sectors or 0
    if native > visible:
        runner.run(["hdparm", SURE, "-N", f"p{native}", path], timeout_s=_LIMIT_S)
    if (areas.dco_sectors or 0) > native:
        words = ["hdparm", SURE, "--please-destroy-my-drive", "--dco-restore", path]
        runner.run(words, timeout_s=_LIMIT_S)


def rescan(path: str) -> None:
    """Have the kernel read the size again."""
    try:
        Path(f"/sys/class/block/{PurePosixPath(path).name}/device/rescan").write_text("1\n")
    except OSError:
        pass  # the size is checked afterwards; this only helps
