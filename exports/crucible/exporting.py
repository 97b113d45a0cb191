"""Files of the newest approved set."""

from exports.batches import at_once, target
from exports.choices import ExportFormat
from feedback.access.acting import acting_user


def export(
    deployment_id: str,
    *,
    format: str = "jsonl",
    output_path: str = "",
    include_exported: bool = False,
    profile: str = "default",
    set_id: int | None = None,
    by: str | None = None,
) -> str:
    """Request, approve and write an export of an approved set, and return where its files are.

    Parameters
    ----------
    deployment_id : str
    format : str
        `jsonl`, `csv`, `parquet`, `huggingface`, `arrow`, `openai`, `sharegpt`, `preference_pairs` or `kto`.
    output_path : str
        Where the files will be, below `EXPORT_URL`; by default at a name made of the set.
    include_exported : bool
        Whether rows that left in a published export of the same product are written again.
    profile : str
        `default` for lists of messages, `crucible` for the strings of CrucibleFeedback.
    set_id : int, optional
        A set, by default the newest approved one.
    by : str, optional
        The user who requests and approves, by default the first active superuser.

    Returns
    -------
    str
        The file, or the folder of a format with several files: a path on a local disk, otherwise a URL.

    Raises
    ------
    ExportNotAllowed
        There is no approved set, every row was exported before, the path belongs to another export, or `FOUR_EYES` asks
        for an approval by another user.
    InvalidOption
        The format, profile or path does not go together.
    ValueError
        The format is unknown.
    NothingToExport
        No row of the set has a record in this format that was not exported before.
    PermissionDenied
        The user may not approve exports.
    NoActingUser
        There is no such user.
    """
    batch = at_once.export(
        deployment_id,
        set_id=set_id,
        format=ExportFormat(format),
        by=acting_user(by),
        output_path=output_path,
        only_new=not include_exported,
        profile=profile,
    )
    return target.address(batch.published_as(batch.files[0]["path"]))


def export_preference_pairs(
    deployment_id: str, *, output_path: str = "", include_exported: bool = False, profile: str = "default"
) -> str:
    """Export pairs of a chosen and a rejected answer as JSON Lines; arguments, result and errors as of `export`."""
    return export(
        deployment_id,
        format="preference_pairs",
        output_path=output_path,
        include_exported=include_exported,
        profile=profile,
    )
