"""Every address of the installation, asked by every kind of key: nothing answers that its view does not open."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import URLPattern, get_resolver

from feedback.access import keys
from feedback.access.authentication import ApiKeyAuthentication
from feedback.access.parameters import known_to
from feedback.choices import Scope
from feedback.models import (
    ApiKey,
)
from tests.config.web import rows
from tests.factories import ALL_SCOPES, StaffFactory, UserFactory

METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
OPEN = {"healthz", "readyz"}
KINDS = {
    "no key": None,
    "unknown": [],
    "expired": ALL_SCOPES,
    "revoked": ALL_SCOPES,
    "inactive user": ALL_SCOPES,
    "ingest": [Scope.INGEST],
    "signals": [Scope.SIGNALS],
    "read": [Scope.READ],
    "operate": [Scope.OPERATE],
    "public": [Scope.SIGNALS],
    "training run": [Scope.TRAIN],
    "every scope": ALL_SCOPES,
    "this deployment": ALL_SCOPES,
    "another deployment": ALL_SCOPES,
}
LIMITED = {"this deployment", "another deployment"}
# What concerns a user concerns them in every deployment.
OF_EVERY_DEPLOYMENT = ("erasures", "training-objections", "evaluation-sets")
# Every key reads them; what they say is for every deployment, so only a key for all of them writes.
SHARED = {"rubrics"}
USELESS = {"no key", "unknown", "expired", "revoked", "inactive user"}


@dataclass(frozen=True)
class Route:
    path: str
    callback: object

    @property
    def view(self):
        """The view of the API behind it, or None."""
        return getattr(self.callback, "cls", None)

    @property
    def names_a_row(self) -> bool:
        return "<" in self.path


def _routes(patterns, before="") -> Iterator[Route]:
    for entry in patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield Route(path, entry.callback)
        else:
            yield from _routes(entry.url_patterns, path)


ROUTES = list(_routes(get_resolver().url_patterns))
VIEWS = [route for route in ROUTES if route.view]
READ_BY_KEYS = [route for route in VIEWS if "GET" in getattr(route.view, "scopes", {}) and "schema" not in route.path]


def _address(route):
    """The path with the ids of rows that are there."""
    path = re.sub(r"<deployment:\w+>", "helpdesk", route.path)
    return "/" + re.sub(r"([\w-]+)/<\w+:\w+>", lambda named: f"{named[1]}/{_id(named[1])}", path)


def _id(name):
    model, field = rows.OBJECTS[name]
    return getattr(model.objects.last() if name in SHARED else model.objects.get(), field)


@pytest.fixture
def _rows(db):
    rows.store()


def _headers(kind):
    if kind == "no key":
        return {}
    if kind == "unknown":
        return {"Authorization": "Bearer unknown"}
    deployments = {"this deployment": ["helpdesk"], "another deployment": ["shop"]}.get(kind, [])
    user = StaffFactory(is_active=kind != "inactive user")
    if kind == "training run":
        keys.create_for_run(user, kind, "helpdesk", lambda key_id: f"cf_{key_id}")
        return {"Authorization": f"Bearer cf_{ApiKey.objects.get(name=kind).pk}"}
    key, secret = keys.create(user, kind, KINDS[kind], deployments=deployments, is_public=kind == "public")
    if kind == "revoked":
        keys.revoke(key)
    if kind == "expired":
        ApiKey.objects.filter(pk=key.pk).update(expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    return {"Authorization": f"Bearer {secret}"}


def _expected(route, method, kind):
    """The status of a refusal, or None for an answer of the view itself."""
    if ApiKeyAuthentication not in route.view.authentication_classes:
        return 403
    if kind in USELESS:
        return 401
    scope = route.view.scopes.get("GET" if method == "HEAD" else method)
    if scope is None:
        return 405
    other = getattr(route.view, "other_scopes", {}).get("GET" if method == "HEAD" else method)
    if not {scope, other} & {*KINDS[kind]}:
        return 403
    if kind in LIMITED and any(name in route.path for name in OF_EVERY_DEPLOYMENT):
        return 403
    if any(f"/{name}" in route.path for name in SHARED):
        return 403 if kind in LIMITED and method == "POST" else None
    return 404 if kind == "another deployment" and route.names_a_row else None


@pytest.mark.usefixtures("_rows")
@pytest.mark.parametrize("kind", KINDS)
def test_every_view_answers_each_kind_of_key_by_its_scopes(kind):
    headers = _headers(kind)
    client = Client(raise_request_exception=False)
    addresses = [(route, _address(route)) for route in VIEWS]

    wrong = []
    for route, address in addresses:
        for method in METHODS:
            status = client.generic(method, address, b"{}", "application/json", headers=headers).status_code
            expected = _expected(route, method, kind)
            if status != expected if expected else status in {401, 403, 404, 405} or status >= 500:
                wrong.append((method, address, status, expected))

    assert wrong == []


@pytest.mark.parametrize("route", VIEWS, ids=lambda route: route.path)
def test_every_view_names_a_scope_for_each_of_its_methods(route):
    handled = {method for method in METHODS if hasattr(route.view, method.lower())} - {"HEAD", "OPTIONS"}

    if ApiKeyAuthentication in route.view.authentication_classes:
        assert set(route.view.scopes) == handled
        assert set(route.view.scopes.values()) <= set(Scope)


def test_a_public_key_opens_one_call_only():
    public = [
        (method, route.path)
        for route in VIEWS
        for method, scope in getattr(route.view, "scopes", {}).items()
        if scope == Scope.SIGNALS
    ]

    assert public == [("POST", "api/v1/signals")]


@pytest.mark.usefixtures("_rows")
def test_every_view_rejects_query_parameters_that_it_does_not_name():
    headers = _headers("every scope")

    def errors(method, route):
        address = f"{_address(route)}?deployment=helpdesk&z%C3%A9=1"
        answer = Client().generic(method, address, headers=headers)
        found = answer.json()["errors"] if answer.content else []
        return answer.status_code, [(error["field"], error["code"]) for error in found]

    named = 400, [("deployment", "unknown_field"), ("zé", "unknown_field")]
    assert [route.path for route in READ_BY_KEYS if errors("GET", route) != named] == []
    assert [route.path for route in READ_BY_KEYS if errors("HEAD", route) != (400, [])] == []


def test_pages_of_the_schema_reject_query_parameters_too(console):
    pages = ("/api/schema/", "/api/docs/")

    assert [console.get(f"{page}?deployment=x").status_code for page in pages] == [400, 400]
    assert [console.get(f"{page}?lang=en").status_code for page in pages] == [200, 200]
    assert console.get("/api/docs/?script=").status_code == 200


def test_every_query_parameter_of_the_schema_is_known_and_no_other(api):
    document = api.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    documented = {
        path: {parameter["name"] for parameter in operations["get"].get("parameters", []) if parameter["in"] == "query"}
        for path, operations in document["paths"].items()
        if "get" in operations
    }

    known = [known_to(route.view()) for route in READ_BY_KEYS]

    assert sorted(map(sorted, documented.values())) == sorted(map(sorted, known))
    assert documented["/api/v1/events"] == {
        *("deployment_id", "model_version_id", "prompt_version", "external_id", "session_hash"),
        *("from", "to", "min_quality", "signal", "flag", "q", "order", "cursor", "page_size"),
    }


@pytest.mark.usefixtures("_rows")
def test_a_key_reads_what_its_user_may_view_from_one_request_to_the_next():
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=["add_apikey", "view_apikey"]))
    _, secret = keys.create(user, "plain", ALL_SCOPES)

    def answers():
        headers = {"Authorization": f"Bearer {secret}"}
        found = {route.path: Client().get(_address(route), headers=headers) for route in READ_BY_KEYS}
        return {path: answer.status_code for path, answer in found.items()}

    without = answers()
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    viewing = answers()
    user.user_permissions.set(Permission.objects.filter(codename__startswith="change_"))
    changing = answers()
    user.user_permissions.clear()
    removed = answers()
    user.is_superuser, user.is_active = True, False
    user.save()

    assert without == removed == dict.fromkeys(without, 403)
    assert set(viewing.values()) == {200, 409}  # The export is not published yet.
    assert changing == viewing
    assert answers() == dict.fromkeys(without, 401)


@pytest.mark.usefixtures("_rows")
@pytest.mark.parametrize("kind", ["no key", "every scope"])
def test_pages_outside_the_api_are_public_by_name_or_need_a_login(kind):
    headers = _headers(kind)
    others = {f"/{_spelled(route.path)}" for route in ROUTES if not route.view}

    answers = {
        (method, path): Client().generic(method, path, headers=headers) for path in others for method in ("GET", "POST")
    }

    refused = {where: answer for where, answer in answers.items() if answer.status_code in {302, 405}}
    assert {path for _, path in answers.keys() - refused.keys()} == {f"/{name}" for name in OPEN} | {"/admin/login/"}
    targets = {answer["Location"].partition("?")[0] for answer in refused.values() if answer.status_code == 302}
    assert targets == {"/admin/", "/admin/login/"}


def _spelled(path):
    """An address that a pattern of the console matches."""
    path = re.sub(r"\^\(\?P<app_label>(\w+)[^)]*\)/\$", r"\1/", path)
    return re.sub(r"<\w+:\w+>|\(\?P<url>\.\*\)\$", "1", path)
