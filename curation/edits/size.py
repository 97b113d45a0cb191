"""Rules about how much of an answer an edit changes, and whether it still belongs to it."""

from curation.edits.case import Case, counted, queued, rejected
from curation.edits.distance import changed_parts
from curation.edits.relation import foreign_languages, shared_numbers, shared_words
from curation.edits.texts import numbers_of, without_form, words_of
from curation.edits.verdicts import EditVerdict

_LEAST_CHARACTERS, _LEAST_SHARE, _SMALL_SHARE = 2, 0.005, 0.02
_LARGEST_SHARE = 0.9
_SHORTEST, _LONGEST = 1 / 3, 3
_MUCH_SHORTER, _MUCH_LONGER = 1 / 10, 10
_LABEL = 5
_REWRITTEN = 0.5
_UNRELATED, _HARDLY_RELATED, _SURELY_RELATED = 0.1, 0.35, 0.5
_FEWEST_NUMBERS = 3
_SURE_WORDS = 8
_FEWEST_LETTERS = 40
_MOST_CHARACTERS = 1_000_000


def _too_long(case: Case) -> EditVerdict | None:
    """Texts that cannot be compared in bounded time."""
    longest = max(len(case.original), len(case.edited))
    if longest > _MOST_CHARACTERS:
        return rejected("too_long", f"A text has {longest:,} characters; at most {_MOST_CHARACTERS:,} are compared.")
    if case.distance is None:
        parts = " and ".join(f"{len(part):,}" for part in changed_parts(case.old, case.new))
        return queued("too_long", f"The parts that differ have {parts} characters, too many to compare.")
    return None


def _unchanged(case: Case) -> EditVerdict | None:
    """No change but white space, typography and the punctuation at the end; or but case."""
    if case.old == case.new:
        return rejected(
            "unchanged", "0 characters differ, apart from white space, typography and punctuation at the end."
        )
    if without_form(case.old) == without_form(case.new):
        decide = rejected if case.is_long else queued
        return decide("form_only", "0 letters differ, apart from case and spaces.")
    return None


def _original_is_missing(case: Case) -> EditVerdict | None:
    """An answer without text."""
    return None if case.old else queued("no_original", "The answer has 0 characters to compare with.")


def _small_change(case: Case) -> EditVerdict | None:
    """A change too small to teach anything; a person decides where a number or code changed."""
    if case.distance is None or not case.old:
        return None
    characters, share = case.distance.characters, case.distance.share
    if not case.is_long:
        return _one_letter(case) if characters == 1 else None
    least = max(_LEAST_CHARACTERS, _LEAST_SHARE * max(len(case.old), len(case.new)))
    reason = f"The edit changes {counted(characters, 'character')}, {100 * share:.2f} % of the longer text."
    if characters < least:
        may_matter = case.is_structured or numbers_of(case.old) != numbers_of(case.new)
        return (queued if may_matter else rejected)("small_change", reason)
    return queued("small_change", reason) if share < _SMALL_SHARE else None


def _one_letter(case: Case) -> EditVerdict | None:
    """One letter of a word, which is more often a slip than another answer; "A" and "B" are answers."""
    changed = "".join(changed_parts(case.old, case.new))
    different = [word for word in words_of(case.old) if word not in words_of(case.new)]
    if not changed.isalpha() or not different or max(map(len, different)) < _LABEL:
        return None
    return queued("small_change", f"The edit changes 1 letter of a word of {len(different[0])}.")


def _length(case: Case) -> EditVerdict | None:
    """A piece of the answer, or a text much shorter or longer than it."""
    if not case.is_long or not case.old:
        return None
    ratio = len(case.new) / len(case.old)
    reason = f"The text has {100 * ratio:,.0f} % of the length of the answer; 33 to 300 % are usual."
    if ratio < _SHORTEST:
        is_label = f" {case.new.casefold()} " in f" {' '.join(words_of(case.prompt))} " or _is_number(case.new)
        if case.new.casefold() in case.old.casefold() and not is_label:
            return rejected("fragment", f"The text is {100 * ratio:.0f} % of the answer, and nothing else.")
        return (queued if is_label or ratio >= _MUCH_SHORTER else rejected)("length", reason)
    if ratio > _LONGEST and case.is_comparable:
        return (queued if ratio <= _MUCH_LONGER else rejected)("length", reason)
    if case.old.startswith(case.new) and _ends(case.original) and not _ends(case.edited):
        return queued(
            "fragment", f"The text is the first {100 * ratio:.0f} % of the answer and ends within a sentence."
        )
    return None


def _distance(case: Case) -> EditVerdict | None:
    """A text that has nearly nothing in common with the answer."""
    if not case.is_comparable or case.distance is None or case.distance.share <= _LARGEST_SHARE:
        return None
    if not _SHORTEST <= len(case.new) / max(1, len(case.old)) <= _LONGEST:
        return None
    return rejected(
        "distance", f"The edit changes {100 * case.distance.share:.0f} % of the longer text; 90 % are allowed."
    )


def _foreign_language(case: Case) -> EditVerdict | None:
    """A text in a language that is neither that of the answer nor that of the prompt."""
    letters = sum(map(str.isalpha, case.edited[:1_000]))
    if case.is_structured or letters < _FEWEST_LETTERS:
        return None
    found = foreign_languages(case.prompt, case.original, case.edited)
    if not found:
        return None
    return rejected("foreign_language", f"The text is partly or wholly in {counted(len(found), 'other language')}.")


def _unrelated(case: Case) -> EditVerdict | None:
    """A text about something else: much is rewritten, and hardly a word is of the prompt or the answer."""
    if len(case.new) < _FEWEST_LETTERS or case.distance is None or case.distance.share <= _REWRITTEN:
        return None
    shared, words = shared_words(case.prompt, case.original, case.edited)
    reason = f"Of {counted(words, 'different word')} of the text, {shared} are in the prompt or the answer."
    if not case.is_comparable:
        return queued("unrelated", reason) if shared < _UNRELATED * words else _other_numbers(case, fewest=words)
    if shared < _HARDLY_RELATED * words:
        return (rejected if shared < _UNRELATED * words and words >= _SURE_WORDS else queued)("unrelated", reason)
    return _other_numbers(case) if shared < _SURELY_RELATED * words or not words else None


def _other_numbers(case: Case, *, fewest: int = 0) -> EditVerdict | None:
    """A calculation with other numbers than those of the prompt and the answer."""
    shared, numbers = shared_numbers(case.prompt, case.original, case.edited)
    if numbers < max(fewest, _FEWEST_NUMBERS) or shared >= _HARDLY_RELATED * numbers:
        return None
    reason = f"Of {counted(numbers, 'different number')} of the text, {shared} are in the prompt or the answer."
    return queued("unrelated", reason)


def _is_number(text: str) -> bool:
    return len(numbers_of(text)) == 1 and len(text) <= len(numbers_of(text)[0]) + 4


def _ends(text: str) -> bool:
    """Whether a text ends as sentences and blocks of code do."""
    return text.rstrip()[-1:] in tuple(".!?。！？…\"'”’)]}`:")


# Before and after the rules about what a text says.
FIRST_RULES = (_too_long, _unchanged)
RULES = (_length, _distance, _small_change, _original_is_missing, _foreign_language, _unrelated)
