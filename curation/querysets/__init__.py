from django.db.models import Count, Exists, F, Func, Max, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Abs

from curation.choices import ROW_VERSION, SCHEDULED_NAME, CuratedSetStatus, Decision, Strategy
from curation.querysets.comparing import ComparedExampleQuerySet, ComparedPairQuerySet
from curation.querysets.counting import CountedExampleQuerySet
from curation.querysets.sampling import DrawnExampleQuerySet, DrawnPairQuerySet
from feedback.models import TrainingObjection

OPEN = (CuratedSetStatus.BUILDING, CuratedSetStatus.DRAFT, CuratedSetStatus.IN_REVIEW)
REVIEWABLE = (CuratedSetStatus.DRAFT, CuratedSetStatus.IN_REVIEW)
DECIDED = (CuratedSetStatus.APPROVED, CuratedSetStatus.REJECTED, CuratedSetStatus.SUPERSEDED)
# A superseded set was approved before, so its files stay reproducible.
EXPORTABLE = (CuratedSetStatus.APPROVED, CuratedSetStatus.SUPERSEDED)
# Decisions that make a row part of the set.
ACCEPTING = (Decision.KEEP, Decision.EDIT)
# Rows with a message that calls a tool, before the answer.
_WITH_CALLS = Q(messages__contains=[{"tool_calls": []}])


class CuratedSetQuerySet(QuerySet):
    def visible_to(self, key):
        """The sets that an API key may see."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)

    def with_people(self):
        return self.select_related("created_by", "decided_by")

    def newest_first(self):
        return self.order_by("-created_at", "-id")

    def in_status(self, *statuses):
        return self.filter(status__in=statuses)

    def building(self):
        return self.in_status(CuratedSetStatus.BUILDING)

    def built(self):
        """Sets whose build has finished or failed."""
        return self.exclude(status=CuratedSetStatus.BUILDING)

    def exported(self):
        """Sets with a published export, whose app adds this relation."""
        return self.filter(exports__published_at__isnull=False).distinct()

    def exportable(self):
        return self.in_status(*EXPORTABLE)

    def approved(self):
        return self.in_status(CuratedSetStatus.APPROVED)

    def never_approved(self):
        return self.exclude(status__in=EXPORTABLE)

    def reviewable(self):
        return self.in_status(*REVIEWABLE)

    def decided(self):
        return self.in_status(*DECIDED)

    def sealed(self):
        """Sets whose rows can be checked against their hashes."""
        return self.exclude(sealed_hash="")

    def drafts(self):
        return self.in_status(CuratedSetStatus.DRAFT)

    def awaiting_decision(self):
        """Sets with examples that are not approved or rejected yet."""
        return self.reviewable().exclude(content_hash="")

    def undecided(self):
        """Sets that are being built or that await a decision."""
        return self.building() | self.awaiting_decision()

    def scheduled(self):
        return self.filter(name=SCHEDULED_NAME, created_by__isnull=True)

    def on_demand(self):
        return self.exclude(name=SCHEDULED_NAME, created_by__isnull=True)

    def oldest_first(self):
        return self.order_by("created_at", "id")

    def started_before(self, moment):
        return self.filter(created_at__lt=moment)

    def of(self, deployment_id, name):
        return self.of_deployment(deployment_id).filter(name=name)

    def latest_version(self):
        return self.aggregate(version=Max("version", default=0))["version"]

    def newest_version(self):
        """The version of the highest number, None without any."""
        return self.order_by("-version").first()

    def earlier_than(self, curated_set):
        """The versions of the name of this set that were requested before it."""
        named = self.of(curated_set.deployment_id, curated_set.name)
        return named.filter(version__lt=curated_set.version)

    def approved_before(self, curated_set):
        """The approved older versions of this set."""
        return self.approved().earlier_than(curated_set)


class ChangedRowQuerySet(QuerySet):
    def of_set(self, set_id):
        return self.filter(curated_set_id=set_id)

    def counts(self):
        """{change: rows}."""
        return dict(self.order_by().values_list("change").annotate(rows=Count("row_id")))


class CuratedExampleQuerySet(CountedExampleQuerySet, DrawnExampleQuerySet, ComparedExampleQuerySet):
    def of_deployment(self, deployment_id):
        return self.filter(curated_set__deployment_id=deployment_id)

    def in_order(self):
        return self.order_by("position")

    def next_position(self):
        return self.aggregate(position=Max("position", default=-1))["position"] + 1

    def without_messages(self):
        """For lists, which show texts alone."""
        return self.defer("messages", "response_message", "tools")

    def with_tools_or_calls(self):
        return self.filter(Q(tools__isnull=False) | _WITH_CALLS | Q(response_message__has_key="tool_calls"))

    def accepted(self):
        """Examples that passed every gate and that no person dropped, and those that a person accepted."""
        return self.filter(Q(queue_reason="", decision="") | Q(decision__in=ACCEPTING))

    def with_reference(self):
        """Those whose answer a person wrote: a reviewer, or the user of an accepted edit."""
        return self.accepted().filter(
            ~Q(reviewed_response="") | Q(strategy=Strategy.USER_EDIT) & ~Q(edited_response="")
        )

    def with_decided_text(self, event_ids):
        """Rows of these events with a text in place of the answer, on which a person decided."""
        has_text = ~Q(reviewed_response="") | ~Q(edited_response="")
        found = self.filter(has_text, event_id__in=event_ids).exclude(decision="").select_related("curated_set")
        return found.defer("prompt", "messages", "response", "response_message", "tools", "reason", "queue_reason")

    def queued(self):
        """Rows that wait for a person."""
        return self.exclude(queue_reason="").filter(decision="")

    def decided_in_queue(self):
        """Rows of the queue that a person decided on."""
        return self.exclude(queue_reason="").exclude(decision="").not_erased()

    def undecided(self):
        return self.filter(decision="", erased_at=None)

    def passed(self):
        """Rows that passed every gate."""
        return self.filter(queue_reason="")

    def least_certain_first(self):
        """Rows of unknown probability come last. An index has this order."""
        return self.order_by(Abs(F("p_good") - Value(0.5)).asc(nulls_last=True), "position")

    def in_order_of(self, ids):
        """The rows with these ids, in their order."""
        return self.filter(pk__in=ids).order_by(Func(Value(ids), F("pk"), function="array_position"))

    def exported(self):
        """Examples in a published export, whose app adds this relation."""
        return self.filter(export_items__batch__published_at__isnull=False)

    def of_people(self, hashes):
        """Examples from these users' events, and examples that they edited."""
        return self.filter(Q(user_hash__in=hashes) | Q(editor_hash__in=hashes))

    def of_events(self, event_ids):
        return self.filter(event_id__in=event_ids)

    def of_objecting(self):
        """Examples of people who object to training."""
        return self.of_people(TrainingObjection.objects.hashes())

    def erased(self):
        return self.filter(erased_at__isnull=False)

    def not_erased(self):
        return self.filter(erased_at__isnull=True)

    def unknown(self):
        """Accepted examples that no later set is compared with yet."""
        return self.accepted().not_erased().filter(known=None)


class KnownRowQuerySet(QuerySet):
    def of_deployment(self, deployment_id):
        return self.filter(deployment_id=deployment_id)

    def current(self):
        """Rows whose keys and signatures are comparable with those of today."""
        return self.filter(version=ROW_VERSION)

    def of_other_versions(self):
        return self.exclude(version=ROW_VERSION)

    def unused(self):
        """Rows whose examples are all deleted."""
        return self.filter(examples=None)

    def deployments_with_unused(self):
        return self.unused().order_by("deployment_id").values_list("deployment_id", flat=True).distinct()

    def in_sets(self, sets):
        """Rows that an example of one of these sets has."""
        of_sets = self.model.examples.rel.related_model.objects.filter(example__curated_set__in=sets)
        return self.filter(Exists(of_sets.filter(known_row=OuterRef("pk"))))

    def first_by(self, field, keys):
        """{key: id of the earliest row} for those of these keys that rows have."""
        found = self.filter(**{f"{field}__in": keys}).order_by(field, "pk").distinct(field).values_list(field, "pk")
        return {bytes(key): row_id for key, row_id in found}


class KnownExampleQuerySet(QuerySet):
    def of_erased(self, deployment_id):
        """Those of erased examples of a deployment's sets."""
        return self.filter(example__curated_set__deployment_id=deployment_id, example__erased_at__isnull=False)

    def first_in(self, sets, known_rows):
        """{known row: key of the earliest example of these sets} of these known rows."""
        found = self.filter(known_row__in=known_rows, example__curated_set__in=sets)
        return dict(found.values_list("known_row").annotate(first=Min("example")))


class DuplicateLinkQuerySet(QuerySet):
    def of_people(self, hashes):
        """Links of these users' events, and of events that they edited."""
        return self.filter(Q(user_hash__in=hashes) | Q(editor_hash__in=hashes))


class CuratedPairQuerySet(DrawnPairQuerySet, ComparedPairQuerySet):
    def of_deployment(self, deployment_id):
        return self.filter(curated_set__deployment_id=deployment_id)

    def of_event(self, event_id):
        """Pairs with an answer of this event."""
        return self.filter(Q(chosen_event_id=event_id) | Q(rejected_event_id=event_id))

    def between(self, one_event_id, other_event_id):
        """Pairs of the answers of these two events, either of them chosen."""
        return self.filter(
            Q(chosen_event_id=one_event_id, rejected_event_id=other_event_id)
            | Q(chosen_event_id=other_event_id, rejected_event_id=one_event_id)
        )

    def next_position(self):
        return self.aggregate(position=Max("position", default=-1))["position"] + 1

    def undecided(self):
        return self.filter(decision="", erased_at=None)

    def released(self):
        """Pairs that no person dropped."""
        return self.exclude(decision=Decision.DROP)

    def in_order(self):
        return self.order_by("position")

    def exported(self):
        """Pairs in a published export, whose app adds this relation."""
        return self.filter(export_items__batch__published_at__isnull=False)

    def without_messages(self):
        """For lists, which show texts alone."""
        return self.defer("messages", "chosen_message", "rejected_message", "tools")

    def with_tools_or_calls(self):
        answers = Q(chosen_message__has_key="tool_calls") | Q(rejected_message__has_key="tool_calls")
        return self.filter(Q(tools__isnull=False) | _WITH_CALLS | answers)

    def erased(self):
        return self.filter(erased_at__isnull=False)

    def not_erased(self):
        return self.filter(erased_at__isnull=True)

    def of_people(self, hashes):
        """Pairs of these users' answers, and pairs with an edit of theirs."""
        return self.filter(Q(user_hash__in=hashes) | Q(rejected_user_hash__in=hashes) | Q(editor_hash__in=hashes))

    def of_objecting(self):
        """Pairs of people who object to training."""
        return self.of_people(TrainingObjection.objects.hashes())
