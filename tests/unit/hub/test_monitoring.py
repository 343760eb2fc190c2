"""What the hub tells of itself: to programs of its own machine, of nobody by name."""

from __future__ import annotations

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bench.hub.accounts import database
from bench.hub.accounts.roles import Role
from bench.hub.uploads import Uploads
from tests.unit.hub.world import NOW, World, browser, serving_pages


def told(url: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Every sample, as a Prometheus reads it."""
    answer = httpx.get(f"{url}/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_answers_are_counted_by_route_and_status(own: World) -> None:
    with serving_pages(own.site) as url:
        with browser(url, own.secret(Role.COORDINATION)) as client:
            for _ in range(3):
                client.get("/stock?texte=secret-word")
            client.get(f"/machine/{own.places['machine']}")
            for path in ("/nowhere", "/d/secret-word", "/nowhere/else"):
                client.get(path)
            client.request("BREW", "/stock")
            client.delete("/stock")
        counts = told(url)
        text = httpx.get(f"{url}/metrics").text

    def answers(method: str, route: str, status: str) -> float:
        labels = (("method", method), ("route", route), ("status", status))
        return counts.get(("etabli_http_requests_total", labels), 0)

    assert answers("GET", "/stock", "200") == 3
    assert answers("GET", "/machine/{machine}", "200") == 1
    assert answers("GET", "/d/{secret}", "404") == 1
    assert answers("GET", "none", "404") == 2
    assert answers("other", "none", "405") == 1 == answers("DELETE", "none", "405")
    assert counts["etabli_http_request_seconds_count", (("route", "/stock"),)] == 3
    bound = (("le", "10.0"), ("route", "/stock"))
    assert counts["etabli_http_request_seconds_bucket", bound] == 3
    assert "secret-word" not in text


def test_what_is_so_now(own: World) -> None:
    spool = Uploads(own.site.folder / "uploads")
    spool.append("a" * 32, "b" * 64, 0, b"half", 8)
    with own.site.log() as log, log.store.transaction():
        log.store.set_meta("backup_at", NOW.isoformat())
        events = log.store.count()
        benches = {name for (name,) in log.store.query("SELECT bench FROM bench")}
    with serving_pages(own.site) as url:
        now = told(url)
        text = httpx.get(f"{url}/metrics").text
    assert now["etabli_events", ()] == events
    assert (now["etabli_uploads_waiting", ()], now["etabli_uploads_waiting_bytes", ()]) == (1, 4)
    assert now["etabli_bags_taken", ()] == 0 == now["etabli_joining_waiting", ()]
    assert now["etabli_backup_timestamp_seconds", ()] == NOW.timestamp()
    assert now["etabli_disk_free_bytes", ()] > 0
    seen = {
        dict(labels)["bench"]: value
        for (name, labels), value in now.items()
        if name == "etabli_bench_last_event_timestamp_seconds"
    }
    assert seen.keys() == benches
    assert sum(v for (name, _), v in now.items() if name == "etabli_bench_revoked") == 2
    for name in ("NORD", "SUD", "hub", "le coordination"):  # neither benches nor people by name
        assert f'"{name}' not in text


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-For": "192.0.2.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"Host": "reseau.example"},
        {"Host": "127.0.0.1.reseau.example"},
        {"Host": "[::1"},
        {"Host": ""},
    ],
)
def test_nobody_from_elsewhere_reads_them(url: str, headers: dict[str, str]) -> None:
    assert httpx.get(f"{url}/metrics", headers=headers).status_code == 404
    assert "etabli_events" not in httpx.get(f"{url}/metrics", headers=headers).text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9", "[::1]", "[::1]:8480"])
def test_names_of_this_machine(url: str, host: str) -> None:
    assert httpx.get(f"{url}/metrics", headers={"Host": host}).status_code == 200


def test_alive_asks_no_file_and_health_does(own: World) -> None:
    with serving_pages(own.site) as url:
        assert [httpx.get(f"{url}/{name}").text for name in ("alive", "health")] == ["ok\n"] * 2
        (own.site.folder / "etabli.db").write_bytes(b"no database" * 1000)
        (own.site.folder / database.NAME).write_bytes(b"no database" * 1000)
        assert httpx.get(f"{url}/health").status_code == 503
        assert httpx.get(f"{url}/metrics").status_code == 503
        assert httpx.get(f"{url}/alive").text == "ok\n"
