import sys

from django.core.management.base import BaseCommand

from config import doctor


class Command(BaseCommand):
    help = "Check this installation and report each problem with its fix."
    requires_system_checks = []

    def handle(self, **options):
        found = [
            *doctor.findings(),
            *filter(None, [doctor.export_target(), doctor.evidence(), doctor.own_checks_in_use(), doctor.judges()]),
        ]
        for finding in found:
            self.stdout.write(self.style.ERROR(finding.problem))
            self.stdout.write(f"  {finding.advice}")
        if found:
            sys.exit(1)
        self.stdout.write(
            self.style.SUCCESS("No problems found: database, Redis, writer, workers, beat and exports work.")
        )
