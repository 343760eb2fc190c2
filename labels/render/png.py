"""A drawing as a PNG file that knows its resolution."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from labels.drawing import Drawing
from labels.render.raster import to_image

if TYPE_CHECKING:
    from PIL.Image import Image


def encode(drawing: Drawing) -> bytes:
    """PNG in shades of grey: bars on whole dots, text smoothed for the screen."""
    file = io.BytesIO()
    # Pillow keeps whole dots per metre: 300 dpi is read back as 299.9994.
    image = to_image(drawing, grey=True)
    image.save(file, "PNG", dpi=(drawing.dpi, drawing.dpi), compress_level=1)
    return file.getvalue()


def decode(data: bytes) -> Image:
    """The image of PNG bytes."""
    from PIL import Image as images

    return images.open(io.BytesIO(data)).convert("L")
