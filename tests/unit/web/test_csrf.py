"""No change without a token of ours, and no answers lost to a token that is only old."""

import io

import pytest
from flask import Flask, redirect, request
from pydantic import SecretStr
from werkzeug.wrappers import Response

from portal.errors import SetupError
from portal.web import cookies, csrf, kept, page
from portal.web.access import public
from portal.web.browser import renew
from tests.support.client import Client, client_for
from tests.unit.web.conftest import make_app, plain

HERE = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def app() -> Flask:
    return with_pages(make_app())


def with_pages(app: Flask) -> Flask:
    @app.route("/change", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    @public
    def change() -> str | Response:
        if request.method == "GET":
            return page.render(
                "web/errors/send_again.html", kept=[], lost_file=False, lost_password=False, lost_text=False
            )
        return redirect("/done")

    @app.post("/hook")
    @public
    @csrf.exempt
    def hook() -> Response:
        return plain("taken")

    @app.post("/sign-in")
    @public
    def sign_in() -> Response:
        renew()
        cookies.put("session", "opaque")
        return plain("in")

    return app


def token(client: Client, path: str = "/change") -> str:
    client.get(path)
    return client.page.form_with("csrf_token").values["csrf_token"][0]


def test_a_form_of_ours_is_taken(client: Client) -> None:
    assert client.post("/change", data={"csrf_token": token(client)}).status_code == 303
    assert client.post("/change", data={"csrf_token": token(client)}, headers=HERE).status_code == 303


def test_tokens_of_two_pages_differ_and_both_count(client: Client) -> None:
    first, second = token(client), token(client)
    assert first != second
    assert client.post("/change", data={"csrf_token": first}).status_code == 303
    assert client.post("/change", data={"csrf_token": second}).status_code == 303


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("sent", [None, "", "x", "x" * 55, "é" * 55, "\x00" * 55, "x" * 100_000])
def test_no_change_without_a_right_token(client: Client, method: str, sent: str | None) -> None:
    token(client)
    data = {} if sent is None else {"csrf_token": sent}
    assert getattr(client, method)("/change", data=data).status_code == 400
    assert client.page.h1 == "We could not understand that"


def test_a_token_from_another_browser_does_not_count(app: Flask, client: Client) -> None:
    foreign = token(client_for(app))
    token(client)
    assert client.post("/change", data={"csrf_token": foreign}).status_code == 400


def test_a_token_from_before_sign_in_does_not_count_after_it(client: Client) -> None:
    before = token(client)
    assert client.post("/sign-in", data={"csrf_token": before}).status_code == 200
    assert client.post("/change", data={"csrf_token": before}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    ],
)
def test_another_site_is_refused_even_with_a_right_token(client: Client, headers: dict[str, str]) -> None:
    assert client.post("/change", data={"csrf_token": token(client)}, headers=headers).status_code == 400
    assert client.page.h1 == "We could not understand that"


def test_a_browser_that_says_nothing_or_null_is_judged_by_the_token(client: Client) -> None:
    assert client.post("/change", data={"csrf_token": token(client)}, headers={"Origin": "null"}).status_code == 303
    assert client.post("/change", headers={"Origin": "null"}).status_code == 400


def test_programs_are_let_through_where_the_view_says_so(client: Client) -> None:
    assert client.post("/hook", headers={"Origin": "https://partner.example"}).text == "taken"


def test_an_address_that_is_not_there_stays_not_found(client: Client) -> None:
    assert client.post("/nowhere").status_code == 404


def test_a_stale_form_of_ours_is_sent_again_with_what_was_typed(client: Client) -> None:
    typed = {"csrf_token": "old", "name": "Ann & <Bob>", "how": ["a", "b"], "text": "one\ntwo"}
    answer = client.post("/change", data=typed | {"password": "secret", "new_password": "s"}, headers=HERE)
    assert answer.status_code == 400
    assert client.page.h1 == "Send your answers again"
    values = client.page.form_with("name").values
    fresh = values.pop("csrf_token")
    assert values == {"name": ["Ann & <Bob>"], "how": ["a", "b"], "text": ["one\ntwo"]}
    assert "secret" not in answer.text
    assert "You will have to type your password again." in answer.text
    assert client.post("/change", data=values | {"csrf_token": fresh}, headers=HERE).status_code == 303


def test_the_page_to_send_again_keeps_its_size_and_says_that_a_file_is_lost(client: Client) -> None:
    many = {f"f{number}": "x" * 1000 for number in range(200)}
    answer = client.post("/change", data=many, headers=HERE)
    assert len(answer.data) < kept.KEPT_BYTES + 30_000
    client.post("/change", data={"photo": (io.BytesIO(b""), "")}, headers=HERE)
    assert "choose your file again" not in client.page.main
    client.post("/change", data={"photo": (io.BytesIO(b"x"), "p.jpg")}, headers=HERE)
    assert "choose your file again" in client.page.main


def test_older_keys_still_count() -> None:
    old = with_pages(make_app(secret_key="o" * 40))
    client = client_for(old)
    sent = token(client)
    cookie = client.get_cookie("moothall_browser")
    assert cookie
    new = client_for(with_pages(make_app(previous_secret_keys=(SecretStr("o" * 40),))))
    new.set_cookie("moothall_browser", cookie.value)
    assert new.post("/change", data={"csrf_token": sent}).status_code == 303
    other = client_for(with_pages(make_app()))
    other.set_cookie("moothall_browser", cookie.value)
    assert other.post("/change", data={"csrf_token": sent}).status_code == 400


def test_an_older_key_is_as_long_as_the_new_one() -> None:
    with pytest.raises(SetupError, match="PREVIOUS_SECRET_KEYS: must each be at least 32 characters"):
        make_app(previous_secret_keys=(SecretStr("o" * 40), SecretStr("")))


@pytest.mark.parametrize(
    ("origin", "host", "said"),
    [
        ("http://localhost", "localhost", "here"),
        ("http://127.0.0.1", "127.0.0.1", "here"),
        ("http://localhost:81", "localhost:81", "elsewhere"),
        ("http://evil.example", "evil.example", "elsewhere"),
    ],
)
def test_an_origin_is_compared_with_our_address_and_not_with_what_we_are_called(
    app: Flask, origin: str, host: str, said: str
) -> None:
    with app.test_request_context("/change", method="POST", headers={"Origin": origin, "Host": host}):
        assert csrf.comes_from() == said


def test_a_token_is_tied_to_the_cookie_that_the_application_signs_in_with() -> None:
    app = with_pages(make_app("moothall_id", session_cookie="login"))
    client = client_for(app)
    before = token(client)
    client.set_cookie("moothall_id_session", "of no meaning here")
    assert client.post("/change", data={"csrf_token": before}).status_code == 303
    client.set_cookie("moothall_id_login", "somebody")
    assert client.post("/change", data={"csrf_token": before}).status_code == 400
