"""The questions of claims, one form a page. What depends on the account is filled in by the page."""

from portal.kit import DateField, FileField, Form, RadioField, TextAreaField, TextField
from portal.kit import lazy_gettext as _
from services.council_tax.rules.band_reduction import GROUNDS
from services.council_tax.rules.claim_journeys import NOT_COUNTED, OFFERED
from services.council_tax.rules.discounts import BY_CODE as DISCOUNTS
from services.council_tax.rules.disregards import DISREGARDS

LONGEST_NAME = 70
EXAMPLE = _("For example, 27 3 2026")
_HINTS = {
    "single_person": _("A quarter less. Leave out everybody under 18."),
    NOT_COUNTED: _("For example students, carers, or people with a severe mental impairment"),
}
_TITLES = {
    **{code: one.title for code, one in DISCOUNTS.items()},
    NOT_COUNTED: _("Somebody who lives here is not counted"),
}


class WhatForm(Form):
    """Which discount."""

    what = RadioField(
        _("Which discount do you want to ask for?"),
        choices=[(code, _TITLES[code], _HINTS.get(code, "")) for code in OFFERED],
        required=_("Select which discount you want to ask for"),
        page_heading=True,
    )


class DisregardForm(Form):
    """Why somebody is not counted."""

    reason = RadioField(
        _("Why is the person not counted?"),
        choices=[(one.code, one.title) for one in DISREGARDS],
        required=_("Select why the person is not counted"),
        page_heading=True,
    )


class WhoForm(Form):
    """Whose name."""

    who = TextField(
        _("What is the name of the person?"),
        hint=_("One person. Ask again for another."),
        required=_("Enter the name of the person"),
        called=_("The name"),
        max_length=LONGEST_NAME,
        spellcheck=False,
        page_heading=True,
    )


class AdultsForm(Form):
    """How many live there."""

    adults = RadioField(
        _("How many people of 18 or over live in the home?"),
        hint=_("Count yourself and the person that you ask for."),
        choices=[("1", _("One")), ("2", _("Two")), ("3", _("Three")), ("4", _("Four or more"))],
        required=_("Select how many people of 18 or over live in the home"),
        page_heading=True,
    )


class WhyForm(Form):
    """In their own words."""

    why = TextAreaField(
        _("Why can you not pay?"),
        hint=_("Say what has happened and what you live on. Leave out bank details."),
        required=_("Say why you cannot pay"),
        called=_("Your answer"),
        max_length=2000,
        rows=8,
        page_heading=True,
    )


class SinceForm(Form):
    """From which day."""

    since_on = DateField(
        _("From which day does it apply?"),
        hint=EXAMPLE,
        required=_("Enter the day from which it applies"),
        called=_("The day"),
        page_heading=True,
    )


class UntilForm(Form):
    """Until which day, where that is known."""

    until_on = DateField(
        _("Until which day does it apply?"),
        hint=_("Leave it empty if you do not know yet. Tell us when it ends."),
        called=_("The last day"),
        mark_optional=False,
        page_heading=True,
    )


class GrantedForm(Form):
    """When probate was granted, if it was."""

    granted_on = DateField(
        _("When was probate granted?"),
        hint=_("Or letters of administration. Leave it empty if neither has been granted yet."),
        called=_("The day"),
        mark_optional=False,
        page_heading=True,
    )


class EvidenceForm(Form):
    """One file at a time."""

    evidence = FileField(
        _("Choose a photo or a PDF"), accept="image/jpeg,image/png,image/webp,application/pdf", mark_optional=False
    )

    def __init__(self, prefill: object | None = None) -> None:
        super().__init__(prefill)
        self.evidence.hint = _("JPEG, PNG, WebP or PDF, up to %(size)s MB", size=self.evidence.max_megabytes)


class WhichEndedForm(Form):
    """Which of those that the account has. The page fills in the choices."""

    which = RadioField(_("What no longer applies?"), required=_("Select what no longer applies"), page_heading=True)


class LastDayForm(Form):
    """The last day on which it applied."""

    ended_on = DateField(
        _("What was the last day on which it applied?"),
        hint=_("For example, the last day before somebody moved in. It can be some weeks ahead."),
        required=_("Enter the last day on which it applied"),
        called=_("The last day"),
        page_heading=True,
    )


class LivedForm(Form):
    """What splits the classes in two."""

    lived = RadioField(
        _("Does anybody live in the home?"),
        choices=[("no", _("No, it is empty")), ("yes", _("Yes"))],
        required=_("Select whether anybody lives in the home"),
        page_heading=True,
    )


class ExemptionForm(Form):
    """Which class. The page fills in those that fit."""

    reason = RadioField(
        _("Why should no council tax be paid?"),
        required=_("Select why no council tax should be paid"),
        page_heading=True,
    )


class GroundForm(Form):
    """What was changed."""

    ground = RadioField(
        _("What does the home have for the person with a disability?"),
        hint=_("It must be the main home of an adult or child with a lasting disability, who needs it."),
        choices=[(one.code, one.title) for one in GROUNDS],
        required=_("Select what the home has for the person with a disability"),
        page_heading=True,
    )


class SendForm(Form):
    """Nothing to fill in: the button sends what was answered."""
