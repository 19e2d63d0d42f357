"""Whatever is sent, a page comes back that says what happened and where to go on."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import APIResponse, expect

from portal.conformance.seen import look
from tests.journeys.running import Demo
from tests.journeys.visitor import Visitor

NONSENSE = {
    "empty": "",
    "long": "x" * 70_000,
    "control": "a\x00b\x07\x1b[31m",
    "markup": "<script>alert(1)</script>",
    "emoji": "🕳️" * 40,
    "backwards": "\u202egnp.exe",
    "template": "{{ 7*7 }} %(name)s {0}",
}
FORMS = (
    "/profile/name",
    "/profile/date-of-birth",
    "/profile/phone",
    "/profile/contact",
    "/profile/language",
    "/profile/email",
    "/profile/address/home",
    "/profile/address/home/by-hand",
    "/profile/address/home/choose?postcode=W6+9JU",
)
STEPS = ("description", "kind", "questions", "where", "postcode", "street", "map", "coordinates", "photo", "private")


@pytest.fixture(scope="module")
def devi(browser: Any, demo: Demo) -> Any:
    """Devi, signed in once for all of these."""
    visitor = Visitor(browser, demo.url)
    visitor.sign_in("Devi Pretend")
    yield visitor
    visitor.close()


@pytest.mark.parametrize(
    "path", ["/nowhere", "/services/none/", "/services/reporting/reports/ABCD-EFGH", "/%00", "/files/1"]
)
def test_an_address_that_leads_nowhere_has_a_way_on(devi: Visitor, path: str) -> None:
    answer = devi.go(path)
    assert answer.status == 404
    devi.sees("Page not found")
    devi.follow("Go to the start page", within="main")
    devi.sees("Your services")


def test_the_provider_has_the_same_error_pages(visitor: Visitor) -> None:
    assert visitor.go("/id/nowhere").status == 404
    visitor.sees("Page not found")
    assert visitor.go("/id/authorize").status == 400
    assert visitor.go("/id/register/not-a-token").status == 404
    visitor.sees("This link no longer works")


def test_a_step_that_is_only_sent_cannot_be_opened(devi: Visitor) -> None:
    assert devi.go("/sign-out").status == 405
    devi.sees("That cannot be done from here")
    devi.follow("Go to the start page", within="main")
    devi.sees("Your services")


def test_a_stale_form_is_kept_and_sent_again(devi: Visitor) -> None:
    devi.go("/profile/phone")
    devi.page.locator("main [name=csrf_token]").evaluate("field => { field.value = 'stale'; }")
    devi.fill("What is your telephone number?", "020 7946 0021")
    devi.press("Save")
    devi.sees("Send your answers again")
    devi.press("Send again")
    devi.sees("Your details")
    devi.reads("020 7946 0021")


def test_a_form_from_elsewhere_is_refused(devi: Visitor, demo: Demo) -> None:
    before = demo.ask("select phone from portal.profile where given_name = 'Devi'")
    answer = devi.context.request.post(
        "/profile/phone", form={"phone": "020 7946 0099"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status == 400
    assert "start page" in answer.text()
    assert demo.ask("select phone from portal.profile where given_name = 'Devi'") == before


def test_more_than_five_photos_may_be_is_refused_with_a_page(devi: Visitor, tmp_path: Any) -> None:
    huge = tmp_path / "huge.jpg"
    huge.write_bytes(b"\xff\xd8\xff\xe0" + b"\0" * (66 * 1024 * 1024))
    base = _photo_step(devi)
    devi.page.get_by_label("Photos").set_input_files(huge)
    devi.press("Continue")
    devi.sees("That is too large to send")
    devi.page.go_back()
    devi.sees("Do you have photos?")
    assert devi.path == f"{base}/photo"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("huge.jpg", b"\xff\xd8\xff\xe0" + b"\0" * (14 * 1024 * 1024)),
        ("empty.jpg", b""),
        ("page.jpg", b"<html>not a photo</html>"),
        ("half.jpg", b"\xff\xd8\xff\xe0" + b"\x07" * 900),
    ],
    ids=["huge", "empty", "page", "half"],
)
def test_what_is_no_photo_is_refused_with_a_sentence(devi: Visitor, tmp_path: Any, name: str, data: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    _photo_step(devi)
    devi.page.get_by_label("Photos").set_input_files(file)
    devi.press("Continue")
    devi.sees("Do you have photos?")
    devi.reads("There is a problem")


def _photo_step(devi: Visitor) -> str:
    devi.page.goto("/services/reporting/")
    if devi.button("Continue your report").count():
        devi.press("Continue your report")
        if devi.path.endswith("/check"):
            base = devi.path.rsplit("/", 1)[0]
            devi.page.goto(f"{base}/photo")
            return base
    devi.report_to_check(kind="Fly-tipping")
    base = devi.path.rsplit("/", 1)[0]
    devi.page.goto(f"{base}/photo")
    return base


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_in_a_profile_form_is_answered_in_kind(devi: Visitor, kind: str) -> None:
    for path in FORMS:
        devi.page.goto(path)
        _send_nonsense(devi, path, NONSENSE[kind])


@pytest.mark.parametrize("kind", NONSENSE)
def test_nonsense_in_a_report_is_answered_in_kind(devi: Visitor, kind: str) -> None:
    base = _photo_step(devi)
    for step in STEPS:
        devi.page.goto(f"{base}/{step}")
        if devi.path.endswith(f"/{step}") and step != "check":
            _send_nonsense(devi, f"{base}/{step}", NONSENSE[kind])


@pytest.mark.parametrize("path", ["/id/sign-in", "/id/register", "/id/forgotten-password"])
def test_nonsense_at_the_provider_is_answered_in_kind(visitor: Visitor, path: str) -> None:
    for kind in ("empty", "control", "markup", "template"):
        visitor.page.goto(path)
        _send_nonsense(visitor, path, NONSENSE[kind])


def test_nonsense_is_shown_as_text_and_the_page_holds(devi: Visitor) -> None:
    devi.go("/profile/name")
    devi.fill("First names", "<script>alert(1)</script>")
    devi.fill("Last name", "")
    devi.press("Save")
    devi.sees("What is your name?")
    expect(devi.page.get_by_label("First names")).to_have_value("<script>alert(1)</script>")
    devi.go("/profile/address/home/by-hand")
    devi.fill("Address line 1", "w" * 101)
    devi.press("Save")
    devi.sees("Type the address")


def _send_nonsense(visitor: Visitor, path: str, value: str) -> None:
    """Send it in every field of the page's form, also twice in each, and with fields that nobody asked for."""
    form = visitor.page.locator("main form[method=post]").last
    names = form.locator("[name]").evaluate_all("fields => fields.map((each) => each.name)")
    token = form.locator("[name=csrf_token]").input_value()
    asked = {name for name in names if name not in ("csrf_token", "version")}
    fields = {"csrf_token": token, "unknown": value, **dict.fromkeys(sorted(asked), value)}
    answer: APIResponse = visitor.context.request.post(
        path, form=fields, headers={"Origin": visitor.url}, max_redirects=0
    )
    assert answer.status < 500, f"{path}: {answer.status}"
    if answer.status in (200, 400, 409, 413, 422):
        assert "<h1" in answer.text()
        assert "<script>alert" not in answer.text()


def test_every_error_page_looks_right(devi: Visitor) -> None:
    devi.go("/nowhere?lang=cy")
    devi.go("/nowhere?lang=en")
    devi.page.set_viewport_size({"width": 390, "height": 844})
    devi.go("/sign-out")
    look(devi.page)
    devi.page.set_viewport_size({"width": 1280, "height": 900})


def test_nobody_signs_in_to_read_another_persons_report(arrive: Callable[..., Visitor], demo: Demo) -> None:
    ada = arrive()
    ada.sign_in("Ada Example")
    others = demo.ask(
        'select c.reference from reporting.report r join portal."case" c on c.id = r.case_id'
        " join portal.profile p on p.account_id = r.account_id where p.given_name <> 'Ada' limit 1"
    )
    assert others
    assert ada.go(f"/services/reporting/reports/{others[0][0]}").status == 404
    ada.sees("Page not found")
