"""Photos on the hub: who sees them, what a telephone hands in, and what is no photo."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image

from bench.hub.accounts.roles import Role
from bench.hub.web.uploading import WHERE, left_over
from bench.records import attachments
from bench.records.log import trust
from bench.records.signed import keys
from tests import forge
from tests.unit.hub import world as made
from tests.unit.hub.world import NORTH, SOUTH, World, browser, token_in

REGION = keys.Key(b"\x51" * 32)
PLACE = b"GPS was here"


def picture(kind: str = "JPEG", side: int = 1000) -> bytes:
    """As a telephone makes it: large, and with the place where it was taken."""
    image = Image.effect_noise((side, side // 2), 20).convert("RGB")
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    file = io.BytesIO()
    image.save(file, kind, exif=exif)
    return file.getvalue()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[World, str, dict[str, str]]]:
    """A coordination's hub; a finished machine of each member, and one of the north at work."""
    world = made.make(tmp_path / "data")
    log = world.site.open_log()
    trust(log.store, REGION.public, name="Région", at="", how="own", region=True)
    told = keys.certify(REGION, log.key.public, name="r", at="", role="coordination")
    log.append("bench.certified", {"certificate": told.plain()})
    devices = {}
    for at, mark in enumerate((NORTH, SOUTH)):
        bench = forge.Bench(f"photos {mark}", world.workshops[mark])
        events = [*bench.opened(), *bench.visit(70 + at, tests=1)]
        devices[mark] = events[-1].event.device
        if mark == NORTH:
            devices["work"] = bench.device()
            arrived = {"asset": "GRPC26-9", "kind": "laptop"}
            events.append(bench.make("machine.arrived", arrived, device=devices["work"]))
            page = b"<html><script>alert(1)</script>"
            sha256 = attachments.attach(log.store, page)
            for device in (devices[NORTH], devices["work"]):
                events.append(bench.make("look.photo", {"sha256": sha256}, device=device))
        log.store.add(events)
    log.store.close()
    with made.serving_pages(world.site) as url:
        yield world, url, devices


def send(world: World, url: str, role: Role, device: str, data: bytes) -> httpx.Response:
    with browser(url, world.secret(role)) as client:
        token = token_in(client.get("/compte"))
        return client.post(
            f"/machine/{device}/photos",
            data={"form": token},
            files={"photo": ("IMG.jpg", data, "image/jpeg")},
        )


def photos(world: World, device: str) -> tuple[str, ...]:
    log = world.site.open_log()
    found = log.dossier(device).photos
    log.store.close()
    return found


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_telephones_photo_is_kept_without_its_place(
    site: tuple[World, str, dict[str, str]], kind: str
) -> None:
    world, url, devices = site
    answer = send(world, url, Role.SUPERVISOR, devices[NORTH], picture(kind, 1800))
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/machine/{devices[NORTH]}#photos",
    )
    sha256 = photos(world, devices[NORTH])[-1]
    with browser(url, world.secret(Role.SUPERVISOR)) as client:
        page = client.get(f"/machine/{devices[NORTH]}").text
        assert f"/photos/{sha256}.jpg" in page
        answer = client.get(f"/machine/{devices[NORTH]}/photos/{sha256}.jpg")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"].startswith("private")
    image = Image.open(io.BytesIO(answer.content))
    assert image.size == (1600, 800) and not image.getexif()
    assert PLACE not in answer.content
    assert list((world.site.folder / WHERE).glob("*")) == []


def test_who_sees_a_photo(site: tuple[World, str, dict[str, str]]) -> None:
    """Of a machine at work its workshop alone, and who sees all; of a finished one its sheet."""
    world, url, devices = site
    for device in (devices[NORTH], devices["work"]):
        assert send(world, url, Role.COORDINATION, device, picture(side=400)).status_code == 303
    seen = {}
    for role in (Role.COORDINATION, Role.AUDITOR, Role.SUPERVISOR, Role.PRESCRIBER, Role.NOBODY):
        with browser(url, world.secret(role)) as client:
            for name in (NORTH, "work"):
                sha256 = photos(world, devices[name])[-1]
                path = "m" if role is Role.NOBODY else "machine"
                answer = client.get(f"/{path}/{devices[name]}/photos/{sha256}.jpg")
                seen[role, name] = answer.status_code
    assert {key for key, status in seen.items() if status != 200} == {
        (Role.PRESCRIBER, "work"),
        (Role.NOBODY, "work"),
    }
    assert set(seen.values()) == {200, 404}


def test_nobody_adds_to_anothers_machine(site: tuple[World, str, dict[str, str]]) -> None:
    world, url, devices = site
    before = photos(world, devices[SOUTH])
    assert send(world, url, Role.SUPERVISOR, devices[SOUTH], picture(side=90)).status_code == 404
    for role in (Role.AUDITOR, Role.PRESCRIBER, Role.DONOR):
        assert send(world, url, role, devices[SOUTH], picture(side=90)).status_code == 403
    assert photos(world, devices[SOUTH]) == before
    assert list((world.site.folder / WHERE).glob("*")) == []


@pytest.mark.parametrize(
    "data", [b"<html>", b"\xff\xd8\xff", b"", picture(side=600)[:5000], b"GIF89a" + b"\0" * 900]
)
def test_what_is_no_photo_is_refused_in_a_sentence(
    site: tuple[World, str, dict[str, str]], data: bytes
) -> None:
    world, url, devices = site
    before = photos(world, devices[NORTH])
    answer = send(world, url, Role.SUPERVISOR, devices[NORTH], data)
    assert answer.status_code == 400 and "photo" in answer.text
    assert photos(world, devices[NORTH]) == before
    assert list((world.site.folder / WHERE).glob("*")) == []


def test_another_benchs_attachment_is_never_shown_as_it_comes(
    site: tuple[World, str, dict[str, str]],
) -> None:
    """It says that a page of its own is a photo: neither as a picture nor as anything else."""
    world, url, devices = site
    (sha256,) = photos(world, devices[NORTH])
    with browser(url, world.secret(Role.COORDINATION)) as client:
        assert f"{sha256}.jpg" not in client.get(f"/machine/{devices[NORTH]}").text
        answer = client.get(f"/machine/{devices[NORTH]}/photos/{sha256}.jpg")
        assert answer.status_code == 404 and "<script>alert" not in answer.text
        for name in (sha256, f"{sha256}.jpg/..", "0" * 64 + ".jpg", f"{sha256.upper()}.jpg"):
            path = f"/machine/{devices[NORTH]}/photos/{name}"
            assert client.get(path).status_code == 404


def test_what_lies_there_at_a_start_is_no_bag(tmp_path: Path) -> None:
    folder = tmp_path / WHERE
    folder.mkdir(parents=True)
    (folder / "a.photo").write_bytes(picture(side=100))
    assert list(left_over(tmp_path)) == [] and list(folder.glob("*")) == []
