"""What stands at both ends of the network."""

from __future__ import annotations

from tests.viz_app.viewers import viewer_of
from viz_app.components.navigation.strip import ends_of


def test_a_network_may_tell_more_classes_apart_than_the_data_have() -> None:
    viewer = viewer_of("one", network="conv 1 k3, flatten, linear 40")
    names = viewer.trace.class_names
    shown = [one["name"] for one in ends_of(viewer.trace, 0)["classes"]]
    others = [name for name in shown if name not in names]
    assert others
    assert all(len(names) <= int(name) < 40 for name in others)
