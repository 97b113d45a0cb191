"""Ingestion of the IR's Feedback.Event: each becomes an event, a signal or both, which are accepted like any other."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from feedback import exact_json
from feedback.choices import ItemKind
from feedback.field_errors import FieldError
from feedback.ingestion import accept
from feedback.ingestion.accept import Receipt, Rejection
from feedback.ingestion.admitting.admission import open_policy
from feedback.ingestion.admitting.feedback_events import as_signal
from feedback.ingestion.items import InvalidItem, SignalItem, check
from feedback.ingestion.parsing.bodies import RawItem
from feedback.ingestion.parsing.decoding import decode
from feedback.ir import FeedbackEvent, InvalidDocument, from_json
from feedback.ir.items import FIELDS, Item, Items, NoItems, to_items
from feedback.models import ApiKey

MAX_MESSAGE_CHARACTERS = 500


@dataclass(frozen=True)
class _Documents:
    """The FeedbackEvents of a request by their index: ids as sent, items of the valid ones, errors of the others."""

    given_ids: dict[int, str | None] = field(default_factory=dict)
    items: dict[int, Items] = field(default_factory=dict)
    errors: dict[int, list[FieldError]] = field(default_factory=dict)


def accept_documents(raw_items: Sequence[RawItem], *, key: ApiKey | None = None) -> Receipt:
    """Accept the events first, then the signals of those that were accepted.

    A FeedbackEvent whose signal is invalid is rejected whole. ids and duplicates of the receipt are those of the events
    that the FeedbackEvents are about. Raises as `accept.accept`; what was accepted by then is a duplicate when resent.
    """
    read = _read(raw_items, frozenset(key.deployments) if key and key.deployments else None)
    of_events = accept.accept(_events(raw_items, read), ItemKind.EVENT, key=key)
    for item in of_events.rejected:
        read.errors.setdefault(item.index, _of_document(item.errors))
    of_signals = accept.accept(_signals(raw_items, read), ItemKind.SIGNAL, key=key)
    for item in of_signals.rejected:
        read.errors[item.index] = _of_document(item.errors)
    accepted = [items.event_id for index, items in sorted(read.items.items()) if index not in read.errors]
    ids = list(dict.fromkeys(accepted))
    return Receipt(
        batch_id=of_events.batch_id if of_events.ids else of_signals.batch_id,
        ids=ids,
        duplicates=list((Counter(accepted) - Counter(ids)).elements()),
        rejected=[Rejection(index, read.given_ids.get(index), read.errors[index]) for index in sorted(read.errors)],
        warnings=[*of_events.warnings, *of_signals.warnings],
        signals_batch_id=of_signals.batch_id if of_signals.ids else None,
    )


def _read(raw_items: Sequence[RawItem], allowed: frozenset[str] | None) -> _Documents:
    read = _Documents()
    for raw in raw_items:
        try:
            given = _document(raw)
            read.given_ids[raw.index] = given.id
            items = to_items(given)
            _check_signal(items, allowed)
        except NoItems as error:
            read.errors[raw.index] = error.errors
        except InvalidItem as error:
            read.errors[raw.index] = _of_document(error.errors)
        else:
            read.items[raw.index] = items
    return read


def _events(raw_items: Sequence[RawItem], read: _Documents) -> list[RawItem]:
    """The events to accept, and what is rejected already, so that it is counted with the reason."""
    rejected = [replace(raw, error=read.errors[raw.index][0]) for raw in raw_items if raw.index in read.errors]
    valid = [(raw, read.items[raw.index].event) for raw in raw_items if raw.index in read.items]
    return [*rejected, *(_as_raw(event, raw) for raw, event in valid if event is not None)]


def _signals(raw_items: Sequence[RawItem], read: _Documents) -> list[RawItem]:
    """The signals of what is not rejected."""
    valid = [(raw, read.items[raw.index].signal) for raw in raw_items if raw.index not in read.errors]
    return [_as_raw(signal, raw) for raw, signal in valid if signal is not None]


def _document(raw: RawItem) -> FeedbackEvent:
    if raw.error is not None:
        raise InvalidItem([raw.error])
    try:
        return from_json(raw.data, FeedbackEvent)
    except InvalidDocument as error:
        raise InvalidItem(
            [FieldError("", "invalid", f"No Feedback.Event: {error}"[:MAX_MESSAGE_CHARACTERS])]
        ) from error


def _check_signal(items: Items, allowed: frozenset[str] | None) -> None:
    """Raise InvalidItem for a signal that would be rejected after its event is accepted."""
    if items.signal is None:
        return
    item = as_signal(decode(_as_raw(items.signal), SignalItem))
    check(item, received_at=datetime.now(UTC))
    if not open_policy(str(item.deployment_id), allowed).collects(item.type):
        message = f"Deployment {item.deployment_id} collects no feedback of this type (feedback_types)"
        raise InvalidItem([FieldError("feedback_type", "not_collected", message)])


def _as_raw(item: Item, sent: RawItem | None = None) -> RawItem:
    return RawItem(sent.index if sent else 0, exact_json.encode(item), notes=sent.notes if sent else ())


def _of_document(errors: Sequence[FieldError]) -> list[FieldError]:
    """The errors with the names that the fields have in a Feedback.Event, also in their messages."""
    return [
        replace(error, field=FIELDS[error.field], message=error.message.replace(error.field, FIELDS[error.field], 1))
        if error.field in FIELDS
        else error
        for error in errors
    ]
