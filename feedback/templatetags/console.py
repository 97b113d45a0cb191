from django import template

from feedback import presentation

register = template.Library()


@register.filter
def ago(moment):
    return presentation.ago(moment)


@register.simple_tag
def quality_badge(score):
    """The colour and the text of a quality badge."""
    label = presentation.quality_label(score)
    if label is None:
        return {"type": "", "text": "not scored"}
    return {"type": presentation.QUALITY_LABELS[label[0]], "text": label[1]}


@register.simple_tag
def chosen(choices):
    """What a filter is set to; empty when it lets everything through, which is its first choice."""
    return next((choice["display"] for choice in list(choices)[1:] if choice["selected"]), "")
