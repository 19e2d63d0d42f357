"""The handful of errors that the business code may raise. They know no HTTP.

Each carries one sentence for the person who meets it; `portal.web` turns it into a page.
"""


class DomainError(Exception):
    """Something that a person can be told about in one sentence."""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NotFound(DomainError):
    """There is no such thing, or it is not theirs: both look the same from outside."""


class Forbidden(DomainError):
    """It exists, they may know that, and still may not do this."""


class Conflict(DomainError):
    """It was changed, or already done, in the meantime."""


class Refused(DomainError):
    """A rule says no; the sentence says which."""


class TooMany(DomainError):
    """A limit is reached. `retry_after` is in whole seconds."""

    def __init__(self, sentence: str = "", retry_after: int = 60) -> None:
        super().__init__(sentence)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """A service or an outside system cannot answer now."""


class SetupError(Exception):
    """The installation itself is wrong. The text says what and what to do; it is shown without a trace."""
