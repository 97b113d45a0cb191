from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from feedback.console.progress import progress
from feedback.stores import copying, named
from feedback.stores.base import StoreMisconfigured, StoreUnavailable

AGAIN = "Run the command again: it continues where it stopped."


class Command(BaseCommand):
    help = (
        "Copy events, scores, vectors and signals with their states from one event store into another. "
        "Writers may keep running. Running the command again copies only what is new."
    )

    def add_arguments(self, parser):
        parser.add_argument("--from", required=True, dest="source", metavar="STORE", help="postgres or clickhouse")
        parser.add_argument("--to", required=True, dest="target", metavar="STORE", help="postgres or clickhouse")
        parser.add_argument("--restart", action="store_true", help="start from the beginning")

    def handle(self, *args, source, target, restart, **options):
        if source == target:
            raise CommandError("A store cannot be copied into itself.")
        try:
            route = copying.Route(source, target, named(source), named(target))
            route.source.check()
            route.target.prepare()
            if restart:
                copying.forget(route)
            self._copy(route)
        except StoreMisconfigured as error:
            raise CommandError(str(error)) from error
        except StoreUnavailable as error:
            raise CommandError(f"{error} {AGAIN}") from error

    def _copy(self, route):
        with progress("Copied", copying.remaining(route), self.stdout) as advance:
            copying.copy_new(route, advance)
        self.stdout.write("Comparing both stores day by day.")
        corrections = copying.correct(route, may_remove=route.target_name != settings.EVENT_STORE)
        self.stdout.write(
            f"added {corrections.added:,}, removed {corrections.removed:,}, changed {corrections.changed:,}"
        )
        there, copied = copying.totals(route.source), copying.totals(route.target)
        self.stdout.write(f"{route.source_name}: {there.events:,} events, {there.signals:,} signals")
        self.stdout.write(f"{route.target_name}: {copied.events:,} events, {copied.signals:,} signals")
        if there != copied:
            raise CommandError(
                "The stores differ, which is normal while events are being written. Stop the writers, "
                "then run the command again."
            )
