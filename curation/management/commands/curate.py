from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from curation.choices import CuratedSetStatus
from curation.sets import building, previewing, requesting
from feedback.models import Deployment


class Command(BaseCommand):
    help = "Build a draft set of training examples from a deployment."

    def add_arguments(self, parser):
        parser.add_argument("deployment")
        parser.add_argument("--name", default="curated", help="name of the set; each run creates its next version")
        parser.add_argument("--limit", type=int, help="examples in total (default: CURATION_LIMIT)")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--user", help="user recorded as its creator")
        parser.add_argument(
            "--dry-run", action="store_true", help="print what would be selected from the newest events, store nothing"
        )

    def handle(self, *, deployment, name, limit, seed, user, dry_run, **options):
        if limit is not None and limit < 1:
            raise CommandError("--limit must be at least 1.")
        if dry_run:
            self._preview(deployment, limit=limit, seed=seed)
            return
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
        self._print(curated_set.by_strategy, curated_set.candidates, curated_set.queue_total, curated_set.pairs)

    def _preview(self, deployment, **wanted):
        try:
            found = previewing.preview(deployment, **wanted)
        except Deployment.DoesNotExist as error:
            raise CommandError(f"There is no deployment {deployment}.") from error
        except previewing.NoPreview as error:
            raise CommandError(str(error)) from error
        newest = "newest " if found.is_partial else ""
        self.stdout.write(f"dry run, nothing is stored: {found.read:,} {newest}events read")
        if found.error:
            self.stdout.write(f"  {found.error}")
        self._print(found.counts, found.read, sum(found.queued.values()), found.pairs)

    def _print(self, by_strategy, candidates, queued, pairs):
        for strategy, count in by_strategy.items():
            self.stdout.write(f"  {strategy:<14}{count:>7,}")
        self.stdout.write(f"  {'total':<14}{sum(by_strategy.values()):>7,} of {candidates:,} events read")
        self.stdout.write(f"  {'queue':<14}{queued:>7,}")
        self.stdout.write(f"  {'pairs':<14}{pairs:>7,}")
