"""The forms of tasks that are the portal's own: files, signatures, and what was checked."""

import re

import wtforms

from portal.web import forms
from portal.web.languages import lazy_gettext as _


class FileForm(forms.Form):
    """One file more."""

    file = forms.FileField(
        _("Upload a file"),
        hint=_("A PDF, or a photo as JPEG, PNG or WebP."),
        accept="application/pdf,image/jpeg,image/png,image/webp",
        required=_("Choose a file"),
    )


class VersionForm(forms.Form):
    """Sends what was checked at this version."""

    version = wtforms.HiddenField()

    @property
    def checked(self) -> int:
        """The version that the page showed; one that cannot be read is none that there ever was."""
        sent = self.version.data or ""
        return int(sent) if re.fullmatch(r"[0-9]{1,9}", sent) else 0


class SignForm(forms.Form):
    """The resident's own signature."""

    signed_as = forms.TextField(
        _("Your full name"), max_length=200, required=_("Enter your full name"), autocomplete="name", spellcheck=False
    )
    agrees = forms.ConfirmField(_("I have read this and I sign it"), required=_("Tick the box if you want to sign"))


class InviteForm(forms.Form):
    """Whom to ask for a second signature."""

    email = forms.EmailField(
        _("What is their email address?"),
        called=_("Email address"),
        hint=_("We send them a link. They sign in with their own account to see what they sign."),
        required=_("Enter their email address"),
        autocomplete="off",
    )


class CosignForm(forms.Form):
    """What a second person answers."""

    answer = forms.RadioField(
        _("Do you sign this?"),
        required=_("Select whether you sign this"),
        choices=[("sign", _("Yes, I sign it")), ("decline", _("No, I do not sign it"))],
    )
