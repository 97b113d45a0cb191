"""Configuration of a deployment, by field or as the IR's Feedback.Config."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from dataclasses import replace as with_other
from typing import Any

import msgspec
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.auth.models import User
from django.db import transaction

from feedback.choices import ContentPolicy
from feedback.deployments import declared_scores, policies, score_names
from feedback.deployments.declared_scores import DeclarationChanges
from feedback.deployments.rules import (
    DOCUMENTS,
    WEIGHTS,
    InvalidConfiguration,
    Pattern,
    feedback_types,
    pattern_problems,
    problems,
    repeated,
)
from feedback.evidence.keeping import tables
from feedback.field_errors import FieldError
from feedback.ir import FeedbackConfig
from feedback.masking import MAX_PATTERNS, CustomPattern, compile_pattern
from feedback.models import Deployment, MaskingPattern
from feedback.rollups import segments
from feedback.rollups.signals import recounting
from feedback.stores import locks

# What the IR gives to fields that a document leaves out.
IR_DEFAULTS: Mapping[str, Any] = msgspec.to_builtins(FeedbackConfig())
MASKING_POLICIES = (ContentPolicy.MASK, ContentPolicy.DROP)


@dataclass(frozen=True)
class PatternChanges:
    """Patterns to add or replace by name, and names to remove; None removes all others."""

    put: Sequence[Pattern] = ()
    drop: Iterable[str] | None = ()


def change(
    deployment_id: str,
    values: Mapping[str, Any],
    *,
    by: User,
    patterns: PatternChanges | None = None,
    scores: DeclarationChanges | None = None,
) -> Deployment:
    """Change the named fields, patterns and scores of a deployment and leave the others as they are.

    Raises Deployment.DoesNotExist, and InvalidConfiguration with every error by field.
    """
    _check(values, patterns, scores)
    with transaction.atomic():
        if scores is not None:
            locks.lock_scores()
        if values.keys() & set(tables.COLUMNS):
            # No writer that still counts by the former weights commits after this; before the row, as writers take it.
            locks.lock_signals()
        deployment = Deployment.objects.select_for_update().get(pk=deployment_id)
        _write(deployment, values, patterns, scores, by=by)
    policies.forget()
    score_names.forget()
    return deployment


def replace(deployment_id: str, document: Mapping[str, Any], *, by: User) -> Deployment:
    """Configure a deployment by a document of the IR; creates it if needed.

    Fields that the document leaves out take the IR's defaults. Raises InvalidConfiguration with every error by field.
    """
    document = {**IR_DEFAULTS, **document}
    _check(document)
    with transaction.atomic():
        _, is_new = Deployment.objects.get_or_create(pk=deployment_id)
        deployment = Deployment.objects.select_for_update().get(pk=deployment_id)
        values = {name: value for name, value in document.items() if name != "anonymize_pii"}
        values["content_policy"] = _content_policy(document, deployment.content_policy)
        _write(deployment, values, by=by, is_new=is_new)
    policies.forget()
    return deployment


def as_ir(deployment: Deployment) -> dict[str, Any]:
    """The deployment's Feedback.Config, with all nine fields; to PUT it again changes nothing."""
    document = {name: getattr(deployment, name) for name in IR_DEFAULTS if name != "anonymize_pii"}
    if "content_policy" in (deployment.options or {}):
        document["options"] = deployment.options | {"content_policy": deployment.content_policy}
    return document | {"anonymize_pii": deployment.content_policy in MASKING_POLICIES}


def compiled_patterns(deployment: Deployment) -> list[CustomPattern]:
    """The compiled patterns of the deployment, as stored now."""
    rows = deployment.masking_patterns.all()
    return [compile_pattern(row.name, row.expression, row.replacement or None) for row in rows]


def _check(
    values: Mapping[str, Any], patterns: PatternChanges | None = None, scores: DeclarationChanges | None = None
) -> None:
    errors = [*problems(values), *_ir_problems(values), *declared_scores.problems(scores.put if scores else ())]
    put = patterns.put if patterns else ()
    for place, pattern in enumerate(put):
        for error in pattern_problems(pattern):
            errors.append(with_other(error, field=f"masking_patterns.{place}.{error.field}"))
    for place in repeated([pattern.name for pattern in put]):
        errors.append(FieldError(f"masking_patterns.{place}.name", "duplicate", "Another pattern has this name"))
    if errors:
        raise InvalidConfiguration(errors)


def _ir_problems(document: Mapping[str, Any]):
    """A document may name the policy in its options; it must agree with anonymize_pii."""
    options = document.get("options")
    if "anonymize_pii" not in document or not isinstance(options, dict) or "content_policy" not in options:
        return
    allowed = MASKING_POLICIES if document["anonymize_pii"] else (ContentPolicy.OFF,)
    if options["content_policy"] not in allowed:
        given = "true" if document["anonymize_pii"] else "false"
        message = f"With anonymize_pii {given}, content_policy in options must be {' or '.join(allowed)}"
        yield FieldError("options", "invalid_choice", message)


def _content_policy(document: Mapping[str, Any], current: str) -> str:
    if not document["anonymize_pii"]:
        return ContentPolicy.OFF
    kept = ContentPolicy.DROP if current == ContentPolicy.DROP else ContentPolicy.MASK
    return (document["options"] or {}).get("content_policy", kept)


def _write(deployment, values, patterns=None, scores=None, *, by, is_new=False) -> None:
    """Write the differences and who made them; the row is locked. Raises InvalidConfiguration while it is deleted."""
    if deployment.deleting:
        raise InvalidConfiguration([FieldError("", "being_deleted", f"Deployment {deployment.pk} is being deleted")])
    values = dict(values)
    if "feedback_types" in values:
        values["feedback_types"] = [name.value for name in feedback_types(values["feedback_types"])]
    changed = {name: value for name, value in values.items() if getattr(deployment, name) != value}
    said = [_described(name, getattr(deployment, name), value) for name, value in changed.items()]
    former_weights = tables.table_of(deployment).version
    if values.get("audit_rate") and not deployment.audit_salt:
        changed["audit_salt"] = secrets.token_hex(16)
    for name, value in changed.items():
        setattr(deployment, name, value)
    if changed:
        deployment.save(update_fields=list(changed))
    if tables.table_of(deployment).version != former_weights:
        recounting.request(deployment.pk)
    if "segment_keys" in changed:
        segments.choose(deployment.pk, deployment.segment_keys)
    said += _write_patterns(deployment, patterns) if patterns else []
    said += declared_scores.write(deployment, scores) if scores else []
    if said or is_new:
        LogEntry.objects.log_actions(
            by.pk, [deployment], ADDITION if is_new else CHANGE, "; ".join(said), single_object=True
        )


def _write_patterns(deployment: Deployment, changes: PatternChanges) -> list[str]:
    """Apply the changes to the current patterns, so that concurrent changes of two users are both kept."""
    rows = {row.name: row for row in deployment.masking_patterns.all()}
    kept = {} if changes.drop is None else {name: row for name, row in rows.items() if name not in set(changes.drop)}
    wanted = {name: _pattern(row) for name, row in kept.items()} | {pattern.name: pattern for pattern in changes.put}
    if len(wanted) > MAX_PATTERNS:
        message = f"A deployment has at most {MAX_PATTERNS} patterns"
        raise InvalidConfiguration([FieldError("masking_patterns", "too_many", message)])
    gone = [name for name in rows if name not in wanted]
    new = [name for name in wanted if name not in rows]
    other = [name for name, row in rows.items() if name in wanted and wanted[name] != _pattern(row)]
    deployment.masking_patterns.filter(name__in=gone).delete()
    MaskingPattern.objects.bulk_create(MaskingPattern(deployment=deployment, **asdict(wanted[name])) for name in new)
    for name in other:
        rows[name].expression, rows[name].replacement = wanted[name].expression, wanted[name].replacement
    MaskingPattern.objects.bulk_update([rows[name] for name in other], ["expression", "replacement"])
    said = (("added", new), ("changed", other), ("removed", gone))
    return [f"masking pattern {name} {verb}" for verb, names in said for name in names]


def _pattern(row: MaskingPattern) -> Pattern:
    return Pattern(row.name, row.expression, row.replacement)


def _described(name: str, old: Any, new: Any) -> str:
    """A description of one change. Documents are not repeated, as they may be long."""
    return f"{name} changed" if name in (*DOCUMENTS, WEIGHTS) else f"{name}: {_plain(old)} → {_plain(new)}"


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, list) else "none" if value is None else str(value)
