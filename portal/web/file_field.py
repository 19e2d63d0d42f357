"""A file sent with a form."""

import os
from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import FileStorage

from portal.web.fields import ComponentField, Text
from portal.web.languages import gettext
from portal.web.state import web_state


class FileField(ComponentField):
    """One file. `data` is a FileStorage, or None. What is in it is for `portal.files` to judge.

    The form that holds it needs `enctype="multipart/form-data"`.
    """

    component = "file_upload"

    def __init__(self, label: Text, *, accept: str = "", max_megabytes: int | None = None, **kwargs: Any) -> None:
        """`accept` is what the browser offers to choose from, like "image/jpeg,image/png": a help, not a check.

        Without `max_megabytes`, a file may be as large as the council's settings allow.
        """
        self.accept = accept
        self.max_megabytes = web_state().settings.upload_megabytes if max_megabytes is None else max_megabytes
        super().__init__(label, **kwargs)

    def process_data(self, _value: object) -> None:
        """A file cannot be prefilled."""
        self.data: FileStorage | None = None

    def is_empty(self) -> bool:
        """Whether no file was chosen."""
        return self.data is None

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take the file that was sent."""
        self.data = None
        files = [one for one in valuelist if isinstance(one, FileStorage) and one.filename]
        if len(files) > 1:
            raise ValueError(gettext("Choose only one file"))
        if not files:
            if any(isinstance(one, str) and one for one in valuelist):
                raise ValueError(gettext("The file did not arrive. Choose it again"))
            return
        size = files[0].stream.seek(0, os.SEEK_END)
        files[0].stream.seek(0)
        if size == 0:
            raise ValueError(gettext("The file you chose is empty. Choose another"))
        if size > self.max_megabytes * 1024 * 1024:
            raise ValueError(gettext("The file must be smaller than %(size)s MB", size=self.max_megabytes))
        self.data = files[0]

    def component_values(self) -> dict[str, Any]:
        """The keyword arguments of the macro."""
        return super().component_values() | {"accept": self.accept}
