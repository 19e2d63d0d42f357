"""An application answers to its own name and to no other."""

import pytest

from portal.web.hosts import hosts_of, origins_of
from tests.support.client import client_for
from tests.unit.web.conftest import make_app

PUBLIC = "https://my.marlowe.example"
NAMES = [
    *(
        "evil.example",
        "my.marlowe.example.evil.example",
        "evil.example:443",
        "marlowe.example",
        "localhost",
        "127.0.0.1",
    ),
    *(
        "my.marlowe.example@evil.example",
        "my.marlowe.example, evil.example",
        "",
        "evil.example/my.marlowe.example",
        "[",
    ),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("path", ["/", "/help", "/static/app.js", "/nowhere"])
def test_another_name_is_refused_and_not_repeated(name: str, path: str) -> None:
    client = client_for(make_app(public_url=PUBLIC))
    answer = client.get(path, base_url=PUBLIC, headers={"Host": name})
    assert answer.status_code == 400
    assert client.page.h1 == "We could not understand that"
    assert "evil.example" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("name", ["my.marlowe.example", "my.marlowe.example:443", "MY.marlowe.example"])
def test_our_own_name_is_known(name: str) -> None:
    client = client_for(make_app(public_url=PUBLIC))
    assert client.get("/help", base_url=PUBLIC, headers={"Host": name}).status_code == 200


@pytest.mark.parametrize("name", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "localhost"])
def test_on_this_machine_each_of_its_names_is_known(name: str) -> None:
    client = client_for(make_app(public_url="http://localhost:8000"))
    assert client.get("/help", headers={"Host": name}).status_code == 200


def test_an_application_on_its_own_host_knows_that_and_the_portals() -> None:
    client = client_for(make_app("moothall_id", address="https://id.marlowe.example/x", public_url=PUBLIC))
    answers = {
        name: client.get("/help", headers={"Host": name}).status_code
        for name in ("id.marlowe.example", "my.marlowe.example", "x.marlowe.example")
    }
    # The portal's, because the containers' question about health calls every process by it.
    assert answers == {"id.marlowe.example": 200, "my.marlowe.example": 200, "x.marlowe.example": 400}


def test_a_name_that_a_proxy_hands_on_is_judged_too() -> None:
    client = client_for(make_app(public_url=PUBLIC, trusted_proxies=1))
    for name, status in (("my.marlowe.example", 200), ("evil.example", 400)):
        answer = client.get("/help", base_url="http://inside:8000", headers={"X-Forwarded-Host": name})
        assert answer.status_code == status


def test_hosts_and_origins_of_an_address() -> None:
    assert hosts_of("https://My.marlowe.example:8443/x") == {"my.marlowe.example"}
    assert origins_of("https://My.marlowe.example:443/x") == {"https://my.marlowe.example"}
    assert origins_of("http://[::1]:81") == {"http://localhost:81", "http://127.0.0.1:81", "http://[::1]:81"}


@pytest.mark.parametrize(
    ("name", "public"), [("127.0.0.1", "localhost"), ("[::1]", "127.0.0.1"), ("localhost", "[::1]")]
)
def test_the_demo_leads_to_the_name_in_its_address(name: str, public: str) -> None:
    client = client_for(make_app(public_url=f"http://{public}:8000", demo=True))
    answer = client.get("/help?a=%C3%A9&b=%2F&c", base_url=f"http://{name}:8000")
    assert answer.status_code == 308
    assert answer.location == f"http://{public}:8000/help?a=%C3%A9&b=%2F&c"
    assert client.get("//evil.example", base_url=f"http://{name}:8000").location.startswith(f"http://{public}:8000/")
    assert client.get("/help", base_url=f"http://{public}:8000").status_code == 200
    assert client.get("/help", base_url="http://evil.example:8000").status_code == 400
    assert client.post("/help", base_url=f"http://{name}:8000").status_code in (400, 405)


def test_outside_the_demo_nobody_is_led_to_another_name() -> None:
    client = client_for(make_app(public_url="http://localhost:8000"))
    assert client.get("/help", base_url="http://127.0.0.1:8000").status_code == 200
