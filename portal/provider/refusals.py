"""What the endpoints for programs answer when they refuse (RFC 6749 5.2)."""


class Refusal(Exception):
    """A refusal that the client hears of. `description` is plain ASCII and names nothing that was sent."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description

    @property
    def status(self) -> int:
        """401 asks for a better proof of who the client is; everything else is the client's mistake."""
        return 401 if self.error == "invalid_client" else 400
