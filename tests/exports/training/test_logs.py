"""The log of a command, read in parts."""

import pytest
from django.contrib.auth.models import Permission

from exports.training.commands.folders import folder_of
from feedback.access import keys
from tests.exports.factories import TrainingRunFactory
from tests.factories import ALL_SCOPES, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(settings, tmp_path):
    settings.TRAINING_FOLDER = tmp_path / "training"
    run = TrainingRunFactory(trainer="nightly", status="running")
    folder_of(run.pk).path.mkdir(parents=True)
    return run


def write(run, data):
    with folder_of(run.pk).log.open("ab") as file:
        file.write(data)


def read(api, run, **query):
    return api.get(f"/api/v1/training-runs/{run.pk}/log", query)


def test_a_log_is_followed_by_its_offsets(run, api):
    write(run, "epoch 1: é".encode()[:-1])
    first = read(api, run).json()
    write(run, "é".encode()[-1:] + b"\n")
    second = read(api, run, offset=first["next_offset"]).json()
    run.status, run.final_model_version, run.completed_at = "completed", "bot-2", run.created_at
    run.save()
    last = read(api, run, offset=second["next_offset"]).json()

    assert first == {"offset": 0, "next_offset": 9, "text": "epoch 1: ", "is_complete": False}
    assert second == {"offset": 9, "next_offset": 12, "text": "é\n", "is_complete": False}
    assert last == {"offset": 12, "next_offset": 12, "text": "", "is_complete": True}


def test_a_long_log_comes_in_parts_and_any_bytes_are_shown(run, api):
    write(run, b"\xff\x00" + b"a" * 300_000)

    first = read(api, run).json()
    second = read(api, run, offset=first["next_offset"]).json()

    assert (first["text"][:3], first["next_offset"]) == ("\ufffd\x00a", 262_144)
    assert (len(second["text"]), second["next_offset"]) == (300_002 - 262_144, 300_002)


def test_a_run_without_a_log_has_an_empty_one(run, api):
    assert read(api, run).json() == {"offset": 0, "next_offset": 0, "text": "", "is_complete": False}


def test_a_log_that_cannot_be_read_is_an_empty_one(run, api):
    folder_of(run.pk).log.mkdir()

    assert read(api, run).json() == {"offset": 0, "next_offset": 0, "text": "", "is_complete": False}


@pytest.mark.parametrize("offset", ["-1", "x", "99999999999999"])
def test_an_offset_is_a_count_of_bytes(run, api, offset):
    assert read(api, run, offset=offset).status_code == 400


def test_a_log_needs_the_permission_to_view_runs(run, client):
    write(run, b"secret")
    _, secret = keys.create(UserFactory(), "plain", ALL_SCOPES)

    answer = client.get(f"/api/v1/training-runs/{run.pk}/log", headers={"Authorization": f"Bearer {secret}"})

    assert (answer.status_code, b"secret" in answer.content) == (403, False)


def test_the_page_of_a_run_follows_the_log(run, console, settings):
    settings.TRAINERS = {"nightly": {"adapter": "command", "command": ["train"]}}
    write(run, b"epoch 1 <b>\n")
    page = f"/admin/exports/trainingrun/{run.pk}"

    shown = console.get(f"{page}/change/").content.decode()
    part = console.get(f"{page}/log/").content.decode()
    rest = console.get(f"{page}/log/?offset=12").content.decode()

    assert f'hx-get="{page}/log/"' in shown
    assert part.startswith("epoch 1 &lt;b&gt;\n<span")
    assert f'hx-get="{page}/log/?offset=12"' in part
    assert rest.startswith("<span")
    assert console.get(f"{page}/log/?offset=-1").status_code == 400
    assert console.get("/admin/exports/trainingrun/987654/log/").status_code == 404


@pytest.mark.parametrize(("permission", "status"), [("view_trainingrun", 200), ("view_exportbatch", 404)])
def test_the_log_in_the_console_needs_the_permission_to_view_runs(run, client, permission, status):
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename=permission))
    client.force_login(user)
    write(run, b"secret")

    answer = client.get(f"/admin/exports/trainingrun/{run.pk}/log/")

    assert (answer.status_code, b"secret" in answer.content) == (status, status == 200)
