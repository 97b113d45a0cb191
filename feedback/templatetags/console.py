from django import template
from django.utils.html import format_html, format_html_join

from feedback.console import presentation

register = template.Library()
CODE = '<code class="cf-code">{}</code>'


@register.filter
def ago(moment):
    return presentation.ago(moment)


@register.filter
def short_id(identifier):
    return presentation.short_id(identifier)


@register.filter
def with_code(text):
    """A sentence with commands in backticks, as doctor prints them."""
    parts = enumerate(text.split("`"))
    return format_html_join("", "{}", ((format_html(CODE, part) if number % 2 else part,) for number, part in parts))


@register.simple_tag
def checks_badge(score):
    """The colour and the text of a badge with the score of the checks."""
    label = presentation.checks_label(score)
    if label is None:
        return {"type": "", "text": "checks: not scored"}
    return {"type": presentation.CHECKS_LABELS[label[0]], "text": f"checks {label[1]}"}


@register.simple_tag
def feedback_badge(evidence):
    """The text of a badge with what users say of one answer, beside that of the checks."""
    if evidence is None:
        return "feedback: none"
    p_good = "not enough agreement" if evidence.p_good is None else f"P(good) {evidence.p_good:.3f}"
    return f"feedback: {p_good}"


@register.simple_tag
def chosen(choices):
    """What a filter is set to; empty when it lets everything through, which is its first choice."""
    return next((choice["display"] for choice in list(choices)[1:] if choice["selected"]), "")
