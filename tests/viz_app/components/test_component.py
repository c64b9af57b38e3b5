"""What Panel makes of our components."""

from __future__ import annotations

from viz_app.components.files.upload import Upload


def test_a_script_is_taken_by_the_browser_as_it_is() -> None:
    model = Upload(lambda *_: None, lambda *_: None).get_root()
    sent = model.properties_with_values()
    # Panel's model in the browser translates what is no bundle, on every visit.
    assert sent["bundle"]
    assert "export function render" in sent["esm"]
