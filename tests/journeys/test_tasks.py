"""The council asks for something, and the resident does it: with a photo, with answers, and with a neighbour."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.running import Demo
from tests.journeys.visitor import PHONE, Visitor, photo_file

# What the desk does, in a process of its own: it makes an application, and the tests' process has its own.
ASK = """
import json, sys
from portal.app import create_app
from portal.cases.queries import get_case_for_staff
from portal.cases.tasks import set_task
from portal.db.session import session
from portal.settings.reading import load_settings
asked = json.loads(sys.argv[1])
app = create_app(load_settings())
with app.test_request_context("/"):
    case = get_case_for_staff(asked.pop("reference"))
    set_task(case.id, actor="staff:00000000-0000-4000-8000-000000000007", key=asked["title"], **asked)
    session().commit()
"""


@pytest.fixture
def ask(demo: Demo) -> Callable[..., None]:
    """Set a task on a case, by its reference."""

    def ask(reference: str, **asked: str) -> None:
        wanted = json.dumps({"reference": reference, **asked})
        subprocess.run([sys.executable, "-c", ASK, wanted], env=demo.environment, check=True)

    return ask


def reported(visitor: Visitor, name: str) -> str:
    """Sign in and report graffiti; the reference."""
    visitor.go("/")
    visitor.sign_in(name)
    visitor.report_to_check(kind="Graffiti", wrong="Letters on the wall of our house.")
    return visitor.send()


def test_devi_sends_a_photo_and_answers_on_an_old_telephone(
    arrive: Callable[..., Visitor], ask: Callable[..., None], tmp_path: Path
) -> None:
    devi = arrive(scripted=False, viewport=PHONE)
    reference = reported(devi, "Devi Pretend")
    ask(reference, kind="document", title="Send a photo of the whole wall", words="So that we bring the right ladder.")
    ask(reference, kind="form", title="Allow us to remove the paint", form="removal")
    devi.go("/home")
    devi.reads("You need to do")
    devi.follow("Send a photo of the whole wall")
    devi.sees("Send a photo of the whole wall")
    devi.reads("the right ladder")
    devi.press("Upload this file")
    devi.reads("There is a problem")
    devi.sees("Send a photo of the whole wall")
    devi.page.get_by_label("Upload a file").set_input_files(photo_file(tmp_path))
    devi.press("Upload this file")
    devi.reads("What you have uploaded")
    devi.sees("Send a photo of the whole wall")
    devi.press("Continue")
    devi.sees("Check before you send")
    devi.press("Send")
    devi.sees("Done")
    devi.page.go_back()
    devi.page.reload()
    devi.sees("Done")  # nothing is sent twice, and nobody is asked again
    devi.follow("See what else you need to do")
    devi.sees("What you need to do")
    devi.follow("Allow us to remove the paint")
    devi.sees("Allow us to remove the paint")
    devi.fill("What is the wall made of?", "Brick")
    devi.press("Continue")
    devi.reads("Select an answer to “Are you the owner of the wall?”")
    devi.sees("Allow us to remove the paint")
    expect(devi.page.get_by_label("What is the wall made of?")).to_have_value("Brick")
    devi.choose("Yes, with somebody else")
    devi.press("Continue")
    devi.sees("Check before you send")
    devi.reads("Brick")
    devi.press("Send")
    devi.sees("Done")
    devi.go("/tasks")
    devi.reads("Nothing.")


def test_a_neighbour_signs_and_sees_nothing_else(arrive: Callable[..., Visitor], ask: Callable[..., None]) -> None:
    edwin = arrive()
    reference = reported(edwin, "Edwin Specimen")
    statement = "I own this wall too and allow the council to remove the paint."
    ask(reference, kind="cosign", title="Ask the other owner to sign", words=statement)
    edwin.go("/tasks")
    edwin.follow("Ask the other owner to sign")
    edwin.sees("Ask the other owner to sign")
    edwin.fill("What is their email address?", "neighbour@tests.example")
    edwin.press("Send them a link")
    edwin.reads("We sent a link to neighbour@tests.example")
    edwin.sees("Ask the other owner to sign")

    ben = arrive(viewport=PHONE)
    ben.go("/demo/outbox")
    ben.eventually("You are asked to sign something with somebody else")
    ben.follow(re.compile("You are asked to sign something with somebody else"))  # in both languages
    link = re.search(r"/signatures/invitation/[\w-]+", ben.page.content())
    assert link is not None
    ben.go(link[0])  # leads to sign-in, and from there back
    ben.press(re.compile("^Sign in with "))
    ben.sign_in_at_provider("Ben Sample")
    ben.sees("You are asked to sign")
    ben.press("Continue with my account")
    ben.sees("Decide whether you sign")
    ben.reads("Mill Lane")
    ben.reads(statement)
    assert "Letters on the wall" not in ben.page.content()
    ben.press("Send my answer")
    ben.reads("Select whether you sign this")
    ben.sees("Decide whether you sign")
    ben.choose("Yes, I sign it")
    ben.press("Send my answer")
    ben.sees("You have signed this")
    ben.go("/signatures")
    ben.reads("Signed")
    ben.go(link[0])
    ben.sees("This link no longer works")
    assert ben.page.goto(f"/cases/{reference}").status == 404  # type: ignore[union-attr]  # there is always an answer

    edwin.page.reload()
    edwin.sees("Done")
