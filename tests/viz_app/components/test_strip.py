"""What stands at both ends of the network."""

from __future__ import annotations

import pytest

from tests.viz_app.viewers import own_data, viewer_of
from viz_app.components.navigation.strip import ends_of


def test_a_network_may_tell_more_classes_apart_than_the_data_have() -> None:
    viewer = viewer_of("one", network="conv 1 k3, flatten, linear 40")
    names = viewer.trace.class_names
    shown = [one["name"] for one in ends_of(viewer.trace, 0)["classes"]]
    others = [name for name in shown if name not in names]
    assert others
    assert all(len(names) <= int(name) < 40 for name in others)


@pytest.mark.parametrize("loss", ["mse", "l1"])
def test_without_probabilities_the_outputs_of_the_classes_are_shown(loss: str) -> None:
    viewer = viewer_of("one", loss=loss)
    trace = viewer.trace
    shown = ends_of(trace, 0)["classes"]
    outputs = next(s for s in trace.stages if s.phase == "loss").array("X_out")[0]
    by_name = dict(zip(trace.class_names, outputs.tolist(), strict=True))
    assert shown
    assert not any(one["is_share"] for one in shown)
    assert [by_name[one["name"]] for one in shown] == [one["score"] for one in shown]
    assert [one["name"] for one in shown if one["predicted"]] == [
        max(by_name, key=by_name.__getitem__)
    ]
    assert [one["name"] for one in shown if one["true"]] == [trace.class_names[trace.targets[0]]]


@pytest.mark.parametrize(("loss", "is_share"), [("mse", False), ("bce", True)])
def test_one_output_is_shown_beside_its_target(loss: str, is_share: bool) -> None:
    data = own_data()
    viewer = viewer_of("one", network="flatten, linear 1", loss=loss, data=data, batch_size=4)
    trace = viewer.trace
    stage = next(s for s in trace.stages if s.phase == "loss")
    outputs = stage.array("sigmoid_probabilities" if is_share else "X_out")
    for sample in range(3):
        output, target = ends_of(trace, sample)["classes"]
        assert (output["name"], output["score"]) == ("output", outputs[sample, 0])
        assert (target["name"], target["score"]) == ("target", trace.targets[sample])
        assert output["is_share"] == target["is_share"] == is_share
