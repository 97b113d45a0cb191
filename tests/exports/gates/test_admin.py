"""Gates in the console: request, consent, the blind page, the verdict, and who may do what."""

import pytest
from django.urls import reverse

from exports.models import GateConsent, GateRun
from tests.exports.gates.conftest import ASKED
from tests.exports.test_admin import action, staff_with, text_of

pytestmark = pytest.mark.django_db
LIST = reverse("admin:exports_gaterun_changelist")


def page_of(record):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def confirm(client, record, name, **fields):
    return client.post(action(record, name), {"_form_submitted": "on", **fields})


def test_models_are_compared_on_the_page_of_a_golden_set(
    console, golden_set, models, running_tasks, django_assert_max_num_queries
):
    forbidden = confirm(console, golden_set, "compare_models", candidate="new", current="old")
    confirm(console, golden_set, "allow_endpoints")
    with running_tasks():
        requested = confirm(
            console, golden_set, "compare_models", candidate="new", candidate_version="v2", current="old"
        )

    gate = GateRun.objects.get()
    assert forbidden.headers["HX-Redirect"] == page_of(golden_set)
    assert requested.headers["HX-Redirect"] == page_of(gate)
    with django_assert_max_num_queries(12):
        page = text_of(console, page_of(gate))
    for text in ("The candidate is better: it scores 1.000", "+1.000", "1 to 10 of 60", "Current model higher"):
        assert text in page
    assert page.index(">Candidate</th>") < page.index(">Current model</th>")
    with django_assert_max_num_queries(12):
        listed = text_of(console, LIST)
    assert "v2 against old" in listed
    assert f'{gate.requested_by} <time datetime="' in listed
    with django_assert_max_num_queries(12):
        of_set = text_of(console, page_of(golden_set))
    assert f"Gate {gate.pk}" in of_set
    assert "allowed endpoints for helpdesk" in of_set


def test_sides_are_hidden_until_the_gate_is_completed(console, request_gate, golden_set, upload):
    gate_id = request_gate().data["id"]
    rows = list(golden_set.rows.order_by("pk"))
    upload(gate_id, *[{"row_id": row.pk, "side": "candidate", "response": f"Answer {row.pk}."} for row in rows])

    page = text_of(console, page_of(GateRun.objects.get()))

    first = [cell.partition("</td>")[0] for cell in page.split('data-name="A"')[1:]]
    assert len(first) == 10
    assert 0 < sum("No answer yet" in cell for cell in first) < 10
    assert "Which answer is whose is shown once the gate is completed." in page
    assert "60 of 60 answers of the candidate, 0 of the current model." in page
    assert 'data-name="Candidate"' not in page


def test_a_running_gate_reports_its_progress_and_reloads_at_the_end(console, request_gate, allowed, models):
    gate_id = request_gate(**ASKED).data["id"]
    address = reverse("admin:exports_gaterun_progress", args=[gate_id])

    running = console.get(address)
    cancelled = confirm(console, GateRun.objects.get(), "cancel")
    ended = console.get(address)

    assert "0 of 60 answers of the candidate" in running.content.decode()
    assert cancelled.headers["HX-Redirect"] == page_of(GateRun.objects.get())
    assert GateRun.objects.get().status == "cancelled"
    assert ended.headers["HX-Refresh"] == "true"
    assert "The gate was cancelled." in text_of(console, page_of(GateRun.objects.get()))


def test_a_gate_whose_set_is_deleted_still_shows_its_verdict(
    console, golden_set, request_gate, allowed, models, running_tasks
):
    with running_tasks():
        request_gate(**ASKED)
    golden_set.delete()

    page = text_of(console, page_of(GateRun.objects.get()))

    assert "The candidate is better" in page
    assert "It has no rows." in page


def test_consent_is_forbidden_again(console, golden_set, allowed):
    assert "allow_endpoints" not in text_of(console, page_of(golden_set))

    confirm(console, golden_set, "forbid_endpoints")

    assert not GateConsent.objects.exists()


@pytest.mark.parametrize("name", ["compare_models", "allow_endpoints"])
def test_actions_need_their_permission(golden_set, name):
    client = staff_with("view_goldenset", "view_gaterun")

    answer = confirm(client, golden_set, name)

    assert answer.status_code == 403
    assert (GateRun.objects.count(), GateConsent.objects.count()) == (0, 0)


def test_a_page_needs_the_permission_to_view_gates(request_gate):
    request_gate()
    gate = GateRun.objects.get()

    answers = [staff_with("view_goldenset").get(address) for address in (LIST, page_of(gate))]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert staff_with("view_gaterun").get(page_of(gate)).status_code == 200


def test_an_empty_list_shows_how_to_fill_it(console):
    assert "python manage.py gate SET --candidate NAME --current NAME" in text_of(console, LIST)
