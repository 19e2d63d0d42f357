"""The last questions: photos, what was reported already, who may see it, how we reach a guest."""

from collections.abc import Sequence
from typing import Final

import wtforms

from portal.kit import EmailField, FileField, FilesField, Form, RadioField, format_date, gettext, ngettext
from portal.kit import lazy_gettext as _
from services.reporting.queries.nearby import NearReport
from services.reporting.rules.categories import title_of
from services.reporting.rules.journey import NONE_OF_THESE

PHOTOS_AT_ONCE: Final = 5
"""Photos of one form, each as large as the only file of any other."""


class PhotoForm(Form):
    """Photos, if there are any; `most` can still be added."""

    photos = FilesField(_("Photos"), accept="image/jpeg,image/png,image/webp")

    def __init__(self, most: int) -> None:
        super().__init__()
        self.offer(most)

    def offer(self, most: int) -> None:
        """Say that so many can be added."""
        self.photos.most = most
        self.photos.hint = ngettext(
            "JPEG, PNG or WebP, each up to %(size)s MB; you can add %(n)s more.",
            "JPEG, PNG or WebP, each up to %(size)s MB; you can add %(n)s more at once.",
            most,
            size=self.photos.max_megabytes,
        )

    def accepted(self) -> bool:
        """Whether there is something to take, or nothing at all was chosen: of several photos those that are good."""
        return super().accepted() or (self.posted and 0 < len(self.photos.data) <= self.photos.most)


class FollowForm(Form):
    """Follow somebody else's report of the same problem, and perhaps add a photo to it."""

    photo = FileField(
        _("Photo"),
        hint=_("If yours shows more than is known already, it helps us. We look at each before it is shown."),
        accept="image/jpeg,image/png,image/webp",
    )


class FollowByEmailForm(FollowForm):
    """The same for a guest, whose photo we use once they have confirmed their address."""

    email = EmailField(_("Your email address"), required=_("Enter your email address"), autocomplete="email")


class NearbyForm(Form):
    """Whether it is one of the reports near by."""

    choice = RadioField(
        _("Has it been reported already?"),
        hint=_("These reports are open and near the place that you gave. If yours is one of them, you can follow it."),
        required=_("Select the report of your problem, or none of these"),
        page_heading=True,
    )

    def __init__(self, prefill: object | None, near: Sequence[NearReport]) -> None:
        super().__init__(prefill)
        self.choice.choices = [(each.report.reference, _title(each), _about(each)) for each in near]
        self.choice.choices.append((NONE_OF_THESE, _("None of these: go on with my report")))


class PrivateForm(Form):
    """Whether everybody may see the report."""

    private = RadioField(
        _("Who may see your report?"),
        choices=[
            (
                "no",
                _("Everybody"),
                _("Neighbours see the problem and the place, never your name. It saves them reporting it again."),
            ),
            ("yes", _("Only you and the council"), _("Choose this if the words or the place would tell who you are.")),
        ],
        required=_("Select who may see your report"),
        page_heading=True,
    )


class ContactForm(Form):
    """Where a guest is reached."""

    email = EmailField(
        _("What is your email address?"),
        hint=_("We send you a link to confirm your report. We do not show your address to anybody."),
        required=_("Enter your email address"),
        autocomplete="email",
        page_heading=True,
    )


class CheckForm(Form):
    """Nothing to fill in: the button sends what was answered, as the page showed it.

    `shown` is the digest of that. A page that was drawn of other answers, in another window, is shown again.
    """

    saw = wtforms.HiddenField()

    def __init__(self, shown: str) -> None:
        super().__init__()
        self._is_other = self.posted and bool(shown) and self.saw.data not in (None, "", shown)
        self.saw.data = shown

    def accepted(self) -> bool:
        """Whether the button was pressed below what would be sent."""
        if not super().accepted():
            return False
        if self._is_other:
            self.refuse(
                gettext("Your answers were changed meanwhile, in another window. Check them before you send them")
            )
        return not self._is_other


def _title(near: NearReport) -> str:
    return (
        f"{title_of(near.report.category)}: {near.report.place}"
        if near.report.place
        else title_of(near.report.category)
    )


def _about(near: NearReport) -> str:
    said = ngettext("%(n)s metre away", "%(n)s metres away", near.metres)
    told = _("reported on %(day)s", day=format_date(near.report.created_at))
    return ". ".join(part for part in (f"{said}, {told}", near.report.words[:200]) if part)
