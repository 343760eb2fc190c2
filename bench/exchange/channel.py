"""The line between a bench and the workshop's server: TLS 1.3 with the server's own key.

The server's certificate is self-signed with its bench key. That it holds this key is proven by
the handshake itself, to this client, for this connection; whose key it is, is not asked of any
authority but of the workshop (`bench.exchange.vouching`). Names and dates in it say nothing.
"""

from __future__ import annotations

import datetime
import os
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import NameOID

from bench.records.signed.keys import Key

# A donated PC may say 1970: no date is looked at.
_FROM = datetime.datetime(1970, 1, 2, tzinfo=datetime.UTC)
_UNTIL = datetime.datetime(9999, 12, 31, tzinfo=datetime.UTC)


def server_context(key: Key) -> ssl.SSLContext:
    """What a server opens its lines with. The key never touches the disk."""
    context = _context(ssl.PROTOCOL_TLS_SERVER)
    descriptor = os.memfd_create("etabli", os.MFD_CLOEXEC)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_identity(key))
        file.flush()
        context.load_cert_chain(f"/proc/self/fd/{descriptor}")
    return context


def client_context() -> ssl.SSLContext:
    """What a bench opens a line with. No authority is asked: `peer_key` says who answered."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _context(protocol: int) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.options |= ssl.OP_NO_TICKET  # a resumed line would prove nothing anew
    return context


def peer_key(line: ssl.SSLSocket) -> bytes:
    """The key the other end has just proven to hold, empty where it is none of ours."""
    told = line.getpeercert(binary_form=True)
    try:
        public = x509.load_der_x509_certificate(told or b"").public_key()
    except ValueError:
        return b""
    return public.public_bytes_raw() if isinstance(public, Ed25519PublicKey) else b""


def _identity(key: Key) -> bytes:
    """Key and self-signed certificate, as OpenSSL reads them."""
    private = Ed25519PrivateKey.from_private_bytes(key.seed())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"etabli {key.id}")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(1)
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .sign(private, None)
    )
    return private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)
