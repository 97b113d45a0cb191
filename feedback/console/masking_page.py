"""The masking preview: masks one text as ingestion would. The text is neither stored nor logged."""

from dataclasses import dataclass

from django import forms

from feedback.choices import ContentPolicy
from feedback.deployments import configuration
from feedback.deployments.masking_options import masking_options
from feedback.ingestion.item_types import MAX_TEXT_CHARACTERS
from feedback.masking import Masked, mask_answer
from feedback.models import Deployment

SHOWN_FINDS = 1_000
NOTES = {
    ContentPolicy.DROP: "This deployment keeps no texts: they are discarded after scoring.",
    ContentPolicy.OFF: "This deployment stores texts unmasked: this preview does not apply to them.",
}


@dataclass(frozen=True)
class Piece:
    """A piece of the given text, and the kind found in it, if any."""

    text: str
    kind: str


@dataclass(frozen=True)
class MaskingPage:
    masked: str
    pieces: list[Piece]
    counts: dict[str, int]
    found: int
    marked: int
    note: str


class TryTextForm(forms.Form):
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 8, "class": "cf-textarea"}), strip=False)
    deployment = forms.ChoiceField(required=False, widget=forms.Select(attrs={"class": "cf-select"}))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        names = (
            Deployment.objects.listed().values_list("pk", flat=True)
            if user.has_perm("feedback.view_deployment")
            else []
        )
        self.fields["deployment"].choices = [("", "Built-in kinds only"), *((name, name) for name in names)]

    def clean_text(self):
        """The text with the line ends that it had before the browser sent it."""
        text = self.cleaned_data["text"].replace("\r\n", "\n")
        if len(text) > MAX_TEXT_CHARACTERS:
            raise forms.ValidationError(f"A text has at most {MAX_TEXT_CHARACTERS:,} characters.")
        return text


def build(text: str, deployment_id: str) -> MaskingPage:
    """The masked text, with the patterns of the deployment if one is named."""
    deployment = Deployment.objects.get(pk=deployment_id) if deployment_id else None
    patterns = configuration.compiled_patterns(deployment) if deployment else ()
    masked = mask_answer(text, patterns=patterns, options=masking_options())
    return MaskingPage(
        masked=masked.text,
        pieces=pieces(text, masked),
        counts=masked.counts,
        found=len(masked.spans),
        marked=min(len(masked.spans), SHOWN_FINDS),
        note=NOTES.get(deployment.content_policy, "") if deployment else "",
    )


def pieces(text: str, masked: Masked) -> list[Piece]:
    """The text cut where something begins or ends; past SHOWN_FINDS it is left in one piece."""
    cut, position = [], 0
    for span in masked.spans[:SHOWN_FINDS]:
        cut += [Piece(text[position : span.start], ""), Piece(text[span.start : span.end], span.kind)]
        position = span.end
    return [piece for piece in [*cut, Piece(text[position:], "")] if piece.text]
