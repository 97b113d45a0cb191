"""Applies a file of scored events: each line on its own, in batches, so that a repeat completes what was cut off."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import structlog
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from feedback.choices import JudgementSource, JudgementStatus
from feedback.field_errors import FieldError, printable
from feedback.ingestion.parsing.bodies import RawItem
from feedback.judging import storing
from feedback.judging.masking import mask_of
from feedback.judging.offline import documents
from feedback.judging.offline.documents import FilledLine, HeaderLine
from feedback.models import Judgement
from feedback.rubrics import scoring
from feedback.rubrics.scoring import InvalidAnswers, RubricScore
from feedback.scores import recording
from feedback.stores.schema import Row

log = structlog.get_logger(__name__)
PERMISSION = "feedback.change_judgement"
MOST_LINE_BYTES = 4 * 2**20
MOST_RATIONALE_CHARACTERS = 10_000
MOST_MODEL_CHARACTERS = 255
BATCH = 500
_OUTCOMES = ("applied", "replaced", "unchanged", "unanswered")


class WrongFile(Exception):
    """A header that does not fit what the file is applied to."""


@dataclass
class AppliedLines:
    """Lines by what became of them; rejected: (index, error), where one line may have several errors."""

    applied: int = 0
    replaced: int = 0
    unchanged: int = 0
    unanswered: int = 0
    rejected: list[tuple[int, FieldError]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """The lines that were not rejected, by what became of them."""
        return {name: getattr(self, name) for name in _OUTCOMES}


@dataclass(frozen=True)
class _Scored:
    """A line that fits, with its score. is_replaced: whether the judgement had another one."""

    judgement: Judgement
    line: FilledLine
    score: RubricScore
    is_replaced: bool


def apply(
    items: Sequence[RawItem], *, by: User, deployments: Sequence[str] = (), replace: bool = False
) -> AppliedLines:
    """Store the scores of these lines as judgements and as scores of their events.

    deployments: to which judgements are limited; empty for all. replace: whether another answer takes the place of one
    that was applied before, rather than being rejected. Raises PermissionDenied and WrongFile.
    """
    check_permission(by)
    applied = AppliedLines()
    header = _header(items, deployments)
    lines = [(item.index, found) for item in items[1 if header else 0 :] if (found := _line(item, applied))]
    seen: set[int] = set()
    for start in range(0, len(lines), BATCH):
        _apply(lines[start : start + BATCH], header, seen, applied, deployments, replace)
    applied.rejected.sort(key=lambda rejected: rejected[0])
    log.info("judgements_applied", by=by.pk, rejected=len(applied.rejected), **applied.counts)
    return applied


def check_permission(by: User) -> None:
    if not by.has_perm(PERMISSION):
        raise PermissionDenied("This needs the permission “Can change judgement”.")


def _header(items: Sequence[RawItem], deployments: Sequence[str]) -> HeaderLine | None:
    if not items or not documents.is_header(items[0].data):
        return None
    header = documents.HEADER.decode(items[0].data)
    if header.form_version != documents.FORM_VERSION:
        raise WrongFile(f"The file has version {header.form_version} of its form; {documents.FORM_VERSION} is read.")
    if deployments and header.deployment_id and header.deployment_id not in deployments:
        raise WrongFile(f"The file is of the deployment {printable(header.deployment_id)}.")
    return header


def _line(item: RawItem, applied: AppliedLines) -> FilledLine | None:
    error = item.error
    if error is None and len(item.data) > MOST_LINE_BYTES:
        error = FieldError("", "too_long", f"A line has at most {MOST_LINE_BYTES // 2**20} MiB.")
    if error is None:
        try:
            line = documents.FILLED.decode(item.data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
            error = FieldError("", "invalid", printable(str(problem), most=300))
        else:
            if (error := _too_long(line)) is None:
                return line
    applied.rejected.append((item.index, error))
    return None


def _too_long(line: FilledLine) -> FieldError | None:
    bounds = ("rationale", MOST_RATIONALE_CHARACTERS), ("model", MOST_MODEL_CHARACTERS)
    for name, most in bounds:
        if len(getattr(line, name)) > most:
            return FieldError(name, "too_long", f"At most {most:,} characters.")
    return None


def _apply(
    lines: Sequence[tuple[int, FilledLine]],
    header: HeaderLine | None,
    seen: set[int],
    applied: AppliedLines,
    deployments: Sequence[str],
    replace: bool,
) -> None:
    """One batch in one transaction with its scores."""
    found = AppliedLines()

    def take() -> list[Row]:
        known = _locked({line.judgement_id for _, line in lines}, deployments)
        scored = []
        for index, line in lines:
            one = _checked(line, known.get(line.judgement_id), header, seen, replace)
            if isinstance(one, _Scored):
                scored.append(one)
            elif isinstance(one, str):
                setattr(found, one, getattr(found, one) + 1)
            else:
                found.rejected += [(index, error) for error in one]
        _store(scored)
        found.applied = sum(not one.is_replaced for one in scored)
        found.replaced = len(scored) - found.applied
        return [_row(one) for one in scored]

    recording.record_taken(take)
    for name in _OUTCOMES:
        setattr(applied, name, getattr(applied, name) + getattr(found, name))
    applied.rejected += found.rejected


def _locked(ids: set[int], deployments: Sequence[str]) -> dict[int, Judgement]:
    wanted = Judgement.objects.filter(pk__in=[one for one in ids if 0 < one < 2**63])
    if deployments:
        wanted = wanted.filter(deployment_id__in=deployments)
    rows = wanted.select_related("judge", "rubric_version").select_for_update(of=("self",), no_key=True).order_by("pk")
    return {row.pk: row for row in rows}


def _checked(
    line: FilledLine, judgement: Judgement | None, header: HeaderLine | None, seen: set[int], replace: bool
) -> _Scored | str | list[FieldError]:
    """What becomes of a line: scored, unchanged or unanswered, or the errors for which it is rejected."""
    if judgement is None or judgement.source != JudgementSource.FILE:
        return [FieldError("judgement_id", "unknown_judgement", "No exported judgement has this id.")]
    if error := _other(line, judgement, header):
        return [error]
    if judgement.pk in seen:
        return [FieldError("judgement_id", "duplicate", "An earlier line has this id.")]
    seen.add(judgement.pk)
    if line.answers is None:
        return "unanswered"
    try:
        score = scoring.score(judgement.rubric_version, line.answers)
    except InvalidAnswers as invalid:
        return [FieldError(f"answers.{error.field}", error.code, error.message) for error in invalid.errors]
    if judgement.status != JudgementStatus.JUDGED:
        return _Scored(judgement, line, score, is_replaced=False)
    if _is_same(judgement, line):
        return "unchanged"
    if not replace:
        return [FieldError("answers", "already_judged", "This line was applied before with other answers.")]
    return _Scored(judgement, line, score, is_replaced=True)


def _other(line: FilledLine, judgement: Judgement, header: HeaderLine | None) -> FieldError | None:
    """Why the line is of something else than its judgement."""
    if line.event_id != str(judgement.event_id):
        return FieldError("event_id", "other_event", "The judgement with this id is of another event.")
    label = judgement.rubric_version.label
    if line.rubric and line.rubric != label:
        return FieldError("rubric", "other_rubric", f"The judgement is by the rubric {label}.")
    if header and header.deployment_id and header.deployment_id != judgement.deployment_id:
        return FieldError("", "other_deployment", "The judgement is of another deployment than the file.")
    if header and header.judge and header.judge != judgement.judge.name:
        return FieldError("", "other_judge", "The judgement is by another judge than the file.")
    return None


def _is_same(judgement: Judgement, line: FilledLine) -> bool:
    return judgement.answers == line.answers and judgement.model == line.model.replace("\0", "\ufffd")


def _store(scored: Sequence[_Scored]) -> None:
    now = timezone.now()
    for one in scored:
        judgement = one.judgement
        judgement.status, judgement.judged_at, judgement.reason = JudgementStatus.JUDGED, now, ""
        judgement.answers, judgement.raw, judgement.score = one.line.answers, one.score.raw, one.score.score
        judgement.model = one.line.model.replace("\0", "\ufffd")
        judgement.rationale = mask_of(judgement.deployment_id, one.line.rationale.replace("\0", "\ufffd"))
    fields = ["status", "judged_at", "reason", "answers", "raw", "score", "model", "rationale"]
    Judgement.objects.bulk_update([one.judgement for one in scored], fields, batch_size=BATCH)


def _row(one: _Scored) -> Row:
    # One series, whichever models or people scored the lines.
    judgement, at = one.judgement, one.judgement.judged_at or timezone.now()
    return storing.score_row(judgement, one.score, judgement.answers, version="", at=at)
