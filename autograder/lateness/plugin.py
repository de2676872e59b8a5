"""A late submission plugin of nbgrader as a policy for late work."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from autograder.errors import UsageError
from autograder.lateness.policy import Charge, HandIn, LatePolicy


class PluginPolicy(LatePolicy):
    """Asks the plugin that a course's nbgrader configuration names, notebook by notebook.

    As in nbgrader, the plugin is asked for late hand-ins only, and a penalty is at least 0 and at
    most the earned points. The notebook's own lateness is given to the plugin. Raises UsageError if
    the plugin cannot be made, fails, or returns no finite number.
    """

    def __init__(self, config: Config) -> None:
        try:
            step = AssignLatePenalties(config=config)
            step.init_plugin()
            self._plugin = step.plugin_inst
        except Exception as error:  # traitlets' errors, and any exception of the plugin
            named = config.AssignLatePenalties.get("plugin_class", "LateSubmissionPlugin")
            raise UsageError(
                f"the late submission plugin {_named(named)} cannot be used: "
                f"{type(error).__name__}: {error}"
            ) from error

    def charges(self, hand_ins: Sequence[HandIn]) -> Mapping[tuple[str, str], Charge]:
        """The charges of one student by assignment and notebook; late notebooks only."""
        return {
            (one.assignment, one.notebook): Charge(one.days_late, 0, self._fraction(one))
            for one in hand_ins
            if one.late_by
        }

    def _fraction(self, hand_in: HandIn) -> float:
        """The part of the earned points that the plugin takes off."""
        late_by, points = hand_in.late_by, hand_in.points
        if not late_by or points <= 0:
            return 0.0
        name = _named(type(self._plugin))
        try:
            penalty = self._plugin.late_submission_penalty(
                hand_in.student, points, late_by.total_seconds()
            )
            number = 0.0 if penalty is None else float(penalty)
        except Exception as error:  # any exception of the plugin
            raise UsageError(
                f"the late submission plugin {name} failed for {hand_in.student}, "
                f"{hand_in.assignment}/{hand_in.notebook}: {type(error).__name__}: {error}"
            ) from error
        if not math.isfinite(number):
            raise UsageError(
                f"the late submission plugin {name} returned the penalty {number} for "
                f"{hand_in.student}, {hand_in.assignment}/{hand_in.notebook}: expected a number"
            )
        return _share(min(max(number, 0.0), points), points)


def _share(penalty: float, points: float) -> float:
    """The fraction that gives ``penalty`` when it is multiplied by ``points``."""
    share = penalty / points
    near = (share, math.nextafter(share, 0.0), math.nextafter(share, 1.0))
    return next((one for one in near if one * points == penalty), share)


def _named(plugin: object) -> str:
    """The name of a plugin's class, given as a class or as text."""
    return f"{plugin.__module__}.{plugin.__qualname__}" if isinstance(plugin, type) else str(plugin)
