"""The masking patterns on the page of their deployment."""

from feedback.admin.changed_lists import ChangedRows, ChangesOnlyForm, OfDeployment
from feedback.deployments import configuration
from feedback.deployments.rules import Pattern, pattern_problems
from feedback.masking import MAX_PATTERNS
from feedback.models import MaskingPattern

PATTERN_FIELDS = ["name", "expression", "replacement"]


class PatternForm(ChangesOnlyForm):
    class Meta:
        model = MaskingPattern
        fields = PATTERN_FIELDS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in PATTERN_FIELDS:
            self.fields[name].strip = False

    def clean(self):
        for error in pattern_problems(self.pattern()):
            if error.field not in self.errors:
                self.add_error(error.field, error.message)

    def validate_constraints(self):
        """Names are checked above and in the formset, with messages; two patterns may also swap names."""

    def is_used(self) -> bool:
        return bool(self.initial) or self.has_changed()

    def pattern(self) -> Pattern:
        return Pattern(**{name: self.cleaned_data.get(name, "") for name in PATTERN_FIELDS})


class PatternFormSet(ChangedRows):
    repeated_message = "Another pattern has this name."

    def changes(self) -> configuration.PatternChanges:
        changed, former = self.changed_and_dropped()
        return configuration.PatternChanges([form.pattern() for form in changed], drop=former)


class PatternInline(OfDeployment):
    model = MaskingPattern
    form = PatternForm
    formset = PatternFormSet
    max_num = MAX_PATTERNS
