from django.core.management.base import BaseCommand

from feedback.ingestion.writing import writer


class Command(BaseCommand):
    help = "Write accepted events and signals from the stream to the database, until stopped."

    def handle(self, *args, **options):
        writer.run()
