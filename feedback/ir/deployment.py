"""Deployments of model versions."""

from typing import Any

from feedback.ir.choices import DeploymentEnvironment, DeploymentHealth, DeploymentState, DeploymentStrategy
from feedback.ir.structure import Instant, Number, Options, Structure


class DeploymentConfig(Structure, frozen=True, kw_only=True):
    """Deployment.Config: where and how a model version is deployed."""

    id: str | None
    model_version_id: str | None
    target: dict[str, Any] | None = None
    replicas: int | None = 1
    resources: dict[str, Any] | None = None
    scaling: dict[str, Any] | None = None
    environment: str | None = DeploymentEnvironment.DEVELOPMENT.value
    strategy: str | None = DeploymentStrategy.ROLLING.value
    health_check: dict[str, Any] | None = None
    endpoint: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    options: Options | None = None


class DeploymentStatus(Structure, frozen=True, kw_only=True):
    """Deployment.Status: the state, health and traffic of a deployment."""

    id: str | None
    deployment_id: str | None
    state: str | None = DeploymentState.PENDING.value
    health: str | None = DeploymentHealth.UNKNOWN.value
    ready_replicas: int | None = None
    total_replicas: int | None = None
    endpoint_url: str | None = None
    traffic_percent: Number | None = None
    last_health_check: Instant | None = None
    error_message: str | None = None
    created_at: Instant | None = None
    updated_at: Instant | None = None
