"""The form of a report, filled in at a browser up to the page that shows the answers again."""

import re
from typing import Final

from portal.kit import session
from services.reporting.operations import guests
from services.reporting.operations.answering import keep_answer
from services.reporting.rules.journey import Step
from tests.support.residents import Resident

REPORTING: Final = "/services/reporting"
POSTCODE: Final = "W6 9JU"
STREET: Final = {"street": "Larkspur Meadow", "whereabouts": "By the bottle banks", "unknown": "Larkspur Meadow"}
"""In no street of the demo's, so that nobody is asked which of two it is."""
LAMP: Final = "20417"
"""A lamp column of the demo's."""


def begin_at(at: Resident) -> str:
    """Start a report; the address that its questions have in common."""
    return at.post(f"{REPORTING}/").location.rpartition("/")[0]


def fill_in(at: Resident, kind: str = "pothole", way: str = "street") -> str:
    """Answer every question, the place in this way; the address that the questions have in common."""
    url = begin_at(at)
    say_what(at, url, kind)
    at.post(f"{url}/where", where="street" if way == "which" else way)
    say_where(at, url, way)
    at.post(f"{url}/photo")
    return url


def say_what(at: Resident, url: str, kind: str = "pothole") -> None:
    """The questions before the place. What kinds ask besides is left out where it may be."""
    at.post(f"{url}/description", description="A deep hole.")
    at.post(f"{url}/kind", kind=kind)
    required = {"fly_tipping": {"answer_amount": "bag"}, "street_light": {"answer_fault": "out"}}
    at.post(f"{url}/questions", **required.get(kind, {}))


def say_where(at: Resident, url: str, way: str) -> None:
    """The place, in one of the ways."""
    if way == "address":
        at.post(f"{url}/postcode", postcode=POSTCODE)
        uprn = re.search(r'<option value="(\d+)"', at.get(f"{url}/address"))
        assert uprn is not None
        at.post(f"{url}/address", address=uprn[1])
    elif way == "street":
        at.post(f"{url}/street", **STREET)
    elif way == "which":
        at.post(f"{url}/street", street="Larkspur Lane", whereabouts="By the bottle banks")
        usrn = re.search(r'value="(\d{8})"', at.get(f"{url}/which"))
        assert usrn is not None
        at.post(f"{url}/which", which=usrn[1])
    elif way == "asset":
        at.post(f"{url}/asset", number=LAMP)
    else:
        at.post(f"{url}/{way}", lat="51.4927", lon="-0.2339")


def guest_things(browser: str) -> dict[str, str]:
    """A draft that was begun without an account in this browser, under each address that guests have."""
    draft = guests.begin(browser, come_from="127.0.0.1")
    account, draft = guests.get_guest_draft(browser, draft.id)
    for step, answers in (("contact", {"email": "guest@tests.example"}), ("description", {"description": "A hole."})):
        keep_answer(account, draft_id=draft.id, step=Step(step), answers=answers)
    session().commit()
    pages = (*Step, "written", "remove_photo", "same", "discard")
    return {f"reporting.guest_{page}.draft_id": str(draft.id) for page in pages}
