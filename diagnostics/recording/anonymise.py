"""Takes the persons and the serials out of a recording, so that it can be shared. Pure.

What names one machine or its owner (serials, UUIDs, MACs, asset tags, host and file-system
names, Wi-Fi names) gets a substitute: the same value the same substitute in every file, of the
same length and of the same kinds of sign, so that a replay still fits together. A key drawn
for each recording keeps substitutes from being guessed back. Peers were asked for this:
hw-probe#56 and #123 (privacy of 58 logs).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from diagnostics.recording.store import Store
from diagnostics.sources.placeholders import Field, refused

SHORT_NUMBER = 8
_SERIAL_CONTEXT = rb"(?i)(serial[ _]?(?:number)?\"?[ \t]*[:=][ \t]*\"?)"
MIN_LENGTH = 4  # a shorter value is only replaced where it stands alone as the whole value
_SECRET_FILES = re.compile(
    r"files/.*/(?:product_serial|product_uuid|board_serial|chassis_serial|chassis_asset_tag|"
    r"board_asset_tag|product_asset_tag|serial|serial_number|wwid|hostname)$"
)
_MAC = re.compile(r"(?<![0-9A-Fa-f:])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:])")
_UUID = re.compile(r"\b[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\b")
_WWN = re.compile(r"\b(?:0x|eui\.|wwn-0x|naa\.)([0-9a-fA-F]{16}(?:[0-9a-fA-F]{16})?)\b")
_WWN_PREFIX = re.compile(r"0x|eui\.|wwn-0x|naa\.")
_WWN_MAKER = 7  # naa digit and the maker's six, kept as a MAC's first half is
_LINE = re.compile(
    r"^[ \t]*(?:SBDS )?(?:Serial [Nn]umber|Asset Tag|Service Tag|LU WWN Device Id|Logical Unit id|"
    r"UUID|SSID|Host ?name|IEEE EUI-64|Unique ID)[ \t]*[:=][ \t]*(\S.*?)[ \t\r]*$",
    re.MULTILINE,
)
_UEVENT = re.compile(
    r"^(?:E:)?[A-Z0-9_]*(?:SERIAL|UUID|WWN|LABEL|UNIQ)[A-Z0-9_]*=(.+?)\s*$", re.MULTILINE
)
_INPUT_UNIQ = re.compile(r"^U: Uniq=(.+?)\s*$", re.MULTILINE)
_JSON_KEYS = {
    *("serial", "serial_number", "wwn", "uuid", "ptuuid", "partuuid", "label", "partlabel", "sn"),
    *(
        "logical_unit_id",
        "subnqn",
        "hostname",
        "mountpoint",
        "parttypename_label",
        "eui64",
        "nguid",
    ),
}
_JSON_LISTS = {"mountpoints"}
_WWN_KEYS = {"id", "ext_id"}
_KEPT = re.compile(r"/|/boot(?:/efi)?|/home|/usr|/var|/tmp|\[SWAP\]|/run.*live.*", re.IGNORECASE)
_STANDARD_UUID = re.compile(  # GPT types and UEFI variables: the same on every machine
    r"8be4df61-93ca-11d2-aa0d-00e098032b8c|c12a7328-f81f-11d2-ba4b-00a0c93ec93b|"
    r"0fc63daf-8483-4772-8e79-3d69d8477de4|ebd0a0a2-b9e5-4433-87c0-68b6b72699c7|"
    r"21686148-6449-6e6f-744e-656564454649|e3c9e316-0b5c-4db8-817d-f92df00215ae|"
    r"de94bba4-06d1-4d40-a16a-bfd50179d6ac|0657fd6d-a4ab-43c4-84e5-0933c84b4f4f",
    re.IGNORECASE,
)


def anonymise(files: Store, key: bytes) -> Store:
    """The recording with every secret replaced; `key` is random and thrown away afterwards."""
    secrets = _collect(files)
    substitutes = {secret: substitute(secret, key) for secret in secrets}
    changed = {}
    for name, data in files.items():
        other = _edid(data, key) if name.endswith("/edid") else _replace(data, substitutes)
        if _SECRET_FILES.search(name):
            other = _alone(other, key)
        changed[_replace(name.encode(), substitutes).decode()] = other
    manifest = json.loads(changed["manifest.json"])
    changed["manifest.json"] = (
        json.dumps({**manifest, "anonymised": True}, ensure_ascii=False, indent=1, sort_keys=True)
        + "\n"
    ).encode()
    return changed


def substitute(secret: str, key: bytes) -> str:
    """Another text of the same length and kinds of sign; a MAC keeps its maker's half.

    Every writing of one value (case, separators) gets the same substitute written that way.
    """
    if _MAC.fullmatch(secret):
        return secret[:9] + _scramble(secret[9:], secret.replace("-", ":").lower()[9:], key)
    if re.fullmatch(r"[0-9a-fA-F]{16}|[0-9a-fA-F]{32}", secret):
        kept, rest = secret[:_WWN_MAKER], secret[_WWN_MAKER:]
        return kept + _scramble(rest, secret, key, hexadecimal=True)
    return _scramble(secret, secret, key, hexadecimal=bool(_UUID.fullmatch(secret)))


def _scramble(text: str, seed: str, key: bytes, *, hexadecimal: bool | None = None) -> str:
    stream = _stream(key, seed.casefold())
    hexadecimal = (
        hexadecimal if hexadecimal is not None else bool(re.fullmatch(r"[0-9a-fA-F:-]+", text))
    )
    return "".join(_sign(sign, next(stream), hexadecimal) for sign in text)


def _sign(sign: str, byte: int, hexadecimal: bool) -> str:
    if sign.isdigit():
        return "0123456789"[byte % 10]
    if sign.isalpha() and sign.isascii():
        letters = "abcdef" if hexadecimal else "abcdefghjklmnpqrstuvwxyz"
        letter = letters[byte % len(letters)]
        return letter.upper() if sign.isupper() else letter
    return "x" if sign.isalpha() else sign


def _stream(key: bytes, seed: str) -> Iterator[int]:
    counter = 0
    while True:
        message = f"{counter}:{seed}".encode()
        yield from hmac.new(key, message, hashlib.sha256).digest()
        counter += 1


def _collect(files: Store) -> set[str]:
    """Every text in the recording that names a machine or a person."""
    found: set[str] = set()
    for name, data in files.items():
        text = data.decode("utf-8", "replace")
        if _SECRET_FILES.search(name):
            found.add(text.strip())
        if not name.endswith("/edid"):
            for pattern in (_LINE, _UEVENT, _INPUT_UNIQ):
                found.update(pattern.findall(text))
            found.update(_MAC.findall(text))
            found.update(_UUID.findall(text))
            found.update(_WWN.findall(text))
            found.update(_from_json(text))
        found.update(_MAC.findall(name))
    parts = {part for secret in found for part in _parts(_WWN_PREFIX.sub("", secret, count=1))}
    parts |= {variant for part in parts for variant in _variants(part)}
    return {secret for secret in parts if _is_secret(secret)}


def _parts(secret: str) -> Iterator[str]:
    """Dell's board serial "/7XYZ123/CN129.../" holds the system's: each part on its own."""
    pieces = [piece for piece in secret.strip().strip("/").split("/") if piece]
    whole_path = secret.startswith("/") and not secret.endswith("/")
    yield from [secret.strip()] if len(pieces) < 2 or whole_path else pieces


def _variants(secret: str) -> Iterator[str]:
    """Other ways the same value is written: by-id names use underscores, WWNs drop spaces."""
    yield secret.strip()
    yield secret.replace(" ", "_")
    yield secret.replace(" ", "")
    if _MAC.fullmatch(secret) or _UUID.fullmatch(secret):
        yield secret.lower()
        yield secret.upper()


def _is_secret(secret: str) -> bool:
    if len(secret) < MIN_LENGTH or len(secret) > 200 or _KEPT.fullmatch(secret):
        return False
    if _STANDARD_UUID.fullmatch(secret):
        return False
    return not refused(secret, Field.UUID if _UUID.fullmatch(secret) else Field.SERIAL)


def _from_json(text: str) -> set[str]:
    if not text.lstrip().startswith(("{", "[")):
        return set()
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return set()
    return {value for value in _walk(document, "", 0) if value}


def _walk(node: Any, key: str, depth: int) -> Iterator[str]:
    if depth > 40:
        return
    if isinstance(node, dict):
        for name, child in node.items():
            if key in ("wwn", "eui64") and name in _WWN_KEYS and isinstance(child, int):
                yield str(child)
            yield from _walk(child, name, depth + 1)
    elif isinstance(node, list):
        for child in node:
            yield from _walk(child, key if key in _JSON_LISTS else "", depth + 1)
    elif isinstance(node, str) and (key.casefold() in _JSON_KEYS or key in _JSON_LISTS):
        yield node.strip()


def _replace(data: bytes, substitutes: dict[str, str]) -> bytes:
    """Longest first, so that a serial inside a longer identifier changes the same way.

    A short number ("2714", a battery's serial) is only replaced after the word "serial":
    elsewhere the same digits are a voltage or a size, and the replay must keep those.
    """
    present = [secret for secret in substitutes if secret.encode() in data]
    if not present:
        return data
    short = {secret for secret in present if secret.isdigit() and len(secret) < SHORT_NUMBER}
    for secret in short:
        alone = re.compile(_SERIAL_CONTEXT + re.escape(secret.encode()) + rb"(?![0-9A-Za-z])")
        data = alone.sub(_with(substitutes[secret].encode()), data)
    others = [secret for secret in present if secret not in short]
    if not others:
        return data
    longest_first = sorted(others, key=len, reverse=True)
    pattern = re.compile(b"|".join(re.escape(secret.encode()) for secret in longest_first))
    return pattern.sub(lambda found: substitutes[found[0].decode()].encode(), data)


def _with(other: bytes) -> Callable[[re.Match[bytes]], bytes]:
    return lambda found: found[1] + other


def _alone(data: bytes, key: bytes) -> bytes:
    """A value too short to be replaced everywhere is replaced in the file that holds only it."""
    text = data.decode("utf-8", "replace").strip()
    if not text or len(text) >= MIN_LENGTH or refused(text, Field.SERIAL):
        return data
    return data.replace(text.encode(), substitute(text, key).encode())


def _edid(data: bytes, key: bytes) -> bytes:
    """An EDID with another serial number, its length and its check sum kept."""
    if len(data) < 128 or sum(data[:128]) % 256:
        return data
    block = bytearray(data)
    if any(block[12:16]):
        stream = _stream(key, block[12:16].hex())
        block[12:16] = bytes(next(stream) % 255 + 1 for _ in range(4))
    for start in range(54, 126, 18):
        if block[start : start + 5] == b"\x00\x00\x00\xff\x00":
            line = bytes(block[start + 5 : start + 18])
            told = line.split(b"\n")[0].decode("ascii", "replace")
            other = substitute(told, key).encode("ascii", "replace")[: len(told)]
            block[start + 5 : start + 5 + len(other)] = other
    block[127] = -sum(block[:127]) % 256
    return bytes(block)
