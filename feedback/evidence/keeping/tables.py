"""The weight tables of deployments, as the database has them now."""

from collections.abc import Iterable

from feedback.evidence.weights import WeightTable
from feedback.models import Deployment

# What a table is made of.
COLUMNS = ("signal_weights", "rating_minimum", "rating_maximum")


def weight_tables(deployment_ids: Iterable[str]) -> dict[str, WeightTable]:
    """The table of each of these deployments; one that does not exist has the defaults."""
    ids = set(deployment_ids)
    rows = Deployment.objects.filter(pk__in=ids).values_list("pk", *COLUMNS)
    found = {deployment_id: _table(*columns) for deployment_id, *columns in rows}
    return {deployment_id: found.get(deployment_id) or WeightTable() for deployment_id in ids}


def weight_table(deployment_id: str) -> WeightTable:
    return weight_tables([deployment_id])[deployment_id]


def table_of(deployment: Deployment) -> WeightTable:
    """The table of a deployment at hand, stored or not."""
    return _table(*(getattr(deployment, name) for name in COLUMNS))


def _table(overrides: dict[str, float] | None, lowest: float | None, highest: float | None) -> WeightTable:
    scale = None if lowest is None or highest is None else (lowest, highest)
    return WeightTable(overrides or {}, scale)
