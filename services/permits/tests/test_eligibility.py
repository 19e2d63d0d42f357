"""The rules that decide: pure, and total."""

from datetime import date, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.permits.rules.caps import caps_for
from services.permits.rules.eligibility import decide
from services.permits.rules.lengths import Length
from services.permits.rules.permits import KINDS, Application, Facts, Granted, NeedsOfficer, Place, Refusal
from services.permits.rules.reasons import OFFICER, REFUSED
from services.permits.rules.streets import street_key
from services.permits.rules.vehicles import Vehicle
from services.permits.settings import Caps, KindCaps

TODAY = date(2027, 3, 1)
VEHICLES = st.none() | st.builds(
    Vehicle,
    registration=st.sampled_from(["", "AA19AAA"]),
    type_approval=st.sampled_from(["", "M1", "M2", "N1", "N2", "L3e", "X"]),
    source=st.sampled_from(["dvla", "document", "resident"]),
)
APPLICATIONS = st.builds(
    Application,
    kind=st.sampled_from(KINDS),
    address=st.just("1 Street"),
    postcode=st.just("W6 9JU"),
    street=st.just("Street"),
    first_on=st.dates(TODAY - timedelta(2), TODAY + timedelta(40)),
    length=st.sampled_from([Length(months=12), Length(days=14)]),
    uprn=st.sampled_from([None, "1"]),
    zone=st.sampled_from(["", "K"]),
    vehicle=VEHICLES,
    keeper=st.sampled_from(["me", "household", "employer", "hired"]),
    why=st.sampled_from(["first", "renewal", "vehicle", "address"]),
    business_id=st.sampled_from([None, uuid4()]),
    marks=st.sampled_from([frozenset(), frozenset({"blue_badge"})]),
    proofs=st.frozensets(st.sampled_from(["address", "vehicle", "carer", "business", "reduction"])),
    answers=st.just({}),
)
FACTS = st.builds(
    Facts,
    today=st.just(TODAY),
    ahead_days=st.just(28),
    place=st.sampled_from([None, *(Place(rule, "K") for rule in ("zone", "car_free", "no_permits", "outside"))]),
    full=st.sampled_from(["", "person", "household", "zone"]),
    car_has_one=st.booleans(),
    address_proven=st.booleans(),
    business_open=st.booleans(),
    temporary_before=st.booleans(),
)


@given(APPLICATIONS, FACTS)
def test_every_decision_has_its_words(application: Application, facts: Facts) -> None:
    decision = decide(application, facts)
    if isinstance(decision, Refusal):
        assert decision.reason in REFUSED
    elif isinstance(decision, NeedsOfficer):
        assert decision.reasons
        assert set(decision.reasons) <= set(OFFICER)
        assert len(" ".join(decision.reasons)) <= 200  # as the table has it


def test_an_officer_is_told_all_that_there_is_to_see_to() -> None:
    asked = Application(
        kind="resident",
        address="1 Street",
        postcode="W6 9JU",
        street="Street",
        first_on=TODAY,
        length=Length(months=12),
        zone="K",
        vehicle=Vehicle(registration="AA19AAA", type_approval="M1"),
        keeper="hired",
        marks=frozenset({"blue_badge"}),
        proofs=frozenset({"address", "vehicle", "reduction"}),
    )
    told = ("address_typed", "proof_to_read", "reduction_to_check", "vehicle_proof_to_read")
    assert decide(asked, Facts(today=TODAY, ahead_days=28, place=None)) == NeedsOfficer(told)


@given(APPLICATIONS, FACTS)
def test_nothing_is_granted_against_a_rule(application: Application, facts: Facts) -> None:
    if decide(application, facts) != Granted():
        return
    assert facts.place is not None
    assert facts.place.rule == "zone" or (facts.place.rule == "car_free" and application.kind == "visitor")
    assert not facts.full
    assert not facts.car_has_one
    assert application.first_on >= TODAY
    assert application.kind == "visitor" or (application.vehicle and application.vehicle.source == "dvla")
    assert application.kind not in ("resident", "visitor", "temporary") or facts.address_proven
    assert application.kind != "business" or facts.business_open
    assert application.kind != "visitor" or not application.vrm
    assert application.why != "first" or not application.marks


@given(APPLICATIONS, FACTS)
def test_more_proof_never_makes_a_decision_worse(application: Application, facts: Facts) -> None:
    rank = {Refusal: 0, NeedsOfficer: 1, Granted: 2}
    before = decide(application, facts)
    better = Facts(**{name: getattr(facts, name) for name in Facts.__slots__} | {"address_proven": True})
    assert rank[type(decide(application, better))] >= rank[type(before)]


@given(st.integers(0, 5), st.integers(0, 5), st.sampled_from(KINDS))
def test_caps_count_the_person_the_home_and_the_zone(person: int, household: int, kind: str) -> None:
    holder = uuid4()
    own = KindCaps(**{name: Caps(person=person, household=household) for name in KindCaps.model_fields})
    caps = caps_for(kind, own, holder=holder, is_business=False, uprn="1", zone="K", of_zone={kind: 9})  # type: ignore[arg-type]  # one of KINDS
    assert [cap.scope for cap in caps] == sorted(cap.scope for cap in caps)
    assert {cap.about for cap in caps} == {"person", "zone"} | ({"household"} if kind != "visitor" else set())


def test_a_street_is_known_with_the_outward_part_of_its_postcode() -> None:
    assert street_key("Larkspur  Lane", "W6 9JU") == street_key("LARKSPUR LANE", "W6 8AA") == "larkspur lane|w6"
    assert street_key("Larkspur Lane", "W14 0AA") != street_key("Larkspur Lane", "W6 9JU")
