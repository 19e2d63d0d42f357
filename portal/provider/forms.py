"""The provider's forms."""

from portal.provider.passwords import LONGEST, SHORTEST
from portal.web.forms import EmailField, Form, PasswordField, TextField
from portal.web.languages import lazy_gettext as _l

ENTER_EMAIL = _l("Enter your e-mail address")


class SignInForm(Form):
    """E-mail address and password."""

    email = EmailField(_l("E-mail address"), required=ENTER_EMAIL, autocomplete="username")
    password = PasswordField(_l("Password"), required=_l("Enter your password"), autocomplete="current-password")


class EmailForm(Form):
    """An e-mail address, to which a link is sent."""

    email = EmailField(_l("E-mail address"), required=ENTER_EMAIL, autocomplete="email")


class RegistrationForm(Form):
    """Name and password, once the address is proved."""

    given_name = TextField(
        _l("First name"), required=_l("Enter your first name"), autocomplete="given-name", max_length=100
    )
    family_name = TextField(
        _l("Last name"), required=_l("Enter your last name"), autocomplete="family-name", max_length=100
    )
    password = PasswordField(
        _l("Create a password"),
        hint=_l("At least %(count)s characters. Three random words make a good one.", count=SHORTEST),
        required=_l("Enter a password"),
        autocomplete="new-password",
        max_length=LONGEST,
    )


class NewPasswordForm(Form):
    """A new password, once the address is proved."""

    password = PasswordField(
        _l("New password"),
        hint=_l("At least %(count)s characters. Three random words make a good one.", count=SHORTEST),
        required=_l("Enter a new password"),
        autocomplete="new-password",
        max_length=LONGEST,
    )


class PressForm(Form):
    """A button and nothing else: programs that open links in mail do not press it."""
