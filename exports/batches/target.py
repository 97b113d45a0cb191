"""The file system and folder of EXPORT_URL, with readable errors."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import fsspec
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from fsspec import AbstractFileSystem

LOCAL = "file://"
MAX_REASON_CHARACTERS = 300
EXAMPLES = "file:///srv/exports or s3://bucket/folder"
# By name, because their packages are imported only with their file system.
CREDENTIAL_ERRORS = {
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "ProfileNotFound",
    "DefaultCredentialsError",
}
CONNECTION_ERRORS = {"ConnectionError", "TimeoutError", "HTTPClientError", "ClientConnectionError", "gaierror"}


class TargetUnusable(Exception):
    """EXPORT_URL cannot be used, with the problem and advice."""

    def __init__(self, problem: str, advice: str):
        self.problem = f"EXPORT_URL ({shown_url()}) {problem}"
        self.advice = advice
        super().__init__(f"{self.problem} {advice}")


@dataclass(frozen=True)
class ExportTarget:
    files: AbstractFileSystem
    folder: str

    def path(self, *names: str) -> str:
        return "/".join((self.folder, *names))


def shown_url() -> str:
    """EXPORT_URL without user name and password."""
    return re.sub(r"//[^/@]*@", "//", settings.EXPORT_URL)


def address(name: str) -> str:
    """The location of a published file: a path on a local disk, otherwise a URL."""
    return f"{shown_url().rstrip('/').removeprefix(LOCAL)}/{name}"


def target() -> ExportTarget:
    """The file system and folder of EXPORT_URL. A local path is used literally: a space is a space."""
    url = settings.EXPORT_URL
    if "://" not in url:
        raise TargetUnusable("has no scheme.", f"Write it as {EXAMPLES}.")
    if url.startswith(LOCAL) and not url.startswith(f"{LOCAL}/"):
        raise TargetUnusable(
            "is not an absolute path.", "Write file:// followed by an absolute path: file:///srv/exports."
        )
    with readable_errors():
        files, folder = fsspec.url_to_fs(url)
        files.invalidate_cache()  # Other machines write there too.
    return ExportTarget(files, folder.rstrip("/"))


@contextmanager
def readable_errors(*passed: type[Exception]) -> Iterator[None]:
    """Convert exceptions of the file system to TargetUnusable, except those in `passed`."""
    try:
        yield
    except (SoftTimeLimitExceeded, TargetUnusable, *passed):
        raise
    except Exception as error:
        raise TargetUnusable(*_explanation(error)) from error


def _explanation(error: Exception) -> tuple[str, str]:
    """Return problem and advice."""
    reason = (" ".join(str(error).split()) or type(error).__name__)[:MAX_REASON_CHARACTERS].rstrip(".")
    names = {kind.__name__ for kind in type(error).__mro__}
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT):
        return "is full.", "Free some space there."
    if number == errno.EFBIG:
        return "does not allow files of this size.", "Raise the file size limit of the worker or of that file system."
    if names & CREDENTIAL_ERRORS:
        return f"has no credentials: {reason}.", "Set them for web and worker (see docs/configuration.md)."
    if isinstance(error, ImportError):
        return f"needs a package that is not installed: {reason}.", "Install it for web and worker, or use another URL."
    if names & CONNECTION_ERRORS:
        return f"does not answer: {reason}.", "Check the server, its address and the network in between."
    if isinstance(error, PermissionError):
        return f"denies access: {reason}.", "Allow web and worker to list, read, write and delete there."
    if isinstance(error, FileNotFoundError):
        return f"does not exist: {reason}.", "Create the bucket or folder, or correct the URL."
    if isinstance(error, ValueError) and "Protocol not known" in reason:
        return "has an unknown scheme.", f"Write it as {EXAMPLES}."
    return f"cannot be used: {type(error).__name__}: {reason}.", "Fix the URL or the cause that the message names."
