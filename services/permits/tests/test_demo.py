"""The demo's people park as their stories say, however often they are loaded."""

from datetime import date
from uuid import uuid5

from flask import Flask

from portal.kit import DemoGazetteer, session
from services.permits.backoffice.vehicles import month_of
from services.permits.demo import CAMPER, DEMO, PERMITS, load
from services.permits.queries.permits import permits_of, permits_of_business
from services.permits.queries.zones import find_place, zones
from services.permits.rules.permits import Place
from services.permits.rules.vehicles import euro_of, fuel_of
from services.permits.standin.vehicles import find
from services.permits.tests.test_invariants import broken
from tests.support.people import someone


def test_the_demo_loads_twice_and_says_the_same(app: Flask) -> None:
    people = {name: someone(app, name.capitalize()) for name in ("ada", "ben", "edwin", "gita")}
    with app.test_request_context("/"):
        for _nth in range(2):
            load(people, "staff:demo")
            session().commit()
        had = {name: sorted((each.kind, each.status) for each in permits_of(who)) for name, who in people.items()}
        assert had == {
            "ada": [("resident", "active"), ("visitor", "active")],
            "ben": [("resident", "asked")],
            "edwin": [("resident", "expired")],
            "gita": [],
        }
        assert len(zones()) == 7
        assert broken() == []


def test_the_demos_cars_are_those_that_dvla_knows() -> None:
    for mine in (*(each.vehicle for each in PERMITS if each.vehicle.registration), CAMPER):
        theirs = find(mine.registration, date(2026, 11, 22)) or {}
        assert (mine.make, mine.colour) == (theirs["make"], theirs["colour"])
        assert (mine.co2, mine.engine_cc) == (theirs["co2Emissions"], theirs.get("engineCapacity"))
        assert mine.fuel == fuel_of(theirs["fuelType"])
        assert mine.first_registered == month_of(theirs["monthOfFirstRegistration"])
        assert (mine.euro, mine.type_approval) == (euro_of(theirs.get("euroStatus", "")), theirs["typeApproval"])


def test_the_demos_addresses_are_in_zones(app: Flask) -> None:
    with app.test_request_context("/"):
        load({}, "staff:demo")
        homes = DemoGazetteer().by_postcode("W6 9JU")
        found = [
            find_place(uprn=each.uprn, postcode=each.postcode, street=each.street) for each in (homes[0], homes[-1])
        ]
        assert [(each.rule, each.zone) for each in found if isinstance(each, Place)] == [
            ("zone", "C"),
            ("car_free", "C"),
        ]


def test_gitas_business_has_a_permit(app: Flask) -> None:
    gita = someone(app, "Gita")
    with app.test_request_context("/"):
        load({"gita": gita}, "staff:demo")
        session().commit()
        (permit,) = permits_of_business(gita, uuid5(DEMO, "business"))
        assert (permit.kind, permit.status, permit.vrm) == ("business", "active", "AA19EEE")
