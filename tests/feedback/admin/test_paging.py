"""From one page of a list to the next and back, while rows come and go."""

import pytest
from django.urls import reverse

from tests.feedback.stores import rows

EVENTS = reverse("admin:feedback_event_changelist")
SIGNALS = reverse("admin:feedback_signal_changelist")
LISTS = {
    EVENTS: lambda number: rows.event(number),
    SIGNALS: lambda number: rows.signal(number, of=number),
}
both_lists = pytest.mark.parametrize(("address", "row"), LISTS.items(), ids=["events", "signals"])


def shown(changelist):
    return [rows.number_of(str(row.pk)) for row in changelist.result_list]


def opened(console, address, link):
    return console.get(f"{address}{link}").context["cl"]


def down(newest, oldest):
    return list(range(newest, oldest - 1, -1))


@both_lists
def test_pages_neither_skip_nor_repeat_while_rows_arrive(console, any_store, address, row):
    rows.write(any_store, *map(row, range(100, 220)))

    first = opened(console, address, "")
    rows.write(any_store, *map(row, range(300, 310)))
    second = opened(console, address, first.older)
    rows.write(any_store, row(99))
    third = opened(console, address, second.older)
    back = opened(console, address, third.newer)
    top = opened(console, address, back.newer)
    above = opened(console, address, top.newer)

    assert (shown(first), first.newer, first.newest) == (down(219, 170), None, None)
    assert (shown(second), shown(third), third.older) == (down(169, 120), down(119, 99), None)
    assert (shown(back), shown(top)) == (shown(second), shown(first))
    assert (shown(above), above.newer) == (down(309, 300), None)
    assert shown(opened(console, address, third.newest)) == [*down(309, 300), *down(219, 180)]


@both_lists
def test_rows_of_one_moment_are_each_on_one_page(console, any_store, address, row):
    together = {"occurred_at": rows.minutes(0)}
    rows.write(any_store, *(row(number) | together for number in range(1, 56)))

    first = opened(console, address, "")
    second = opened(console, address, first.older)

    assert shown(first) + shown(second) == down(55, 1)


def test_links_to_pages_keep_filters_and_filters_start_again(console, any_store):
    rows.write(any_store, *(rows.event(number, deployment_id="ab"[number % 2]) for number in range(1, 121)))

    first = opened(console, EVENTS, "?deployment_id=a&checks=")
    second = opened(console, EVENTS, first.older)

    assert [number % 2 for number in shown(second)] == [0] * 10
    assert second.counted == "60 events"
    assert second.newest == "?checks=&deployment_id=a"
    assert [spec.title for spec in second.filter_specs if "cursor" in str(list(spec.choices(second)))] == []


def test_the_page_that_has_emptied_becomes_the_first(console, any_store):
    rows.write(any_store, *(rows.event(number) for number in range(1, 61)))
    first = opened(console, EVENTS, "")
    any_store.remove_events([rows.event_id(number) for number in range(1, 11)])

    emptied = opened(console, EVENTS, first.older)

    assert (shown(emptied), emptied.newest, emptied.older) == (down(60, 11), None, None)


def test_the_links_stand_below_the_list(console, any_store):
    rows.write(any_store, *(rows.event(number) for number in range(1, 61)))

    first = console.get(EVENTS)
    second = console.get(f"{EVENTS}{first.context['cl'].older}")

    assert [rel in first.content.decode() for rel in ('rel="next"', 'rel="prev"', ">Newest<")] == [True, False, False]
    assert [rel in second.content.decode() for rel in ('rel="next"', 'rel="prev"', ">Newest<")] == [False, True, True]
