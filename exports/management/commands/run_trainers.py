from django.core.management.base import BaseCommand, CommandError

from exports.training.handover import supervising


class Command(BaseCommand):
    help = "Run the trainers that are commands, and watch them, until stopped."

    def handle(self, *args, **options):
        try:
            supervising.run()
        except supervising.AlreadyRunning as error:
            raise CommandError(str(error)) from error
