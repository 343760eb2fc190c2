"""Text that PostgreSQL cannot keep: U+0000. Written as U+0001 U+0001, and U+0001 as U+0001 U+0002.

Every text comes back as it was, and in the same order: the first byte that differs decides as
before. A machine may tell any serial number; it must not stop an import. Pure.
"""

from __future__ import annotations


def written(text: str) -> str:
    """As it is kept."""
    if "\0" in text or "\x01" in text:
        return text.replace("\x01", "\x01\x02").replace("\0", "\x01\x01")
    return text


def read(kept: str) -> str:
    """As it was."""
    if "\x01" in kept:
        return kept.replace("\x01\x01", "\0").replace("\x01\x02", "\x01")
    return kept
