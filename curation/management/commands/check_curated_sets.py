"""Checks that the rows of decided sets are what was decided."""

from django.core.management.base import BaseCommand, CommandError

from curation.models import CuratedSet
from curation.review import sealing


class Command(BaseCommand):
    help = "Compare the rows of every sealed set with their hashes; exits with status 1 if one has changed."

    def add_arguments(self, parser):
        parser.add_argument("--set", type=int, help="Only the set with this id.")

    def handle(self, *args, **options):
        sealed = CuratedSet.objects.sealed()
        if options["set"] is not None:
            sealed = sealed.filter(pk=options["set"])
            if not sealed.exists():
                raise CommandError(f"No sealed set has the id {options['set']}. Sets are sealed when they are decided.")
        results = [self._check(curated_set) for curated_set in sealed.oldest_first().iterator()]
        if not all(results):
            raise CommandError(f"{results.count(False):,} of {len(results):,} sets have changed since their decision.")
        self.stdout.write(f"{len(results):,} sets are unchanged since their decision.")

    def _check(self, curated_set: CuratedSet) -> bool:
        checked = sealing.check(curated_set)
        if not checked.is_unchanged:
            what = (
                f"rows {', '.join(map(str, checked.changed))} have changed" if checked.changed else "rows are missing"
            )
            self.stderr.write(f"{curated_set} (id {curated_set.pk}): {what}.")
        return checked.is_unchanged
