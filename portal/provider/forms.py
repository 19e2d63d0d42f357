"""The provider's forms."""

from portal.provider.passwords import LONGEST, SHORTEST
from portal.web.forms import EmailField, Form, PasswordField, RadioField, TextField
from portal.web.languages import lazy_gettext as _

ENTER_EMAIL = _("Enter your email address")


class SignInForm(Form):
    """E-mail address and password."""

    email = EmailField(_("Email address"), required=ENTER_EMAIL, autocomplete="username webauthn")
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


class ChangePasswordForm(Form):
    """The present password and another."""

    old_password = PasswordField(_("Your password now"), required=_("Enter the password that you have now"))
    password = PasswordField(
        _("New password"),
        hint=_("At least %(count)s characters. Three random words make a good one.", count=SHORTEST),
        required=_("Enter a new password"),
        autocomplete="new-password",
        max_length=LONGEST,
    )


class CodeForm(Form):
    """A code from an authenticator app."""

    code = TextField(
        _("Six-digit code"),
        required=_("Enter the code that your app shows"),
        autocomplete="one-time-code",
        inputmode="numeric",
        spellcheck=False,
        width="5",
        max_length=20,
    )


class RecoveryCodeForm(Form):
    """One of the ten codes on paper."""

    code = TextField(
        _("Recovery code"),
        hint=_("It looks like this: abcd-efgh-jkmn. Capital letters and dashes make no difference."),
        required=_("Enter one of your recovery codes"),
        autocomplete="off",
        spellcheck=False,
        width="20",
        max_length=40,
    )


class PasskeyNameForm(Form):
    """What a person calls their passkey."""

    name = TextField(
        _("Name of the passkey"),
        hint=_("So that you know it again in your list, for example “my phone”."),
        required=_("Enter a name for the passkey"),
        autocomplete="off",
        max_length=60,
    )


class PressForm(Form):
    """A button and nothing else: programs that open links in mail do not press it."""


class IdentityForm(Form):
    """What the demo's One Login shall find out. The values are those of `one_login_identity.Outcome`."""

    outcome = RadioField(
        _("What shall happen?"),
        required=_("Select what shall happen"),
        choices=[
            ("proven", _("You prove who you are")),
            ("proven_renamed", _("You prove who you are, and had another name before")),
            ("proven_abroad", _("You prove who you are, and live abroad")),
            ("not_proven", _("You cannot prove who you are")),
            ("post_office", _("You will show your documents at a Post Office")),
            ("no_capacity", _("Nobody can prove who they are at the moment")),
        ],
    )
