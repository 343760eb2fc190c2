"""The formats a label can be made in: names, resolutions, and where their code is."""

from __future__ import annotations

import importlib
from typing import Any

import msgspec

from labels.errors import LabelError
from labels.sizes import TAPES, Size, size_named


class Target(msgspec.Struct, frozen=True):
    """One output format; its module is loaded when it is first used.

    The module has `encode(drawing) -> bytes`; a printer's has also
    `decode(data) -> image`, which turns the exact printer bytes back into a picture.
    """

    name: str
    module: str
    dpis: tuple[int, ...]  # the first is taken when none is asked for
    extension: str
    media_type: str
    printer: bool  # its bytes go to a label printer as they are
    default_size: str = "62x29"
    least_margin_x_mm: float = 0.0  # at both ends, where the printer cannot print
    tape: bool = False  # takes the sizes of `labels.sizes.TAPES`, and no other

    def code(self) -> Any:
        """The module that encodes this target."""
        return importlib.import_module(self.module)


_RAW = "application/octet-stream"
TARGETS = {
    target.name: target
    for target in (
        Target("png", "labels.render.png", (300, 203, 600), "png", "image/png", False),
        Target("pdf", "labels.render.pdf", (300, 203, 600), "pdf", "application/pdf", False),
        Target("svg", "labels.render.svg", (300, 203, 600), "svg", "image/svg+xml", False),
        Target("ql", "labels.printers.brother_ql", (300,), "bin", _RAW, True),
        Target("zpl", "labels.printers.zpl", (203, 300, 600), "zpl", _RAW, True, "50x25"),
        Target("epl", "labels.printers.epl", (203, 300), "epl", _RAW, True, "50x25"),
        Target("dymo", "labels.printers.dymo", (300,), "bin", _RAW, True, "89x36", 6.2),
        Target("pt", "labels.printers.brother_pt", (180,), "bin", _RAW, True, "90x24", tape=True),
        Target("escpos", "labels.printers.escpos", (203,), "bin", _RAW, True),
    )
}


def target_named(name: str) -> Target:
    """The target of a name; raises `LabelError("unknown_target")`."""
    try:
        return TARGETS[name]
    except KeyError:
        raise LabelError("unknown_target", target=name, known=", ".join(TARGETS)) from None


def stock(target: Target, size_name: str | None) -> Size:
    """The label to lay out for a target, with margins its printer can keep.

    Raises `LabelError`: `unknown_size`, `label_too_wide` (another sort of printer's).
    """
    size = size_named(size_name or target.default_size)
    # Pictures and pages take any size.
    if target.printer and target.tape != (size.name in TAPES):
        raise LabelError("label_too_wide", target=target.name, size=size.name)
    if size.margin_x_mm >= target.least_margin_x_mm:
        return size
    return msgspec.structs.replace(size, margin_x_mm=target.least_margin_x_mm)


def size_for(target: Target, size_name: str) -> str:
    """A bench's usual size, or the target's own where its printer takes another sort."""
    return target.default_size if target.tape != (size_name in TAPES) else size_name


def resolution(target: Target, dpi: int | None) -> int:
    """The asked resolution, or the target's own; raises `LabelError("unknown_dpi")`."""
    if dpi is None:
        return target.dpis[0]
    if dpi not in target.dpis:
        known = ", ".join(map(str, target.dpis))
        raise LabelError("unknown_dpi", target=target.name, dpi=dpi, known=known)
    return dpi
