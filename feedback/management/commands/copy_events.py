from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from feedback.console.progress import progress
from feedback.stores import copying, named
from feedback.stores.base import StoreAway, StoreMisconfigured

AGAIN = "Run the command again: it goes on where it was."


class Command(BaseCommand):
    help = (
        "Copy events, scores, vectors and signals with their states from one event store into another. Writers may go"
        " on meanwhile; what was copied is not copied again."
    )

    def add_arguments(self, parser):
        parser.add_argument("--from", required=True, dest="source", metavar="STORE", help="postgres or clickhouse")
        parser.add_argument("--to", required=True, dest="target", metavar="STORE", help="another one of these")
        parser.add_argument("--restart", action="store_true", help="begin at the beginning")

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
        except StoreAway as error:
            raise CommandError(f"{error} {AGAIN}") from error

    def _copy(self, route):
        with progress("Copied", copying.left_over(route), self.stdout) as advance:
            copying.hand_over(route, advance)
        self.stdout.write("Comparing both stores day by day.")
        mended = copying.mend(route, may_remove=route.target_name != settings.EVENT_STORE)
        self.stdout.write(f"added {mended.added:,}, removed {mended.removed:,}, changed {mended.changed:,}")
        there, copied = copying.totals(route.source), copying.totals(route.target)
        self.stdout.write(f"{route.source_name}: {there.events:,} events, {there.signals:,} signals")
        self.stdout.write(f"{route.target_name}: {copied.events:,} events, {copied.signals:,} signals")
        if there != copied:
            raise CommandError(
                "The stores differ, as they do while events come and go. Stop the writers, then run the command again."
            )
