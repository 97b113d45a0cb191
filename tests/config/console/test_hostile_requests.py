"""No request to an address of the console, however hostile, is a server error."""

import pytest
from django.contrib import admin
from django.db import transaction
from django.urls import reverse

from tests.config.console import hostile_requests
from tests.config.console.records import one_of_each

ADDRESSES = hostile_requests.addresses()
APPS = sorted({address.app for address in ADDRESSES})


class Discard(Exception):
    """Ends the transaction of one call."""


class Caller:
    """Calls the console as an operator; every call starts with the same rows and the same session."""

    def __init__(self, client):
        client.raise_request_exception = False
        self.client, self.cookies = client, client.cookies.copy()
        self.calls, self.failed = 0, []

    def get(self, path, query=None):
        return self._call(self.client.get, path, query)

    def post(self, path, form):
        return self._call(self.client.post, path, form)

    def _call(self, send, path, data):
        self.client.cookies = self.cookies.copy()
        self.calls += 1
        try:
            with transaction.atomic():
                answer = send(path, data)
                raise Discard
        except Discard:
            if answer.status_code >= 500:
                self.failed.append((answer.request["REQUEST_METHOD"], path, _short(data), str(answer.exc_info)[:200]))
            return answer


def _short(data):
    return {name: str(value)[:40] for name, value in (data or {}).items()}


@pytest.fixture
def rows(operator, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return one_of_each(operator)


@pytest.mark.parametrize("app", APPS)
def test_no_request_to_the_console_fails_the_server(rows, console, app):
    caller = Caller(console)

    for address in ADDRESSES:
        if address.app == app:
            call_with_everything(caller, address, rows.get(address.model))

    assert caller.failed == []


def call_with_everything(caller, address, row):
    for path in address.paths(hostile_requests.IDS):
        caller.get(path)
        caller.post(path, {"nothing": "1"})
    [path] = address.paths([str(row.pk) if row else "1"])
    for query in address.queries():
        caller.get(path, query)
    for form in address.forms(caller.get(path)):
        caller.post(path, form)


def test_every_page_of_every_model_is_called():
    names = {address.name for address in ADDRESSES}
    pages = ("changelist", "add", "change", "delete", "history")

    assert {f"{m._meta.app_label}_{m._meta.model_name}_{page}" for m in admin.site._registry for page in pages} < names


@pytest.mark.parametrize(
    ("name", "args", "query", "status"),
    [
        ("exports_exportbatch_download", ["2000000"], {}, 404),
        ("exports_exportbatch_download", ["abc"], {}, 404),
        ("curation_curatedset_approve", ["abc"], {}, 404),
        ("feedback_apikey_revoke", ["abc"], {}, 404),
        ("feedback_apikey_change", ["abc"], {}, 302),
        ("search", [], {"s": "a", "page": "abc"}, 404),
        ("search", [], {"s": "a", "page": "2000"}, 404),
        ("search", [], {"s": "a", "page": "1"}, 200),
    ],
)
def test_what_names_nothing_is_not_found_or_invalid(console, name, args, query, status):
    assert console.get(reverse(f"admin:{name}", args=args), query).status_code == status


def test_a_selection_of_no_ids_is_invalid(console):
    form = {"action": "delete_selected", "_selected_action": "abc"}

    assert console.post(reverse("admin:auth_group_changelist"), form).status_code == 400


@pytest.mark.parametrize(("name", "field"), [("feedback_event", "deployment_id"), ("curation_curatedset", "q")])
def test_a_value_that_the_database_rejects_is_invalid(console, name, field):
    answer = console.get(reverse(f"admin:{name}_changelist"), {field: "\0"})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("page", "form", "message"),
    [
        ("feedback_deployment_change", {"options": hostile_requests.DEEP}, "Enter a valid JSON."),
        ("django_celery_beat_periodictask_add", {"args": hostile_requests.DEEP}, "This JSON is nested too deeply."),
        ("django_celery_beat_crontabschedule_add", {"minute": "-1"}, "negative numbers not supported"),
    ],
)
def test_a_field_that_cannot_be_read_has_a_message(rows, console, page, form, message):
    args = ["helpdesk"] if page.endswith("_change") else []

    answer = console.post(reverse(f"admin:{page}", args=args), form)

    assert (answer.status_code, message in answer.text) == (200, True)
