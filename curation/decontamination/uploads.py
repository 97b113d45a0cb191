"""Registers an uploaded file as an evaluation set, for the API and the console."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile

from curation.decontamination import registering
from curation.decontamination.reading import EvaluationFile, UnknownColumn
from curation.decontamination.signing import TooLarge
from curation.models import EvaluationSet
from feedback.field_errors import FieldError
from feedback.ingestion.loading import UnreadableFile

_PROBLEMS: dict[type[Exception], tuple[str, str]] = {
    registering.NameTaken: ("name", "taken"),
    UnknownColumn: ("column", "unknown_column"),
    UnreadableFile: ("file", "unreadable"),
    TooLarge: ("file", "too_large"),
    registering.NoTexts: ("file", "no_texts"),
}


class NotRegistered(Exception):
    """Nothing was registered; `problem` names the field and says why."""

    def __init__(self, problem: FieldError):
        super().__init__(problem.message)
        self.problem = problem


def register(*, name: str, file: UploadedFile, column: Sequence[str], by: User) -> EvaluationSet:
    """Register an upload, all or nothing. Raises NotRegistered."""
    source = file.name or ""
    with tempfile.TemporaryDirectory() as folder:
        # Parquet is read from its end, so the upload needs to be a file; its name gives only the type.
        path = Path(folder) / f"upload{''.join(Path(source).suffixes[-2:])}"
        with path.open("wb") as target:
            shutil.copyfileobj(file, target)
        try:
            return registering.register(name, EvaluationFile(path, columns=column, source=source[-255:]), by=by)
        except tuple(_PROBLEMS) as error:
            field, code = next(found for kind, found in _PROBLEMS.items() if isinstance(error, kind))
            raise NotRegistered(FieldError(field, code, str(error))) from error
