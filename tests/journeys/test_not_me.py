"""Edwin learns of a sign-in that was not his, and gets his account back. His letters are in the outbox."""

import re
import time
from collections.abc import Callable, Iterator

import pytest

from tests.journeys.running import Demo
from tests.journeys.visitor import PHONE, Visitor

WHOSE = "(select account_id from portal.profile where given_name = 'Edwin')"


@pytest.fixture(autouse=True)
def quiet(demo: Demo) -> Iterator[None]:
    """Nothing known of Edwin's browsers before, and nothing held after: the other journeys are his too."""
    forgotten = ("known_device", "sign_in_notice", "account_hold", "session")

    def forget() -> None:
        for table in forgotten:
            demo.change(f"delete from portal.{table} where account_id = {WHOSE}")  # names of ours

    forget()
    yield
    forget()


def link_to(demo: Demo, template: str) -> str:
    """The path of the link in Edwin's newest letter of that kind."""
    newest = (
        f"select id from portal.outbound_message where template = :template and account_id = {WHOSE}"
        " order by created_at desc limit 1"
    )
    arrived = f"select body from notify_standin.notification where reference = ({newest})::text"
    until = time.monotonic() + 20
    while not (found := demo.ask(arrived, template=f"identity/mail/{template}.txt")):
        assert time.monotonic() < until, "the letter has not arrived"
        time.sleep(0.1)
    found = re.search(r"http://[^/\s]+(/\S+)", found[0].body)
    assert found
    return found[1]


@pytest.mark.parametrize("options", [{}, {"scripted": False, "viewport": PHONE}], ids=["script", "no script"])
def test_from_the_letter_to_having_the_account_back(
    arrive: Callable[..., Visitor], demo: Demo, options: dict[str, object]
) -> None:
    edwin, thief = arrive(**options), arrive(**options)
    edwin.sign_in("Edwin Specimen")
    thief.sign_in("Edwin Specimen")
    reader = arrive(**options)  # where he reads his mail he is not signed in
    reader.go(link_to(demo, "new_device"))
    reader.sees("Was this not you?")
    reader.press("This was not me")
    reader.sees("We have signed everybody out of this website")
    reader.reads("Change the password for your council account")
    thief.go("/profile")
    thief.sees("Sign in")

    thief.sign_in("Edwin Specimen", to="/profile/email")
    thief.sees("This cannot be changed at the moment")

    edwin.sign_in("Edwin Specimen", to="/profile")
    edwin.reads("some changes are held")
    edwin.follow("See what to do next")
    edwin.sees("Some changes to your account are held")
    edwin.go(link_to(demo, "account_held"))
    edwin.sees("Get your account back")
    edwin.press("This account is mine")
    edwin.sees("Sign-ins and devices")
    edwin.reads("Your account is yours again")
    edwin.go("/profile/email")
    edwin.sees("What is your new email address?")
    thief.go("/profile")
    thief.sees("Sign in")


def test_signing_out_elsewhere_from_the_page_of_sign_ins(arrive: Callable[..., Visitor]) -> None:
    edwin, elsewhere = arrive(), arrive(viewport=PHONE)
    elsewhere.sign_in("Edwin Specimen")
    edwin.sign_in("Edwin Specimen", to="/profile")
    edwin.follow("See your sign-ins and devices")
    edwin.sees("Sign-ins and devices")
    edwin.press("Sign out all other devices")
    edwin.sees("Sign-ins and devices")
    edwin.reads("1 other device has been signed out")
    edwin.reads("You signed it out from another device")
    elsewhere.go("/profile")
    elsewhere.sees("Sign in")
    edwin.press("This was not me")
    edwin.sees("Was this not you?")
    edwin.press("This was not me")
    edwin.sees("We have signed everybody out of this website")
