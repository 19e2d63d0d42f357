"""Business accounts: registered by one, joined by colleagues with a code, never without an owner."""

import re
from collections.abc import Iterator
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from portal.kit import Forbidden, NotFound, Refused, TooMany, clock, session
from services.permits.models.businesses import Business, BusinessInvitation, BusinessMember
from services.permits.models.zones import ZonePlace
from services.permits.operations import businesses as operations
from services.permits.operations.granting import grant
from services.permits.queries import businesses as queries
from services.permits.rules.businesses import LENGTH, ROLES, digest_of, new_code, successor
from services.permits.rules.permits import Status
from services.permits.rules.status_words import STATUS_WORDS
from services.permits.tests import parked
from services.permits.tests.people import resident
from tests.support.residents import Resident, statements

START = "/services/permits/businesses"
POSTCODE = "W6 9JU"


@pytest.fixture
def opened(app: Flask) -> Iterator[Flask]:
    """The portal with its context open, and a zone at the postcode."""
    with app.app_context():
        parked.zone("A")
        session().add(ZonePlace(by="postcode", key=POSTCODE, rule="zone", zone="A"))
        session().commit()
        yield app


@pytest.fixture
def gita(opened: Flask) -> Resident:
    """Somebody with a business."""
    return resident(opened, "Gita")


@pytest.fixture
def ben(opened: Flask) -> Resident:
    """Somebody without."""
    return resident(opened, "Ben")


@pytest.fixture
def shop(gita: Resident) -> UUID:
    """Gita's business."""
    return register(gita)


def register(who: Resident, name: str = "Larkspur Bakery") -> UUID:
    """A business, registered on the pages."""
    address = who.post(f"{START}/new", name=name, number="", postcode=POSTCODE).location
    uprn = re.search(r'<option value="(\d+)"', who.get(address))
    assert uprn is not None
    return UUID(who.post(address, address=uprn[1]).location.rpartition("/")[2])


def colleague(owner: Resident, shop: UUID, who: Resident, role: Any = "manager") -> None:
    """Let somebody act for a business."""
    code = operations.invite(owner.account, business_id=shop, role=role)
    operations.join_business(who.account, code=code)
    session().commit()


def roles(shop: UUID) -> list[str]:
    """The roles of all members."""
    return sorted(session().scalars(select(BusinessMember.role).where(BusinessMember.business_id == shop)))


def test_whoever_registers_a_business_is_its_owner(gita: Resident, shop: UUID) -> None:
    (business,) = queries.businesses_of(gita.account)
    assert (business.id, business.role, business.zone, business.status) == (shop, "owner", "A", "asked")
    assert "Larkspur Bakery" in gita.get(f"{START}/{shop}")
    assert "Larkspur Bakery" in gita.get(START)
    assert queries.find_business_draft(gita.account) is None


def test_registered_twice_it_is_there_once(gita: Resident) -> None:
    address = gita.post(f"{START}/new", name="Shop", number="", postcode=POSTCODE).location
    uprn = re.search(r'<option value="(\d+)"', gita.get(address))
    assert uprn is not None
    first = gita.post(address, address=uprn[1]).location
    assert gita.post(address, address=uprn[1]).location == first
    assert session().scalar(select(func.count()).select_from(Business)) == 1


def test_what_was_begun_is_there_on_another_device(gita: Resident, opened: Flask) -> None:
    gita.post(f"{START}/new", name="Half a shop", number="123", postcode=POSTCODE)
    elsewhere = resident(opened, "Gita")
    assert "Half a shop" in elsewhere.get(f"{START}/new")


def test_a_business_where_there_are_no_permits_is_refused(gita: Resident) -> None:
    session().execute(delete(ZonePlace))
    session().commit()
    address = gita.post(f"{START}/new", name="Shop", number="", postcode=POSTCODE).location
    uprn = re.search(r'<option value="(\d+)"', gita.get(address))
    assert uprn is not None
    assert gita.refused(address, address=uprn[1]) == ["There are no business permits for this address"]
    assert gita.refused(address, address="1") == ["Select the address of the business"]


def test_a_postcode_without_addresses_is_refused(gita: Resident) -> None:
    said = gita.refused(f"{START}/new", name="Shop", number="", postcode="ZZ99 9ZZ")
    assert said == ["We know no address with this postcode. Check it and try again"]


def test_an_officers_yes_to_its_first_permit_makes_the_business_known(gita: Resident, shop: UUID) -> None:
    asked = parked.permit(gita.account, "AB12CDE", kind="business", business_id=shop, status="asked")
    asked.price_pence = 32000
    session().flush()
    assert queries.get_business(gita.account, shop).status == "asked"
    grant(asked.id, by_officer=True)
    session().commit()
    assert queries.get_business(gita.account, shop).status == "open"


def test_a_colleague_joins_by_a_code_once(gita: Resident, ben: Resident, opened: Flask, shop: UUID) -> None:
    gita.get(f"{START}/{shop}")
    page = gita.post(f"{START}/{shop}/codes", 200, role="driver").get_data(as_text=True)
    code = re.search(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", page)
    assert code is not None
    typed = code[0].replace("-", " ").lower()
    assert ben.post(f"{START}/join", code=typed).location == f"{START}/{shop}"
    assert queries.get_business(ben.account, shop).role == "driver"
    carys = resident(opened, "Carys")
    assert "This code does not work" in carys.refused(f"{START}/join", code=code[0])[0]
    assert code[0] not in gita.get(f"{START}/{shop}")


def test_a_code_is_kept_as_a_digest_and_works_for_a_week(gita: Resident, ben: Resident, shop: UUID, at: Any) -> None:
    code = operations.invite(gita.account, business_id=shop, role="manager")
    session().commit()
    row = session().scalars(select(BusinessInvitation)).one()
    assert code.replace("-", "") not in row.digest
    at.advance(days=7, seconds=1)
    with pytest.raises(Refused, match="does not work"):
        operations.join_business(ben.account, code=code)


def test_a_code_that_was_taken_back_opens_nothing(gita: Resident, ben: Resident, shop: UUID) -> None:
    code = operations.invite(gita.account, business_id=shop, role="manager")
    session().commit()
    (invitation,) = queries.invitations_of(queries.get_business(gita.account, shop))
    for _ in range(2):
        gita.post(f"{START}/{shop}/codes/{invitation.id}/take-back")
    with pytest.raises(Refused, match="does not work"):
        operations.join_business(ben.account, code=code)


def test_who_is_a_member_already_leaves_the_code_to_others(gita: Resident, ben: Resident, shop: UUID) -> None:
    code = operations.invite(gita.account, business_id=shop, role="driver")
    session().commit()
    with pytest.raises(Refused, match="act for this business already"):
        operations.join_business(gita.account, code=code)
    assert operations.join_business(ben.account, code=code) == shop


def test_codes_cannot_be_tried_out(ben: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_TRIES", 2)
    for _ in range(2):
        with pytest.raises(Refused):
            operations.join_business(ben.account, code=new_code())
    with pytest.raises(TooMany):
        operations.join_business(ben.account, code=new_code())


@pytest.mark.parametrize("role", ["manager", "driver"])
def test_only_an_owner_says_who_is_a_member(gita: Resident, ben: Resident, shop: UUID, role: str) -> None:
    colleague(gita, shop, ben, role)
    ben.get(f"{START}/{shop}")
    ben.get(f"{START}/{shop}/members/{gita.account.id}", 403)
    ben.post(f"{START}/{shop}/codes", 403, role="owner")
    with pytest.raises(Forbidden):
        operations.change_role(ben.account, business_id=shop, member_id=ben.account.id, role="owner")
    with pytest.raises(Forbidden):
        operations.remove_member(ben.account, business_id=shop, member_id=gita.account.id)
    assert roles(shop) == sorted(["owner", role])


def test_anothers_business_is_none(gita: Resident, ben: Resident, shop: UUID) -> None:
    for business in (shop, uuid4()):
        ben.get(f"{START}/{business}", 404)
        ben.get(f"{START}/{business}/leave", 404)
        ben.get(f"{START}/{business}/members/{gita.account.id}", 404)
        ben.post(f"{START}/{business}/codes", 404, role="owner")
        ben.post(f"{START}/{business}/codes/{uuid4()}/take-back", 404)
        ben.get(f"{START}/drafts/{business}/address", 404)
        with pytest.raises(NotFound):
            operations.remove_member(ben.account, business_id=business, member_id=gita.account.id)


def test_the_last_owner_stays(gita: Resident, ben: Resident, shop: UUID) -> None:
    colleague(gita, shop, ben)
    assert "needs an owner" in gita.refused(f"{START}/{shop}/leave")[0]
    assert "needs an owner" in gita.refused(f"{START}/{shop}/members/{gita.account.id}", role="driver")[0]
    gita.post(f"{START}/{shop}/members/{ben.account.id}", role="owner")
    assert gita.post(f"{START}/{shop}/leave").location == START
    assert roles(shop) == ["owner"]
    gita.get(f"{START}/{shop}", 404)


def test_a_member_who_was_removed_sees_nothing_any_more(gita: Resident, ben: Resident, shop: UUID) -> None:
    colleague(gita, shop, ben)
    gita.get(f"{START}/{shop}/members/{ben.account.id}")
    gita.post(f"{START}/{shop}/members/{ben.account.id}", role="remove")
    ben.get(f"{START}/{shop}", 404)
    assert queries.businesses_of(ben.account) == []
    assert "You no longer act for a business" in ben.get("/inbox")


def test_every_member_sees_the_permits_of_the_business(gita: Resident, ben: Resident, shop: UUID) -> None:
    colleague(gita, shop, ben, "driver")
    parked.permit(gita.account, "AB12CDE", kind="business", business_id=shop)
    session().commit()
    for who in (gita, ben):
        page = who.get(f"{START}/{shop}")
        assert "AB12 CDE" in page
        assert "Valid" in page


def test_every_status_has_words() -> None:
    assert set(STATUS_WORDS) == set(get_args(Status))


def test_there_are_no_more_members_than_there_can_be(
    gita: Resident, ben: Resident, shop: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "MOST_MEMBERS", 1)
    with pytest.raises(Refused, match="as many members"):
        colleague(gita, shop, ben)


def test_a_code_is_read_however_it_is_spaced() -> None:
    code = new_code()
    plain = code.replace("-", "")
    assert len(plain) == LENGTH
    assert digest_of(code) == digest_of(plain.lower()) == digest_of(f" {plain[:3]} {plain[3:]} ")
    assert digest_of(plain[:-1]) is None
    assert digest_of("A" * LENGTH) is None


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_none(typed: str) -> None:
    digest = digest_of(typed)
    assert digest is None or re.fullmatch("[0-9a-f]{64}", digest)


@given(st.lists(st.sampled_from(ROLES), max_size=6))
def test_whoever_may_do_most_follows_the_last_owner(others: list[Any]) -> None:
    chosen = successor([(role, place) for place, role in enumerate(others)])
    if not others or "owner" in others:
        assert chosen is None
    else:
        assert chosen == min(range(len(others)), key=lambda place: (ROLES.index(others[place]), place))


def test_more_members_ask_the_database_no_more(opened: Flask, gita: Resident, ben: Resident, shop: UUID) -> None:
    business = queries.get_business(gita.account, shop)
    with statements(opened) as few:
        queries.members_of(business)
    joined_at = clock.now()
    session().add(BusinessMember(business_id=shop, account_id=ben.account.id, role="driver", joined_at=joined_at))
    session().commit()
    with statements(opened) as many:
        assert [each.name for each in queries.members_of(business)] == ["Gita", "Ben"]
    assert len(many) == len(few)
