"""The address of a list filters by what the list names, so no column can be guessed letter by letter."""

import pytest
from django.contrib import admin
from django.urls import reverse

from config.console.decisions import waiting
from drift.models import AlertChannel
from tests.config.console.test_home_page import one_of_everything

PAGES = sorted(admin.site._registry.items(), key=lambda page: page[0]._meta.label)
MODELS = ("alertchannel", "alertdelivery")
# By these a value can be guessed a piece at a time; no list names any of them.
GUESSES = ("startswith", "istartswith", "contains", "regex", "gt", "lte", "iexact")


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "page"), PAGES, ids=[model._meta.label for model, _ in PAGES])
def test_no_column_of_a_list_or_of_what_it_refers_to_can_be_guessed(rf, operator, model, page):
    request = rf.get("/")
    request.user = operator
    own = [field.name for field in model._meta.get_fields()]
    inner = [
        f"{field.name}__{other.name}"
        for field in model._meta.get_fields()
        if field.related_model
        for other in field.related_model._meta.get_fields()
    ]
    lookups = [f"{path}__{guess}" for path in (*own, *inner) for guess in GUESSES]

    assert [lookup for lookup in lookups if page.lookup_allowed(lookup, "a", request)] == []
    unnamed = set(own) - {getattr(one, "parameter_name", one) for one in page.list_filter}
    assert [name for name in unnamed if page.lookup_allowed(name, "a", request)] == []


@pytest.mark.django_db
def test_a_secret_of_a_channel_cannot_be_guessed(console):
    AlertChannel.objects.create(name="ops", kind="webhook", url="https://example.org/", secret="s3cret-of-the-channel")
    list_of_channels, list_of_messages = (reverse(f"admin:drift_{name}_changelist") for name in MODELS)

    answers = [
        console.get(list_of_channels, {"secret__startswith": "s3"}),
        console.get(list_of_channels, {"secret__startswith": "x"}),
        console.get(list_of_messages, {"channel__secret__startswith": "s3"}),
        console.get(reverse("admin:auth_user_changelist"), {"password__startswith": "a"}),
    ]

    assert [answer.status_code for answer in answers] == [400] * 4
    assert console.get(list_of_channels).status_code == 200


@pytest.mark.django_db
def test_links_of_the_overview_are_filters_that_their_lists_name(console, operator):
    one_of_everything()

    links = [decision.address for decision in waiting(operator, "helpdesk")]

    assert [console.get(link).status_code for link in links] == [200] * 5
