"""Prompts in the console."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from feedback.models import Prompt, PromptVersion
from feedback.prompts import registry
from feedback.prompts.drafts import Draft
from tests.factories import DeploymentFactory, EventFactory, UserFactory
from tests.feedback.factories import roll_up

pytestmark = pytest.mark.django_db
LIST = reverse("admin:feedback_prompt_changelist")
NEW = reverse("admin:feedback_prompt_new")
FORM = {"_form_submitted": True}
DRAFTS = [
    Draft("v1", "Give {{name}} one tip.\nBe kind."),
    Draft("v2-mentor", messages=[{"role": "system", "content": "Give {{name}} two tips.\nBe kind."}]),
]


@pytest.fixture
def tips(operator):
    DeploymentFactory(id="helpdesk")
    return registry.create("helpdesk", "tips", by=operator, description="Tips of the day", versions=DRAFTS)


def page_of(prompt):
    return reverse("admin:feedback_prompt_change", args=[prompt.pk])


def step_of(prompt, name):
    return reverse(f"admin:feedback_prompt_{name}", args=[prompt.pk])


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_a_prompt_is_created_in_a_dialog(console, operator):
    DeploymentFactory(id="helpdesk")
    given = FORM | {"deployment": "helpdesk", "name": "tips", "version": "v1", "text": "Dear {{name}},\r\nhello."}

    done = console.post(NEW, given)

    version = PromptVersion.objects.get()
    assert done["HX-Redirect"] == page_of(version.prompt)
    assert (version.text, version.variables, version.created_by) == ("Dear {{name}},\nhello.", ["name"], operator)
    assert "default v1" in text_of(console.get(LIST))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"text": "{{a.b}}"}, "{{a.b}} is not a variable"),
        ({"text": ""}, "either a text or messages"),
        ({"text": "", "messages": "{"}, "Enter a valid JSON."),
        ({"text": "", "messages": '[{"role": "robot"}]'}, "A message has a role"),
        ({"version": "v 1"}, "1 to 64 letters"),
        ({"name": "a b"}, "1 to 64 letters"),
    ],
)
def test_a_dialog_with_an_error_keeps_what_was_written(console, change, message):
    DeploymentFactory(id="helpdesk")
    given = FORM | {"deployment": "helpdesk", "name": "tips", "version": "v1", "text": "a", "notes": "kept"} | change

    again = console.post(NEW, given)

    assert message.replace('"', "&quot;") in again.content.decode()
    assert "kept" in again.content.decode()
    assert Prompt.objects.count() == 0


def test_the_page_shows_versions_their_difference_and_who_chose(console, tips, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        page = console.get(page_of(tips))

    text, html = text_of(page), page.content.decode()
    assert "Compare v1 and v2-mentor by outcomes" in text
    assert "?deployment_id=helpdesk&amp;prompt_version=v1&amp;prompt_version=v2-mentor" in html
    assert "Serves default v1" in text
    assert "Tips of the day" in text
    assert "<del>one</del>" in html.replace("<del>tip</del>", "")
    assert "<ins>two</ins>" in html
    assert "Give {{name}} two tips." in html
    assert f"default v1 {tips.revisions.get().chosen_by}" in text


def test_an_add_version_dialog_starts_from_the_newest(console, tips):
    dialog = console.get(step_of(tips, "add_version")).content.decode()
    done = console.post(step_of(tips, "add_version"), FORM | {"version": "v3", "text": "Short."})
    console.post(step_of(tips, "add_version"), FORM | {"version": "v3", "text": "Other."})

    assert "Give {{name}} two tips." in dialog
    assert done["HX-Redirect"] == page_of(tips)
    assert tips.versions.get(label="v3").text == "Short."
    assert "v3 is a version of prompt tips already" in text_of(console.get(page_of(tips)))


def test_what_is_served_is_chosen_by_the_revision_of_the_dialog(console, tips):
    given = FORM | {"revision": 1, "default_version": "v1"}

    invalid = console.post(step_of(tips, "choose"), given | {"rotation": "v1=70, v9=30"})
    done = console.post(step_of(tips, "choose"), given | {"rotation": "v1=70, v2-mentor=30"})
    console.post(step_of(tips, "choose"), given | {"rotation": ""})

    tips.refresh_from_db()
    assert "There is no version v9, or it is archived." in invalid.content.decode()
    assert done["HX-Redirect"] == page_of(tips)
    assert [part["weight"] for part in tips.rotation] == [70.0, 30.0]
    text = text_of(console.get(page_of(tips)))
    assert "tips was changed meanwhile" in text
    assert "Serves rotation v1=70, v2-mentor=30" in text
    assert 'name="revision" value="2"' in console.get(step_of(tips, "choose")).content.decode()


def test_versions_are_archived_restored_and_deleted(console, tips):
    console.post(step_of(tips, "archive"), FORM | {"version": "v2-mentor"})
    archived = tips.versions.get(label="v2-mentor").archived_at
    offered = console.get(page_of(tips)).content.decode()
    console.post(step_of(tips, "restore"), FORM | {"version": "v2-mentor"})
    console.post(step_of(tips, "delete_version"), FORM | {"version": "v1"})
    console.post(step_of(tips, "delete_version"), FORM | {"version": "v2-mentor"})

    assert archived
    assert step_of(tips, "restore") in offered
    assert "v1 is the default or in the rotation." in text_of(console.get(page_of(tips)))
    assert tips.versions.labels() == ["v1"]
    assert step_of(tips, "restore") not in console.get(page_of(tips)).content.decode()


def test_a_user_who_may_only_view_changes_nothing(tips):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_prompt"))
    client = Client()
    client.force_login(user)

    page = client.get(page_of(tips)).content.decode()
    steps = ["add_version", "choose", "archive", "restore", "delete_version"]
    answers = [client.post(step_of(tips, name), FORM | {"version": "v2-mentor"}).status_code for name in steps]

    assert "Outcome by version" not in page
    assert [step_of(tips, name) in page for name in steps] == [False] * 5
    assert answers == [403] * 5
    assert client.post(NEW, FORM).status_code == 403
    assert client.get(f"{page_of(tips)}?before=nothing&after=%00").status_code in (200, 400)


def test_an_event_leads_to_the_version_that_it_names(console, tips):
    known, unknown = EventFactory(prompt_version="v1"), EventFactory(prompt_version="v9")

    pages = [
        console.get(reverse("admin:feedback_event_change", args=[event.pk])).content.decode()
        for event in (known, unknown)
    ]

    assert f"{page_of(tips)}#version-v1" in pages[0]
    assert page_of(tips) not in pages[1]
    assert ">v9</dd>" in pages[1]


def test_versions_that_only_traffic_knows_are_shown(console, tips):
    for version, n in {"v1": 40, "v9": 7, "": 3}.items():
        roll_up(prompt_version=version, n=n, hour_at=timezone.now())

    text = text_of(console.get(page_of(tips)))

    assert "In traffic, not in the registry v9 7" in text
    assert "v1 40 100.0%" in text
