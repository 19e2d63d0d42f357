"""The desk's response templates, put into what staff say to everybody."""

from uuid import uuid4

from flask import Flask

from services.reporting.tests.test_desk_moderation import DESK, filed, mo
from services.reporting.tests.test_desk_work import with_team
from tests.support.residents import Resident
from tests.support.staff import Colleague
from tests.support.templates import template

__all__ = ["mo"]
AGAIN = "Your words are kept. If you added photos, choose them again."
PLANNED = "It is with {{team}}, and its reference is {{reference}}."


def test_a_template_is_put_in_after_what_is_typed_and_nothing_is_sent(
    ada: Resident, mo: Colleague, context: Flask
) -> None:
    reference = filed(ada)
    planned = template("Planned", PLANNED, service="reporting")
    for page in ("say", "inspect"):
        answer = mo.post(
            f"{DESK}/{page}/{reference}", 200, do="fill", template=str(planned), words="Thank you.", key=uuid4().hex
        )
        shown = answer.get_data(as_text=True)
        assert f"Thank you.\n\nIt is with Highways, and its reference is {reference}.</textarea>" in shown
        assert "There is a problem" not in shown
        assert AGAIN in shown
    assert AGAIN not in mo.get(f"{DESK}/say/{reference}")
    assert "Thank you." not in ada.client.get(f"/services/reporting/problems/{reference}").get_data(as_text=True)


def test_no_template_names_whoever_reported_it(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = filed(ada)
    for field in ("name", "full_name", "page", "held_until_day"):
        template(f"With {field}", f"Dear {{{{{field}}}}}, we come.")
    other = template("For permits", "We come.", service="council_tax")
    template("We come", "We come.")
    page = mo.get(f"{DESK}/say/{reference}")
    assert "We come</option>" in page
    assert "With " not in page
    assert str(other) not in page


def test_who_chooses_no_template_is_asked_to(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = with_team(ada)
    template("We come", "We come.")
    answer = mo.post(f"{DESK}/say/{reference}", 200, do="fill", template="x", words="Soon.", key=uuid4().hex)
    assert "Choose a template" in str(mo.client.page.errors)
    assert "Soon.</textarea>" in answer.get_data(as_text=True)


def test_without_templates_none_is_offered(ada: Resident, mo: Colleague, context: Flask) -> None:
    assert "Put it in" not in mo.get(f"{DESK}/say/{filed(ada)}")
