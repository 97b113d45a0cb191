from django.core.management.base import CommandError
from django.core.management.commands import migrate

from feedback.stores import event_store
from feedback.stores.base import StoreMisconfigured, StoreUnavailable


class Command(migrate.Command):
    help = "Bring the database and the event store named by EVENT_STORE to this version's schema."

    def handle(self, *args, **options):
        super().handle(*args, **options)
        if options["app_label"] or options["plan"] or options["check_unapplied"]:
            return
        try:
            event_store().prepare()
        except (StoreUnavailable, StoreMisconfigured) as error:
            raise CommandError(f"The database is up to date, the event store is not. {error}") from error
