"""Changes a setting of a run: on its way if the setting allows that, otherwise in a new run."""

from __future__ import annotations

from core.data import load_dataset
from viz_app.run.anew.data import begin_with
from viz_app.run.anew.fitting import begin_fitting
from viz_app.run.past.leaving import begin_instead
from viz_app.run.presets import with_network, with_preset
from viz_app.run.recipe import OWN_DATA
from viz_app.run.run import Run
from viz_app.run.settings import SETTINGS, SettingValue, shown, too_long_for_a_link
from viz_app.words import joined


def change_setting(run: Run, name: str, value: object) -> str:
    """Change a setting of a run, or begin it anew with the setting.

    Returns:
        What should be said about it; empty as a rule.

    Raises:
        ValueError, SpecError, DataError, DivergenceError: it cannot be changed so; the message
            says why, and nothing has changed.
    """
    run.check_free()
    setting = SETTINGS[name]
    if value == run.settings[name]:
        return ""
    wanted = setting.check(value, run.data)
    if name == "learning_rate" and run.recipe.has_own_schedule:
        raise ValueError("The learning rate follows a schedule, which decides it.")
    if setting.change is not None:
        return run.change(name, wanted)
    of = setting.title[0].lower() + setting.title[1:]
    called = setting.titles.get(str(wanted), str(wanted))
    if wanted == OWN_DATA and run.own is not None:
        called = run.own.title
    return begin_instead(run, f"{of} {shown(called)}", lambda: _begin_with(run, name, wanted))


def restart(run: Run) -> str:
    """Make a run anew with the settings as they are; return what should be said about it."""

    def begin() -> str:
        run.begin(run.recipe_now())
        return ""

    return begin_instead(run, "new beginning with the same settings", begin)


def _begin_with(run: Run, name: str, wanted: SettingValue) -> str:
    """Make a run anew with another setting; return what should be said of how."""
    if name == "preset":
        run.begin(with_preset(run.recipe, str(wanted)))
    elif name == "network":
        said = begin_fitting(run, with_network(run.recipe_now(), str(wanted)))
        return joined(said, too_long_for_a_link(str(wanted)))
    elif name == "dataset":
        data = run.own if wanted == OWN_DATA else load_dataset(str(wanted))
        if data is None:
            raise ValueError("There is no own data set yet: choose its files first.")
        return begin_with(run, str(wanted), data)
    else:
        run.begin(run.recipe_now().with_(**{name: wanted}))
    return ""
