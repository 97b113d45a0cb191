"""Sends one event or one signal on the path of the API."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from feedback import exact_json
from feedback.choices import ItemKind
from feedback.field_errors import FieldError
from feedback.ingestion import accept, delivery
from feedback.ingestion.items import InvalidItem
from feedback.ingestion.parsing.bodies import RawItem


def log_inference(event: Mapping[str, Any], *, wait: bool = False) -> str:
    """Send one event and return its id.

    Parameters
    ----------
    event : mapping
        The fields of `POST events`: `deployment_id`, `prompt` and `response`, and optionally `model_version_id`,
        `user_id`, `latency_ms` (milliseconds), `token_count`, `quality_score` (0 to 1), `metadata` and others.
    wait : bool
        Whether to return only when the event is stored. Otherwise it is on disk and a writer stores it soon.

    Returns
    -------
    str
        The UUID of the event: its `id` if it has one. The same event with the same id is stored once.

    Raises
    ------
    InvalidItem
        A field is missing, unknown or invalid; `errors` has all of them. Nothing is stored.
    BacklogFull
        Writers are too far behind.
    NoWriter
        With `wait`, no writer ran for 20 seconds. The event is stored when one starts.
    """
    receipt = _accepted(event, ItemKind.EVENT)
    if wait:
        _wait(receipt)
    return receipt.ids[0]


def record_signal(
    inference_id: str | UUID,
    signal_type: str,
    metadata: Mapping[str, Any] | None = None,
    *,
    deployment_id: str | None = None,
    user_id: str | None = None,
    value: Any = None,
    comment: str | None = None,
) -> dict[str, str]:
    """Send what a user did with an answer.

    Parameters
    ----------
    inference_id : str or UUID
        The id of the event, or its `external_id` together with `deployment_id`.
    signal_type : str
        `thumbs_up`, `thumbs_down`, `regenerate`, `copy`, `share`, `report`, `rating` or `label`.
    metadata : mapping, optional
        Any JSON object. It is masked.
    deployment_id : str, optional
        Needed where the event is not stored yet and the signal has a text or metadata.
    user_id : str, optional
        Who reacted; stored as a keyed hash.
    value : optional
        Of a rating a number, of a label any JSON.
    comment : str, optional
        What the user wrote.

    Returns
    -------
    dict
        `id` of the signal, `inference_event_id` and `signal_type` as given.

    Raises
    ------
    InvalidItem
        The type is unknown, a value is missing, or the deployment is needed.
    BacklogFull
        Writers are too far behind.
    """
    reaction = {"type": signal_type, "metadata": metadata, "value": value, "comment": comment}
    return _signal(inference_id, reaction, deployment_id, user_id)


def record_user_edit(
    inference_id: str | UUID, edited_response: str, *, deployment_id: str | None = None, user_id: str | None = None
) -> dict[str, str]:
    """Send an answer as a user changed it: a signal of type `edit`.

    Parameters, result and errors are those of `record_signal`. `edited_response` must not be blank. It is masked.
    """
    reaction = {"type": "edit", "edited_response": edited_response}
    return _signal(inference_id, reaction, deployment_id, user_id)


def _signal(
    inference_id: str | UUID, reaction: dict[str, Any], deployment_id: str | None, user_id: str | None
) -> dict[str, str]:
    signal = reaction | {
        _name_of(inference_id): str(inference_id),
        "deployment_id": deployment_id,
        "user_id": user_id,
    }
    # A value of null takes a signal back.
    receipt = _accepted({name: value for name, value in signal.items() if value is not None}, ItemKind.SIGNAL)
    return {"id": receipt.ids[0], "inference_event_id": str(inference_id), "signal_type": reaction["type"]}


def _name_of(inference_id: str | UUID) -> str:
    try:
        UUID(str(inference_id))
    except ValueError:
        return "external_id"
    return "event_id"


def _accepted(item: Mapping[str, Any], kind: ItemKind) -> accept.Receipt:
    receipt = accept.accept([RawItem(0, exact_json.encode(dict(item)))], kind)
    if receipt.rejected:
        raise InvalidItem(receipt.rejected[0].errors)
    return receipt


def _wait(receipt: accept.Receipt) -> None:
    report = delivery.Report()
    report.add(receipt)
    totals = delivery.wait_until_written(report, advance=lambda count: None, patience_seconds=delivery.PATIENCE_SECONDS)
    if totals.rejected:
        message = "The database rejected the event; the console lists the reason under Rejected items"
        raise InvalidItem([FieldError("", "rejected", message)])
