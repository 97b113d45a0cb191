"""The export of a run as a file or a folder on this machine."""

import hashlib
import os
from pathlib import Path

from exports.batches import storage
from exports.batches.target import TargetUnusable
from exports.training.adapters.base import Dataset, TrainerFailed

BLOCK_BYTES = 2**20


def local(dataset: Dataset, folder: Path) -> str:
    """The path of the file or folder of an export: at EXPORT_URL if that is a folder, else a checked copy.

    Raises TrainerFailed.
    """
    first = dataset.files[0]
    top = first.path.partition("/")[0]
    if first.local_path:
        if missing := [file.local_path for file in dataset.files if not os.path.isfile(file.local_path)]:
            raise TrainerFailed(f"The export is not readable here: {missing[0]}.", is_temporary=False)
        return first.local_path.removesuffix(first.path) + top
    for file in dataset.files:
        path = folder / file.path
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _download(file.path, file.sha256, path)
    return str(folder / top)


def _download(name: str, sha256: str, path: Path) -> None:
    draft, digest = path.with_name(f".{path.name}"), hashlib.sha256()
    try:
        with storage.open_published(name) as source, draft.open("wb") as copy:
            while block := source.read(BLOCK_BYTES):
                digest.update(block)
                copy.write(block)
    except FileNotFoundError as error:
        raise TrainerFailed(f"The file {name} of the export is no longer at EXPORT_URL.", is_temporary=False) from error
    except TargetUnusable as error:
        raise TrainerFailed(str(error), is_temporary=True) from error
    if digest.hexdigest() != sha256:
        raise TrainerFailed(f"The file {name} at EXPORT_URL is not the one that was published.", is_temporary=False)
    draft.rename(path)
