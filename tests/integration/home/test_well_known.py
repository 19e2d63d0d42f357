"""What programs ask every site for."""

from datetime import UTC, datetime

from flask.testing import FlaskClient

from tests.support.fixtures import Clock


def test_search_engines_may_see_the_public_pages_alone(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    assert lines[-1] == "Disallow: /"
    assert {"Allow: /$", "Allow: /help", "Allow: /privacy", "Allow: /accessibility", "Allow: /cookies"} < set(lines)


def test_the_small_picture_is_where_browsers_look(client: FlaskClient) -> None:
    answer = client.get("/favicon.ico", follow_redirects=True)
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")


def test_it_is_said_whom_to_tell_of_a_hole(client: FlaskClient, at: Clock) -> None:
    answer = client.get("/.well-known/security.txt")
    assert answer.mimetype == "text/plain"
    said = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert said["Contact"] == "mailto:help@marlowe.example"
    expires = datetime.strptime(said["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert 360 <= (expires - at.moment).days < 365
    assert said["Canonical"] == "http://localhost/.well-known/security.txt"
