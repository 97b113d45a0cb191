"""Documents of experiments."""

from exports.pipelines.context import Context
from feedback.ir import Experiment, from_map

PIPELINES = "/api/v1/pipelines"
CHECK = ("check_triggers", {"trigger_types": ["volume"]})


def experiment(*pipeline, **fields):
    """The document of an experiment about helpdesk. A stage is its name, its name with options, or a definition."""
    return {
        "id": "nightly",
        "backend": {"id": "local"},
        "pipeline": [stage(one) for one in pipeline],
        "metadata": {"deployment_id": "helpdesk"},
        **fields,
    }


def stage(one):
    if isinstance(one, str):
        return {"name": one}
    return one if isinstance(one, dict) else {"name": one[0], "options": one[1]}


def context(*pipeline, artifacts=None, user=None, **fields):
    found = from_map(experiment(*pipeline, **fields), Experiment)
    return Context(experiment_id="nightly", run_id="1", experiment=found, artifacts=artifacts or {}, user=user)
