"""The policy for late work that a course's configuration chooses."""

from __future__ import annotations

from traitlets.config import Config

from autograder.config.nbgrader_config import folder_of
from autograder.config.settings import Settings
from autograder.lateness.late_days import LateDays
from autograder.lateness.own_class import OwnPolicy, importable
from autograder.lateness.policy import LatePolicy

_SETTINGS = ("late_policy", "late_days", "late_day_fraction")


def policy_of(config: Config) -> LatePolicy | None:
    """The policy of a course; None if it has none.

    A late submission plugin of nbgrader that the configuration sets wins over
    ``c.Autograder.late_policy``. Raises UsageError for wrong settings, and for a plugin or class
    that cannot be used.
    """
    if _sets_plugin(config):
        from autograder.lateness.plugin import PluginPolicy  # imports nbgrader's preprocessors

        with importable(folder_of(config)):
            return PluginPolicy(config)
    given = {name: value for name, value in config.Autograder.items() if name in _SETTINGS}
    settings = Settings.from_values(given)
    if settings.late_policy == "late_days":
        return LateDays(settings.late_days, settings.late_day_fraction)
    return OwnPolicy(settings.late_policy, folder_of(config)) if settings.late_policy else None


def _sets_plugin(config: Config) -> bool:
    """Whether the configuration sets nbgrader's plugin, or an option of it."""
    step = config.AssignLatePenalties
    return (
        bool(config.LateSubmissionPlugin)
        or "plugin_class" in step
        or bool(step.get("LateSubmissionPlugin"))
    )
