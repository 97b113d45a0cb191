"""Rows of a set as a comparison of versions needs them: digests in place of texts."""

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import MD5, Cast, Coalesce, Concat, Left, Length

# Characters of a prompt that a list shows.
_EXCERPT = 160
_BETWEEN = Value("\x1f")


def _digest(*fields):
    """The MD5 of fields, JSON among them."""
    parts = [
        part
        for name in fields
        for part in (Coalesce(Cast(name, TextField()), Value("", output_field=TextField())), _BETWEEN)
    ]
    return MD5(Concat(*parts, output_field=TextField()))


class ComparedExampleQuerySet(QuerySet):
    def compared(self):
        """Every row of a set, with digests, the length of its answer and the reason of the last decision."""
        answer = Case(
            When(reviewed_response__gt="", then=F("reviewed_response")),
            When(edited_response__gt="", then=F("edited_response")),
            default=F("response"),
        )
        last = self.model.decisions.rel.related_model.objects.filter(example=OuterRef("pk")).order_by("-pk")
        return self.annotate(answer=answer).values(
            "pk",
            "event_id",
            "queue_reason",
            "decision",
            "erased_at",
            label=F("strategy"),
            model_version=F("model_version_id"),
            excerpt=Left("prompt", _EXCERPT),
            characters=Length("answer"),
            prompt_digest=_digest("prompt", "messages"),
            answer_digest=_digest("answer", "response_message"),
            tools_digest=_digest("tools"),
            drop_reason=Subquery(last.values("reason")[:1]),
        )


class ComparedPairQuerySet(QuerySet):
    def compared(self):
        """Every pair of a set, likewise; the answer is both sides, its length that of the chosen one."""
        last = self.model.decisions.rel.related_model.objects.filter(pair=OuterRef("pk")).order_by("-pk")
        return self.values(
            "pk",
            "chosen_event_id",
            "rejected_event_id",
            "decision",
            "erased_at",
            label=F("pair_source"),
            model_version=F("chosen_version"),
            excerpt=Left("prompt", _EXCERPT),
            characters=Length("chosen"),
            prompt_digest=_digest("prompt", "messages"),
            answer_digest=_digest("chosen", "chosen_message", "rejected", "rejected_message"),
            tools_digest=_digest("tools"),
            drop_reason=Subquery(last.values("reason")[:1]),
        )
