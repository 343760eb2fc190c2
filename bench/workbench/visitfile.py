"""The visit under way, kept whole on the disk, so that killed screens find it again."""

from __future__ import annotations

from pathlib import Path

import msgspec

from bench.guide.visit import Visit, decode, encode
from diagnostics import durable
from diagnostics.learn import learn


class Kept(msgspec.Struct, frozen=True):
    """What `visit.json` holds: the visit, as `bench.guide.visit` encodes it, and its machine."""

    visit: msgspec.Raw
    device: str = ""
    noted: bool = False  # the machine's facts are in the log


class VisitFile:
    """Reads and writes one `visit.json`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> tuple[Visit, str, bool]:
        """The visit, its device, whether its facts are recorded; a new visit where none is."""
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=Kept)
            visit = decode(bytes(kept.visit))
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            visit = None
        if visit is None:
            return Visit(), "", False
        return visit, kept.device, kept.noted

    def write(self, visit: Visit, device: str, noted: bool) -> None:
        """Durable when it returns. Raises `OSError`."""
        kept = Kept(msgspec.Raw(encode(visit)), device, noted)
        durable.write_whole(self._path, msgspec.json.encode(kept))


learn(Kept)
