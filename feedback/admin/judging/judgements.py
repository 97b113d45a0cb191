"""Judgements in the console: what judges said, with what confidence, at what cost."""

from unfold.decorators import display

from feedback.admin.filters import DeploymentFilter
from feedback.choices import JudgementStatus
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin

STATUS_LABELS = {JudgementStatus.PENDING: "info", JudgementStatus.JUDGED: "success", JudgementStatus.FAILED: "danger"}


class JudgementAdmin(RecordAdmin):
    list_display = ["heading", "status_label", "score_shown", "agreement_shown", "model", "created"]
    list_display_links = ["heading"]
    list_filter = [DeploymentFilter, "status", "source"]
    list_select_related = ["judge"]
    fields = []
    sortable_by = []
    change_form_template = "feedback/judging/judgement.html"
    empty_text = "Judges fill this list. Enable one, or apply a file of events that were scored elsewhere."
    empty_command = "python manage.py judge DEPLOYMENT"

    def find(self, request, object_id, from_field=None):
        return (
            self.get_queryset(request).select_related("judge", "rubric_version").filter(pk=_number(object_id)).first()
        )

    def page(self, request, judgement):
        return {
            "judgement": judgement,
            "status_type": STATUS_LABELS[judgement.status],
            "answers": answers_of(judgement),
            "votes": [vote | {"answers": vote.get("answers") or {}} for vote in judgement.votes],
        }

    @display(header=True, description="Event")
    def heading(self, judgement):
        return [str(judgement.event_id)[:8], f"{judgement.deployment_id} · {judgement.judge.name}"]

    @display(description="Result", label=STATUS_LABELS)
    def status_label(self, judgement):
        return judgement.status, judgement.get_status_display()

    @display(description="Score")
    def score_shown(self, judgement):
        return "–" if judgement.score is None else f"{judgement.score:.3f}"

    @display(description="Agreement")
    def agreement_shown(self, judgement):
        return "–" if judgement.agreement is None else f"{judgement.agreement:.2f}"

    @display(description="Created")
    def created(self, judgement):
        return ago(judgement.created_at)


def answers_of(judgement) -> list[tuple[str, str]]:
    """The answers by the titles of what was asked."""
    rubric, given = judgement.rubric_version, judgement.answers
    found = []
    for one in (*rubric.criteria, *rubric.flags):
        if one["name"] in given:
            value = given[one["name"]]
            shown = ("yes" if value else "no") if isinstance(value, bool) else f"{value:g}"
            found.append((one.get("title") or one["name"], shown))
    return found


def _number(object_id) -> int | None:
    text = str(object_id)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
