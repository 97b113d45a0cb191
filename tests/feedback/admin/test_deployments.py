import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from feedback.choices import Metric
from feedback.deployments import configuration, policies
from feedback.deployments.rules import Pattern
from feedback.models import Deployment, FeedbackRecount, MaskingPattern, RepeatedShare
from tests.factories import NOON, DeploymentFactory, UserFactory
from tests.feedback.evidenced import evidence
from tests.feedback.factories import roll_up

pytestmark = pytest.mark.django_db
DEPLOYMENTS = reverse("admin:feedback_deployment_changelist")
WARNING = "stored unmasked"
ALL_TYPES = ["thumbs", "correction", "flag", "rating", "label", "regenerate", "copy", "share"]


def page_of(deployment):
    return reverse("admin:feedback_deployment_change", args=[deployment.pk])


def filled(deployment, *patterns, removed=(), **changes):
    """What a browser posts: the form as it is shown, changed in these fields, with these rows of patterns."""
    kept, blank = list(deployment.masking_patterns.all()), {}
    form = {
        "enabled": "True",
        "sampling_rate": "1.0",
        "feedback_types": ALL_TYPES,
        "content_policy": "mask",
        "retention_days": "",
        "storage": "postgres",
        "drift_detection": "",
        "retraining_trigger": "",
        "options": "",
        "signal_weights": "",
        "audit_rate": "0.0",
        "declared_scores-TOTAL_FORMS": "0",
        "declared_scores-INITIAL_FORMS": "0",
        "masking_patterns-TOTAL_FORMS": str(len(kept) + len(patterns)),
        "masking_patterns-INITIAL_FORMS": str(len(kept)),
    }
    for place, row in enumerate([*kept, *patterns]):
        before = f"masking_patterns-{place}"
        form |= {f"{before}-id": row.pk or "", f"{before}-deployment": deployment.pk}
        form |= {f"{before}-{name}": getattr(row, name) for name in ("name", "expression", "replacement")}
        if row.name in removed:
            form[f"{before}-DELETE"] = "on"
    for place in range(len(kept), len(kept) + len(patterns)):
        blank |= {f"initial-masking_patterns-{place}-{name}": "" for name in ("name", "expression", "replacement")}
    shown = {f"initial-{name}": value for name, value in form.items() if not name.endswith(("_FORMS", "-DELETE"))}
    return {name: value for name, value in (form | shown | blank | changes).items() if value is not None}


def pattern(name, expression="x+", replacement=""):
    return MaskingPattern(name=name, expression=expression, replacement=replacement)


@pytest.fixture
def helpdesk():
    return DeploymentFactory(id="helpdesk")


def test_everything_is_configured_in_one_form(console, operator, helpdesk):
    assert policies.policy_of("helpdesk").enabled is True

    answer = console.post(
        page_of(helpdesk),
        filled(
            helpdesk,
            pattern("ORDER", r"ORD-\d+ "),
            enabled=None,
            sampling_rate="0.25",
            feedback_types=["thumbs", "flag"],
            content_policy="drop",
            retention_days="90",
            storage="s3",
            options='{"team": "support"}',
        ),
    )

    assert answer.status_code == 302
    stored = Deployment.objects.get()
    assert (stored.enabled, stored.sampling_rate, stored.feedback_types) == (False, 0.25, ["thumbs", "flag"])
    assert (stored.content_policy, stored.retention_days, stored.storage) == ("drop", 90, "s3")
    assert (stored.drift_detection, stored.options) == (None, {"team": "support"})
    [row] = stored.masking_patterns.all()
    assert (row.name, row.expression, row.replacement) == ("ORDER", r"ORD-\d+ ", "")
    assert policies.policy_of("helpdesk").enabled is False
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id) == (operator, "helpdesk")
    assert "sampling_rate: 1.0 → 0.25" in entry.get_change_message()
    history = reverse("admin:feedback_deployment_history", args=["helpdesk"])
    assert f'href="{history}"' in console.get(page_of(helpdesk)).content.decode()
    assert "masking pattern ORDER added" in console.get(history).content.decode()


def test_saving_without_a_change_changes_nothing(console, helpdesk):
    configuration.change(
        "helpdesk", {}, by=UserFactory(), patterns=configuration.PatternChanges([Pattern("ORDER", "a")])
    )
    LogEntry.objects.all().delete()

    assert console.post(page_of(helpdesk), filled(helpdesk)).status_code == 302

    assert not LogEntry.objects.exists()
    assert MaskingPattern.objects.get().name == "ORDER"


def test_weights_of_signals_are_a_field_and_have_states_counted_again(console, helpdesk):
    wrong = console.post(page_of(helpdesk), filled(helpdesk, signal_weights='{"copy": 3, "share": 0}'))
    assert "copy: a weight is a number from -1 to 1" in wrong.content.decode()
    assert not FeedbackRecount.objects.exists()

    assert console.post(page_of(helpdesk), filled(helpdesk, signal_weights='{"copy": 0}')).status_code == 302

    assert Deployment.objects.get().signal_weights == {"copy": 0}
    assert FeedbackRecount.objects.get().deployment_id == "helpdesk"
    assert LogEntry.objects.get().get_change_message() == "signal_weights changed"


REFUSED = {
    "rate": ({"sampling_rate": "1.5"}, "sampling_rate", "sampling_rate must be between 0 and 1"),
    "days": (
        {"retention_days": "0"},
        "retention_days",
        "retention_days must be from 1 to 36,500 days, or null to keep everything",
    ),
    "type": (
        {"feedback_types": ["smile"]},
        "feedback_types",
        "Select a valid choice. smile is not one of the available choices.",
    ),
    "json": ({"options": "{"}, "options", "Enter a valid JSON."),
    "method": (
        {"drift_detection": '{"method": "kl"}'},
        "drift_detection",
        "method of drift_detection must be one of standard, psi, ks, total_variation, mmd",
    ),
    "list": ({"drift_detection": "[1]"}, "drift_detection", "drift_detection must be a JSON object or null"),
}


@pytest.mark.parametrize(("changes", "field", "message"), REFUSED.values(), ids=REFUSED)
def test_an_error_stands_at_its_field(console, helpdesk, changes, field, message):
    answer = console.post(page_of(helpdesk), filled(helpdesk, **({"enabled": None} | changes)))

    assert answer.status_code == 200
    assert dict(answer.context["adminform"].form.errors) == {field: [message]}
    assert Deployment.objects.get().enabled is True


@pytest.mark.parametrize(
    ("rows", "errors"),
    [
        ([("EMAIL", "a")], [{"name": ["EMAIL is a built-in kind; choose another name"]}]),
        ([("A", "a"), ("A", "b")], [{}, {"name": ["Another pattern has this name."]}]),
        ([("A", "")], [{"expression": ["This field is required."]}]),
        (
            [("A", "(")],
            [{"expression": ["The pattern A is not a regular expression in RE2 syntax: missing ): ("]}],
        ),
    ],
    ids=["built in", "twice", "empty", "no expression"],
)
def test_an_error_stands_at_its_pattern(console, helpdesk, rows, errors):
    answer = console.post(page_of(helpdesk), filled(helpdesk, *(pattern(*row) for row in rows), enabled=None))

    assert answer.status_code == 200
    [_, inline] = answer.context["inline_admin_formsets"]
    assert [dict(each) for each in inline.formset.errors] == errors
    assert (Deployment.objects.get().enabled, MaskingPattern.objects.exists()) == (True, False)


def test_a_deployment_has_at_most_twenty_patterns(console, helpdesk):
    rows = [pattern(f"P_{number}") for number in range(21)]

    answer = console.post(page_of(helpdesk), filled(helpdesk, *rows))

    assert "Please submit at most 20 forms." in answer.content.decode()
    assert not MaskingPattern.objects.exists()


def test_what_others_changed_meanwhile_is_kept(console, helpdesk):
    by = UserFactory()
    first = configuration.PatternChanges([Pattern("ORDER", "a"), Pattern("STAFF", "b")])
    configuration.change("helpdesk", {}, by=by, patterns=first)
    shown = filled(helpdesk, pattern("TICKET"), removed=["STAFF"], sampling_rate="0.5")
    later = configuration.PatternChanges([Pattern("ORDER", "changed"), Pattern("CASE", "c")])
    configuration.change("helpdesk", {"retention_days": 30}, by=by, patterns=later)

    console.post(page_of(helpdesk), shown)

    stored = Deployment.objects.get()
    assert (stored.sampling_rate, stored.retention_days) == (0.5, 30)
    assert dict(stored.masking_patterns.values_list("name", "expression")) == {
        "CASE": "c",
        "ORDER": "changed",
        "TICKET": "x+",
    }


def test_patterns_can_swap_their_names(console, helpdesk):
    both = configuration.PatternChanges([Pattern("A", "a"), Pattern("B", "b")])
    configuration.change("helpdesk", {}, by=UserFactory(), patterns=both)

    console.post(page_of(helpdesk), filled(helpdesk) | {"masking_patterns-0-name": "B", "masking_patterns-1-name": "A"})

    assert dict(MaskingPattern.objects.values_list("name", "expression")) == {"A": "b", "B": "a"}


def test_a_limit_exceeded_by_another_user_meanwhile_is_reported(console, helpdesk):
    many = configuration.PatternChanges([Pattern(f"P_{number}", "x") for number in range(20)])
    shown = filled(helpdesk, pattern("ONE_MORE"))
    configuration.change("helpdesk", {}, by=UserFactory(), patterns=many)

    answer = console.post(page_of(helpdesk), shown, follow=True)

    assert "A deployment has at most 20 patterns" in answer.content.decode()
    assert MaskingPattern.objects.count() == 20


@pytest.mark.parametrize(("permission", "status"), [("change_deployment", 302), ("view_deployment", 403)])
def test_configuring_needs_the_permission_for_deployments_alone(client, helpdesk, permission, status):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename=permission))
    client.force_login(user)

    assert client.get(page_of(helpdesk)).status_code == 200
    assert client.post(page_of(helpdesk), filled(helpdesk, pattern("ORDER"))).status_code == status

    assert MaskingPattern.objects.exists() is (status == 302)


def test_texts_stored_unmasked_are_warned_of(console, helpdesk, django_assert_max_num_queries):
    DeploymentFactory(id="shop", content_policy="off")
    other = Deployment.objects.get(pk="shop")

    for address in (DEPLOYMENTS, page_of(other), reverse("admin:index")):
        with django_assert_max_num_queries(12):
            page = console.get(address).content.decode()
        assert WARNING in page
        assert f'href="{page_of(other)}">shop</a>' in page
    assert WARNING not in console.get(page_of(helpdesk)).content.decode()
    assert "unmasked" in console.get(DEPLOYMENTS).content.decode()

    other.delete()
    for address in (DEPLOYMENTS, reverse("admin:index")):
        assert WARNING not in console.get(address).content.decode()


def test_deployments_are_neither_added_nor_deleted_in_lists(console, helpdesk):
    assert console.get(reverse("admin:feedback_deployment_add")).status_code == 403
    console.post(DEPLOYMENTS, {"action": "delete_selected", "_selected_action": [helpdesk.pk], "post": "yes"})
    console.post(reverse("admin:feedback_deployment_delete", args=[helpdesk.pk]), {"post": "yes"})


def test_the_page_shows_checks_and_feedback_side_by_side(console, client, time_machine, django_assert_max_num_queries):
    time_machine.move_to(NOON, tick=False)
    DeploymentFactory(id="helpdesk")
    roll_up(model_version_id="v1", n=10)
    roll_up(model_version_id="v1", metric=Metric.QUALITY, n=2, total=1.5, squares=1.25)
    roll_up(model_version_id="v1", metric=Metric.SIGNAL, names={"thumbs_up": 1})
    evidence(1, 0.9, votes=(1.0, 0.0), model_version_id="v1", occurred_at=NOON)
    roll_up(model_version_id="v2", n=2)
    for version, n in (("v1", 100), ("v2", 99)):
        RepeatedShare.objects.create(
            deployment_id="helpdesk", model_version_id=version, n=n, repeated=50, answers=1, first_at=NOON
        )
    address = reverse("admin:feedback_deployment_change", args=["helpdesk"])

    with django_assert_max_num_queries(12):
        page = console.get(address)
    viewer = UserFactory(is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_deployment"))
    client.force_login(viewer)

    figures = page.context["figures"]
    assert [(card.label, card.value) for card in figures.cards] == [
        ("Events", "12"),
        ("Checks", "0.750"),
        ("Feedback: approval", "0.500"),
        ("Voted on", "0.0%"),
    ]
    assert [row[0].text for row in figures.versions.rows] == ["v1", "v2", "All"]
    assert [(row[2].text, row[2].detail) for row in figures.versions.rows] == [
        ("50.0%", "[40.4%, 59.6%] (n\xa0=\xa0100)"),
        ("not enough data", "(n\xa0=\xa099)"),
        ("–", ""),
    ]
    assert "Checks and feedback by model version" in page.content.decode()
    assert client.get(address).context["figures"] is None
