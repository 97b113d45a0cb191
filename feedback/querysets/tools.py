"""Which renamed tools."""

from collections.abc import Iterable

from django.db.models import QuerySet

from feedback.choices import RenameStatus


class ToolRenameQuerySet(QuerySet):
    def visible_to(self, key):
        """The renamed tools that an API key may see."""
        return self.filter(deployment_id__in=key.deployments) if key.deployments else self

    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def in_status(self, status: RenameStatus):
        return self.filter(status=status)

    def proposed(self):
        return self.in_status(RenameStatus.PROPOSED)

    def decided(self):
        return self.exclude(status=RenameStatus.PROPOSED)

    def of_tools(self, old_names: Iterable[str]):
        return self.filter(old_name__in=old_names)

    def pairs(self):
        """(old name, new name)"""
        return self.order_by().values_list("old_name", "new_name")

    def names(self) -> dict[str, str]:
        """New names by old ones."""
        return dict(self.pairs())
