import json
import re
from pathlib import Path

import plotly.offline
import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from config.console.unfold import UNFOLD
from tests.factories import EventFactory, UserFactory

LINKS = [item["link"] for group in UNFOLD["SIDEBAR"]["navigation"] for item in group["items"]]


@pytest.mark.django_db
@pytest.mark.parametrize("address", LINKS)
def test_every_entry_of_the_sidebar_opens_with_few_queries(console, address, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        page = console.get(str(address))

    assert page.status_code == 200
    text = page.content.decode()
    assert "Crucible Feedback" in re.search(r"<title>(.*?)</title>", text, re.DOTALL)[1]
    assert page["Content-Security-Policy"].count("script-src 'self' 'unsafe-eval'") == 1


@pytest.mark.django_db
def test_the_sidebar_shows_what_the_user_may_see(settings):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_event"))
    client = Client()
    client.force_login(user)

    text = client.get(reverse("admin:index")).content.decode()

    assert reverse("admin:feedback_event_changelist") in text
    assert reverse("admin:feedback_signal_changelist") not in text
    assert reverse("admin:auth_user_changelist") not in text


@pytest.mark.django_db
def test_the_palette_finds_no_event_without_the_right_to_see_it(client, settings):
    event = EventFactory()
    client.force_login(UserFactory(is_staff=True))

    found = client.get(reverse("admin:search"), {"s": str(event.pk), "extended": 1}).content.decode()

    assert "/change/" not in found


@pytest.mark.django_db
def test_schedules_are_edited_in_the_console(console):
    schedule, _ = IntervalSchedule.objects.get_or_create(every=90, period="minutes")
    fields = {"name": "Drift of the night", "regtask": "drift.tasks.detect_drift", "interval": schedule.pk}
    add = reverse("admin:django_celery_beat_periodictask_add")

    assert "drift.tasks.detect_drift" in console.get(add).content.decode()
    made = console.post(add, {**fields, "enabled": "on", "args": "[]", "kwargs": "{}", "headers": "{}"})

    assert made.status_code == 302
    task = PeriodicTask.objects.get(name="Drift of the night")
    assert (task.task, task.interval, task.enabled) == ("drift.tasks.detect_drift", schedule, True)


@pytest.mark.django_db
def test_logging_in_leads_home(client, settings):
    user = UserFactory(username="grace", is_staff=True)
    user.set_password("compiler")
    user.save()

    answer = client.post(reverse("admin:login"), {"username": "grace", "password": "compiler"})

    assert (answer.status_code, answer["Location"]) == (302, reverse("admin:index"))


def test_the_vendored_plotly_is_the_one_that_figures_are_made_for(settings):
    folder = Path(settings.BASE_DIR) / "static" / "vendor" / "plotly"
    header = (folder / "plotly-cartesian.min.js").read_text()[:200]

    assert f"v{plotly.offline.get_plotlyjs_version()}\n" in header
    assert (folder / "LICENSE").read_text().startswith("MIT License")


def test_all_static_files_can_be_collected_and_hashed(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    manifest = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": manifest}

    call_command("collectstatic", interactive=False, verbosity=0)

    paths = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    for name in (
        "console.js",
        "charts.js",
        "styles/tokens.css",
        "brand/mark.svg",
        "vendor/plotly/plotly-cartesian.min.js",
    ):
        assert (tmp_path / paths[name]).exists()
