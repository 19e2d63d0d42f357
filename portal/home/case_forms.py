"""What a resident can say on the page of a case."""

import re
import uuid

import wtforms

from portal.cases.documents import LONGEST_TITLE
from portal.cases.ending import LONGEST_RATING_WORDS
from portal.cases.messages import LONGEST_MESSAGE
from portal.cases.values import ChangedMeanwhile
from portal.cases.writing import LONGEST_REASON
from portal.web import forms
from portal.web.languages import lazy_gettext as _

RATINGS = (
    ("5", _("Very good")),
    ("4", _("Good")),
    ("3", _("Neither good nor bad")),
    ("2", _("Bad")),
    ("1", _("Very bad")),
)
_KEY = re.compile(r"[0-9a-f]{32}")


class OnceForm(forms.Form):
    """A form that is taken once, however often it is sent: each page draws a key of its own."""

    key = wtforms.HiddenField(default=lambda: uuid.uuid4().hex)

    @property
    def once(self) -> str:
        """The page's key; a new one where it was tampered with, which makes it an act of its own."""
        sent = self.key.data or ""
        return sent if _KEY.fullmatch(sent) else uuid.uuid4().hex

    def renew(self) -> None:
        """What is sent from here on is another act: nothing came of this one, or its key has done something else."""
        self.key.data = uuid.uuid4().hex


class MessageForm(OnceForm):
    """Words to the council."""

    body = forms.TextAreaField(
        _("Your message"),
        required=_("Write your message"),
        max_length=LONGEST_MESSAGE,
        rows=8,
    )
    closed = wtforms.HiddenField()

    @property
    def knows_it_is_closed(self) -> bool:
        """Whether the page said that the case is closed, and that a message opens it again."""
        return bool(self.closed.data == "yes")


class DocumentForm(OnceForm):
    """A document for the council."""

    file = forms.FileField(
        _("Upload a document"),
        hint=_("A PDF, or a photo as JPEG, PNG or WebP."),
        accept="application/pdf,image/jpeg,image/png,image/webp",
        required=_("Choose a document"),
    )
    # Optional, because a file cannot be kept while another answer is asked for once more.
    title = forms.TextField(_("What is it?"), hint=_("For example: tenancy agreement"), max_length=LONGEST_TITLE)


class ReopenForm(forms.Form):
    """Why it is not over. `changed` is set when the case was no longer as its page showed it."""

    changed: ChangedMeanwhile | None = None

    reason = forms.TextAreaField(
        _("What is left to do?"), required=_("Tell us what is left to do"), max_length=min(LONGEST_REASON, 1000)
    )
    version = wtforms.HiddenField()

    @property
    def seen(self) -> int | None:
        """The version that the page showed, if it can be read."""
        sent = self.version.data or ""
        return int(sent) if re.fullmatch(r"[0-9]{1,9}", sent) else None

    def show_changed(self, changed: ChangedMeanwhile) -> None:
        """Let the page show both versions, and be sent anew against what is now."""
        self.changed = changed
        self.version.data = str(changed.now.version)
        self.refuse(changed.sentence)


class RatingForm(forms.Form):
    """What they thought of it."""

    rating = forms.RadioField(_("How did we do?"), choices=RATINGS, required=_("Select how we did"))
    words = forms.TextAreaField(
        _("What could we do better?"),
        called=_("What we could do better"),
        max_length=LONGEST_RATING_WORDS,
    )
