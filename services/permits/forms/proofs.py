"""The form with which a document is sent as proof."""

from collections.abc import Mapping

from portal.kit import FileField, Form, Lazy, RadioField
from portal.kit import lazy_gettext as _


class ProofForm(Form):
    """What the document is, and the document. Both together: one that nobody named is hard to read."""

    kind = RadioField(_("Which document do you send?"), required=_("Select which document you send"))
    document = FileField(
        _("Choose a photo or a PDF of it"),
        required=_("Choose the photo or PDF that you want to send"),
        accept="image/jpeg,image/png,image/webp,application/pdf",
    )

    def __init__(self, documents: Mapping[str, Lazy]) -> None:
        super().__init__()
        self.kind.choices = list(documents.items())
        self.document.hint = _("JPEG, PNG, WebP or PDF, up to %(size)s MB", size=self.document.max_megabytes)
