from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curation.choices import CuratedSetStatus
from drift.choices import Verdict
from exports.choices import ExportStatus
from feedback.choices import Metric
from tests.curation.factories import CuratedSetFactory
from tests.drift.factories import DriftReportFactory, TriggerFiringFactory
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import NOON, DeploymentFactory, UserFactory
from tests.feedback.factories import roll_up

pytestmark = pytest.mark.django_db
HOME = reverse("admin:index")
NOW = NOON + timedelta(minutes=20)


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(NOW, tick=False)


def one_of_everything():
    CuratedSetFactory(status=CuratedSetStatus.IN_REVIEW)
    curated_set = approved_set([{}])
    ExportBatchFactory(curated_set=curated_set)
    ExportBatchFactory(curated_set=curated_set, status=ExportStatus.FAILED, error="The disk is full.")
    DriftReportFactory(verdict=Verdict.DRIFTING)
    TriggerFiringFactory()


def page(console, **query):
    return console.get(HOME, query).context["page"]


def test_the_first_start_shows_how_to_send_an_event(console):
    text = console.get(HOME).content.decode()

    assert "Send the first event" in text
    assert "curl http://testserver/api/v1/events" in text
    assert "Bearer $CRUCIBLE_KEY" in text
    assert reverse("admin:feedback_apikey_add") in text


def test_cards_compare_with_the_period_before(console):
    DeploymentFactory(id="helpdesk")
    roll_up(n=140)
    roll_up(n=100, hour_at=NOON - timedelta(days=7))
    roll_up(metric=Metric.QUALITY, n=100, total=80.0, squares=65.0)
    roll_up(metric=Metric.QUALITY, n=100, total=90.0, squares=82.0, hour_at=NOON - timedelta(days=7))
    roll_up(metric=Metric.SIGNAL, names={"thumbs_up": 3, "thumbs_down": 1, "edit": 1})

    events, quality, thumbs, edits = page(console).cards

    assert (events.value, events.detail, events.delta) == ("140", "20 per day", "+40% vs. previous period")
    assert (quality.value, quality.detail) == (
        "0.800",
        "95 % interval 0.780 to 0.820, n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}100",
    )
    assert (quality.delta, quality.direction) == ("-0.100 vs. previous period", "worse")
    assert (thumbs.value, thumbs.detail) == (
        "75.0%",
        "95 % interval 30.1% to 95.4%, n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}4",
    )
    assert (thumbs.delta, thumbs.direction) == ("no data in the previous period", "")
    assert (edits.value, edits.detail) == ("1", "0.71% of events")


@pytest.mark.parametrize(("total", "delta"), [(80.0, "-0.010 vs. previous period"), (81.01, "unchanged")])
def test_a_difference_within_the_intervals_is_neither_better_nor_worse(console, total, delta):
    DeploymentFactory(id="helpdesk")
    for moment, sum_of_scores in ((NOON, total), (NOON - timedelta(days=7), 81.0)):
        roll_up(metric=Metric.QUALITY, n=100, total=sum_of_scores, squares=70.0, hour_at=moment)

    quality = page(console).cards[1]

    assert (quality.delta, quality.direction) == (delta, "")


def test_charts_include_a_table(console):
    DeploymentFactory(id="helpdesk")
    roll_up(model_version_id="v1", n=1_200)
    roll_up(model_version_id="v1", metric=Metric.QUALITY, n=2, total=1.5, squares=1.1)
    roll_up(n=3, hour_at=NOON - timedelta(days=1))

    events, quality = page(console).charts

    assert events.header == ["Day", "v1", "no version"]
    assert events.rows[-2:] == [["2026-05-03", "0", "3"], ["2026-05-04", "1,200", "0"]]
    assert [trace["y"][-2:] for trace in events.figure["data"]] == [[0, 1_200], [3, 0]]
    assert quality.rows[-1] == ["2026-05-04", "0.750", "–"]
    assert [trace["y"][-1] for trace in quality.figure["data"]] == [0.75, None]


def test_a_link_is_a_saved_view(console):
    for deployment_id in ("helpdesk", "search"):
        DeploymentFactory(id=deployment_id)
        roll_up(deployment_id=deployment_id, n=5)

    found = page(console, range="24h", deployment="search")
    text = console.get(HOME, {"range": "24h", "deployment": "search"}).content.decode()

    assert (found.period.key, found.deployment) == ("24h", "search")
    assert found.cards[0].value == "5"
    assert "?range=30d&amp;deployment=search" in text
    assert page(console, range="nonsense", deployment="unknown").cards[0].value == "10"


def test_a_period_without_events_shows_a_hint(console):
    DeploymentFactory(id="helpdesk")

    text = console.get(HOME).content.decode()

    assert "No events in this period" in text
    assert "Nothing needs a decision." in text


def test_pending_decisions_are_linked(console):
    one_of_everything()

    found = {(decision.count, decision.text): decision.address for decision in page(console).decisions}

    assert list(found) == [
        (1, "curated set to review"),
        (1, "export to approve"),
        (1, "export failed"),
        (1, "drifting: helpdesk"),
        (1, "open trigger firing: helpdesk"),
    ]
    assert found[1, "curated set to review"].endswith(f"?status__exact={CuratedSetStatus.IN_REVIEW}")
    assert found[1, "export failed"].endswith(f"?status__exact={ExportStatus.FAILED}")
    for address in found.values():
        assert console.get(address).status_code == 200


def test_an_alarm_ends_with_a_clean_check_or_an_acknowledgement(console):
    for minutes, verdict in ((2, Verdict.DRIFTING), (1, Verdict.OK)):
        DriftReportFactory(verdict=verdict, created_at=NOW - timedelta(minutes=minutes))
    TriggerFiringFactory(state="acknowledged", settled_at=NOW)

    assert page(console).decisions == []


def test_decisions_of_one_deployment_only(console):
    one_of_everything()
    DeploymentFactory(id="search")

    assert page(console, deployment="search").decisions == []
    assert len(page(console, deployment="helpdesk").decisions) == 5


def test_staff_see_only_pages_they_may_open(settings):
    CuratedSetFactory(status=CuratedSetStatus.IN_REVIEW)
    client = Client()
    client.force_login(UserFactory(is_staff=True))

    assert page(client).decisions == []


@pytest.mark.parametrize(
    ("permissions", "cards", "charts", "signals", "deployments", "unmasked"),
    [
        ([], [], 0, False, [], []),
        (["add_apikey", "view_apikey", "view_driftreport"], [], 0, False, [], []),
        (["view_event"], ["Events", "Mean quality"], 2, False, ["helpdesk"], []),
        (["change_signal"], ["Thumbs up", "Edited answers"], 0, True, ["helpdesk"], []),
        (["view_deployment"], [], 0, False, ["helpdesk"], ["helpdesk"]),
    ],
)
def test_figures_are_shown_to_users_who_may_view_their_rows(
    client, permissions, cards, charts, signals, deployments, unmasked
):
    DeploymentFactory(id="helpdesk", content_policy="off")
    roll_up(n=12_345)
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(user)

    answer = client.get(HOME, {"deployment": "helpdesk"})

    shown, text = answer.context["page"], answer.content.decode()
    assert [card.label for card in shown.cards] == cards
    assert (len(shown.charts), bool(shown.signals)) == (charts, signals)
    assert (shown.deployments, shown.unmasked) == (deployments, unmasked)
    assert ("12,345" in text, "Signals by type" in text) == ("view_event" in permissions, signals)
    assert ("helpdesk" in text) == bool(deployments)
    assert ("No figures to show" in text) == (not cards)


def test_the_page_reads_sums_and_never_the_events(console):
    one_of_everything()
    roll_up(n=5)

    with CaptureQueriesContext(connection) as queries:
        console.get(HOME, {"range": "90d", "deployment": "helpdesk"})

    assert len(queries) <= 12
    assert [query["sql"] for query in queries if '"feedback_event"' in query["sql"]] == []
