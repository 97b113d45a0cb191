"""Where EXPORT_URL leads: a file system and a folder of it. What goes wrong there is said in words."""

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
# By name: the packages that define them are loaded with their file system only.
CREDENTIAL_ERRORS = {
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "ProfileNotFound",
    "DefaultCredentialsError",
}
CONNECTION_ERRORS = {"ConnectionError", "TimeoutError", "HTTPClientError", "ClientConnectionError", "gaierror"}


class TargetUnusable(Exception):
    """EXPORT_URL cannot be used: what is wrong with it, and what to do."""

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
    """EXPORT_URL without the name and password that it may hold."""
    return re.sub(r"//[^/@]*@", "//", settings.EXPORT_URL)


def address(name: str) -> str:
    """Where people find a published file: a path on a disk, a URL elsewhere."""
    return f"{shown_url().rstrip('/').removeprefix(LOCAL)}/{name}"


def target() -> ExportTarget:
    """The file system and folder of EXPORT_URL. A local path is taken as it stands: a space is a space."""
    url = settings.EXPORT_URL
    if "://" not in url:
        raise TargetUnusable("names no file system.", f"Write it as {EXAMPLES}.")
    if url.startswith(LOCAL) and not url.startswith(f"{LOCAL}/"):
        raise TargetUnusable("is no absolute path.", "Write file:// and then the path from / on: file:///srv/exports.")
    with in_words():
        files, folder = fsspec.url_to_fs(url)
        files.invalidate_cache()  # Other machines write there too.
    return ExportTarget(files, folder.rstrip("/"))


@contextmanager
def in_words(*passed: type[Exception]) -> Iterator[None]:
    """Raise what a file system raises as TargetUnusable, apart from the exceptions `passed`."""
    try:
        yield
    except (SoftTimeLimitExceeded, TargetUnusable, *passed):
        raise
    except Exception as error:
        raise TargetUnusable(*_words(error)) from error


def _words(error: Exception) -> tuple[str, str]:
    """The problem and the advice."""
    reason = (" ".join(str(error).split()) or type(error).__name__)[:MAX_REASON_CHARACTERS].rstrip(".")
    names = {kind.__name__ for kind in type(error).__mro__}
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT):
        return "is full.", "Make room there."
    if number == errno.EFBIG:
        return "takes no file of this size.", "Raise the limit of file sizes of the worker or of that file system."
    if names & CREDENTIAL_ERRORS:
        return f"finds no credentials: {reason}.", "Give them to web and worker, as docs/configuration.md says."
    if isinstance(error, ImportError):
        return f"needs a package that is not installed: {reason}.", "Install it for web and worker, or use another URL."
    if names & CONNECTION_ERRORS:
        return f"does not answer: {reason}.", "Check the server and its address, then the network between."
    if isinstance(error, PermissionError):
        return f"refuses access: {reason}.", "Let web and worker list, read, write and delete there."
    if isinstance(error, FileNotFoundError):
        return f"leads to nothing: {reason}.", "Make the bucket or folder, or correct the URL."
    if isinstance(error, ValueError) and "Protocol not known" in reason:
        return "begins with a name of no known file system.", f"Write it as {EXAMPLES}."
    return f"cannot be used: {type(error).__name__}: {reason}.", "Correct the URL, or what the message names."
