"""What holds for every edit and any texts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from curation.edits import CODES, Outcome, judge

PARTS = st.sampled_from(
    (
        "ok",
        "The tea is ready. ",
        "[EMAIL] ",
        "<br>",
        "```",
        '{"a": 1',
        "12 ",
        "你好。",
        "👍",
        "\ud83d",
        "\n",
        "You idiot! ",
        " ",
    )
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(PARTS, max_size=12).map("".join))


@settings(max_examples=400, deadline=None)
@given(prompt=TEXTS, original=TEXTS, edited=TEXTS)
def test_every_edit_has_one_verdict_with_a_code_a_sentence_and_a_share(prompt, original, edited):
    verdict = judge(prompt, original, edited)

    assert verdict == judge(prompt, original, edited)
    assert verdict.code in CODES
    assert (verdict.code == "accepted") == (verdict.outcome == Outcome.ACCEPTED)
    assert verdict.reason.endswith(".")
    assert any(sign.isdigit() for sign in verdict.reason)
    assert verdict.distance is None or 0 <= verdict.distance <= 1


@settings(max_examples=200, deadline=None)
@given(prompt=TEXTS, text=TEXTS, space=st.text(alphabet=" \n\t", max_size=3))
def test_white_space_around_a_text_is_never_an_edit(prompt, text, space):
    assert judge(prompt, text, space + text + space).outcome == Outcome.REJECTED
