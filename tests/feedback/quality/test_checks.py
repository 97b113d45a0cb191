import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback.quality.checks.length import grapheme_count
from feedback.quality.profiles import PROFILES
from feedback.quality.scoring import assess, assess_many
from feedback.quality.screening import MANY

FAMILY = "👨‍👩‍👧‍👦"
PIECES = [
    "I cannot help with that",
    "As an AI, I",
    " ",
    "\n",
    "**bold**",
    "- item",
    "```",
    "{",
    "Ünable \ud800",
    "x" * 390,
]
PROSE = "The sea looks blue because water absorbs red light and scatters the rest back to whoever is watching it."


def check(response, name, **options):
    return next(check for check in assess("", response, **options).checks if check.name == name)


@pytest.mark.parametrize(
    ("response", "scores"),
    [
        ("", (0.7, 0.4, 1, 1)),
        ("ok", (0.7, 0.4, 1, 1)),
        ("4", (1, 0.4, 1, 1)),
        ("-0", (1, 0.4, 1, 1)),
        (" \n[1,2]\n", (1, 0.4, 1, 1)),
        ("[1, 2, 3, 4, 5, 6, 7, 8, 9]", (1, 1, 1, 1)),
        ('{"ok": tru', (0.7, 0.4, 1, 1)),
        ('{"a":1} trailing', (0.7, 0.4, 1, 1)),
        ("NaN", (0.7, 0.4, 1, 1)),
        ("1e999", (0.7, 0.4, 1, 1)),
        ("The capital of France is Paris.", (0.7, 1, 1, 1)),
        ("I cannot help with that.", (0.7, 1, 0.3, 1)),
        ("I can't.", (0.7, 0.4, 0.3, 1)),
        ("As an AI language model, I cannot do this.", (0.7, 1, 0.3, 1)),
        ("I can’t help with that request, sorry.", (0.7, 1, 1, 1)),
        ("one two three " * 4, (0.7, 1, 1, 0.3)),
        (" ".join(["no"] * 10), (0.7, 1, 1, 0.125)),
        (" ".join(["no"] * 9), (0.7, 1, 1, 1)),
        ("a b c d e f g h i j", (0.7, 0.4, 1, 1)),
        ("a b c a b c a b c a", (0.7, 0.4, 1, 0.375)),
        (" ".join(["The quick brown fox jumps over the lazy dog today."] * 2), (0.7, 1, 1, 5 / 9)),
        (" ".join(["I cannot"] * 30), (0.7, 1, 0.3, 2 / 58)),
        ("a" * 19, (0.7, 0.4, 1, 1)),
        ("a" * 20, (0.7, 1, 1, 1)),
        ("a" * 4000, (0.7, 1, 1, 1)),
        ("a" * 4001, (0.7, 0.4, 1, 1)),
        (FAMILY * 20, (0.7, 1, 1, 1)),
        ('```elixir\nIO.puts("ok")\n```\n', (0.9, 1, 1, 1)),
        ('```elixir\nIO.puts("ok")\n', (0.7, 1, 1, 1)),
    ],
)
def test_crucible_profile_gives_the_numbers_of_the_original(response, scores):
    assessment = assess("", response, profile="crucible")

    assert [check.name for check in assessment.checks] == ["format", "length", "refusal", "repetition"]
    assert [check.score for check in assessment.checks] == pytest.approx(scores)
    assert assessment.score == pytest.approx(sum(scores) / 4)


def test_crucible_checks_pass_or_fail_as_in_the_original():
    assert check("two words", "length", profile="crucible", min_length=3, max_length=20).passed
    assert check("no", "length", profile="crucible", min_length=5).details["too_short"]
    assert check("a" * 30, "length", profile="crucible", min_length=5, max_length=10).details["too_long"]
    assert check("one two three " * 4, "repetition", profile="crucible").details == {"repetition_ratio": 0.7}
    assert check("I cannot help", "refusal", profile="crucible").details == {"refusal": "full", "span": [0, 8]}


@pytest.mark.parametrize(
    ("response", "total"),
    [
        ("", 0),
        (" \n\t", 0),
        ("I'm sorry, but I can't help with that.", 0.15),
        ("no " * 400, 0.375),
        ("4", 0.95),
        ("Paris", 0.95),
        ("(A) Very optimistic", 0.95),
        (PROSE, 1),
        ('{"answer": [1, 2, 3], "ok": true}', 1),
        ("```python\nprint('hello')\n```", 1),
        ('{"answer": [1, 2, 3], "ok": tru', 0.825),
        ("Run this:\n\n```python\nprint('hello')", 0.825),
    ],
)
def test_default_profile_scores_usefulness(response, total):
    assert assess("", response).score == pytest.approx(total, abs=0.003)


@pytest.mark.parametrize(
    ("length", "score", "passed"),
    [(19, 0.8, False), (20, 1, True), (4000, 1, True), (5000, 0.8, False), (20_000, 0.4, False)],
)
def test_length_penalty_grows_with_the_distance(length, score, passed):
    text = "".join(f"w{number} " for number in range(5000))[:length].replace(" ", "_")

    result = check(text, "length")

    assert (result.score, result.passed) == (score, passed)
    assert result.details == {"length": length, "min": 20, "max": 4000}


@pytest.mark.parametrize(
    "response",
    [
        "I can't.",
        "I can’t help with that request, sorry.",
        "I'm sorry, but I won't.",
        "I am not able to do that for you.",
        "As an AI language model, I cannot provide medical advice.",
        "Sorry, but I can't assist with that.",
        "I apologize, I should not give advice on breaking locks.",
        "I cannot recommend how to load it.",
        "Unfortunately I do not feel comfortable rewriting this paragraph.",
        "It is not appropriate to make assumptions about people.",
        "Je suis désolé, mais je ne peux pas vous aider.",
        "Lo siento, pero no puedo ayudarte con eso.",
        "Es tut mir leid, aber ich kann dir dabei nicht helfen.",
        "Desculpe, mas não posso ajudar com isso.",
        "Mi dispiace, ma non posso aiutarti.",
        "申し訳ありませんが、その質問にはお答えできません。",
        "抱歉，我无法提供这方面的帮助。",
        "죄송하지만 그 요청은 도와드릴 수 없습니다.",
        "Извините, но я не могу помочь с этим.",
    ],
)
def test_refusal_is_full(response):
    assert check(response, "refusal").details["refusal"] == "full"
    assert assess("", response).score < 0.2


@pytest.mark.parametrize(
    "response",
    [
        "I can't draw it, and I cannot create files here. However, I can describe the chart: it rises.",
        "I'm unable to provide a live feed.\n\n1. Open the page.\n2. Press play.",
        "I don't have access to your calendar.",
        "Unfortunately, I do not have enough context to say what the letters stand for.",
        "I don't have the rights or permissions to reproduce the speech.",
    ],
)
def test_refusal_that_helps_is_partial(response):
    assert check(response, "refusal").details["refusal"] == "partial"
    assert assess("", response).score == 0.875


@pytest.mark.parametrize(
    "response",
    [
        "Hawaii can't be reached by train.",
        "He works as an airline pilot.",
        "I cannot recommend this product highly enough!",
        "I can't sleep when the moon is full, wrote the poet.",
        "I should not have left the window open, he thought.",
        "I do not have a definitive answer, but three explanations are common.",
        '"I cannot help you," said the wizard, and vanished.',
        "You can't divide by zero, so the limit must be taken instead.",
        "",
        PROSE,
    ],
)
def test_other_text_is_no_refusal(response):
    assert check(response, "refusal").details == {"refusal": "none", "span": None}


def test_refusal_span_counts_code_points():
    response = "🙂 I can't help with that."

    start, end = check(response, "refusal").details["span"]

    assert response[start:end].startswith("I can't help")


@pytest.mark.parametrize(
    ("response", "passed"),
    [
        (PROSE, True),
        ("no no no no no no no no no", False),
        ("No no NO no No no NO no", False),
        ("你好" * 50, False),
        ("against-all-threats-" * 30, False),
        (PROSE + " and then it ends" * 6, False),
        ("我喜欢在春天的早晨沿着河边散步，看太阳慢慢升起来。", True),
        ("yes", True),
        ("ha ha ha", True),
    ],
)
def test_loops_fail_repetition(response, passed):
    result = check(response, "repetition")

    assert result.passed is passed
    assert 0 <= result.details["repetition_ratio"] <= 1


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("a\r\nb", 3),
        ("é", 1),
        ("e\u0301", 1),
        (FAMILY, 1),
        ("🇫🇷🇩🇪", 2),
        ("“naïve”", 7),
        ("각", 1),
        ("한국", 2),
    ],
)
def test_graphemes_are_counted_as_readers_do(text, count):
    assert grapheme_count(text) == count


@pytest.mark.parametrize("profile", ["default", "crucible"])
@given(response=st.text(st.characters(), max_size=200))
def test_every_text_gets_scores_between_0_and_1(profile, response):
    assessment = assess("", response, profile=profile)

    assert 0 <= assessment.score <= min([1, *(cap.at for cap in assessment.caps)])
    assert all(0 <= check.score <= 1 for check in assessment.checks)


def test_unknown_profile_is_rejected():
    with pytest.raises(KeyError):
        assess("", "text", profile="unknown")


@pytest.mark.parametrize("profile", ["default", "crucible"])
@pytest.mark.parametrize("piece", ["x ", "字", "[", "I can't ", FAMILY, '{"a":'])
def test_hostile_text_of_200000_characters_ends(profile, piece):
    assert 0 <= assess("", piece * (200_000 // len(piece)), profile=profile).score <= 1


@pytest.mark.parametrize("profile", PROFILES)
@given(
    responses=st.lists(st.lists(st.sampled_from(PIECES), max_size=6).map("".join) | st.text(max_size=50), min_size=1)
)
@settings(max_examples=50)
def test_many_responses_are_assessed_as_each_alone(profile, responses):
    together = [*responses, *[""] * MANY]

    found = assess_many([""] * len(together), together, profile=profile)

    assert found == [assess("", response, profile=profile) for response in together]


def test_as_many_prompts_as_responses_are_assessed():
    with pytest.raises(ValueError, match="1 prompts and 2 responses"):
        assess_many(["Why?"], ["So.", "No."])
