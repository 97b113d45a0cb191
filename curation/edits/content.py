"""Rules about what an edited text says, at any length."""

import re

from curation.edits import junk
from curation.edits.case import Case, counted, queued, rejected
from curation.edits.distance import distance_of
from curation.edits.promotion import links_of, promotions_of
from curation.edits.remarks import is_remark
from curation.edits.verdicts import EditVerdict
from feedback.quality.answers import Answer, readable
from feedback.quality.checks.repetition import LOOP
from feedback.quality.flags import Flag, flags_of
from feedback.quality.results import CheckResult
from feedback.quality.scoring import assess

_ECHO = 0.1
_FAR = 0.5
_SHORT_PROMPT = 20
_FEWEST_LINKS, _LINK_SHARE = 3, 0.3
_ASKS_FOR_PROMOTION = re.compile(
    r"(?i)\b(?:ads?|advert\w*|marketing|promot\w*|e-?mails?|newsletter|sales|slogan|landing page|seo|posts?|tweets?"
    r"|campaign|copy|commercial|links?|sources?|references?|websites?)\b"
)
_ASKS_FOR_VERDICT = re.compile(
    r"(?i)\b(?:correct|true|false|right|wrong|evaluate|review|grade|judge|critique|feedback|assess|rate|check|compare)\b"
)
_QUOTED_WITHIN = 2_000


def _empty(case: Case) -> EditVerdict | None:
    """Nothing, or masks alone, as the text or as all that was added to the answer."""
    if not case.edited.strip():
        return rejected("empty", "The edited text has 0 characters.")
    if junk.is_masks_only(case.edited):
        return rejected("masks_only", f"All {counted(len(case.edited.strip()), 'character')} of the text are masks.")
    if junk.is_masks_only(case.added):
        return queued("masks_only", f"All {counted(len(case.added), 'character')} that were added are masks.")
    return None


def _without_words(case: Case) -> EditVerdict | None:
    """Markup, or signs without letters and digits, where the answer had more."""
    if not junk.has_content(case.original):
        return None
    size = counted(len(case.edited.strip()), "character")
    if junk.is_bare_markup(case.edited) and not junk.is_bare_markup(case.original):
        return rejected("markup", f"All {size} of the text are markup.")
    if junk.has_content(case.edited):
        return None
    decide = rejected if case.is_long else queued
    return decide("no_words", f"The text has {size}, and 0 letters and digits.")


def _shrug(case: Case) -> EditVerdict | None:
    """Words that say nothing; a person decides where they may be a label."""
    if junk.is_shrug(case.edited):
        word = case.new.casefold()
        is_label = not case.is_long and word in f"{case.question} {case.old}".casefold()
        decide = queued if is_label else rejected
        return decide("shrug", f"The text has {counted(len(case.new), 'character')} that say nothing.")
    if junk.is_shrug(case.added):
        return queued("shrug", f"The {counted(len(case.added), 'character')} that were added say nothing.")
    return None


def _keyboard_noise(case: Case) -> EditVerdict | None:
    """Letters that fingers hit at random."""
    for text, what in ((case.edited, "text"), (case.added, "addition")):
        if junk.is_keyboard_noise(text) and not junk.is_keyboard_noise(case.original):
            return rejected("keyboard_noise", f"At least 60 % of the letters of the {what} are keyboard noise.")
    return None


def _comment(case: Case) -> EditVerdict | None:
    """A remark about the answer in place of one."""
    is_rewritten = case.distance is None or case.distance.share > _FAR
    if is_rewritten and is_remark(case.edited) and not is_remark(case.original):
        decide = queued if _ASKS_FOR_VERDICT.search(case.prompt) else rejected
        return decide("comment", f"The text has {counted(len(case.edited), 'character')} and is about the answer.")
    if is_remark(case.added):
        return queued("comment", f"The {counted(len(case.added), 'character')} that were added are about the answer.")
    return None


def _spam(case: Case) -> EditVerdict | None:
    """Promotion or links that neither the answer nor the prompt has."""
    known = f"{case.original} {readable(case.prompt)}"
    phrases = {*promotions_of(case.edited)} - {*promotions_of(known)}
    links = {*links_of(case.edited)} - {*links_of(known)}
    is_promotion = len(phrases) >= 2 or (phrases and (links or "[PHONE]" in case.added or "[EMAIL]" in case.added))
    is_list = len(links) >= _FEWEST_LINKS and sum(map(len, links)) >= _LINK_SHARE * len(case.edited)
    if not is_promotion and not is_list:
        return None
    decide = queued if _ASKS_FOR_PROMOTION.search(case.prompt) else rejected
    found = f"{counted(len(phrases), 'phrase')} of promotion and {counted(len(links), 'link')}"
    return decide("spam", f"The edit adds {found}.")


def _flags(case: Case) -> EditVerdict | None:
    """Injection and abuse; a person decides where the answer has it too, or in direct speech."""
    found = flags_of(case.edited) if case.flags_count else ()
    if not found:
        return None
    known = {flag.name for flag in flags_of(case.original)}
    new = [flag for flag in found if flag.name not in known]
    spoken = [flag for flag in new if not (flag.kind == "abuse" and _is_quoted(case.edited, flag))]
    flag = (spoken or new or found)[0]
    decide = rejected if spoken else queued
    return decide(flag.kind, f"The text matches {counted(len(found), 'pattern')}, first {flag.name}.")


def _checks(case: Case) -> EditVerdict | None:
    """The checks of quality that do not depend on how long an answer usually is."""
    results = {result.name: result for result in _results(case, case.edited)}
    verdicts = [_of_check(result, case) for result in results.values()]
    found = [verdict for verdict in verdicts if verdict is not None]
    return next((verdict for verdict in found if verdict.outcome == "rejected"), found[0] if found else None)


def _results(case: Case, text: str) -> tuple[CheckResult, ...]:
    return assess(case.prompt, Answer(text, response_format=case.response_format)).checks


def _of_check(result: CheckResult, case: Case) -> EditVerdict | None:
    if result.passed or result.name == "length":
        return None
    if result.name == "refusal":
        if result.details["refusal"] == "full":
            decide = rejected if case.is_helpful else queued
            return decide("refusal", f"The text refuses at character {result.details['span'][0]}.")
        reason = f"The text refuses in part at character {result.details['span'][0]}."
        return None if _fails(case, "refusal") else queued("refusal", reason)
    if result.name == "repetition":
        ratio = result.details["repetition_ratio"]
        decide = rejected if ratio >= LOOP else queued
        reason = f"{ratio:.0%} of the text repeats itself.".replace("%", " %")
        return None if ratio < LOOP and _fails(case, "repetition") else decide("repetition", reason)
    return rejected(result.name, f"The check {result.name} gives the text {result.score:.1f} of 1.")


def _fails(case: Case, name: str) -> bool:
    return any(result.name == name and not result.passed for result in _results(case, case.original))


def _echo(case: Case) -> EditVerdict | None:
    """The prompt in place of an answer, unless the answer is as near to it, as in proofreading."""
    question, new = case.question, case.new
    if not question or not 0.8 <= len(new) / len(question) <= 1.25:
        return None
    distance = distance_of(question, new)
    if distance is None or distance.share > _ECHO:
        return None
    before = distance_of(question, case.old)
    if distance.characters and before is not None and before.share < _FAR:
        return None
    decide = rejected if case.is_long or len(question) >= _SHORT_PROMPT else queued
    return decide("echo", f"{counted(distance.characters, 'character')} of the text differ from the prompt.")


def _is_quoted(text: str, flag: Flag) -> bool:
    """Whether a flag lies within quotation marks, as in the speech of a character."""
    before = text[max(0, flag.span[0] - _QUOTED_WITHIN) : flag.span[0] + 1].rpartition("\n")[2]
    return before.count('"') % 2 == 1 or any(
        before.rfind(opening) > before.rfind(closing) for opening, closing in ("“”", "«»", "„“", "「」")
    )


# What is cheap comes first.
RULES = (_empty, _without_words, _shrug, _keyboard_noise, _comment, _flags, _echo, _checks, _spam)
