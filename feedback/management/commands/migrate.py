from django.core.management.base import CommandError
from django.core.management.commands import migrate

from feedback.stores import event_store
from feedback.stores.base import StoreAway, StoreMisconfigured


class Command(migrate.Command):
    help = "Brings the database, and the store that EVENT_STORE names, to the schema of this version."

    def handle(self, *args, **options):
        super().handle(*args, **options)
        if options["app_label"] or options["plan"] or options["check_unapplied"]:
            return
        try:
            event_store().prepare()
        except (StoreAway, StoreMisconfigured) as error:
            raise CommandError(f"The database is up to date, the event store is not. {error}") from error
