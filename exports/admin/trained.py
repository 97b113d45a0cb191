"""Training from the page of an export or a deployment: record one that happened, start one, and the loop policy."""

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from exports.admin.batches import ExportBatchAdmin
from exports.admin.training_runs import page_of
from exports.batches.encodings import FORMAT_CHOICES, PRODUCT_CHOICES
from exports.choices import LoopLevel
from exports.deletions.admin import DeletableDeploymentAdmin
from exports.training import completing, policies, runs, trainers
from exports.training.configs import InvalidConfig
from exports.training.serializers import MAX_VERSION_CHARACTERS
from feedback.admin.deployments import DocumentField

WHAT_FOLLOWS = (
    "Triggers count again from there, the baseline training is pinned from the traffic, and open firings are closed."
)


class TrainedForm(BaseDialogForm):
    model_version_id = forms.CharField(
        label="Model version",
        max_length=MAX_VERSION_CHARACTERS,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="The version that the training made, as its events will name it. Empty: not known yet.",
    )


class StartForm(BaseDialogForm):
    trainer = forms.ChoiceField(
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text="One of TRAINERS, or a training elsewhere that reports by API.",
    )
    config = DocumentField(help_text='Fields of Training.Config, such as {"epochs": 3}. Empty: the defaults.')

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["trainer"].choices = trainer_choices()


def trainer_choices():
    return [("", "elsewhere"), *((name, name) for name in trainers.names())]


class TrainingExportAdmin(ExportBatchAdmin):
    """The page of an export, with the trainings on it."""

    actions_detail = [*ExportBatchAdmin.actions_detail, "train", "trained"]

    def page(self, request, batch):
        may_view = request.user.has_perm("exports.view_trainingrun")
        return {**super().page(request, batch), "training_runs": list(batch.training_runs.all()) if may_view else []}

    def possible_actions(self, request, batch):
        possible = set(super().possible_actions(request, batch))
        if batch.published_at is None:
            return possible
        return possible | ({"train", "trained"} if batch.has_files else {"trained"})

    def has_train_permission(self, request, object_id=None):
        return request.user.has_perm(runs.ADD_PERMISSION)

    @action(
        description="Train",
        icon="model_training",
        url_path="train",
        permissions=["train"],
        dialog={
            "title": "Train on this export",
            "description": "Opens a training run. A deployment has one unfinished run at most.",
            "form_submit_text": "Start",
            "form_class": StartForm,
        },
    )
    def train(self, request, form, object_id):
        batch = self.get_object(request, object_id)
        try:
            run = runs.open_run(
                batch.curated_set.deployment_id,
                by=request.user,
                batch=batch,
                trainer=form.cleaned_data["trainer"],
                config=form.cleaned_data["config"],
            )
        except (runs.RunNotAllowed, InvalidConfig) as error:
            messages.error(request, str(error))
            return HttpResponse(headers={"HX-Redirect": reverse("admin:exports_exportbatch_change", args=[object_id])})
        return HttpResponse(headers={"HX-Redirect": page_of(run.pk)})

    @action(
        description="Trained on this",
        icon="task_alt",
        url_path="trained",
        permissions=["train"],
        dialog={
            "title": "A model was trained on this export",
            "description": WHAT_FOLLOWS,
            "form_submit_text": "Record the training",
            "form_class": TrainedForm,
        },
    )
    def trained(self, request, form, object_id):
        batch = self.get_object(request, object_id)
        back = reverse("admin:exports_exportbatch_change", args=[object_id])
        return record(request, batch.curated_set.deployment_id, form, back, batch=batch)


class TrainingDeploymentAdmin(DeletableDeploymentAdmin):
    """The page of a deployment, with trainings on all of its data and its loop policy."""

    actions_detail = [*DeletableDeploymentAdmin.actions_detail, "trained", "loop_policy"]

    def get_urls(self):
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.loop_view))
        return [path("<path:object_id>/loop/form/", view, name="feedback_deployment_loop"), *super().get_urls()]

    def has_train_permission(self, request, object_id=None):
        return request.user.has_perm(runs.ADD_PERMISSION)

    def has_loop_permission(self, request, object_id=None):
        return request.user.has_perm(policies.PERMISSION)

    @action(
        description="Record a training",
        icon="task_alt",
        url_path="trained",
        permissions=["train"],
        dialog={
            "title": "A model was trained on all data until now",
            "description": f"{WHAT_FOLLOWS} If an export was used, choose Trained on this on its page instead.",
            "form_submit_text": "Record the training",
            "form_class": TrainedForm,
        },
    )
    def trained(self, request, form, object_id):
        deployment_id = unquote(object_id)
        back = reverse("admin:feedback_deployment_change", args=[object_id])
        return record(request, deployment_id, form, back)

    @action(description="Loop", icon="cycle", url_path="loop", permissions=["loop"])
    def loop_policy(self, request, object_id):
        return HttpResponseRedirect(reverse("admin:feedback_deployment_loop", args=[quote(object_id)]))

    def loop_view(self, request, object_id):
        """The form of how far the loop goes by itself."""
        if not self.has_loop_permission(request):
            raise PermissionDenied
        deployment = self.get_object(request, unquote(object_id))
        if deployment is None:
            raise Http404
        policy = policies.of(deployment.pk)
        initial = {name: getattr(policy, name) for name in LoopForm.base_fields}
        form = LoopForm(request.POST or None, initial=initial, label_suffix="")
        if form.is_valid() and _changed(deployment.pk, form, by=request.user):
            messages.success(request, f"The loop policy of {deployment} is saved.")
            return HttpResponseRedirect(reverse("admin:feedback_deployment_change", args=[object_id]))
        page = {"title": f"Loop of {deployment}", "form": form, "policy": policy, "deployment": deployment}
        return TemplateResponse(request, "exports/loop_policy.html", {**self.admin_site.each_context(request), **page})


class LoopForm(forms.Form):
    level = forms.ChoiceField(
        label="After a trigger fired, go on to", choices=LoopLevel.choices, widget=UnfoldAdminSelectWidget
    )
    export_format = forms.ChoiceField(label="Format of exports", choices=FORMAT_CHOICES, widget=UnfoldAdminSelectWidget)
    export_product = forms.ChoiceField(
        label="Product of exports",
        choices=[("", "What the format holds"), *PRODUCT_CHOICES],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    trainer = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget, help_text="One of TRAINERS.")
    config = DocumentField(
        label="Training configuration", help_text='Fields of Training.Config, such as {"epochs": 3}.'
    )

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["trainer"].choices = [("", "none"), *trainer_choices()[1:]]


def _changed(deployment_id, form: LoopForm, *, by) -> bool:
    """Whether the policy is saved; else the form shows why it is not."""
    try:
        policies.change(deployment_id, by=by, **form.cleaned_data)
    except policies.InvalidPolicy as error:
        form.add_error(error.field, str(error))
    except PermissionDenied as error:
        form.add_error("level", str(error))
    return form.is_valid()


def record(request, deployment_id, form, back, *, batch=None):
    """Record a training in the name of the user, and lead to its run."""
    version = form.cleaned_data["model_version_id"]
    try:
        run, is_new = completing.record(deployment_id, by=request.user, batch=batch, model_version_id=version)
    except runs.RunNotAllowed as error:
        messages.error(request, str(error))
        return HttpResponse(headers={"HX-Redirect": back})
    messages.success(request, f"{run} is recorded." if is_new else f"{run} was recorded before.")
    return HttpResponse(headers={"HX-Redirect": page_of(run.pk)})
