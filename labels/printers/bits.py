"""One-bit pictures as packed rows and back: what every printer language carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels.errors import LabelError

if TYPE_CHECKING:
    from PIL.Image import Image

# A metre of label at 600 dpi: more is garbage, not a label.
MAX_ROWS = 24_000
MAX_ROW_BYTES = 1_000


def ink_rows(image: Image) -> tuple[int, bytes]:
    """Bytes a row, and all rows packed: most significant bit left, 1 = black, 0 = pad."""
    from PIL import ImageChops

    inverted = ImageChops.invert(image.convert("1"))
    return (image.width + 7) // 8, inverted.tobytes()


def from_ink(rows: bytes, row_bytes: int, target: str) -> Image:
    """The picture of packed rows; raises `LabelError("bytes_unreadable")`."""
    from PIL import Image as images
    from PIL import ImageChops

    count = len(rows) // row_bytes if row_bytes else 0
    if not 0 < row_bytes <= MAX_ROW_BYTES or not 0 < count <= MAX_ROWS:
        raise unreadable(target, "no picture, or an impossible one")
    if len(rows) != count * row_bytes:
        raise unreadable(target, "a row is cut short")
    return ImageChops.invert(images.frombytes("1", (row_bytes * 8, count), rows))


def unreadable(target: str, why: str) -> LabelError:
    """The error of bytes that a printer would not understand either."""
    return LabelError("bytes_unreadable", target=target, why=why)


def across(image: Image, head_dots: int, target: str, size_name: str) -> Image:
    """The picture as it goes under the head: turned a quarter where it is too wide.

    Raises `LabelError("label_too_wide")` where neither edge fits.
    """
    from PIL import Image as images

    if image.width <= head_dots:
        return image
    if image.height <= head_dots:
        return image.transpose(images.Transpose.ROTATE_90)
    raise LabelError("label_too_wide", target=target, size=size_name)


class Reader:
    """A byte stream read in order, every shortage a `LabelError`."""

    def __init__(self, data: bytes, target: str) -> None:
        self.data, self.target, self.at = data, target, 0

    def __bool__(self) -> bool:
        return self.at < len(self.data)

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        found = self.data[self.at : self.at + count]
        if len(found) != count:
            raise unreadable(self.target, "the bytes end in the middle of a command")
        self.at += count
        return found

    def byte(self) -> int:
        return self.take(1)[0]

    def rows(self, start: bytes, row_bytes: int) -> list[bytes]:
        """As many rows as follow, each `start` and then `row_bytes` of picture.

        A label is hundreds of equal commands: looked at in columns, not one by one.
        """
        stride = len(start) + row_bytes
        most = (len(self.data) - self.at) // stride
        for offset, byte in enumerate(start):
            column = self.data[self.at + offset : self.at + most * stride : stride]
            most = min(most, len(column) - len(column.lstrip(bytes((byte,)))))
        end = self.at + most * stride
        found = [self.data[at : at + row_bytes] for at in range(self.at + len(start), end, stride)]
        self.at = end
        return found

    def word(self) -> int:
        """Two bytes, low byte first."""
        return int.from_bytes(self.take(2), "little")

    def line(self) -> bytes:
        """Up to and without the next line feed."""
        end = self.data.find(b"\n", self.at)
        if end < 0:
            raise unreadable(self.target, "a line has no end")
        found = self.data[self.at : end]
        self.at = end + 1
        return found.rstrip(b"\r")
