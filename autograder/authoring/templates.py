"""The texts of new files, made from ``templates/``."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined


def text_of(template: str, **values: object) -> str:
    """The text of a template with these values."""
    environment = Environment(
        loader=PackageLoader("autograder.authoring"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # Python, TOML and Markdown, of names that were checked
    )
    return environment.get_template(f"{template}.j2").render(**values)


def exercise_files(assignment: str, module: str, exercise: str) -> dict[str, str]:
    """The texts of the files in the folder of a new exercise, by name.

    ``module`` is the reference module of its notebook.
    """
    names = ("check.py", "misconceptions.toml", "right.py", "wrong.py")
    values = {"assignment": assignment, "module": module, "name": exercise}
    return {name: text_of(name, **values) for name in names}
