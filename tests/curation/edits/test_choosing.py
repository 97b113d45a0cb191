"""Which of several people's edits of one answer stands for them."""

from datetime import UTC, datetime, timedelta

from curation.edits import Edit, choose

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def edit(number, editor, text, minute=0):
    return Edit(f"edit-{number}", editor, text, BEGIN + timedelta(minutes=minute))


def test_no_edit_gives_no_choice():
    choice = choose([])

    assert (choice.chosen, choice.alternatives) == (None, ())


def test_the_last_edit_of_a_person_counts():
    first, last = edit(1, "ann", "The first try of Ann."), edit(2, "ann", "Her second thought.", minute=5)

    choice = choose([last, first])

    assert (choice.chosen, choice.alternatives) == (last, ())


def test_the_text_on_which_most_agree_is_chosen_before_a_newer_one():
    ann = edit(1, "ann", "The capital of France is Paris.")
    bob = edit(2, "bob", "The capital of France is  Paris", minute=1)
    eve = edit(3, "eve", "Marseille, I believe, or perhaps Nice.", minute=2)

    choice = choose([ann, bob, eve])

    assert (choice.chosen, choice.alternatives) == (bob, (eve, ann))


def test_of_two_the_newer_is_chosen_and_of_two_at_once_the_first_by_id():
    older, newer = edit(2, "ann", "Lyon"), edit(1, "bob", "Paris", minute=1)
    at_once = edit(3, "eve", "Nice", minute=1)

    assert choose([older, newer]).chosen == newer
    assert choose([at_once, newer]).chosen == newer
    assert choose([newer, at_once]).chosen == newer


def test_people_who_are_unknown_are_different_people():
    edits = [edit(1, "", "Paris"), edit(2, "", "Paris", minute=1), edit(3, "bob", "Rome", minute=2)]

    choice = choose(edits)

    assert choice.chosen == edits[1]
    assert choice.alternatives == (edits[2], edits[0])


def test_the_order_of_edits_changes_nothing():
    edits = [edit(number, f"user-{number}", f"Answer {number % 4} of many", minute=number % 5) for number in range(30)]

    assert choose(edits) == choose(reversed(edits))
    assert len(choose(edits).alternatives) == 29
