"""The helpers of a context return another one and leave it as it is."""

from tests.exports.pipelines.experiments import context


def test_artifacts_metrics_and_outputs_are_added():
    empty = context("curate")

    full = empty.put_artifact("path", "a.jsonl").put_metric("n", 1).merge_metrics({"m": 2}).add_output("first")
    full = full.add_outputs(["second", "third"]).update_metric("n", lambda n: n + 1)

    assert (full.get_artifact("path"), full.has_artifact("path")) == ("a.jsonl", True)
    assert (full.get_artifact("other"), full.get_artifact("other", 7), full.has_artifact("other")) == (None, 7, False)
    assert (full.metrics, full.get_metric("m"), full.get_metric("k", 0)) == ({"n": 2, "m": 2}, 2, 0)
    assert full.update_metric("new", lambda value: value + 1, default=0).get_metric("new") == 1
    assert full.outputs == ("first", "second", "third")
    assert (empty.artifacts, empty.metrics, empty.outputs) == ({}, {}, ())


def test_stages_are_completed_in_order_and_once():
    after = context("curate").mark_stage_complete("b").mark_stage_complete("a").mark_stage_complete("b")

    assert after.completed_stages() == after.assigns["completed_stages"] == ["b", "a"]
    assert (after.stage_completed("a"), after.stage_completed("c")) == (True, False)


def test_values_are_assigned():
    after = context("curate").assign(a=1).assign(b=2, a=3)

    assert after.assigns == {"a": 3, "b": 2}
