"""What the stand-in answers when it does not do what was asked: a code and a sentence, as JSON."""


class Fault(Exception):
    """An answer with an error. `code` is for programs, `sentence` for engineers."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.code, self.sentence = status, code, sentence


def nothing_there() -> Fault:
    """What is not there, and what is somebody else's: nobody can tell which."""
    return Fault(404, "not_found", "There is nothing here.")


def key_used() -> Fault:
    """The same key came with something else."""
    return Fault(409, "key_used", "This Idempotency-Key was used for another request.")


def unfit(sentence: str) -> Fault:
    """It is not as the description of this API wants it."""
    return Fault(422, "invalid", sentence)
