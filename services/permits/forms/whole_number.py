"""A field for a whole number."""

import re
from collections.abc import Sequence
from typing import Any, Final

from portal.kit import Lazy, TextField
from portal.kit import gettext as _

_WHOLE: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


class WholeNumberField(TextField):
    """A whole number from nothing up. `data` is an int, or None. `least` and `most` are allowed themselves."""

    data: Any  # a number here, where a text field has text

    def __init__(self, label: Lazy, *, most: int, least: int = 0, **kwargs: Any) -> None:  # those of a text field
        self.least = least
        self.most = most
        super().__init__(label, inputmode="numeric", spellcheck=False, max_length=20, **kwargs)

    def process_data(self, value: object) -> None:
        """Prefill with a number."""
        super().process_data(None)
        self.data = value if isinstance(value, int) else None
        self.typed = "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take what was sent; “1,598” is 1598."""
        super().process_formdata(valuelist)
        typed, self.data = re.sub(r"[\s,]", "", self.data), None
        if not typed:
            return
        if not _WHOLE.fullmatch(typed) or not self.least <= int(typed) <= self.most:
            raise ValueError(
                _(
                    "%(name)s must be a whole number from %(least)s to %(most)s",
                    name=self.name_in_sentences,
                    least=self.least,
                    most=f"{self.most:,}",
                )
            )
        self.data = int(typed)

    def is_empty(self) -> bool:
        """Nothing is an answer, and 0 is one."""
        return self.data is None

    @property
    def shown_value(self) -> str:
        """What was typed, or the number that is kept."""
        return self.typed
