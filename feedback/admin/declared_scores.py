"""The scores that a deployment declares, on its page."""

from feedback.admin.changed_lists import ChangedRows, ChangesOnlyForm, OfDeployment
from feedback.deployments.declared_scores import Declaration, DeclarationChanges, problems_of
from feedback.deployments.score_names import MOST_NAMES
from feedback.models import DeclaredScore

FIELDS = ["name", "minimum", "maximum", "is_gold"]


class DeclaredScoreForm(ChangesOnlyForm):
    class Meta:
        model = DeclaredScore
        fields = FIELDS

    def clean(self):
        if self.errors:
            return
        for field, message in problems_of(self.declaration()):
            self.add_error(field, message)

    def validate_constraints(self):
        """Checked above and in the formset, with messages; two names may also be swapped."""

    def is_used(self) -> bool:
        return bool(self.initial.get("name")) or self.has_changed()

    def declaration(self) -> Declaration:
        return Declaration(**{name: self.cleaned_data[name] for name in FIELDS})


class DeclaredScoreFormSet(ChangedRows):
    repeated_message = "Another score has this name."

    def changes(self) -> DeclarationChanges:
        changed, former = self.changed_and_dropped()
        return DeclarationChanges([form.declaration() for form in changed], drop=former)


class DeclaredScoreInline(OfDeployment):
    model = DeclaredScore
    form = DeclaredScoreForm
    formset = DeclaredScoreFormSet
    max_num = MOST_NAMES
    verbose_name = "score of the application"
    verbose_name_plural = "scores of the application"
