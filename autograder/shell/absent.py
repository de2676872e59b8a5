"""Stand-ins for packages that Colab ships and that are not installed here.

An import that the answer does not need must not cost the answer. A stand-in can be imported, and
named in annotations, defaults and decorators; where it is used it raises, with the package's name.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType
from typing import Any, NoReturn

from autograder.shell.remarks import STAND_IN, Remark, colab_packages, package_of

_CATCHES_IMPORTS = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


class PackageMissing(ImportError):
    """Something of a package was used that is not installed where notebooks are graded."""


def install(remark: Remark, is_own: Callable[[str], bool]) -> None:
    """Let imports in files that ``is_own`` knows find stand-ins where nothing else is found."""
    sys.meta_path.append(_Finder(colab_packages(), remark, is_own))


def package_lacking(error: ImportError) -> str:
    """The package of Colab's whose absence an import failed for; empty if it was another's."""
    return package_of(str(error.name or ""), colab_packages())


def imported_by(statement: ast.stmt | None, error: ImportError) -> dict[str, StandIn]:
    """Stand-ins for the names of a failed import, if it lacked only a package of Colab."""
    package = package_lacking(error)
    if not package or not isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {}
    module = f"{statement.module}." if isinstance(statement, ast.ImportFrom) else ""
    return {
        alias.asname or alias.name.partition(".")[0]: StandIn(f"{module}{alias.name}", package)
        for alias in statement.names
    }


class StandIn:
    """Something out of a missing package; part of it is one too."""

    def __init__(self, name: str, package: str = "") -> None:
        object.__setattr__(self, "_stand_in_for", name)
        object.__setattr__(self, "_package", package or package_of(name, colab_packages()))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # of such, libraries ask whether it is there
            raise AttributeError(name)
        return _part(self, f".{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not sys._getframe(1).f_code.co_flags & inspect.CO_OPTIMIZED:  # not in a function
            return _part(self, "(...)")
        return _refuse(self)

    def __getitem__(self, key: Any) -> Any:
        return _part(self, "[...]")

    def __or__(self, other: Any) -> Any:
        return self

    __ror__ = __or__

    def __instancecheck__(self, value: Any) -> bool:
        return False

    def __subclasscheck__(self, kind: Any) -> bool:
        return False

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        def refuse(cls: type, *args: Any, **kwargs: Any) -> NoReturn:
            _refuse(self)

        return (type("Missing", (), {"__new__": refuse, "__doc__": _named(self)}),)

    def __repr__(self) -> str:
        return f"<{_named(self)}, which is not installed here>"


def _named(stand_in: StandIn) -> str:
    name: str = object.__getattribute__(stand_in, "_stand_in_for")
    return name


def _part(stand_in: StandIn, name: str) -> StandIn:
    return StandIn(_named(stand_in) + name, object.__getattribute__(stand_in, "_package"))


def _refuse(stand_in: StandIn, *rest: Any) -> NoReturn:
    name = _named(stand_in)
    package = object.__getattribute__(stand_in, "_package")
    raise PackageMissing(
        f"{name} was used, but {package} is not installed where your notebook is graded. "
        "An answer should do with numpy, torch and matplotlib.",
        name=package,
    )


for _operation in (
    "array bool complex contains enter exit float index int iter len next add radd sub rsub mul"
    " rmul matmul rmatmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow and rand xor rxor"
    " lshift rshift neg pos abs invert lt le gt ge await aiter setitem delitem round"
).split():
    setattr(StandIn, f"__{_operation}__", _refuse)


class _MissingModule(ModuleType):
    """A module of a missing package."""

    __version__ = "0"

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__all__: list[str] = []
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return StandIn(f"{self.__name__}.{name}")


class _Finder:
    """The last finder of ``sys.meta_path``: Python asks it for modules that no other finder has."""

    def __init__(
        self, packages: frozenset[str], remark: Remark, is_own: Callable[[str], bool]
    ) -> None:
        self._packages = packages
        self._remark = remark
        self._is_own = is_own

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A stand-in's spec for a package of Colab's that a student's line imports."""
        parent = sys.modules.get(name.rpartition(".")[0])
        if not package_of(name, self._packages):
            return None
        if "." in name and not isinstance(parent, _MissingModule) and name != "google.colab":
            return None
        importer = self._importer()
        if importer is None or _is_prepared(importer):
            return None
        return ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type] # a loader it is

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The stand-in."""
        return _MissingModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Remark that it was needed."""
        name = module.__name__
        if name != "google":  # of which Colab's part is told
            self._remark(STAND_IN, package_of(name, self._packages))

    def _importer(self) -> FrameType | None:
        """The student's line that imports; None for a library's, and for a mere question."""
        frame: FrameType | None = sys._getframe(2)
        while frame is not None:
            module = str(frame.f_globals.get("__name__", ""))
            if frame.f_code.co_name == "find_spec" and module == "importlib.util":
                return None
            if module.partition(".")[0] != "importlib":
                return frame if self._is_own(frame.f_code.co_filename) else None
            frame = frame.f_back
        return None


def _is_prepared(importer: FrameType) -> bool:
    """Whether the line stands in a block that handles its failure: it should then fail."""
    try:
        tree = ast.parse("".join(linecache.getlines(importer.f_code.co_filename)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(
        node.body[0].lineno <= importer.f_lineno <= (node.body[-1].end_lineno or 0)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Try, ast.With)) and _handles(node)
    )


def _handles(block: ast.Try | ast.With) -> bool:
    if isinstance(block, ast.With):
        kinds = [
            kind
            for call in (item.context_expr for item in block.items)
            if isinstance(call, ast.Call) and "suppress" in ast.dump(call.func)
            for kind in call.args
        ]
    else:
        kinds = [handler.type for handler in block.handlers if handler.type is not None]
        if len(kinds) < len(block.handlers):
            return True
    return any(_names(kind) & _CATCHES_IMPORTS for kind in kinds)


def _names(expression: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}
