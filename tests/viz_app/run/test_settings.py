"""Settings: what a person writes into a field or an address, and what is refused."""

from __future__ import annotations

import pytest

from core.data import load_dataset
from viz_app.run.settings import SETTINGS, SettingValue

DATA = load_dataset("shapes")


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("learning_rate", "0.02", 0.02),
        ("learning_rate", "0,05", 0.05),
        ("learning_rate", " 1e-7 ", 1e-7),
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
        *(("batch_size", text) for text in ("5.7", "1,000", "0", "-1", "1_0", "0x10", "1e300")),
        *(("seed", text) for text in ("1e20", "9007199254740993", "-1", "1.5", "9" * 5000)),
    ],
)
def test_what_is_no_value_is_refused_with_what_was_given_and_what_is_expected(
    name: str, text: str
) -> None:
    with pytest.raises(ValueError, match="expected") as refused:
        SETTINGS[name].parse(text, DATA)
    message = str(refused.value)
    assert message.startswith(SETTINGS[name].title)
    assert "literal" not in message
    assert len(message) < 200
