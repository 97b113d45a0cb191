"""What stages of a pipeline hand on: artifacts, metrics and outputs. Helpers return another context."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

from django.contrib.auth.models import User

from feedback.ir import Experiment

_COMPLETED = "completed_stages"


@dataclass(frozen=True, kw_only=True)
class Context:
    """user: in whose name stages run; without one, in that of the first active superuser."""

    experiment_id: str
    run_id: str
    experiment: Experiment
    outputs: tuple[Any, ...] = ()
    metrics: Mapping[str, Any] = field(default_factory=dict)
    artifacts: Mapping[str, Any] = field(default_factory=dict)
    assigns: Mapping[str, Any] = field(default_factory=dict)
    user: User | None = None

    def put_artifact(self, key: str, value: Any) -> Self:
        return replace(self, artifacts={**self.artifacts, key: value})

    def get_artifact(self, key: str, default: Any = None) -> Any:
        return self.artifacts.get(key, default)

    def has_artifact(self, key: str) -> bool:
        return key in self.artifacts

    def put_metric(self, key: str, value: Any) -> Self:
        return self.merge_metrics({key: value})

    def get_metric(self, key: str, default: Any = None) -> Any:
        return self.metrics.get(key, default)

    def update_metric(self, key: str, change: Callable[[Any], Any], default: Any = None) -> Self:
        """The metric becomes what `change` makes of it."""
        return self.put_metric(key, change(self.metrics.get(key, default)))

    def merge_metrics(self, metrics: Mapping[str, Any]) -> Self:
        return replace(self, metrics={**self.metrics, **metrics})

    def add_output(self, output: Any) -> Self:
        return self.add_outputs([output])

    def add_outputs(self, outputs: Iterable[Any]) -> Self:
        return replace(self, outputs=(*self.outputs, *outputs))

    def assign(self, **values: Any) -> Self:
        return replace(self, assigns={**self.assigns, **values})

    def mark_stage_complete(self, name: str) -> Self:
        """A stage that is marked again keeps its position."""
        return self if self.stage_completed(name) else self.assign(**{_COMPLETED: [*self.completed_stages(), name]})

    def stage_completed(self, name: str) -> bool:
        return name in self.completed_stages()

    def completed_stages(self) -> list[str]:
        """In the order in which they were completed, each once."""
        return list(self.assigns.get(_COMPLETED, ()))
