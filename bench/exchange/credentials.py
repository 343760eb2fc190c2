"""Who asks: each request to the server signed by its bench, in the form of RFC 9421.

The signature covers method, path, body, place in the upload, the bench's certificate, the
challenge this server gave for this connection, and the server's own key. It is good once, there,
for that: neither another server nor another connection takes it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping

from bench.records.errors import RecordsError
from bench.records.signed import sealed
from bench.records.signed.keys import Key

KIND = "http-request"  # bound into the signature, as in all that a bench signs
# Every request carries and covers all of them; one that does not apply is empty.
COVERED = (
    "content-digest",
    "upload-length",
    "upload-offset",
    "etabli-certificate",
    "etabli-challenge",
    "etabli-server",
)
_INPUT = re.compile(r'etabli=(\(.{1,400}\);created=[0-9]{1,12};nonce="([0-9a-f]{1,64})"'
                    r';keyid="([0-9a-f]{64})";tag="etabli-push")')  # fmt: skip
_SIGNATURE = re.compile(r"etabli=:([A-Za-z0-9+/]{86}==):")
_NAMES = "(" + " ".join(f'"{name}"' for name in ("@method", "@path", *COVERED)) + ")"


def content_digest(body: bytes) -> str:
    """RFC 9530."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def sign(
    key: Key, method: str, path: str, headers: Mapping[str, str], *, nonce: str, created: int
) -> dict[str, str]:
    """The two headers of a signed request. `headers` hold all that is covered."""
    told = f'{_NAMES};created={created};nonce="{nonce}";keyid="{key.public.hex()}"'
    parameters = f'{told};tag="etabli-push"'
    signature = key.sign(KIND, _base(method, path, headers, parameters))
    return {
        "Signature-Input": f"etabli={parameters}",
        "Signature": f"etabli=:{base64.b64encode(signature).decode()}:",
    }


def check(method: str, path: str, headers: Mapping[str, str], *, nonce: str, server: str) -> bytes:
    """The public key of who signed a request to this server, on this connection.

    `created` is not judged: the clock of a donated PC may say 1970, and the challenge is of
    this connection. Raises `RecordsError` (`push_credentials`).
    """
    told = _INPUT.fullmatch(headers.get("signature-input", ""))
    signature = _SIGNATURE.fullmatch(headers.get("signature", ""))
    if not told or not signature or not told[1].startswith(f"{_NAMES};"):
        raise RecordsError("push_credentials")
    public = bytes.fromhex(told[3])
    body = _base(method, path, headers, told[1])
    here = told[2] == nonce and headers.get("etabli-server") == server
    if not here or not sealed.signature_holds(public, KIND, body, base64.b64decode(signature[1])):
        raise RecordsError("push_credentials")
    return public


def _base(method: str, path: str, headers: Mapping[str, str], parameters: str) -> bytes:
    """RFC 9421 section 2.5: a line for each component, the parameters last."""
    values = {"@method": method, "@path": path}
    values |= {name: headers.get(name, "").strip() for name in COVERED}
    lines = [f'"{name}": {value}' for name, value in values.items()]
    lines.append(f'"@signature-params": {parameters}')
    return "\n".join(lines).encode("ascii", "replace")
