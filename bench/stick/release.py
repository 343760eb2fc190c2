"""Who may make an image that updates a stick: a statement of its maker, and the keys believed.

The statement stands beside the image (FILE.release): length, SHA-256 and UUID, sealed as every
statement of ours. The public keys are part of the image that runs: what is believed is decided
when a stick is made, and changes only with an image that was believed.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from bench.errors.failure import Exit, Failure
from bench.records.errors import RecordsError
from bench.records.signed import sealed
from bench.records.signed.keys import Key
from bench.stick.seen import image_uuid
from bench.stick.source import Source
from diagnostics.learn import learn

KIND = "release"
TRUSTED = "/usr/lib/etabli/release.pub"  # one key a line, in hexadecimal (live/build --trust)


class Release(msgspec.Struct, frozen=True):
    """What was signed of an image. `uuid`: the moment it was made; the greater is the newer."""

    sha256: str
    size_bytes: int
    uuid: str


learn(Release)


def statement(key: Key, source: Source, sha256: str) -> bytes:
    """The content of FILE.release."""
    said = Release(sha256, source.size_bytes, image_uuid(source.head))
    return key.seal(KIND, msgspec.to_builtins(said)).dumps()


def believed(source: Source, trusted: frozenset[str]) -> Release:
    """What was signed of this image, by a key that is believed. Raises `Failure` otherwise.

    Its content is still to be compared with `sha256`.
    """
    if not trusted:
        raise Failure("stick_no_trust", Exit.REFUSED)
    if not source.release:
        raise Failure("stick_unsigned", Exit.REFUSED, path=source.path)
    try:
        value, statement = sealed.read(source.release, KIND)
        said = msgspec.convert(value, Release)
    except (RecordsError, msgspec.MsgspecError) as error:
        raise Failure("stick_signature", Exit.REFUSED, path=source.path) from error
    same = (said.size_bytes, said.uuid) == (source.size_bytes, image_uuid(source.head))
    if statement.key not in trusted or not said.uuid or not same:
        raise Failure("stick_signature", Exit.REFUSED, path=source.path)
    return said


def trusted_keys(path: str = TRUSTED) -> frozenset[str]:
    """The keys this system believes; none where it names none."""
    try:
        with Path(path).open("rb") as file:
            words = file.read(1 << 16).decode("ascii", "replace").split()
    except OSError:
        return frozenset()
    return frozenset(word for word in words if sealed.is_public_key(word))
