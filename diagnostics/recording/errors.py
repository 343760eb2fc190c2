"""What can be wrong with a recording."""

from __future__ import annotations


class CaptureError(Exception):
    """A recording that cannot be read or written.

    `code` is missing, exists, io, corrupt, hostile, too_big or format; `values` fill the sentence.
    """

    def __init__(self, code: str, **values: object) -> None:
        details = ", ".join(f"{name}={value}" for name, value in values.items())
        super().__init__(f"{code}: {details}" if details else code)
        self.code = code
        self.values = values
