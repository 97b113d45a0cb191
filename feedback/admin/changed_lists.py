"""Lists on the page of a deployment whose rows several users may change at once."""

from django import forms
from unfold.admin import StackedInline

from feedback.deployments.rules import repeated


class ChangesOnlyForm(forms.ModelForm):
    """Finds the user's changes by comparing with what the page showed, so that a concurrent change is not undone."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in set(self._meta.fields) & set(self.fields):
            self.fields[name].show_hidden_initial = True


class ChangedRows(forms.BaseInlineFormSet):
    """Rows known by their name; its forms say `is_used`."""

    repeated_message = ""

    def clean(self):
        kept = [form for form in self.forms if form.is_used() and not self._should_delete_form(form)]
        for place in repeated([form.cleaned_data.get("name", "") for form in kept]):
            kept[place].add_error("name", self.repeated_message)

    def changed_and_dropped(self):
        """The forms that the user changed, and the former names of what is changed or removed; rows that another user
        changes meanwhile stay as that user left them.
        """
        removed = [form for form in self.forms if self._should_delete_form(form)]
        changed = [form for form in self.forms if form.has_changed() and form not in removed]
        former = [form.initial.get("name") for form in [*removed, *changed]]
        return changed, list(filter(None, former))


class OfDeployment(StackedInline):
    """Whoever may change the deployment may change the list."""

    extra = 0

    def get_formset(self, request, obj=None, **kwargs):
        return super().get_formset(request, obj, validate_max=True, **kwargs)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("feedback.view_deployment") or self.has_change_permission(request)

    def has_change_permission(self, request, obj=None):
        return request.user.has_perm("feedback.change_deployment")

    def has_add_permission(self, request, obj=None):
        return self.has_change_permission(request)

    def has_delete_permission(self, request, obj=None):
        return self.has_change_permission(request)
