from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from curation.choices import CuratedSetStatus
from curation.sets import building, requesting
from feedback.models import Deployment


class Command(BaseCommand):
    help = "Build a draft set of training examples from a deployment."

    def add_arguments(self, parser):
        parser.add_argument("deployment")
        parser.add_argument("--name", default="curated", help="name of the set; each run creates its next version")
        parser.add_argument("--limit", type=int, help="examples in total (default: CURATION_LIMIT)")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--user", help="user recorded as its creator")

    def handle(self, *, deployment, name, limit, seed, user, **options):
        if limit is not None and limit < 1:
            raise CommandError("--limit must be at least 1.")
        by = None
        if user and (by := get_user_model().objects.filter(username=user).first()) is None:
            raise CommandError(f"There is no user {user}.")
        try:
            curated_set = requesting.create(deployment, name=name, by=by, limit=limit, seed=seed)
        except Deployment.DoesNotExist as error:
            raise CommandError(f"There is no deployment {deployment}.") from error
        curated_set = building.build(curated_set.pk)
        if curated_set.status == CuratedSetStatus.BUILDING:
            raise CommandError(f"Another set of {deployment} is being built. {curated_set} follows it.")
        if curated_set.error and not curated_set.queue_total:
            raise CommandError(curated_set.error)
        self.stdout.write(f"{curated_set}: {CuratedSetStatus(curated_set.status).label.lower()}, id {curated_set.pk}")
        if curated_set.notice:
            self.stdout.write(f"  {curated_set.notice}")
        for strategy, count in curated_set.by_strategy.items():
            self.stdout.write(f"  {strategy:<14}{count:>7,}")
        self.stdout.write(f"  {'total':<14}{curated_set.total:>7,} of {curated_set.candidates:,} events read")
        self.stdout.write(f"  {'queue':<14}{curated_set.queue_total:>7,}")
        self.stdout.write(f"  {'pairs':<14}{curated_set.pairs:>7,}")
