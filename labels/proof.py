"""The last look before printing: read both codes back from the final image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels.errors import LabelError

if TYPE_CHECKING:
    from PIL.Image import Image


def read_codes(image: Image, *, quick: bool = False) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Texts of all Code 128 and of all QR codes in an image, by zxing-cpp.

    `quick`: only upright codes at their own size, as a fresh label has them.
    """
    import zxingcpp

    formats = zxingcpp.BarcodeFormats(
        [zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode]
    )
    found = zxingcpp.read_barcodes(
        image.convert("L"),
        formats=formats,
        text_mode=zxingcpp.TextMode.Plain,
        try_rotate=not quick,
        try_downscale=not quick,
        try_invert=False,
        # A fresh label is black on white, with nothing in between to be found out.
        binarizer=zxingcpp.Binarizer.FixedThreshold if quick else zxingcpp.Binarizer.LocalAverage,
    )
    bars = [code.text for code in found if code.format == zxingcpp.BarcodeFormat.Code128]
    matrices = [code.text for code in found if code.format == zxingcpp.BarcodeFormat.QRCode]
    return tuple(bars), tuple(matrices)


def prove(image: Image, asset: str, qr_text: str) -> None:
    """Raise `LabelError("proof_failed")` unless exactly these two codes are read."""
    from PIL import Image as images

    upright = image
    if image.height > image.width:  # printed with its short edge across
        upright = image.transpose(images.Transpose.ROTATE_270)
    if read_codes(upright, quick=True) == ((asset,), (qr_text,)):
        return
    bars, matrices = read_codes(image)
    if bars != (asset,):
        raise LabelError("proof_failed", which="bars", expected=asset, read=" | ".join(bars))
    if matrices != (qr_text,):
        raise LabelError("proof_failed", which="qr", expected=qr_text, read=" | ".join(matrices))
