"""Which system image this machine runs from, by its own hash. Reads only.

Our live system's first program opens its image through dm-verity with a root hash, so that not
one block of it can be another, and then writes that hash to `/run/etabli/boot-medium`
(live/initramfs/boot). An installed bench runs from no image.
"""

from __future__ import annotations

import re

from diagnostics.command import Runner

_NOTE = "/run/etabli/boot-medium"
_HASH = re.compile(r"[0-9a-f]{64}")


def running_system(runner: Runner) -> str | None:
    """The hash of the image: 64 hexadecimal digits, as its manifest has them beside `system`.

    `None` on an installed bench, and where the note says anything else or more than one thing.
    """
    lines = (runner.read(_NOTE).text or "").splitlines()
    said = {line.strip().removeprefix("system=") for line in lines if _is_ours(line)}
    return as_hash(next(iter(said))) if len(said) == 1 else None


def as_hash(value: object) -> str | None:
    """A value that is such a hash, and in its one spelling; `None` for any other."""
    return value if isinstance(value, str) and _HASH.fullmatch(value) else None


def _is_ours(line: str) -> bool:
    return line.strip().startswith("system=")
