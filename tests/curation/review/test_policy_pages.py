"""The console shows and chooses the policy of approval, and what an approval releases."""

import pytest

from curation.models import ApprovalPolicy, CuratedSet
from tests.curation.review.test_approval import user_with
from tests.curation.review.test_policies import a_set
from tests.factories import DeploymentFactory

pytestmark = pytest.mark.django_db


def test_the_console_shows_and_chooses_the_policy(console, operator, django_assert_max_num_queries):
    curated_set = a_set(examples=12, pairs=0)
    page, form = "/admin/feedback/deployment/helpdesk/change/", "/admin/feedback/deployment/helpdesk/approval-policy/"

    opened = console.get(form)
    shown = console.get(opened.headers["Location"]).content.decode()
    body = {"rule": "sample", "sample_size": "10", "max_bad_share": "0.3", "min_p_good": "0.9"}
    wrong = console.post(opened.headers["Location"], body | {"max_bad_share": "2"}).content.decode()
    saved = console.post(opened.headers["Location"], body)

    assert "Approval policy" in console.get(page).content.decode()
    assert 'value="set"' in shown
    assert "Ensure this value is less than or equal to 1." in wrong
    assert (saved.status_code, saved.headers["Location"]) == (302, page)
    policy = ApprovalPolicy.objects.get()
    assert (policy.rule, policy.sample_size, policy.max_bad_share, policy.changed_by) == ("sample", 10, 0.3, operator)
    address = f"/admin/curation/curatedset/{curated_set.pk}/release/"
    assert f'hx-get="{address}"' in console.get(f"/admin/curation/curatedset/{curated_set.pk}/change/").content.decode()
    with django_assert_max_num_queries(12):
        text = console.get(address).content.decode()
    part = console.get(address, headers={"HX-Request": "true"}).content.decode()
    for sentence in ("10 of the 10 rows of the sample are not read.", "Read 0 of 10.", "may end at 30 % at most."):
        assert sentence in text
        assert sentence in part
    assert text.count(f'href="/admin/curation/curatedset/{curated_set.pk}/review/') == 10
    assert ("<body" in text, "<body" in part) == (True, False)


def test_the_dialog_to_approve_asks_for_what_it_releases_and_refuses_with_the_sentence(console):
    curated_set = a_set()
    ApprovalPolicy.objects.create(deployment_id="helpdesk", rule="rows")
    address = f"/admin/curation/curatedset/{curated_set.pk}/approve/"

    dialog = console.get(address).content.decode()
    refused = console.post(address, {"note": "", "_form_submitted": True})

    assert f'hx-get="/admin/curation/curatedset/{curated_set.pk}/release/"' in dialog
    assert (
        "No person has decided on 4 examples and 2 pairs."
        in console.get(refused.headers["HX-Redirect"]).content.decode()
    )
    assert CuratedSet.objects.get().status == "draft"


@pytest.mark.parametrize("permitted", [True, False])
def test_the_form_needs_the_permission_to_change_policies(client, permitted):
    DeploymentFactory(id="helpdesk")
    user = user_with(*(["change_approvalpolicy"] if permitted else []))
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    client.force_login(user)

    answer = client.get("/admin/feedback/deployment/helpdesk/approval-policy/form/")

    assert answer.status_code == (200 if permitted else 403)
