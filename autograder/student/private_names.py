"""Private names of IPython and torch that the engine uses: a newer version may lack one.

The fork server looks them up before it serves, so that a missing name is told by its name and not
by a verdict. ``torch_watch.recorder`` imports its own, which tells the same.
"""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version

NAMES = (
    "IPython.core.compilerop:CachingCompiler.ast_parse",
    "IPython.core.debugger:Pdb.interaction",
    "IPython.core.history:HistoryManager.enabled",
    "IPython.core.interactiveshell:ExecutionResult.error_before_exec",
    "IPython.core.interactiveshell:ExecutionResult.error_in_exec",
    "IPython.core.interactiveshell:InteractiveShell._showtraceback",
    "IPython.core.interactiveshell:InteractiveShell.compiler_class",
    "IPython.core.interactiveshell:InteractiveShell.enable_gui",
    "IPython.core.interactiveshell:InteractiveShell.init_display_formatter",
    "IPython.core.interactiveshell:InteractiveShell.input_transformers_post",
    "IPython.core.interactiveshell:InteractiveShell.should_run_async",
    "IPython.core.interactiveshell:InteractiveShell.transform_cell",
    "IPython.core.interactiveshell:InteractiveShell.var_expand",
    "IPython.core.displayhook:DisplayHook.flush",
    "torch:_tensor_str._str",
    "torch:_GLOBAL_DEVICE_CONTEXT",
    "torch.autograd.graph:_engine_run_backward",
    "torch.compiler:set_stance",
    "torch.utils._python_dispatch:TorchDispatchMode.__torch_dispatch__",
    "torch.utils._python_dispatch:_get_current_dispatch_mode",
    *(
        f"torch._C._autograd:{name}"
        for name in (
            "_disable_profiler", "_enable_profiler", "_prepare_profiler", "_profiler_enabled",
            "kineto_available",
        )
    ),
)  # fmt: skip


class PrivateNameMissing(Exception):
    """IPython or torch lacks a name that the engine uses."""


def check_private_names(names: tuple[str, ...] = NAMES) -> None:
    """Raise PrivateNameMissing, with the names and the versions, if some are not there."""
    missing = [name for name in names if not _is_there(name)]
    if missing:
        raise PrivateNameMissing(
            f"{', '.join(missing)} cannot be found in IPython {_version('ipython')} and torch "
            f"{_version('torch')}. Install the versions in constraints.txt."
        )


def _is_there(name: str) -> bool:
    module, _, path = name.partition(":")
    try:
        found: object = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError):
        return False
    return True


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "?"
