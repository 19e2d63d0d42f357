"""What every answer bears: headers, cookies, language, the notice; and the page for each way to fail."""

import logging
import re
from base64 import urlsafe_b64decode

import pytest
from flask import Flask, Response, abort, g, redirect, request
from sqlalchemy.exc import OperationalError

from portal import errors
from portal.web import browser, cookies, headers, page
from portal.web.access import is_public, public
from portal.web.request_ids import RequestIdFilter, request_id
from tests.support.client import Client, client_for
from tests.unit.web.conftest import make_app, plain

FAILURES = {
    400: lambda: abort(400),
    403: lambda: _raise(errors.Forbidden("You may not see this case.")),
    404: lambda: _raise(errors.NotFound()),
    409: lambda: _raise(errors.Conflict("Somebody has answered this already.")),
    413: lambda: abort(413),
    429: lambda: _raise(errors.TooMany("Wait a while.", retry_after=77)),
    500: lambda: _raise(RuntimeError("boom of Amina Khan")),
    503: lambda: _raise(errors.Unavailable("The gazetteer does not answer.")),
}
OTHERS = {
    410: (lambda: abort(410), 410),
    415: (lambda: abort(415), 415),
    422: (lambda: abort(422), 422),
    502: (lambda: abort(502), 502),
    4090: (lambda: _raise(errors.Refused("The permit is cancelled.")), 409),
    5030: (lambda: _raise(OperationalError("select 'Amina'", {}, Exception("gone"))), 503),
}


def _raise(error: Exception) -> None:
    raise error


@pytest.fixture
def app() -> Flask:
    return with_pages(make_app())


def with_pages(app: Flask) -> Flask:
    @app.get("/fail/<int:status>")
    @public
    def fail(status: int) -> str:
        (FAILURES.get(status) or OTHERS[status][0])()
        return ""

    @app.post("/only-post")
    @public
    def only_post() -> str:
        return ""

    @app.get("/done")
    @public
    def done() -> object:
        page.notify_next("Saved: <b>Ann</b>")
        return redirect("/help")

    @app.get("/browser")
    @public
    def this_browser() -> Response:
        return plain(browser.browser_id())

    @app.get("/targets")
    @public
    def targets() -> str:
        headers.allow_form_target("https://rp.example:8443/callback?x=1")
        headers.allow_form_target("https://evil.example; script-src *")
        return page.render("web/public/help.html")

    @app.get("/closed")
    def closed() -> str:
        return ""

    @app.get("/dropped")
    @public
    def dropped() -> str:
        cookies.put("session", "x", max_age=60)
        cookies.drop("session")
        return ""

    return app


@pytest.mark.parametrize("status", sorted(FAILURES))
def test_each_failure_has_its_page_with_a_way_on(client: Client, status: int) -> None:
    answer = client.get(f"/fail/{status}")
    assert answer.status_code == status
    assert client.page.links()["Go to the start page"] == "/"
    assert "020 7946 0100" in client.page.main
    assert "boom" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("number", sorted(OTHERS))
def test_other_failures_end_on_a_page_too(client: Client, number: int) -> None:
    assert client.get(f"/fail/{number}").status_code == OTHERS[number][1]
    assert "Amina" not in client.page.html


def test_the_sentence_of_an_error_is_shown(client: Client) -> None:
    client.get("/fail/409")
    assert "Somebody has answered this already." in client.page.main
    assert "in another window" not in client.page.main


def test_a_method_that_is_not_offered_is_refused_with_those_that_are(client: Client) -> None:
    answer = client.get("/only-post")
    assert (answer.status_code, client.page.h1) == (405, "That cannot be done from here")
    assert "POST" in answer.headers["Allow"]


def test_too_many_says_when_to_come_back(client: Client) -> None:
    assert client.get("/fail/429").headers["Retry-After"] == "77"


def test_a_body_that_is_too_large_is_refused(client: Client, app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1000
    assert client.post("/only-post", data={"a": "x" * 2000}).status_code == 413
    app.config["MAX_CONTENT_LENGTH"] = 10_000_000
    app.config["MAX_FORM_MEMORY_SIZE"] = 500
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        assert client.post("/only-post", data={"a": "x" * 2000}, content_type=kind).status_code == 413
    app.config["MAX_FORM_PARTS"] = 10
    many = {f"f{number}": "x" for number in range(20)}
    assert client.post("/only-post", data=many, content_type="multipart/form-data").status_code == 413


def test_who_sent_too_large_a_file_is_told_the_limit_and_led_back(client: Client, app: Flask) -> None:
    @app.route("/photo", methods=["GET", "POST"])
    @public
    def photo() -> str:
        return ""

    app.config["MAX_CONTENT_LENGTH"] = 1000
    both, one = (
        client.post(path, data={"a": "x" * 2000}, content_type="multipart/form-data").text
        for path in ("/photo", "/only-post")
    )
    assert "The file must be smaller than 12 MB" in both
    assert '<a class="govuk-link" href="/photo">Go back' in both
    assert 'href="/only-post"' not in one
    assert " MB" not in client.post("/only-post", data={"a": "x" * 2000}).text


def test_the_reference_on_the_page_is_in_the_log_and_in_the_header(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = client.get("/fail/500", headers={"X-Request-Id": "FORGED"})
    reference = answer.headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{5}", reference)
    assert reference in client.page.main
    assert any(reference in record.getMessage() for record in caplog.records)
    assert "FORGED" not in answer.text


def test_log_records_bear_the_request_id(app: Flask) -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "m", (), None)
    with app.test_request_context("/"):
        assert RequestIdFilter().filter(record)
        assert record.__dict__["request_id"] == request_id()
    RequestIdFilter().filter(record)
    assert record.__dict__["request_id"] == "-"


def test_a_broken_layout_still_ends_in_a_plain_page(app: Flask, client: Client) -> None:
    def breaks() -> dict[str, object]:
        raise RuntimeError

    app.context_processor(breaks)
    client.check_pages = False
    answer = client.get("/fail/500")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.text


def test_security_headers_are_on_every_answer(client: Client) -> None:
    for path in ("/", "/help", "/fail/404", "/fail/500", "/nowhere", "/static/app.js", "/theme.css"):
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        for part in ("default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert part in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in answer.headers
    nonces = {re.search(r"nonce-([^']+)", client.get("/help").headers["Content-Security-Policy"]) for _ in range(2)}
    assert len({one and one[1] for one in nonces}) == 2


def test_forms_may_lead_to_providers_and_to_nothing_else(client: Client) -> None:
    policy = client.get("/targets").headers["Content-Security-Policy"]
    assert "form-action 'self' https://rp.example:8443;" in policy
    assert "evil" not in policy
    assert "rp.example" not in client.get("/help").headers["Content-Security-Policy"]


def test_away_from_this_machine_cookies_are_secure_and_https_is_remembered() -> None:
    client = client_for(with_pages(make_app(public_url="https://my.marlowe.example")))
    answer = client.get("/browser", base_url="https://my.marlowe.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-moothall_browser=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")


def test_under_a_path_the_cookie_keeps_to_it() -> None:
    client = client_for(with_pages(make_app(name="moothall_id", public_url="https://my.marlowe.example")))
    answer = client.get("/browser", base_url="https://my.marlowe.example/id")
    assert answer.headers["Set-Cookie"].startswith("__Secure-moothall_id_browser=")
    assert "Path=/id/" in answer.headers["Set-Cookie"]


def test_the_browser_id_is_kept_and_a_made_up_one_is_not(client: Client) -> None:
    first = client.get("/browser").text
    assert client.get("/browser").text == first
    client.set_cookie("moothall_browser", "made up")
    assert client.get("/browser").text not in (first, "made up")


def test_a_dropped_cookie_is_deleted(client: Client) -> None:
    assert {"moothall_session=", "Max-Age=0"} <= set(client.get("/dropped").headers["Set-Cookie"].split("; "))


def test_what_can_be_cached_sets_no_cookie_and_pages_are_never_stored(client: Client) -> None:
    client.get("/help")
    for link in client.page.all("link"):
        answer = client.get(link.get("href"))
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in answer.headers
    assert client.get("/static/app.js?v=old").headers["Cache-Control"] == "public, max-age=300"
    for kept_for_all in ("/theme.css?lang=cy", "/static/app.js?lang=cy"):
        answer = client.get(kept_for_all)
        assert answer.headers["Cache-Control"].startswith("public")
        assert "Set-Cookie" not in answer.headers
    assert "Set-Cookie" in client.get("/help?lang=cy").headers
    assert client.get("/static/../setup.py").status_code == 404


def test_the_council_chooses_colours_typeface_and_logo() -> None:
    council = {"brand_colour": "#102030", "typeface": "Georgia, serif", "name": "Elmet Council"}
    client = client_for(make_app(council=council))
    css = client.get("/theme.css").text
    assert "--govuk-brand-colour:#102030" in css
    assert "--council-typeface:Georgia, serif" in css
    assert client.get("/council-logo").status_code == 404
    client.get("/help")
    assert client.page.title == "Help and contact – Elmet Council"


def test_a_logo_that_is_not_there_stops_the_start() -> None:
    with pytest.raises(errors.SetupError, match="LOGO_PATH"):
        make_app(council={"logo_path": "/nowhere/logo.svg"})


def test_the_notice_is_shown_once_and_escaped(client: Client) -> None:
    client.follow(client.get("/done"))
    assert client.page.notice == "Saved: <b>Ann</b>"
    client.get("/help")
    assert client.page.notice == ""


def test_the_notice_is_signed_with_sha_256(client: Client) -> None:
    cookie = next(each for each in client.get("/done").headers.getlist("Set-Cookie") if "_notice=" in each)
    signature = cookie.partition(";")[0].rpartition(".")[2]
    assert len(urlsafe_b64decode(signature + "==")) == 32


def test_a_forged_notice_is_not_shown(client: Client) -> None:
    client.set_cookie("moothall_notice", "InBheSBtZSI.aaaa.bbbb")
    client.get("/help")
    assert client.page.notice == ""


def test_the_menu_follows_who_is_there(app: Flask) -> None:
    def somebody() -> None:
        g.signed_in_as = request.args.get("as")

    app.before_request(somebody)
    page.offer(app, "Home", "start")
    page.offer(app, "Sign in", "this_browser", for_signed_in=False)
    page.offer(app, "Sign out", "only_post", by_post=True)
    client = client_for(app)
    client.get("/help")
    assert "Sign in" in client.page.links()
    assert "Home" not in client.page.links()

    client.get("/help", query_string={"as": "Amina <Khan>"})
    assert client.page.links()["Home"] == "/"
    assert "Sign in" not in client.page.links()
    assert [form.action for form in client.page.forms()] == ["/only-post"]
    assert "Amina <Khan>" in client.page.root.itertext()


@pytest.mark.parametrize("path", ["/help", "/accessibility", "/privacy", "/cookies"])
def test_the_public_pages_are_open_and_linked_from_every_page(app: Flask, client: Client, path: str) -> None:
    assert client.get(path).status_code == 200
    assert path in client.page.links().values()


def test_a_page_is_closed_unless_it_says_that_it_is_open(app: Flask) -> None:
    assert is_public(app, "start")
    assert is_public(app, "static")
    assert not is_public(app, "closed")
    assert not is_public(app, "nowhere")
    assert not is_public(app, None)


def test_forwarded_headers_are_believed_from_as_many_proxies_as_are_ours() -> None:
    for hops, scheme in ((0, "http"), (1, "https")):
        app = make_app(trusted_proxies=hops)

        @app.get("/scheme")
        @public
        def scheme_seen() -> Response:
            return plain(f"{request.scheme} {request.remote_addr} {request.script_root}")

        sent = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "9.9.9.9, 8.8.8.8", "X-Forwarded-Prefix": "/evil"}
        seen = client_for(app).get("/scheme", headers=sent).text
        assert seen == f"{scheme} {'8.8.8.8' if hops else '127.0.0.1'} "
