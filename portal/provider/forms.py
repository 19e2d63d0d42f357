"""The provider's forms."""

from portal.provider.passwords import LONGEST, SHORTEST
from portal.web.forms import EmailField, Form, PasswordField, TextField
from portal.web.languages import lazy_gettext as _

ENTER_EMAIL = _("Enter your email address")


class SignInForm(Form):
    """E-mail address and password."""

    email = EmailField(_("Email address"), required=ENTER_EMAIL, autocomplete="username")
    password = PasswordField(_("Password"), required=_("Enter your password"), autocomplete="current-password")


class EmailForm(Form):
    """An e-mail address, to which a link is sent."""

    email = EmailField(_("Email address"), required=ENTER_EMAIL, autocomplete="email")


class RegistrationForm(Form):
    """Name and password, once the address is proved."""

    given_name = TextField(
        _("First name"), required=_("Enter your first name"), autocomplete="given-name", max_length=100
    )
    family_name = TextField(
        _("Last name"), required=_("Enter your last name"), autocomplete="family-name", max_length=100
    )
    password = PasswordField(
        _("Create a password"),
        hint=_("At least %(count)s characters. Three random words make a good one.", count=SHORTEST),
        required=_("Enter a password"),
        autocomplete="new-password",
        max_length=LONGEST,
    )


class NewPasswordForm(Form):
    """A new password, once the address is proved."""

    password = PasswordField(
        _("New password"),
        hint=_("At least %(count)s characters. Three random words make a good one.", count=SHORTEST),
        required=_("Enter a new password"),
        autocomplete="new-password",
        max_length=LONGEST,
    )


class PressForm(Form):
    """A button and nothing else: programs that open links in mail do not press it."""
