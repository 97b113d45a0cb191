import os
import subprocess
import sys
import textwrap

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from s3fs import S3FileSystem

from config import doctor
from exports import tasks
from exports.batches import storage
from exports.batches.target import TargetUnusable, address
from exports.models import ExportBatch
from tests.exports import s3
from tests.exports.factories import ExportBatchFactory, ExportLeaseFactory, approved_set
from tests.servers.processes import environment

EXAMPLES = "Write it as file:///srv/exports or s3://bucket/folder."
CLOSED_PORT = "http://127.0.0.1:1"


def problem_of(url):
    """What the doctor says of EXPORT_URL, and its advice."""
    finding = doctor.export_target()
    return finding.problem.removeprefix(f"Exports cannot be written: EXPORT_URL ({url}) "), finding.advice


@pytest.mark.parametrize(
    ("url", "problem", "advice"),
    [
        ("/srv/exports", "has no scheme.", EXAMPLES),
        ("", "has no scheme.", EXAMPLES),
        (
            "file://relative",
            "is not an absolute path.",
            "Write file:// followed by an absolute path: file:///srv/exports.",
        ),
        ("s4://bucket", "has an unknown scheme.", EXAMPLES),
        (
            "gs://bucket",
            "needs a package that is not installed: Please install gcsfs to access Google Storage.",
            "Install it for web and worker, or use another URL.",
        ),
    ],
)
def test_an_invalid_url_is_reported(settings, url, problem, advice):
    settings.EXPORT_URL = url

    assert problem_of(url) == (problem, advice)


def test_a_path_below_a_file_is_reported(settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.EXPORT_URL = f"file://{tmp_path}/file/exports"

    problem, advice = problem_of(settings.EXPORT_URL)

    assert problem.startswith("cannot be used: NotADirectoryError: [Errno 20] Not a directory: ")
    assert advice == "Fix the URL or the cause that the message names."


def test_a_password_in_the_url_is_not_shown(settings):
    settings.EXPORT_URL = "s4://key:secret@host/folder"

    with pytest.raises(TargetUnusable) as fault:
        storage.probe()

    assert "secret" not in str(fault.value)
    assert address("a.jsonl") == "s4://host/folder/a.jsonl"


def test_a_missing_bucket_is_reported_and_not_created(settings, bucket):
    settings.EXPORT_URL = "s3://no-such-bucket/exports"

    for _ in range(2):
        assert problem_of("s3://no-such-bucket/exports") == (
            "does not exist: The specified bucket does not exist.",
            "Create the bucket or folder, or correct the URL.",
        )


def test_missing_credentials_are_reported(settings, bucket, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    S3FileSystem.clear_instance_cache()

    assert problem_of(settings.EXPORT_URL) == (
        "has no credentials: Unable to locate credentials.",
        "Set them for web and worker (see docs/configuration.md).",
    )


def test_denied_access_is_reported(settings, bucket, s3_server):
    with s3.access_checked(s3_server):
        problem, advice = problem_of(settings.EXPORT_URL)

    assert problem.startswith("denies access: The AWS Access Key Id you provided does not exist")
    assert advice == "Allow web and worker to list, read, write and delete there."


@pytest.mark.slow
@pytest.mark.django_db
def test_an_unavailable_server_fails_the_batch_and_the_sweep_continues(settings, bucket, monkeypatch, api):
    batch = ExportBatchFactory(status="approved", approved_at="2026-05-04T12:00:00Z")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", CLOSED_PORT)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    S3FileSystem.clear_instance_cache()

    with pytest.raises(TargetUnusable):
        tasks.write_export(batch.pk)

    batch.refresh_from_db()
    assert batch.status == "failed"
    assert batch.error.startswith(f"EXPORT_URL ({settings.EXPORT_URL}) does not answer: Could not connect to")
    assert batch.error.endswith("and the network in between. Then approve this export again.")
    ExportBatch.objects.update(
        status="published", error="", rows=1, bytes=1, sha256="a", published_at="2026-05-04T12:00:00Z",
        files=[{"path": "a.jsonl"}],
    )  # fmt: skip
    answer = api.get(f"/api/v1/exports/{batch.pk}/download")
    assert (answer.status_code, answer.data["errors"][0]["code"]) == (503, "unavailable")
    ExportBatch.objects.update(status="running")
    ExportLeaseFactory(key=batch.pk, attempts=5, expires_at="2026-05-04T12:00:00Z")
    with pytest.raises(TargetUnusable):
        tasks.sweep()
    assert ExportBatch.objects.get().error.startswith("The worker crashed 5 times on this job.")


# A disk of 64 KiB where this process may mount one; else a limit on the size of files, which any process may set.
ON_A_SMALL_DISK = textwrap.dedent(
    """
    import ctypes, os, resource, sys
    libc, folder = ctypes.CDLL(None), sys.argv[2]
    os.makedirs(folder)
    NEWNS, PRIVATE = 0x20000, 0x40000 | 0x4000
    mounted = (
        libc.unshare(NEWNS) == 0
        and libc.mount(None, b"/", None, PRIVATE, None) == 0
        and libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, b"size=64k") == 0
    )
    if not mounted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, resource.RLIM_INFINITY))
    import django
    django.setup()
    from exports import tasks
    from exports.batches.target import TargetUnusable
    try:
        tasks.write_export(int(sys.argv[1]))
    except TargetUnusable as error:
        print(error.problem)
    print([name for _, _, names in os.walk(folder) for name in names])
    """
)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_full_disk_fails_the_batch_and_leaves_nothing(tmp_path):
    url, batch = f"file://{tmp_path}/small", ExportBatchFactory(
        curated_set=approved_set([{"response": "x" * 50_000}] * 4), status="approved"
    )  # fmt: skip

    ended = subprocess.run(
        [sys.executable, "-c", ON_A_SMALL_DISK, str(batch.pk), f"{tmp_path}/small"],
        cwd=django_settings.BASE_DIR,
        env=environment() | {"EXPORT_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
    )

    batch.refresh_from_db()
    told = f"EXPORT_URL ({url}) is full.", f"EXPORT_URL ({url}) does not allow files of this size."
    problem, left = ended.stdout.splitlines()[-2:]
    assert problem in told
    assert left == "[]"
    assert (batch.status, batch.rows, batch.files) == ("failed", None, [])
    assert batch.error.startswith(f"{problem} ")


@pytest.mark.slow
@pytest.mark.django_db
def test_doctor_names_an_unusable_target(settings, capsys):
    settings.EXPORT_URL = "/srv/exports"

    with pytest.raises(SystemExit):
        call_command("doctor")

    shown = capsys.readouterr().out
    assert f"Exports cannot be written: EXPORT_URL (/srv/exports) has no scheme.\n  {EXAMPLES}\n" in shown
    assert not os.path.exists("/srv/exports")
