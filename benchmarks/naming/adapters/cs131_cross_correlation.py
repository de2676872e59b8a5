"""``cross_correlation(f, g) -> out`` with output of the image's size.

A side of the kernel of an even length gets one row or column of zeros more, and the image too, so
that the kernel has a middle. Windows over the edge are cut off.
"""

from typing import Any

import numpy as np

from benchmarks.naming.adapters.common import to_numpy, to_tensor

theirs: Any = None


def corr2d(X: Any, K: Any) -> Any:
    """Return the cross-correlation of an image with a kernel, without padding."""
    k_h, k_w = K.shape
    more = ((0, 1 - k_h % 2), (0, 1 - k_w % 2))
    kernel = np.pad(to_numpy(K), more)
    out = theirs(np.pad(to_numpy(X), more), kernel)
    h, w = X.shape[0] - k_h + 1, X.shape[1] - k_w + 1
    top, left = kernel.shape[0] // 2, kernel.shape[1] // 2
    return to_tensor(out[top : top + h, left : left + w], X)
