"""Where the files of an export are below EXPORT_URL: at a name made of its set, or at the path that was asked for."""

import re
from posixpath import splitext

from django.db import connection
from django.db.models import Q
from django.utils.text import slugify

from exports.batches import options
from exports.batches.errors import ExportNotAllowed
from exports.batches.options import InvalidOption
from exports.batches.target import address
from exports.choices import ExportFormat
from exports.models import ExportBatch
from feedback.advisory_locks import AdvisoryLock

MAX_CHARACTERS = 200
MAX_NAME_PART = 80
OUTPUT_PATH = "output_path"
_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]*")
_ENDINGS = {
    ExportFormat.CSV: ".csv",
    ExportFormat.PARQUET: ".parquet",
    ExportFormat.HUGGINGFACE: "",
    ExportFormat.ARROW: "",
}


class PathTaken(ExportNotAllowed):
    def __init__(self, path: str, problem: str):
        super().__init__(f"{address(path)} {problem}. Delete those files first, or choose another output_path.")


def checked(path: str, format: str) -> str:
    """The path below EXPORT_URL without the ending of the format. Raises InvalidOption."""
    below = path.removeprefix(address(""))
    root, ending = splitext(below)
    wanted = _ENDINGS.get(ExportFormat(format), ".jsonl")
    if ending == wanted:
        below = root
    elif ending in (".jsonl", ".json", ".csv", ".parquet", ".arrow", ".zip"):
        files = f"{wanted} files" if wanted else "a folder"
        raise InvalidOption(OUTPUT_PATH, f"The format {format} writes {files}, not {ending}.")
    if not all(_PART.fullmatch(part) for part in below.split("/")) or len(below) > MAX_CHARACTERS:
        raise InvalidOption(
            OUTPUT_PATH,
            f"Give a path below {address('')} of at most {MAX_CHARACTERS} letters, digits, spaces and . _ - /, "
            "no part of which begins with a full stop.",
        )
    return below


def require_free(path: str, *, key: str, deployment_id: str) -> None:
    """Raise PathTaken if another export has this path or one that contains it. Waits for requests at the same time.

    Within the transaction that creates the export `key` of a deployment. An export of another deployment is not named,
    since the key of the request may not see it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [AdvisoryLock.EXPORT_PATHS])
    parts = path.split("/")
    ancestors = ["/".join(parts[:number]) for number in range(1, len(parts) + 1)]
    overlapping = Q(options__output_path__in=ancestors) | Q(options__output_path__startswith=f"{path}/")
    others = ExportBatch.objects.holding_path().filter(overlapping).exclude(key=key).select_related("curated_set")
    if other := others.first():
        is_ours = other.curated_set.deployment_id == deployment_id
        raise PathTaken(path, f"belongs to export {other.pk}" if is_ours else "belongs to another export")


def file_name(batch: ExportBatch) -> str:
    """The path that was asked for, or a unique name for the content; without an ending."""
    if path := batch.options.get(OUTPUT_PATH):
        return path
    curated_set = batch.curated_set
    deployment = curated_set.deployment_id.lstrip(".-")[:MAX_NAME_PART] or "deployment"
    name = slugify(curated_set.name)[:MAX_NAME_PART] or "set"
    products = options.products(batch)
    suffix = products[0].suffix if len(products) == 1 else ""
    return f"{deployment}-{name}-v{curated_set.semantic_version}-{batch.key[:12]}{suffix}"
