import re
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
from feedback.console.trend_figures import Cell
from feedback.evidence.weights import WeightTable
from feedback.models import FeedbackRecount
from tests.curation.factories import CuratedSetFactory
from tests.drift.factories import DriftReportFactory, TriggerFiringFactory
from tests.exports.factories import ExportBatchFactory, approved_set
from tests.factories import NOON, DeploymentFactory, UserFactory
from tests.feedback.evidenced import evidence
from tests.feedback.factories import roll_up

pytestmark = pytest.mark.django_db
HOME = reverse("admin:index")
NOW = NOON + timedelta(minutes=20)
N = "n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"


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

    roll_up(metric=Metric.FEEDBACK_STATE, names={"good": 3, "bad": 1}, measure_version=WeightTable().version)
    for number, votes in ((1, (1.0, 1.0)), (2, (0.0, 1.0))):
        evidence(number, 0.5, votes=votes, occurred_at=NOON)

    events, checks, approval, voted = page(console).cards

    assert (events.value, events.detail, events.delta) == ("140", "20 per day", "+40% vs. previous period")
    assert (checks.label, checks.value) == ("Checks", "0.800")
    assert checks.detail == "95 % interval 0.780 to 0.820, 100 scored events"
    assert (checks.delta, checks.direction) == ("-0.100 vs. previous period", "worse")
    assert (approval.label, approval.value) == ("Feedback: approval", "0.750")
    assert re.fullmatch(r"95 % interval 0\.\d{3} to \d\.\d{3}, 4 users", approval.detail)
    assert (approval.delta, approval.direction) == ("no data in the previous period", "")
    assert (voted.label, voted.value, voted.detail) == ("Voted on", "2.9%", "of events: 4 of 140")
    assert voted.delta == "+2.9 pt vs. previous period"


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
    roll_up(model_version_id="v1", metric=Metric.QUALITY, n=2, total=1.5, squares=1.25)
    roll_up(model_version_id="v1", metric=Metric.SIGNAL, names={"thumbs_down": 6})
    roll_up(n=3, hour_at=NOON - timedelta(days=1))
    evidence(1, 0.5, model_version_id="v1", occurred_at=NOON)

    checks, approval, events, signals = page(console).charts

    assert events.header == ["Day", "v1", "no version"]
    assert events.rows[-2:] == [["2026-05-03", "0", "3"], ["2026-05-04", "1,200", "0"]]
    assert [trace["y"][-2:] for trace in events.figure["data"]] == [[0, 1_200], [3, 0]]
    assert checks.rows[-1] == ["2026-05-04", f"0.750 [0.404, 1.000] ({N}2)", "–"]
    assert [trace["y"][-1] for trace in checks.figure["data"]] == [0.75, None]
    assert approval.rows[-1] == ["2026-05-04", f"1.000 ({N}1)", "–"]
    assert [trace["y"][-1] for trace in approval.figure["data"]] == [1.0, None]
    assert signals.header == ["Day", "Events", "Thumbs up", "Thumbs down", "Rating", "Edit", "Regenerate"]
    assert signals.rows[-1] == ["2026-05-04", "1,200", "0.0", "0.5", "0.0", "0.0", "0.0"]
    assert [trace["y"][-1] for trace in signals.figure["data"]] == [0.0, 0.5, 0.0, 0.0, 0.0]


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
        (["view_event"], ["Events", "Checks"], 2, False, ["helpdesk"], []),
        (["change_signal"], ["Feedback: approval", "Voted on"], 0, True, ["helpdesk"], []),
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


def test_versions_stand_beside_each_other(console):
    DeploymentFactory(id="helpdesk")
    for version, good, bad in (("v1", 30, 10), ("v2", 0, 0)):
        roll_up(model_version_id=version, n=200)
        roll_up(model_version_id=version, metric=Metric.QUALITY, n=2, total=1.5, squares=1.25)
        states = {"good": good, "bad": bad}
        if good:
            roll_up(
                model_version_id=version,
                metric=Metric.FEEDBACK_STATE,
                names=states,
                measure_version=WeightTable().version,
            )
            roll_up(model_version_id=version, metric=Metric.SIGNAL, names={"thumbs_up": 30, "edit": 1})

    table = page(console).versions

    assert table.header[:4] == ["Version", "Checks", "Feedback: approval", "Voted on"]
    assert [[cell.text for cell in row[:1] + row[3:]] for row in table.rows] == [
        ["v1", "40 of 200", "15.0", "0.0", "0.0", "0.5", "0.0"],
        ["v2", "0 of 200", "0.0", "0.0", "0.0", "0.0", "0.0"],
        ["All", "40 of 400", "7.5", "0.0", "0.0", "0.2", "0.0"],
    ]
    assert table.rows[0][1] == Cell("0.750", f"[0.404, 1.000] ({N}2)")
    assert [row[2] for row in table.rows] == [Cell("–")] * 3


def test_a_recount_is_announced_to_those_who_see_signals(console, client):
    DeploymentFactory(id="helpdesk")
    DeploymentFactory(id="search")
    FeedbackRecount.objects.create(deployment_id="helpdesk", requested_at=NOW)

    assert "Signals of helpdesk are being counted again" in console.get(HOME).content.decode()
    assert page(console, deployment="search").recounting == []
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_event"))
    client.force_login(user)
    assert page(client).recounting == []
