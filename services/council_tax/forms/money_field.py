"""A field for a sum of money."""

from collections.abc import Sequence
from typing import Any

from portal.kit import Lazy, TextField, read_pence
from portal.kit import gettext as _


class MoneyField(TextField):
    """A sum of money, never below nothing. `data` is whole pence, or None."""

    data: Any  # pence here, where a text field has text

    def __init__(self, label: Lazy, **kwargs: Any) -> None:  # those of a text field
        kwargs.setdefault("max_length", 20)
        super().__init__(label, prefix="£", inputmode="decimal", spellcheck=False, width="10", **kwargs)

    def process_data(self, value: object) -> None:
        """Prefill with pence."""
        super().process_data(None)
        self.data = value if isinstance(value, int) else None
        if self.data is not None:
            pounds, pence = divmod(self.data, 100)
            self.typed = f"{pounds}.{pence:02}" if pence else str(pounds)

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take what was sent."""
        super().process_formdata(valuelist)
        typed, self.data = self.data, None
        if not typed:
            return
        self.data = read_pence(typed)
        if self.data is None:
            raise ValueError(_("%(name)s must be an amount of money, like 48 or 48.50", name=self.name_in_sentences))

    def is_empty(self) -> bool:
        """Nothing is an answer, and £0 is one."""
        return self.data is None

    @property
    def shown_value(self) -> str:
        """What was typed, or the sum that is kept."""
        return self.typed
