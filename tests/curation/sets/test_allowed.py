"""What may be trained on, and answers that are messages."""

import pytest

from curation.models import CuratedExample
from feedback.choices import SignalType
from feedback.models import Deployment, Event
from tests.curation.voting import react, voted
from tests.factories import DeploymentFactory

SETS = "/api/v1/deployments/helpdesk/curated-sets"


@pytest.fixture(autouse=True)
def _helpdesk(db, embedding):
    DeploymentFactory(id="helpdesk")


@pytest.fixture
def curate(api, running_tasks):
    """Curate good answers and return the set as the API shows it."""

    def request():
        with running_tasks():
            answer = api.post(SETS, {"name": "weekly", "strategies": ["high_quality"]}, format="json")
        return api.get(f"/api/v1/curated-sets/{answer.data['id']}").data

    return request


def test_events_that_allow_no_training_are_no_candidates(curate):
    allowed = voted(up=2, number=1)
    voted(up=2, number=2, training_allowed=False)

    curated_set = curate()

    kept = CuratedExample.objects.filter(curated_set=curated_set["id"])
    assert [example.response for example in kept] == [allowed.response]


def test_a_deployment_that_allows_no_training_has_no_sets(curate):
    voted(up=2)
    Deployment.objects.update(training_allowed=False)

    curated_set = curate()

    assert curated_set["error"] == "This deployment allows no training: its training_allowed is off."
    assert not CuratedExample.objects.exists()


def test_an_answer_that_calls_a_tool_is_an_example_of_its_call(curate, api, write_all):
    call = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    answer = {"role": "assistant", "content": None, "tool_calls": [call]}
    sent = {"deployment_id": "helpdesk", "prompt": "Rain?", "response": answer}
    event_id = api.post("/api/v1/events", sent, format="json").json()["ids"][0]
    write_all()
    for _ in range(2):
        react(Event.objects.get(pk=event_id), SignalType.THUMBS_UP)

    curate()

    example = CuratedExample.objects.get()
    assert (example.response, example.response_message) == ("", answer)


def test_a_row_keeps_the_tools_that_its_event_declared(curate, api, write_all):
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object", "maximum": 1.50}}}]
    sent = {"deployment_id": "helpdesk", "prompt": "Rain?", "response": "It will rain in the evening, so take a coat."}
    api.post("/api/v1/events", {**sent, "tools": tools}, format="json")
    api.post("/api/v1/events", {**sent, "prompt": "Sun?"}, format="json")
    write_all()
    for event in Event.objects.all():
        for _ in range(2):
            react(event, SignalType.THUMBS_UP)

    found = curate()

    rows = {example.prompt: example.tools for example in CuratedExample.objects.all()}
    shown = api.get(f"/api/v1/curated-sets/{found['id']}/examples").data["results"]
    assert rows == {"Rain?": tools, "Sun?": None}
    assert {row["prompt"]: row["tools"] for row in shown} == rows
