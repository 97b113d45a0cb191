"""Which prompts, and which versions of them."""

from django.db.models import Count, QuerySet


class PromptQuerySet(QuerySet):
    def visible_to(self, key):
        """The prompts that an API key may see."""
        return self.filter(deployment__in=key.deployments) if key.deployments else self

    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def named(self, name: str):
        return self.filter(name=name)

    def with_version_count(self):
        return self.annotate(version_count=Count("versions"))


class PromptVersionQuerySet(QuerySet):
    def of_deployment(self, deployment_id: str):
        return self.filter(deployment_id=deployment_id)

    def of_prompt(self, prompt_id: int):
        return self.filter(prompt_id=prompt_id)

    def labelled(self, *labels: str):
        return self.filter(label__in=labels)

    def usable(self):
        """Those that a default or a rotation may name."""
        return self.filter(archived_at__isnull=True)

    def archived(self):
        return self.filter(archived_at__isnull=False)

    def labels(self) -> list[str]:
        return list(self.order_by("id").values_list("label", flat=True))
