"""What can become of a try to send a message."""

from dataclasses import dataclass
from datetime import datetime


class Undelivered(Exception):
    """The server did not take the message. `code` names the reason and is fit for a log.

    `for_good` ends the tries; with `bounced` because nobody is at that address. `line` says that the reason is not the
    message's own: the next one would meet it too.
    """

    def __init__(self, code: str, *, for_good: bool = False, bounced: bool = False, line: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.for_good = for_good
        self.bounced = bounced
        self.line = line


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes on the wire. `message_id` stays the same at each try, so that a receiver can drop a double."""

    message_id: str
    sender_name: str
    to_address: str
    language: str
    subject: str
    body: str
    written_at: datetime
