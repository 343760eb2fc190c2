"""Real web servers before a hub, from the recipes of docs/hub.md, and certificates for them."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ROOT = Path(__file__).resolve().parents[3]
DAY = datetime.timedelta(days=1)
_PLACES = "/usr/sbin:/usr/bin:/usr/local/bin"
_BLOCK = re.compile(r"^```text\n(.*?)^```", re.MULTILINE | re.DOTALL)
_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Authority:
    """A certificate authority; `file`: what a computer that believes it has."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = self._built(self._key, self._name, DAY)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.file = folder / f"{name}.pem"
        signed = made.sign(self._key, hashes.SHA256())
        self.file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))

    def _built(
        self, key: ec.EllipticCurvePrivateKey, name: x509.Name, left: datetime.timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        made = x509.CertificateBuilder().subject_name(name).issuer_name(self._name)
        made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
        return made.not_valid_before(now - 9 * DAY).not_valid_after(now + left)

    def signs(self, host: str, *, left: datetime.timedelta = DAY) -> Path:
        """A file with a certificate for a host and its key. `left`: until it ends."""
        key = ec.generate_private_key(ec.SECP256R1())
        by_address = host[0].isdigit()
        name = x509.IPAddress(ipaddress.ip_address(host)) if by_address else x509.DNSName(host)
        made = self._built(key, x509.Name([]), left).add_extension(
            x509.SubjectAlternativeName([name]), critical=True
        )
        path = self._folder / f"{host}-{free_port()}.crt"
        path.write_bytes(
            made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return path


@dataclass
class Web:
    """What a recipe is filled with: ports of this machine, in the place of those it shows."""

    folder: Path
    certificate: Path
    port: int
    carried: int = 0
    intake: int = 0


def recipe(*holds: str) -> str:
    """The one block of docs/hub.md that has these words."""
    blocks = _BLOCK.findall((ROOT / "docs" / "hub.md").read_text("utf-8"))
    (found,) = [block for block in blocks if all(word in block for word in holds)]
    return str(found)


def _filled(block: str, web: Web) -> str:
    stands = {"postes.reseau.example": "localhost", "reseau.example {": f"localhost:{web.port} {{"}
    stands |= {":8475": f":{web.carried}", ":8474": f":{web.intake}"}
    stands |= {"bind :443": f"bind 127.0.0.1:{web.port}", "listen 443": f"listen {web.port}"}
    stands |= {"/etc/haproxy/reseau.pem": str(web.certificate)}
    for shown, here in stands.items():
        block = block.replace(shown, here)
    return block


def _nginx(web: Web, inside: str, *, before: str = "") -> list[str]:
    temporary = "".join(
        f"{kind}_temp_path {web.folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    inside = inside.replace("http {", f"http {{ {temporary} access_log off;")
    common = f"daemon off; master_process off; pid {web.folder}/pid; error_log stderr;"
    file = web.folder / "nginx.conf"
    file.write_text(f"{before} {common} events {{}}\n{inside}")
    return ["nginx", "-p", str(web.folder), "-c", str(file), "-e", "stderr"]


def caddy(web: Web) -> list[str]:
    block = _filled(recipe("/etabli/*"), web)
    tls = f"tls {web.certificate} {web.certificate}\n    reverse_proxy /"
    options = "{\n admin off\n auto_https off\n}\n"
    file = web.folder / "Caddyfile"
    file.write_text(options + block.replace("reverse_proxy /", tls, 1))
    return ["caddy", "run", "--config", str(file), "--adapter", "caddyfile"]


def nginx(web: Web) -> list[str]:
    certificate = f"ssl_certificate {web.certificate}; ssl_certificate_key {web.certificate};"
    block = _filled(recipe("location /etabli/", "$http_upgrade"), web)
    return _nginx(web, f"http {{ server {{ listen {web.port} ssl; {certificate}\n{block} }} }}")


def nginx_passing(web: Web) -> list[str]:
    if not Path(_MODULE).exists():
        pytest.skip("Debian's libnginx-mod-stream is not here")
    return _nginx(web, _filled(recipe("ssl_preread on"), web), before=f"load_module {_MODULE};")


def _haproxy(web: Web, block: str) -> list[str]:
    file = web.folder / "haproxy.cfg"
    file.write_text(block)
    return ["haproxy", "-db", "-q", "-f", str(file)]


def haproxy(web: Web) -> list[str]:
    return _haproxy(web, _filled(recipe("timeout tunnel"), web))


def haproxy_passing(web: Web) -> list[str]:
    return _haproxy(web, _filled(recipe("req.ssl_sni"), web))


@contextlib.contextmanager
def running(words: list[str], web: Web) -> Iterator[subprocess.Popen[bytes]]:
    """A web server until the block ends, listening when it begins."""
    program = shutil.which(words[0], path=_PLACES)
    if program is None:
        pytest.skip(f"Debian's {words[0]} is not here")
    home = {"HOME": str(web.folder), "XDG_DATA_HOME": str(web.folder), "PATH": _PLACES}
    log = web.folder / "said.txt"
    with log.open("ab") as said:
        process = subprocess.Popen(
            [program, *words[1:]], env=home, stdout=said, stderr=said, start_new_session=True
        )
    try:
        until = time.monotonic() + 60
        while not _listens(web.port):
            assert process.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.05)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
