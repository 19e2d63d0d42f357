"""Staff sign in by a provider of their own, through the same code as residents; and neither is ever the other."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Blueprint

import portal.staff.setup
from portal.db.session import session
from portal.settings.providers import Provider
from portal.settings.staff import Desk
from portal.staff.granting import add_right
from portal.staff.rights import ANY, current_grants, needs
from portal.staff.sessions import current_staff
from portal.staff.values import Grant
from tests.integration.identity.back_channel import tell
from tests.integration.identity.conftest import (  # the small portal with a provider that lies on demand
    Browser,
    make_portal,
    provider,
    provider_settings,
    rows,
)
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider, query_of

__all__ = ["make_portal", "provider", "rows"]

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Desks:
    """A portal that residents and staff sign in to by two providers."""

    def __init__(self, make_portal: Any, town: HostileProvider, office: HostileProvider, **changes: Any) -> None:
        self.town, self.office = town, office
        staff: dict[str, Any] = {"title": "Office account", "people": "staff"} | changes
        providers: dict[str, Provider] = {
            "town": provider_settings(town),
            "office": provider_settings(office, **staff),
        }
        self.app = make_portal(providers, desk=Desk(idle_minutes=10, absolute_hours=2))
        portal.staff.setup.install(self.app)
        self.app.register_blueprint(pages())
        with self.app.app_context():
            add_right("system:tests", group="streets", grant=Grant("caseworker", service="reporting"))
            session().commit()

    def browser(self) -> Browser:
        return Browser(self.app.test_client(), self.office)

    def begin(self, browser: Browser, next_path: str = "/desk/mine") -> str:
        """Press the button on staff's own page. The address of the provider's."""
        sent = {"csrf_token": token(browser, "/desk/sign-in"), "next": next_path}
        answer = browser.post("/desk/sign-in/office", **sent)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"])

    def sign_in(self, browser: Browser, next_path: str = "/desk/mine") -> Any:
        """The whole way; the answer to the callback."""
        return browser.come_back(self.office.authorize(self.begin(browser, next_path)))


def pages() -> Blueprint:
    bp = Blueprint("desk_tests", __name__, url_prefix="/desk")

    @bp.get("")
    @needs(ANY)
    def front() -> str:
        return "front"

    @bp.get("/mine")
    @needs("work")
    def mine() -> dict[str, object]:
        staff = current_staff()
        return {"name": staff.name, "groups": staff.groups, "rights": sorted(current_grants().rights())}

    return bp


def token(browser: Browser, page: str) -> str:
    found = TOKEN.search(browser.client.get(page).text)
    assert found, page
    return found[1]


@pytest.fixture
def office() -> Iterator[HostileProvider]:
    with HostileProvider() as running:
        running.claims |= {"sub": "staff-1", "groups": ["streets", "everybody"], "name": "Sunita Deskworker"}
        yield running


@pytest.fixture
def desks(make_portal: Any, provider: HostileProvider, office: HostileProvider) -> Desks:
    return Desks(make_portal, provider, office)


def test_staff_sign_in_with_their_groups(desks: Desks, rows: Any) -> None:
    browser = desks.browser()
    answer = desks.sign_in(browser)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/mine")
    assert browser.client.get("/desk/mine").json == {
        "name": "Sunita Deskworker",
        "groups": ["everybody", "streets"],
        "rights": ["assist", "look", "work"],
    }
    assert rows("select count(*) from portal.account")[0][0] == 0
    assert rows("select count(*) from portal.session")[0][0] == 0
    assert rows("select actor from portal.audit_entry where act = 'staff.signed_in'")[0][0].startswith("staff:")


def test_groups_may_come_by_userinfo_and_bear_another_name(
    make_portal: Any, provider: HostileProvider, office: HostileProvider
) -> None:
    office.claims["groups"] = None
    office.userinfo["roles"] = "streets"
    desks = Desks(make_portal, provider, office, groups_claim="roles")
    browser = desks.browser()
    desks.sign_in(browser)
    assert browser.client.get("/desk/mine").json["groups"] == ["streets"]


@pytest.mark.parametrize("groups", [None, [], {"streets": 1}, ["other"], [["streets"]], 7, "street"])
def test_without_a_group_that_may_do_something_a_page_says_whom_to_ask(desks: Desks, groups: Any) -> None:
    desks.office.claims["groups"] = groups
    browser = desks.browser()
    desks.sign_in(browser)
    answer = browser.client.get("/desk/mine")
    assert answer.status_code == 403
    assert "Ask your team leader" in answer.text


def test_residents_are_offered_their_provider_alone_and_staff_theirs(desks: Desks) -> None:
    browser = desks.browser()
    residents, staff = browser.client.get("/sign-in").text, browser.client.get("/desk/sign-in").text
    assert "Town account" in residents
    assert "Office account" not in residents
    assert "Office account" in staff
    assert "Town account" not in staff


def test_nobody_sets_out_to_the_others_provider(desks: Desks) -> None:
    browser = desks.browser()
    assert browser.post("/sign-in/office", csrf_token=browser.token()).status_code == 404
    assert browser.post("/desk/sign-in/town", csrf_token=token(browser, "/desk/sign-in")).status_code == 404
    answer = browser.client.get("/auth/initiate", query_string={"iss": desks.office.issuer})
    assert answer.status_code == 400


def test_a_residents_answer_at_staffs_callback_lets_nobody_in(desks: Desks, rows: Any) -> None:
    browser = Browser(desks.app.test_client(), desks.town)
    callback = desks.town.authorize(browser.begin())
    answer = browser.come_back(callback.replace("/auth/town/", "/auth/office/"))
    assert answer.status_code == 400
    assert rows("select count(*) from portal.staff_session")[0][0] == 0
    assert browser.client.get("/desk/mine").status_code == 303


def test_staffs_answer_at_the_residents_callback_lets_nobody_in(desks: Desks, rows: Any) -> None:
    browser = desks.browser()
    callback = desks.office.authorize(desks.begin(browser))
    answer = browser.come_back(callback.replace("/auth/office/", "/auth/town/"))
    assert answer.status_code == 400
    assert rows("select count(*) from portal.account")[0][0] == 0
    assert not browser.is_signed_in()


@pytest.mark.parametrize("way", ["resident-to-desk", "staff-to-account"])
def test_one_provider_for_both_keeps_them_apart_by_the_way_they_came(
    make_portal: Any, provider: HostileProvider, rows: Any, way: str
) -> None:
    """The same issuer and the same client, so that every token is good for both."""
    desks = Desks(make_portal, provider, provider)
    browser = desks.browser()
    if way == "resident-to-desk":
        callback = provider.authorize(browser.begin()).replace("/auth/town/", "/auth/office/")
    else:
        callback = provider.authorize(desks.begin(browser)).replace("/auth/office/", "/auth/town/")
    assert browser.come_back(callback).status_code == 400
    assert rows("select count(*) from portal.staff_session")[0][0] == 0
    assert rows("select count(*) from portal.account")[0][0] == 0


def test_a_resident_on_the_way_to_what_has_become_staffs_provider_is_not_let_in_to_the_desk(
    make_portal: Any, provider: HostileProvider, rows: Any
) -> None:
    before = make_portal({"town": provider_settings(provider)})
    browser = Browser(before.test_client(), provider)
    callback = provider.authorize(browser.begin())
    after = make_portal({"town": provider_settings(provider, people="staff")})
    portal.staff.setup.install(after)
    browser.client.application = after
    answer = browser.come_back(callback)
    assert answer.status_code == 400
    assert rows("select count(*) from portal.staff_session")[0][0] == 0
    assert rows("select details ->> 'code' from portal.audit_entry where act like '%failed'")[0][0] == "other_people"


def test_an_id_token_of_the_residents_provider_is_none_for_staff(desks: Desks) -> None:
    """The staff provider, taken over, hands out a token that the residents' provider has signed for the portal."""
    browser = desks.browser()
    address = desks.begin(browser)
    desks.office.raw_id_token = lambda _honest: desks.town.id_token(query_of(address)["nonce"], "x")
    assert browser.come_back(desks.office.authorize(address)).status_code == 400
    assert browser.client.get("/desk/mine").status_code == 303


def test_the_same_subject_at_both_is_two_different_people(desks: Desks, rows: Any) -> None:
    desks.town.claims["sub"] = "staff-1"
    resident, staff = Browser(desks.app.test_client(), desks.town), desks.browser()
    assert resident.sign_in().status_code == 303
    desks.sign_in(staff)
    assert resident.client.get("/desk/mine").status_code == 303
    assert not staff.is_signed_in()
    assert rows("select count(*) from portal.account")[0][0] == 1


def test_one_browser_may_be_both_and_signing_out_of_one_leaves_the_other(desks: Desks) -> None:
    browser = Browser(desks.app.test_client(), desks.town)
    browser.sign_in()
    desks.sign_in(browser)
    assert browser.is_signed_in()
    answer = browser.post("/desk/sign-out", csrf_token=token(browser, "/desk/stay-signed-in"))
    assert answer.headers["Location"].startswith(f"{desks.office.issuer}/logout")
    assert query_of(answer.headers["Location"])["post_logout_redirect_uri"] == "http://localhost/desk/signed-out"
    assert answer.headers["Clear-Site-Data"] == '"storage"'  # words that a page has kept for a lost connection
    assert browser.client.get("/desk/mine").status_code == 303
    assert browser.is_signed_in()


def test_a_token_of_a_residents_page_is_none_at_the_desk(desks: Desks) -> None:
    browser = Browser(desks.app.test_client(), desks.town)
    browser.sign_in()
    desks.sign_in(browser)
    of_resident = browser.token("/note")
    assert browser.post("/desk/sign-out", csrf_token=of_resident).status_code == 400
    assert browser.client.get("/desk/mine").status_code == 200


def test_the_desk_signs_out_sooner(desks: Desks, at: Clock) -> None:
    browser = desks.browser()
    desks.sign_in(browser)
    at.advance(minutes=9)
    assert browser.client.get("/desk/mine").status_code == 200
    at.advance(minutes=11)
    answer = browser.client.get("/desk/mine")
    assert answer.headers["Location"] == "/desk/sign-in?next=%2Fdesk%2Fmine&why=expired"


def test_nobody_stays_for_longer_than_a_working_day(desks: Desks, at: Clock) -> None:
    browser = desks.browser()
    desks.sign_in(browser)
    for _step in range(13):
        at.advance(minutes=9)
        assert browser.client.get("/desk/mine").status_code == 200
    at.advance(minutes=4)
    assert browser.client.get("/desk/mine").status_code == 303


def test_a_logout_at_the_provider_ends_the_session_here(desks: Desks) -> None:
    browser = desks.browser()
    desks.office.claims["sid"] = "s-1"
    desks.sign_in(browser)
    logout = desks.office.logout_token({"sub": "staff-1", "sid": "s-1"}, None)
    assert tell(desks.app, logout, "town").status_code == 400
    assert browser.client.get("/desk/mine").status_code == 200
    assert tell(desks.app, logout, "office").status_code == 200
    assert browser.client.get("/desk/mine").headers["Location"].endswith("why=elsewhere")


def test_a_level_may_be_asked_of_staff(make_portal: Any, provider: HostileProvider, office: HostileProvider) -> None:
    desks = Desks(make_portal, provider, office, least_level="medium")
    browser = desks.browser()
    address = desks.begin(browser)
    assert "checked" in query_of(address)["acr_values"]
    answer = browser.come_back(desks.office.authorize(address))
    assert answer.status_code == 403
    assert "/desk/sign-in?next=/desk/mine" in answer.text
    office.claims["acr"] = "checked"
    desks.sign_in(browser)
    assert browser.client.get("/desk/mine").status_code == 200


@pytest.fixture
def renewing(make_portal: Any, provider: HostileProvider, office: HostileProvider, at: Clock) -> Browser:
    """Somebody signed in at a desk that asks the provider every five minutes."""
    desks = Desks(make_portal, provider, office, refresh_minutes=5, offline_access="never")
    office.with_refresh = lambda _asked: True
    browser = desks.browser()
    desks.sign_in(browser)
    assert browser.client.get("/desk/mine").status_code == 200
    return browser


def test_groups_are_read_again_at_each_refresh(renewing: Browser, at: Clock) -> None:
    renewing.provider.claims["groups"] = ["everybody"]
    at.advance(minutes=4)
    assert renewing.client.get("/desk/mine").status_code == 200
    at.advance(minutes=2)
    assert renewing.client.get("/desk/mine").status_code == 403


def test_a_provider_that_stands_by_them_no_longer_ends_the_session(renewing: Browser, at: Clock) -> None:
    renewing.provider.refresh_answer = (400, "application/json", b'{"error": "invalid_grant"}')
    at.advance(minutes=6)
    assert renewing.client.get("/desk/mine").headers["Location"].endswith("why=stopped")
    assert renewing.client.get("/desk/mine").status_code == 303


def test_a_provider_that_is_down_ends_nothing_and_is_asked_again_later(renewing: Browser, at: Clock) -> None:
    renewing.provider.refresh_answer = (503, "text/plain", b"down")
    at.advance(minutes=6)
    assert renewing.client.get("/desk/mine").status_code == 200
    renewing.provider.refresh_answer = None
    renewing.provider.claims["groups"] = []
    at.advance(minutes=2)
    assert renewing.client.get("/desk/mine").status_code == 403
