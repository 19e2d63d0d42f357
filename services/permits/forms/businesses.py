"""Forms of business accounts."""

from typing import Any

from portal.kit import Form, PostcodeField, RadioField, SelectField, TextField
from portal.kit import lazy_gettext as _
from services.permits.rules.businesses import MAY, ROLES, TITLES

ROLE_CHOICES = [(role, TITLES[role], MAY[role]) for role in ROLES]
REMOVE = "remove"


class DetailsForm(Form):
    """What the business is called, and where to look for it."""

    name = TextField(_("Name of the business"), required=_("Enter the name of the business"), max_length=120)
    number = TextField(
        _("Business rates account or company number"),
        hint=_("It is on the business rates bill, or at Companies House. Leave it out if the business has neither."),
        max_length=20,
        width="20",
    )
    postcode = PostcodeField(
        _("Postcode of the business"),
        hint=_("Permits are for the parking zone in which the business is."),
        required=_("Enter the postcode of the business"),
    )


class AddressForm(Form):
    """One of the addresses that were found."""

    address = SelectField(
        _("What is the address of the business?"),
        blank=_("Choose an address"),
        required=_("Select the address of the business"),
        page_heading=True,
    )

    def __init__(self, found: list[dict[str, Any]]) -> None:  # as a draft keeps them
        super().__init__()
        self.address.choices = [(one["uprn"], one["label"]) for one in found]


class InviteForm(Form):
    """What a colleague is to do."""

    role = RadioField(
        _("What will your colleague do?"), choices=ROLE_CHOICES, required=_("Select what your colleague will do")
    )


class MemberForm(Form):
    """What a member does from now on, or that they are one no longer."""

    role = RadioField(
        _("What may they do?"),
        choices=[*ROLE_CHOICES, (REMOVE, _("Nothing: they are no longer a member"))],
        required=_("Select what they may do"),
    )


class JoinForm(Form):
    """The code that a colleague gave them."""

    code = TextField(
        _("Enter the code"),
        hint=_("An owner of the business gives it to you. It has 16 letters and figures."),
        required=_("Enter the code that you were given"),
        max_length=40,
        width="20",
        autocomplete="off",
        page_heading=True,
    )
