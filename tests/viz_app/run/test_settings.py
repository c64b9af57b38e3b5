"""Settings: what a person writes into a field or an address, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from core.data import load_dataset
from tests.viz_app.viewers import opened, viewer_of
from viz_app.controls.settings.fields import SettingsFields
from viz_app.run.presets import with_network
from viz_app.run.settings import SETTINGS, SettingValue, whole

DATA = load_dataset("shapes")


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("learning_rate", "0.02", 0.02),
        ("learning_rate", "0,05", 0.05),
        ("learning_rate", " 1e-7 ", 1e-7),
        ("learning_rate", "1e−7", 1e-7),
        ("learning_rate", "1,000000001", 1.000000001),
        ("batch_size", "1e2", 100),
        ("batch_size", "12", 12),
        ("batch_size", "12.0", 12),
        ("seed", "9007199254740992", 2**53),
        ("seed", "0", 0),
    ],
)
def test_a_number_means_what_was_written(name: str, text: str, wanted: SettingValue) -> None:
    value = SETTINGS[name].parse(text, DATA)
    assert value == wanted
    assert type(value) is type(wanted)
    assert SETTINGS[name].parse(SETTINGS[name].write(value), DATA) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("learning_rate", text) for text in ("", "abc", "5%", "1,000", "1e300", "nan", "inf")),
        *(("learning_rate", text) for text in ("1e-400", "0", "0e5", "-1e-400")),
        *(("dtype", text) for text in ("float16", "")),
        *(("batch_size", text) for text in ("5.7", "1,000", "0", "-1", "1_0", "0x10", "1e300")),
        *(
            ("seed", text)
            for text in ("1e-400", "1e20", "9007199254740993", "-1", "1.5", "9" * 5000)
        ),
    ],
)
def test_what_is_no_value_is_refused_with_what_was_given_and_what_is_expected(
    name: str, text: str
) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        SETTINGS[name].parse(text, DATA)
    message = str(refused.value)
    # What was typed, not what became of it.
    assert message.startswith(f"{SETTINGS[name].title} is {text[:60] or 'empty'}")
    assert "literal" not in message
    assert len(message) < 200


@pytest.mark.parametrize("value", ["float32", np.float32, np.dtype("float32"), np.dtype("<f4")])
def test_a_type_of_numpy_is_taken_for_its_name(value: object) -> None:
    assert SETTINGS["dtype"].check(value, DATA) == "float32"


@pytest.mark.parametrize("value", ["0.1", "", [0.1], None])
def test_what_is_passed_is_repeated_as_python_writes_it(value: object) -> None:
    with pytest.raises(ValueError, match="expected a number") as refused:
        SETTINGS["learning_rate"].check(value, DATA)
    assert str(refused.value).startswith(f"Learning rate is {value!r}; expected a number above 0")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(3, 3), (3.0, 3), (np.int64(3), 3), (3.5, None), ("3", None), (True, None), (11, None)],
)
def test_whole_numbers(value: object, wanted: int | None) -> None:
    assert whole(value, 1, 10) == wanted


@pytest.mark.parametrize(
    ("name", "text"), [("learning_rate", "1e-400"), ("learning_rate", "1e39"), ("seed", "-1e0")]
)
def test_a_field_that_is_refused_repeats_what_was_typed(name: str, text: str) -> None:
    viewer = viewer_of()
    field = SettingsFields(viewer).fields[name]
    before = field.value
    field.value = text
    assert viewer.message.startswith(f"{SETTINGS[name].title} is {text}; expected ")
    assert field.value == before


@pytest.mark.parametrize("own", [False, True])
def test_data_and_precision_can_be_chosen_with_an_own_network_too(own: bool) -> None:
    """Also in a page that is opened in its place, which never had the preset."""
    viewer = viewer_of()
    if own:
        network = "flatten, linear {classes}"
        viewer.run.begin(with_network(viewer.run.recipe, network))
    for person in (viewer, opened(viewer)):
        fields = SettingsFields(person)
        assert bool(person.run.recipe.preset) != own
        assert fields.column() == list(fields.fields.values())
