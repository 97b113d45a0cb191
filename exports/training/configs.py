"""The IR's Training.Config of a run: what was requested, with the model and the data set filled in."""

from collections.abc import Mapping
from typing import Any

import msgspec

from exports.models import ExportBatch
from feedback import exact_json, ir
from feedback.ir.choices import DatasetProvider


class InvalidConfig(ValueError):
    """A training configuration that the IR does not allow, with its messages."""

    def __init__(self, messages: list[str]):
        super().__init__(" ".join(messages))
        self.messages = messages


def complete(deployment_id: str, batch: ExportBatch | None, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration with defaults; `dataset_ref` names the set of the export. Raises InvalidConfig.

    A key that the IR does not have is an error here, so that no setting is lost in silence: it belongs in `options`.
    """
    known = {field.name for field in msgspec.structs.fields(ir.TrainingConfig)}
    if unknown := sorted(set(wanted) - known):
        raise InvalidConfig([f"{', '.join(unknown)} is no field of Training.Config; put it into options."])
    given = {name: value for name, value in wanted.items() if value is not None}
    defaults = {
        "id": deployment_id,
        "model_ref": {"id": deployment_id},
        "dataset_ref": _dataset_ref(deployment_id, batch),
    }
    try:
        config = ir.from_map(defaults | given, ir.TrainingConfig)
    except ir.InvalidDocument as error:
        raise InvalidConfig([str(error)]) from error
    if problems := ir.validate(config):
        raise InvalidConfig(problems)
    return exact_json.decode(ir.to_json(config))


def _dataset_ref(deployment_id: str, batch: ExportBatch | None) -> dict[str, Any]:
    if batch is None:
        return {"name": deployment_id, "provider": DatasetProvider.CRUCIBLE_FEEDBACK.value}
    source = batch.curated_set
    return {
        "name": f"{source.deployment_id}/{source.name}",
        "provider": DatasetProvider.CRUCIBLE_FEEDBACK.value,
        "version": source.semantic_version,
        "format": batch.format,
    }
