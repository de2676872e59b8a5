"""The paragraph of a lesson about help, collaboration and the due date."""

from __future__ import annotations

from autograder.config.settings import Settings

_NO_RULES = (
    "The rules of your course say what help is allowed, from people and from programs. If you are "
    "not sure, ask before you hand in."
)
_PAGE = "The due date is on the [course page](<{}>)."


def help_text(settings: Settings) -> str:
    """The text for ``@HELP@`` in Markdown, from the settings ``help`` and ``course_url``.

    Without ``help`` a neutral sentence points to the rules of the course; without ``course_url``
    there is no sentence about the due date.
    """
    rules = settings.help.strip()
    page = [_PAGE.format(settings.course_url)] if settings.course_url else []
    return "\n\n".join([rules, *page]) if rules else " ".join([_NO_RULES, *page])
