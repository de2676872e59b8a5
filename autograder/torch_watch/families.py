"""Families of ready-made functions, by name: convolution, pooling, normalisation and more.

An operation of torch is written ``aten::max_pool2d``, a library's function
``scipy.signal.lfilter``. Names decide, so an operation of a newer torch belongs to the family that
its name tells. Names that only look like members are exceptions, listed here.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Family(StrEnum):
    """Kinds of ready-made functions."""

    CONVOLUTION = "convolution"
    FOLDING = "folding"
    POOLING = "pooling"
    NORMALISATION = "normalisation"
    GRADIENT = "gradient"  # of one operation, called by its own name
    AUTOGRAD = "autograd"
    HIDING = "hiding"  # hides from the grader which functions run
    LOOP = "loop"  # calls a function for each element


# -- operations of torch --------------------------------------------------------------------------

_NAMES: tuple[tuple[Family, re.Pattern[str]], ...] = (
    (Family.CONVOLUTION, re.compile(r"conv(?!ert|ers)|correlat(?:e|ion_?\d?d)|xcorr|fir_?filter")),
    (Family.FOLDING, re.compile(r"(?:^|_)(?:un)?fold(?:ed|ing)?\d*d?(?:_|$)|im2col|col2im")),
    (Family.POOLING, re.compile(r"pool")),
    (Family.NORMALISATION, re.compile(r"(?:^|_)[a-z]*norm(?:s|\d+d)?(?:_|$)")),
    (Family.GRADIENT, re.compile(r"backward|(?:^|_)(?:jvp|vjp|grad)(?:_|$)")),
)
_DIFFERENTIATES = frozenset((
    "_backward", "backward", "_make_dual", "_make_dual_copy", "_unpack_dual",
))  # fmt: skip

# pattern of whole names -> the reason why they belong to no family, or only to gradients
EXCEPTIONS: tuple[tuple[str, str, Family | None], ...] = (
    (r"unfold|unfold_copy", "Tensor.unfold, a view of windows", None),
    (r"unfold_backward", "the gradient of Tensor.unfold", Family.GRADIENT),
    (r"_philox_key_fold_in", "random numbers", None),
    (r"_alloc_from_pool", "memory", None),
    (r"(?:native_|frobenius_|nuclear_|_foreach_)?norm|norm_except_dim", "a vector's norm", None),
    (r"linalg_\w*norm", "the norm of a vector or matrix", None),
    (r"_?(?:embedding_)?renorm", "rows scaled to a largest norm", None),
    (r"_weight_norm\w*(?<!backward)", "a weight divided by its norm", None),
    (r"_weight_norm\w*backward", "a weight divided by its norm", Family.GRADIENT),
    (r"_standard_gamma_grad|_dirichlet_grad", "samples of a distribution", Family.GRADIENT),
    (r"(?:requires|retains?)_grad", "a flag of a tensor", None),
)  # fmt: skip
_EXCEPTIONS = tuple((re.compile(pattern), family) for pattern, _, family in EXCEPTIONS)


def base_name(operation: str) -> str:
    """``aten::max_pool2d.out`` -> ``max_pool2d``, ``aten::relu_`` -> ``relu``."""
    name = operation.rpartition("::")[2].split(".")[0].lower()
    return name.rstrip("_") or name


def family_of_operation(operation: str) -> Family | None:
    """The family of an operation of torch; None if no family has it."""
    name = base_name(operation)
    if name in _DIFFERENTIATES:
        return Family.AUTOGRAD
    for pattern, family in _EXCEPTIONS:
        if pattern.fullmatch(name):
            return family
    return _by_name(name)


def _by_name(name: str) -> Family | None:
    return next((family for family, pattern in _NAMES if pattern.search(name)), None)


# -- functions of libraries -----------------------------------------------------------------------

# parts of torch written in Python that compute an operation out of others
_REFERENCES = re.compile(r"torch\._(?:decomp|refs|prims|inductor|numpy)\b")
_AUTOGRAD = re.compile(
    r"torch\.autograd\.(?:backward|grad|functional\.\w+|forward_ad\.\w+|gradcheck\.\w+)"
    r"|torch\._functorch\.(?:eager_transforms|apis|autograd_function|aot_autograd)\.\w*"
    r"(?:grad|vjp|jvp|jac|hessian|linearize|aot_)\w*"
    r"|torch\.fx\.graph_module\..*(?:__call__|call_wrapped)|torch\.nn\.grad\.\w+"
    r"|(?:jax|autograd|tensorflow)\b.*\.(?:grad|vjp|jvp|jac\w+|linearize|gradient|GradientTape\.\w+)"
)
_HIDING = re.compile(
    r"(?:ctypes|_ctypes|cffi|_cffi_backend|numba|cython|subprocess|onnxruntime"
    r"|multiprocessing(?!\.(?:dummy|pool\.ThreadPool|pool\.Pool\.(?!__init__)|pool\.\w*Result)\b)"
    r"|torch\.utils\.cpp_extension|torch\.multiprocessing|torch\._inductor|torch\.package|triton"
    r"|tvm|autograder)\b"
)
_LOOP = re.compile(r"numpy\b.*\b(?:vectorize|frompyfunc|apply_along_axis|apply_over_axes)\b")
# family -> modules and names, where the words of a family do not tell
_LIBRARIES: tuple[tuple[Family | None, re.Pattern[str]], ...] = (
    (None, re.compile(r"scipy\.signal\.windows\b|scipy\.signal\..*\b(?:get_window|chirp|square)")),
    (Family.CONVOLUTION, re.compile(r"scipy\.signal\b")),
    (
        Family.POOLING,
        re.compile(
            r"scipy\.ndimage\b.*\b\w*(?:maximum|minimum|median|rank|percentile|uniform|generic)_"
            r"filter\w*|scipy\.ndimage\b.*\b\w*(?:dilation|erosion|opening|closing)\w*"
            r"|cv2\.(?:dilate|erode|morphologyEx|medianBlur)"
            r"|skimage\b.*\b(?:block_reduce|downscale_local_mean|\w*dilation|\w*erosion)"
            r"|skimage\.filters\.rank\b|pandas\b.*\brolling\b|pandas\b.*\.(?:Rolling|Expanding)\b.*"
            r"|bottleneck\.move_\w+|PIL\b.*\.(?:reduce|rankfilter|modefilter)"
            r"|jax\b.*\breduce_window\w*|sklearn\b.*\bPooling\w*"
        ),
    ),
    (
        Family.CONVOLUTION,
        re.compile(
            r"scipy\.ndimage\b.*\b(?:\w*filter\w*|\w*gradient_magnitude|\w*laplace|sobel|prewitt)"
            r"|PIL\.ImageFilter\b.*|PIL\b.*\.(?:filter|gaussian_blur|box_blur)"
            r"|cv2\.(?:filter2D|sepFilter2D|\w*[bB]lur|\w*[bB]oxFilter|\w*bilateralFilter|Sobel"
            r"|Scharr|Laplacian|matchTemplate|pyrDown|pyrUp|spatialGradient|Canny|dnn\b.*)"
            r"|skimage\.filters\b.*|skimage\b.*\bmatch_template|kornia\.filters\b.*"
            r"|astropy\.convolution\b.*|torchvision\b.*\b(?:gaussian_blur|GaussianBlur)\w*"
            r"|torchaudio\b.*\b(?:lfilter|filtfilt|biquad)|\w+\b.*\b(?:filter2d|gaussian_blur)"
        ),
    ),
    (
        Family.NORMALISATION,
        re.compile(
            r"sklearn\.preprocessing\b.*\b(?:scale|normalize|\w+Scaler|Normalizer|transform\w*)"
            r"|scipy\.stats\b.*\b(?:zscore|gzscore|zmap)|cv2\.(?:normalize|\w*NormLayer)"
            r"|torchvision\b.*\.(?:normalize\w*|Normalize)"
            r"|jax\b.*\.standardize|tensorflow\b.*\b(?:\w*normalization\w*|\w*Normalization)"
            r"|keras\b.*\b(?:\w*normalization\w*|\w*Normalization)"
        ),
    ),
)  # fmt: skip
# modules whose functions never count by the words of a family alone
_NEVER = re.compile(
    r"(?:torch|builtins|posix|_\w+|importlib|matplotlib|IPython|typing|collections|re|encodings"
    r"|traitlets|logging|warnings|functools|concurrent|asyncio|urllib3|numpy\.linalg|unicodedata"
    r"|string|json|inspect|ast|dis|copy|contextlib|threading|tokenize|linecache|posixpath"
    r"|statistics|tempfile|joblib|multiprocessing|networkx|PIL|scipy\.spatial|scipy\.stats)\b"
)
_PRIVATE = re.compile(r"\._(?!_)\w*$")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def family_of_call(function: str) -> Family | None:
    """The family of a library's function, by its module and name; None if no family has it."""
    if _HIDING.match(function):
        return Family.HIDING
    if _LOOP.match(function):
        return Family.LOOP
    if _AUTOGRAD.fullmatch(function):
        return Family.AUTOGRAD
    if _REFERENCES.match(function):
        name = function.rpartition(".")[2]
        return Family.NORMALISATION if name == "_normalize" else family_of_operation(name)
    for family, pattern in _LIBRARIES:
        if pattern.match(function):
            return family
    if _NEVER.match(function) or _PRIVATE.search(function):
        return None  # the public functions that call them are seen
    words = _CAMEL.sub("_", ".".join(function.split(".")[-2:])).lower().replace(".", "_")
    family = _by_name(words)
    if family is Family.GRADIENT or (family is Family.NORMALISATION and words.endswith("_norm")):
        return None  # np.gradient is a difference, a vector's norm is a number
    return family


# -- tricks ------------------------------------------------------------------------------------

TRICKS = frozenset((
    "_ExcludeDispatchKeyGuard", "ExcludeDispatchKeyGuard", "_IncludeDispatchKeyGuard",
    "_ForceDispatchKeyGuard", "_SetExcludeDispatchKeyGuard", "_PreserveDispatchKeyGuard",
    "_DisableTorchDispatch", "DisableTorchFunction", "DisableTorchFunctionSubclass",
    "_DisableFuncTorch", "_DisablePythonDispatcher", "_AutoDispatchBelowAutograd",
    "_AutoDispatchBelowADInplaceOrView", "_disable_current_modes", "_pop_mode",
    "_pop_mode_temporarily", "_pop_torch_dispatch_stack", "_pop_torch_function_stack",
    "_push_on_torch_dispatch_stack", "_unset_dispatch_mode", "_set_dispatch_mode",
    "_get_dispatch_mode", "_get_dispatch_stack_at", "_len_torch_dispatch_stack",
    "_get_current_dispatch_mode", "_get_current_dispatch_mode_stack", "_python_dispatch",
    "no_dispatch", "_dispatch_tls_set_dispatch_key_excluded",
    "_dispatch_tls_set_dispatch_key_included", "_dispatch_call_boxed",
    "_dispatch_get_computed_kernel_for_dispatch_key", "_op_dk", "_get_operation_overload",
    "redispatch", "redispatch_boxed", "get_kernel", "call_boxed", "_jit_to_static_module",
    "StaticModule", "_prepare_profiler", "_enable_profiler", "_disable_profiler",
    "_enable_profiler_legacy", "_disable_profiler_legacy", "_enable_record_function",
    "_set_empty_test_observer", "setprofile", "settrace", "setprofile_all_threads",
    "settrace_all_threads", "_setprofile", "_settrace", "call_tracing", "f_trace",
    "addaudithook", "load_inline", "cpp_extension", "posix_spawn", "fork", "forkpty",
    "start_new_thread", "autograder",
))  # fmt: skip
# of these a name or a text alone says nothing: an attribute or a setting may be called so
ORDINARY = frozenset(("fork", "forkpty", "posix_spawn", "get_kernel"))
