"""The family of every operation that this torch has, if it belongs to one."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
import torch

from autograder.torch_watch.families import (
    EXCEPTIONS,
    Family,
    base_name,
    family_of_call,
    family_of_operation,
)

REGISTRY = sorted(torch._C._dispatch_get_all_op_names())  # type: ignore[attr-defined]
# words of which a name should be looked at by a person before it is allowed
SUSPICIOUS = re.compile(
    r"conv(?!ert)|corr|fold|im2col|col2im|pool|norm(?!al)|filter|blur|backward|dual|jvp|vjp|_grad\b|grad_"
)


def of_family() -> dict[Family | None, set[str]]:
    found = defaultdict(set)
    for name in REGISTRY:
        found[family_of_operation(name)].add(base_name(name))
    return found


def test_every_operation_is_allowed_or_breaks_a_rule_by_name() -> None:
    """A name with a family's word in it is in that family, or in the table of exceptions."""
    assert len(REGISTRY) > 2500
    for name in REGISTRY:
        family = family_of_operation(name)
        assert family in (None, *Family)
        if family is None and SUSPICIOUS.search(base_name(name)):
            patterns = [pattern for pattern, _, kind in EXCEPTIONS if kind is None]
            allowed = any(re.fullmatch(pattern, base_name(name)) for pattern in patterns)
            assert allowed or base_name(name) in LOOKED_AT, name


LOOKED_AT = {  # names that suggest another family
    "corrcoef", "_test_autograd_multiple_dispatch", "_test_autograd_multiple_dispatch_view",
    "_test_autograd_multiple_dispatch_view_copy",
}  # fmt: skip


@pytest.mark.parametrize(
    ("family", "at_least", "members"),
    [
        (Family.CONVOLUTION, 60, "conv1d conv_tbc _slow_conv2d_forward convolution_backward qconv2d_pointwise conv2d_dynamic"),
        (Family.POOLING, 40, "max_pool2d_with_indices _adaptive_avg_pool3d max_unpool2d fractional_max_pool3d mkldnn_max_pool2d avg_pool2d_backward"),
        (Family.NORMALISATION, 40, "native_batch_norm batch_norm_elemt native_layer_norm rms_norm group_norm quantized_batch_norm _native_batch_norm_legit_functional instance_norm"),
        (Family.FOLDING, 2, "im2col col2im"),
        (Family.GRADIENT, 100, "unfold_backward slice_backward tanh_backward"),
        (Family.AUTOGRAD, 3, "_make_dual _backward"),
        (None, 1200, "unfold as_strided einsum matmul bmm norm linalg_vector_norm linalg_norm renorm normal var_mean std_mean cumsum amax mean fft_rfft2 _fft_r2c softmax embedding_bag upsample_bilinear2d index_put scatter_add segment_reduce reshape corrcoef cov normal_functional"),
    ],
)  # fmt: skip
def test_families_hold_what_their_names_say(
    family: Family | None, at_least: int, members: str
) -> None:
    names = of_family()[family]
    assert len(names) >= at_least
    known = {base_name(name) for name in REGISTRY}
    missing = {name for name in members.split() if name in known} - names
    assert not missing


def test_no_exception_is_for_nothing() -> None:
    """Each exception is there for an operation that its family's words would take in."""
    names = {base_name(name) for name in REGISTRY}
    for pattern, why, _ in EXCEPTIONS:
        assert why
        assert any(re.fullmatch(pattern, name) for name in names), pattern


@pytest.mark.parametrize(
    ("operation", "family"),
    [  # operations that no torch has yet
        ("aten::flash_conv4d", Family.CONVOLUTION),
        ("aten::_fused_bias_conv_relu.out", Family.CONVOLUTION),
        ("newdnn::qconvolution_pointwise", Family.CONVOLUTION),
        ("aten::cross_correlate2d", Family.CONVOLUTION),
        ("aten::soft_pool2d_", Family.POOLING),
        ("aten::adaptive_median_pool2d.default", Family.POOLING),
        ("aten::switchable_norm", Family.NORMALISATION),
        ("fast::batchnorm_stats", Family.NORMALISATION),
        ("aten::layernorm3d", Family.NORMALISATION),
        ("aten::unfold2d", Family.FOLDING),
        ("aten::fold_windows", Family.FOLDING),
        ("aten::stacked_im2col", Family.FOLDING),
        ("aten::erf_backward", Family.GRADIENT),
        ("aten::convert_layout", None),
        ("aten::correct_bias", None),
        ("aten::linalg_spectral_norm", None),
        ("aten::lognormal", None),
        ("aten::manifold", None),
    ],
)
def test_an_operation_of_a_newer_torch_is_judged_by_its_name(
    operation: str, family: Family | None
) -> None:
    assert family_of_operation(operation) is family


@pytest.mark.parametrize(
    ("families", "functions"),
    [
        ({Family.CONVOLUTION}, "numpy.convolve numpy._core.numeric.correlate numpy._core._multiarray_umath.correlate2 numpy.ma.core.convolve scipy.signal._signaltools.fftconvolve scipy.signal._signaltools.lfilter scipy.signal._sigtools._convolve2d scipy.signal._savitzky_golay.savgol_filter scipy.ndimage._filters.convolve1d scipy.ndimage._filters.sobel scipy.ndimage._filters.gaussian_filter PIL.Image.Image.filter PIL.ImageFilter.Kernel.filter PIL._imaging.ImagingCore.gaussian_blur cv2.filter2D cv2.GaussianBlur cv2.matchTemplate cv2.dnn.blobFromImage torchvision.transforms._functional_tensor.gaussian_blur skimage.feature.template.match_template jax._src.lax.convolution.conv_general_dilated jax._src.numpy.lax_numpy.correlate tensorflow.python.ops.nn_ops.conv2d_v2 keras.src.layers.convolutional.conv2d.Conv2D.__call__ cupyx.scipy.ndimage.convolve kornia.filters.filter.filter2d mxnet.symbol.op.Convolution astropy.convolution.convolve.convolve_fft"),
        ({Family.POOLING, Family.CONVOLUTION}, "scipy.ndimage._filters.maximum_filter scipy.ndimage._filters.uniform_filter1d scipy.ndimage._filters.generic_filter scipy.ndimage._morphology.grey_dilation cv2.dilate skimage.measure.block.block_reduce skimage.filters.rank.generic.mean PIL.Image.Image.reduce pandas.core.window.rolling.Rolling.mean jax._src.lax.windowed_reductions.reduce_window tensorflow.python.ops.nn_ops.max_pool2d keras.src.layers.MaxPooling2D.__call__ bottleneck.move_max torchvision.ops.roi_pool.roi_pool"),
        ({Family.NORMALISATION}, "sklearn.preprocessing._data.scale sklearn.preprocessing._data.StandardScaler.fit_transform scipy.stats._stats_py.zscore torchvision.transforms.functional.normalize tensorflow.python.ops.nn_impl.batch_normalization jax._src.nn.functions.standardize keras.src.layers.BatchNormalization.__call__"),
        ({Family.FOLDING}, "torch._decomp.decompositions.im2col mxnet.im2col dlib.col2im"),
        ({Family.AUTOGRAD}, "torch.autograd.functional.vjp torch._functorch.eager_transforms.jacfwd torch.autograd.forward_ad.make_dual torch.nn.grad.conv2d_weight jax._src.api.grad"),
        ({Family.HIDING}, "subprocess.Popen.__init__ multiprocessing.context.BaseContext.Pool multiprocessing.pool.Pool.__init__ multiprocessing.process.BaseProcess.start ctypes.CDLL.__init__ torch.utils.cpp_extension.load_inline torch._inductor.aoti_load_package"),
        ({Family.LOOP}, "numpy.lib._function_base_impl.vectorize.__call__ numpy.frompyfunc numpy.lib._shape_base_impl.apply_along_axis"),
        ({None}, "numpy.einsum numpy.lib._stride_tricks_impl.sliding_window_view numpy.linalg.norm numpy.gradient numpy.fft.rfft2 scipy.fft._basic.fft2 numpy.cov numpy.corrcoef numpy.pad numpy.tensordot torch.nn.functional.pad torch.nn.functional.normalize torch.functional.norm torch.functional.einsum torch.Tensor.norm numpy.convert numpy.add.reduceat einops.einops.rearrange einops.layers.torch.Rearrange.forward matplotlib.colors.Normalize.__call__ scipy.linalg._misc.norm torch._tensor.Tensor.norm builtins.filter torch.nn.modules.conv.Conv2d.__init__ scipy.signal.windows._windows.hann unicodedata.normalize mpmath.libmp.normalize1 re.Pattern.match copy.deepcopy PIL.Image._conv_type_shape statistics.correlation scipy.spatial.distance.correlation scipy.spatial._distance_pybind._correlation_cdist_wrap joblib._parallel_backends.PoolManagerMixin.effective_n_jobs tempfile.SpooledTemporaryFile.__init__ multiprocessing.pool.ThreadPool.__init__ multiprocessing.dummy.Pool multiprocessing.pool.Pool.map numpy.polynomial._convolved"),
    ],
)  # fmt: skip
def test_functions_of_libraries_are_known_by_module_and_name(
    families: set[Family | None], functions: str
) -> None:
    for function in functions.split():
        assert family_of_call(function) in families, function
