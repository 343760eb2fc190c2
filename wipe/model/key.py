"""What a pass is made from: the key that is in the journal before the first write."""

from __future__ import annotations

import enum

import msgspec

from diagnostics.learn import learn


class Algorithm(enum.StrEnum):
    AES_256_CTR = "aes-256-ctr"
    CHACHA20 = "chacha20"
    FIXED = "fixed"


class Key(msgspec.Struct, frozen=True):
    """What a pass was made from; journalled. `secret`: 32 bytes in hexadecimal; `byte`: FIXED."""

    algorithm: Algorithm
    secret: str = ""
    byte: int = 0


learn(Key)
