from django.contrib import messages
from django.db.models import ObjectDoesNotExist
from django.http import HttpResponse
from django.urls import reverse
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from feedback.admin.filters import DeploymentFilter
from feedback.admin.prompts import page
from feedback.admin.prompts.forms import ArchivedChoiceForm, PromptForm, ServedForm, VersionChoiceForm, VersionForm
from feedback.console.presentation import ago
from feedback.console.record_admin import RecordAdmin
from feedback.prompts import registry
from feedback.prompts.drafts import InvalidPrompt

_REFUSED = (InvalidPrompt, registry.PromptNotAllowed, ObjectDoesNotExist)


def dialog(title: str, description: str, submit: str, form: type) -> dict:
    return {"title": title, "description": description, "form_submit_text": submit, "form_class": form}


class PromptAdmin(RecordAdmin):
    list_display = ["heading", "served", "version_count", "created"]
    list_display_links = ["heading"]
    list_filter = [DeploymentFilter]
    search_fields = ["name"]
    search_help_text = "Part of a prompt's name"
    sortable_by = []
    actions_list = ["new"]
    actions_detail = ["add_version", "choose", "archive", "restore", "delete_version"]
    change_form_template = "feedback/prompt.html"
    fields = []
    empty_text = (
        "A prompt is a text that applications ask for by name, in versions that never change. Choose New prompt, or "
        "use the shell."
    )
    empty_command = "python manage.py import_prompts FILE --deployment DEPLOYMENT"

    def get_queryset(self, request):
        return super().get_queryset(request).with_version_count()

    def page(self, request, prompt):
        address = f"{request.scheme}://{request.get_host()}"
        return {"prompt": prompt, "page": page.build(request.user, prompt, request.GET, address=address)}

    # Named methods, because Unfold looks up a dotted permission in the database before there are tables.
    def has_new_permission(self, request):
        return request.user.has_perm(registry.ADD_PERMISSION)

    def has_choose_permission(self, request, object_id=None):
        return request.user.has_perm(registry.CHANGE_PERMISSION)

    def possible_actions(self, request, prompt):
        states = {moment is None for moment in prompt.versions.values_list("archived_at", flat=True)}
        usable = {"choose", "archive", "delete_version"} if True in states else set()
        return {"add_version", *usable, *({"restore"} if False in states else set())}

    @action(
        description="New prompt",
        icon="add",
        variant=ActionVariant.PRIMARY,
        permissions=["new"],
        dialog=dialog("New prompt", "The first version is the default until another is chosen.", "Create", PromptForm),
    )
    def new(self, request, form):
        given = form.cleaned_data
        try:
            prompt = registry.create(
                given["deployment"].pk,
                given["name"],
                by=request.user,
                description=given["description"],
                versions=[form.draft],
            )
        except _REFUSED as error:
            messages.error(request, str(error))
            return HttpResponse(headers={"HX-Redirect": reverse("admin:feedback_prompt_changelist")})
        messages.success(request, f"Prompt {prompt} serves {prompt.default_version}.")
        return _go_to(prompt.pk)

    @action(
        description="Add version",
        icon="add",
        variant=ActionVariant.PRIMARY,
        url_path="add-version",
        permissions=["choose"],
        dialog=dialog(
            "Add a version", "It starts from the newest one. Nothing serves it until you choose it.", "Add", VersionForm
        ),
    )
    def add_version(self, request, form, object_id):
        return _act(
            request,
            object_id,
            lambda: registry.add_version(object_id, form.draft, by=request.user),
            f"Version {form.draft.version} is added. Choose what is served to use it.",
        )

    @action(
        description="Choose what is served",
        icon="alt_route",
        url_path="choose",
        permissions=["choose"],
        dialog=dialog(
            "Choose what is served", "A rotation goes before the default. It holds at once.", "Choose", ServedForm
        ),
    )
    def choose(self, request, form, object_id):
        given = form.cleaned_data
        values = {
            "default_version": given["default_version"],
            "parts": [(part.version, part.weight) for part in given["rotation"]],
        }
        return _act(
            request,
            object_id,
            lambda: registry.change(object_id, values, revision=given["revision"], by=request.user),
            "The choice is saved.",
        )

    @action(
        description="Archive",
        icon="archive",
        url_path="archive",
        permissions=["choose"],
        dialog=dialog(
            "Archive a version", "Requests that name it still get it; nothing else does.", "Archive", VersionChoiceForm
        ),
    )
    def archive(self, request, form, object_id):
        return self._with_version(request, form, object_id, registry.archive, "archived")

    @action(
        description="Restore",
        icon="unarchive",
        url_path="restore",
        permissions=["choose"],
        dialog=dialog("Restore a version", "It can be chosen again.", "Restore", ArchivedChoiceForm),
    )
    def restore(self, request, form, object_id):
        return self._with_version(request, form, object_id, registry.restore, "restored")

    @action(
        description="Delete version",
        icon="delete",
        variant=ActionVariant.DANGER,
        url_path="delete-version",
        permissions=["choose"],
        dialog=dialog(
            "Delete a version", "Only one that no event names. Others can be archived.", "Delete", VersionChoiceForm
        ),
    )
    def delete_version(self, request, form, object_id):
        return self._with_version(request, form, object_id, registry.delete_version, "deleted")

    def _with_version(self, request, form, object_id, act, outcome):
        label = form.cleaned_data["version"]
        return _act(
            request, object_id, lambda: act(object_id, label, by=request.user), f"Version {label} is {outcome}."
        )

    @display(header=True, description="Prompt")
    def heading(self, prompt):
        return [prompt.name, prompt.deployment_id]

    @display(description="Serves")
    def served(self, prompt):
        return page.served_words(prompt)

    @display(description="Versions")
    def version_count(self, prompt):
        return prompt.version_count

    @display(description="Created")
    def created(self, prompt):
        return ago(prompt.created_at)


def _act(request, object_id, act, done: str) -> HttpResponse:
    try:
        act()
    except _REFUSED as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done)
    return _go_to(object_id)


def _go_to(prompt_id) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": reverse("admin:feedback_prompt_change", args=[prompt_id])})
