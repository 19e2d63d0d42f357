"""A file sent with a form."""

import os
from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from portal.web.fields import ComponentField, Text
from portal.web.languages import gettext, ngettext
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
        files = self._arrived(valuelist)
        if len(files) > 1:
            raise ValueError(gettext("Choose only one file"))
        for file in files:
            self._weigh(file)
            self.data = file

    def _arrived(self, valuelist: Sequence[object]) -> list[FileStorage]:
        files = [one for one in valuelist if isinstance(one, FileStorage) and one.filename]
        if not files and any(isinstance(one, str) and one for one in valuelist):
            raise ValueError(gettext("The file did not arrive. Choose it again"))
        return files

    def _weigh(self, file: FileStorage) -> None:
        size = file.stream.seek(0, os.SEEK_END)
        file.stream.seek(0)
        if size == 0:
            raise ValueError(gettext("The file you chose is empty. Choose another"))
        if size > self.max_megabytes * 1024 * 1024:
            raise ValueError(gettext("The file must be smaller than %(size)s MB", size=self.max_megabytes))

    def component_values(self) -> dict[str, Any]:
        """The keyword arguments of the macro."""
        return super().component_values() | {"accept": self.accept}


class FilesField(FileField):
    """Several files, chosen at once. `data` is a list of FileStorage. `most` may be set when the form is made."""

    def __init__(self, label: Text, *, most: int = 5, **kwargs: Any) -> None:
        self.most = most
        super().__init__(label, **kwargs)

    def process_data(self, _value: object) -> None:
        """Files cannot be prefilled."""
        self.data: list[FileStorage] = []  # type: ignore[assignment]  # several where the base has one

    def is_empty(self) -> bool:
        """Whether no file was chosen."""
        return not self.data

    def process_formdata(self, valuelist: Sequence[object]) -> None:
        """Take the files that were sent. Of several that cannot be taken each is named; the others are in `data`."""
        self.data, faults = [], []
        files = self._arrived(valuelist)
        for file in files:
            try:
                self._weigh(file)
                self.data.append(file)
            except ValueError as fault:
                faults.append(f"{file.filename}: {fault}" if len(files) > 1 else str(fault))
        if faults:
            raise ValueError(". ".join(faults))

    def check(self) -> None:
        """Not too many."""
        if len(self.data) > self.most:
            raise ValidationError(ngettext("You can add %(n)s more file", "You can add %(n)s more files", self.most))

    def component_values(self) -> dict[str, Any]:
        """The keyword arguments of the macro."""
        return super().component_values() | {"multiple": True}
