"""What programs decide over: machines sent and accepted, lots and serials, by the pages' rules."""

from __future__ import annotations

from urllib.parse import quote

import httpx

from bench.hub.accounts import tokens
from bench.hub.accounts.roles import Role
from bench.hub.api.app import whole
from tests.unit.hub.test_api import code, program, token_of, unbounded
from tests.unit.hub.test_lots_alike import LOT, MACHINES, alike
from tests.unit.hub.test_sharing import Shared, shared
from tests.unit.hub.world import MARKS, NORTH, SOUTH, World, serving_app

__all__ = ["alike", "shared"]  # fixtures
V1 = "/api/v1"


def asks(world: World, url: str, role: Role) -> httpx.Client:
    return program(url, token_of(world, role))


def test_machines_travel_by_the_rules_of_the_pages(shared: Shared) -> None:
    world, north, south = shared.world, shared.member(NORTH), shared.member(SOUTH)
    ours, theirs = shared.devices[NORTH][0], shared.devices[SOUTH][0]
    with serving_app(whole(world.site, unbounded())) as url:
        chief, region = (asks(world, url, r) for r in (Role.SUPERVISOR, Role.COORDINATION))
        foreign = chief.post(f"{V1}/transfers", json={"to": north, "devices": [theirs]})
        assert (foreign.status_code, code(foreign)) == (400, "not_yours")
        nowhere = chief.post(f"{V1}/transfers", json={"to": "nobody", "devices": [ours]})
        assert (nowhere.status_code, code(nowhere)) == (404, "member_unknown")
        assert shared.state(ours)[0] == "finished" == shared.state(theirs)[0]

        gone = chief.post(f"{V1}/transfers", json={"to": south, "devices": [ours]})
        assert gone.status_code == 201 and gone.json()["devices"] == [ours]
        assert chief.get(gone.headers["location"]).json() == gone.json()
        assert shared.state(ours)[:2] == ("in_transit", north)
        for client in (chief, region):  # only who receives says that it came
            refused = client.post(f"{gone.headers['location']}/accept")
            assert (refused.status_code, code(refused)) == (404, "path")

        came = region.post(f"{V1}/transfers", json={"to": north, "devices": [theirs]}).json()
        taken = chief.post(f"{V1}/transfers/{came['transfer']}/accept")
        assert taken.json()["state"] == "accepted"
        assert shared.state(theirs)[:2] == ("finished", north)
        listed = chief.get(f"{V1}/transfers", params={"ended": "false"}).json()
        assert [each["transfer"] for each in listed["transfers"]] == [gone.json()["transfer"]]
        assert chief.get(f"{V1}/transfers").json()["count"] == 2
        back = f"{gone.headers['location']}/withdraw"
        assert chief.post(back, json={"reason": ""}).status_code == 400
        assert chief.post(back, json={"reason": "trop loin"}).json()["state"] == "withdrawn"
        assert shared.state(ours)[:2] == ("finished", north)


def test_a_transfer_between_others_is_not_shown(shared: Shared) -> None:
    world, log = shared.world, shared.log()
    own = log.store.known().workshop(log.key.id)
    log.store.close()
    with serving_app(whole(world.site, unbounded())) as url:
        region = asks(world, url, Role.COORDINATION)
        sent = region.post(
            f"{V1}/transfers", json={"to": own, "devices": [shared.devices[SOUTH][1]]}
        )
        assert sent.status_code == 201
        chief = asks(world, url, Role.SUPERVISOR)
        assert chief.get(f"{V1}/transfers").json() == {"transfers": [], "count": 0, "after": ""}
        assert chief.get(sent.headers["location"]).status_code == 404
        assert asks(world, url, Role.AUDITOR).get(sent.headers["location"]).status_code == 200


def test_requests_are_seen_by_whose_they_are(shared: Shared) -> None:
    with serving_app(whole(shared.world.site, unbounded())) as url:
        asker = asks(shared.world, url, Role.PRESCRIBER)
        named = [each["request"] for each in asker.get(f"{V1}/requests").json()["requests"]]
        assert named == [shared.own]
        assert asker.get(f"{V1}/requests/{shared.others}").status_code == 404
        assert asker.post(f"{V1}/requests/{shared.others}/close", json={}).status_code == 404
        chief = asks(shared.world, url, Role.SUPERVISOR)
        assert chief.post(f"{V1}/requests/{shared.own}/close", json={}).status_code == 403
        assert chief.get(f"{V1}/requests/{shared.others}").json()["outcome"] == ""


def test_lots_are_seen_by_whose_they_are(alike: World) -> None:
    with serving_app(whole(alike.site, unbounded())) as url:

        def seen(client: httpx.Client) -> dict[str, str]:
            found = client.get(f"{V1}/lots").json()["lots"]
            return {each["donor"]: each["address"] for each in found if each["lot"] == LOT}

        every = seen(asks(alike, url, Role.COORDINATION))
        assert every.keys() == {"donor-NORD", "donor-SUD"}
        assert seen(asks(alike, url, Role.SUPERVISOR)).keys() == {"donor-NORD"}
        assert seen(asks(alike, url, Role.DONOR)) == {}
        donor = alike.site.accounts.add("Mairie", Role.DONOR, person="donor-SUD")
        giver = program(url, tokens.give(alike.site.accounts, donor.reference))
        assert seen(giver).keys() == {"donor-SUD"}
        for mark in (NORTH, SOUTH):
            path = f"{V1}/lots/{quote(every[f'donor-{MARKS[mark]}'], safe='')}"
            told = asks(alike, url, Role.AUDITOR).get(path).json()
            assert len(told["machines"]) == MACHINES[mark]
            assert all(machine["serial"] for machine in told["machines"])
            own = giver.get(path)
            assert own.status_code == (200 if mark == SOUTH else 404)
            assert own.status_code == 404 or own.json() == told
        path = f"{V1}/machines/{told['machines'][0]['device']}"
        chief = asks(alike, url, Role.SUPERVISOR).get(path).json()
        assert chief["workshop"] == alike.workshops[SOUTH].id
        assert chief["serial"] == "" != asks(alike, url, Role.AUDITOR).get(path).json()["serial"]


def test_a_years_figures_are_those_of_the_page(alike: World) -> None:
    north, south = (alike.workshops[mark].id for mark in (NORTH, SOUTH))
    with serving_app(whole(alike.site, unbounded())) as url:
        region, chief = (asks(alike, url, r) for r in (Role.COORDINATION, Role.SUPERVISOR))
        told = {
            shop: region.get(f"{V1}/figures", params={"workshop": shop, "year": 2026}).json()
            for shop in ("", north, south)
        }
        assert told[""]["workshop"] == "" and told[north]["workshop"] == north
        counts = {
            shop: each["counters"]["machines_arrived"]["total"] for shop, each in told.items()
        }
        assert counts[""] > counts[north] > 0 < counts[south]
        assert chief.get(f"{V1}/figures", params={"year": 2026}).json() == told[north]
        assert chief.get(f"{V1}/figures", params={"workshop": south}).status_code == 404
