"""Notify's errors as its documentation lists them: status, kind and sentence."""

from collections.abc import Sequence

from flask import Response, jsonify


class Fault(Exception):
    """The request is answered with an error."""

    def __init__(self, status: int, kind: str, *sentences: str) -> None:
        super().__init__(kind)
        self.status = status
        self.kind = kind
        self.sentences: Sequence[str] = sentences

    def answer(self) -> Response:
        """The error on the wire."""
        errors = [{"error": self.kind, "message": sentence} for sentence in self.sentences]
        answer = jsonify(status_code=self.status, errors=errors)
        answer.status_code = self.status
        return answer


def bad_request(sentence: str) -> Fault:
    """The request is understood and cannot be done."""
    return Fault(400, "BadRequestError", sentence)


def invalid(*sentences: str) -> Fault:
    """The request is not as the schema wants it."""
    return Fault(400, "ValidationError", *sentences)


def forbidden(sentence: str) -> Fault:
    """The token is not good."""
    return Fault(403, "AuthError", sentence)


def not_found() -> Fault:
    """There is no such thing."""
    return Fault(404, "NoResultFound", "No result found")
