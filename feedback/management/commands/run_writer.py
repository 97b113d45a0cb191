from django.conf import settings
from django.core.management.base import BaseCommand

from feedback.ingestion.writing import writer
from feedback.jobs import statement_time


class Command(BaseCommand):
    help = "Write accepted events and signals from the stream to the database, until stopped."

    def handle(self, *args, **options):
        statement_time.limit(settings.WRITER_STATEMENT_SECONDS)
        writer.run()
