"""Writes an initramfs archive: the kernel's "newc" cpio format, nothing more.

Format: Linux `Documentation/driver-api/early-userspace/buffer-format.rst`.
"""

from __future__ import annotations

import stat

_TRAILER = "TRAILER!!!"


def _member(number: int, name: str, mode: int, content: bytes) -> bytes:
    """One archive member, padded to four bytes as the format asks."""
    path = name.encode() + b"\0"
    fields = (number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(path), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + path
    head += b"\0" * (-len(head) % 4)
    return head + content + b"\0" * (-len(content) % 4)


def archive(folders: list[str], files: dict[str, tuple[int, bytes]]) -> bytes:
    """A cpio archive of `folders` and `files` (name -> permission bits, content)."""
    members = [_member(n, name, stat.S_IFDIR | 0o755, b"") for n, name in enumerate(folders, 1)]
    for number, (name, (bits, content)) in enumerate(files.items(), len(folders) + 1):
        members.append(_member(number, name, stat.S_IFREG | bits, content))
    members.append(_member(0, _TRAILER, 0, b""))
    return b"".join(members)
