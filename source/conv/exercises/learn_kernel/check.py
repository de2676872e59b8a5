"""The hidden test of learn_kernel."""

import torch
from shared.memory_order import column_by_column

from autograder.checks import assignments, check, probe
from solutions.conv import convolution as reference


def easy(X, K_H, K_W):
    """Above 1 when no step size and loss that learn from the visible test's image fail on X.

    The curvatures of the squared error lie between 56 and 190 there.
    """
    windows = X.unfold(0, K_H, 1).unfold(1, K_W, 1).reshape(-1, K_H * K_W).double()
    curvatures = torch.linalg.eigvalsh(windows.T @ windows)
    return min(float(curvatures[0]) / 56, 190 / float(curvatures[-1]))


def make(draw, H, W, K_H, K_W, double=0):
    if draw.is_readable:
        X = draw.uniform(-1.5, 1.5, H, W)  # -1, 0 and 1
    else:
        X = max((draw.tensor(H, W) for _ in range(20)), key=lambda X: easy(X, K_H, K_W))
    K = draw.uniform(-2, 2, K_H, K_W)
    if double:
        X, K = X.double(), K.double()
    Y = reference.corr2d(X, K)
    if double:  # and each column of the two is in one piece in memory
        X, Y = column_by_column(X), column_by_column(Y)
    return X, Y, (K_H, K_W)


@probe
def learned(learn, X, Y, kernel_size):
    return learn(X, Y, kernel_size)


@learned.reading
def look(K, X, Y, kernel_size):
    if not isinstance(K, torch.Tensor):
        return {"the kernel": K}
    return {"the kernel": K, "the dtype": str(K.dtype), "requires_grad": K.requires_grad}


def written(X, Y, kernel_size):
    kernel = reference.learn_kernel(X, Y, kernel_size).round()
    kind = ", dtype=torch.float64" if X.dtype == torch.float64 else ""
    return (
        f"X = torch.randn({X.shape[0]}, {X.shape[1]}{kind})\n"
        f"{assignments(K=kernel)}\n"
        "Y = nn.functional.conv2d(X[None, None], K[None, None])[0, 0]\n"
        f"learn_kernel(X, Y, {kernel_size})  # should be close to K"
    )


def test(learn_kernel):
    return check(
        learn_kernel,
        reference.learn_kernel,
        make,
        groups={
            "a 3x3 kernel": dict(H=12, W=12, K_H=3, K_W=3),
            "a 1x2 kernel": dict(H=10, W=11, K_H=1, K_W=2),
            "a 3x2 kernel, from a float64 image that is not square": dict(
                H=12, W=11, K_H=3, K_W=2, double=1
            ),
        },
        extras=None,
        left_alone=True,
        forbid="convolution",
        use=look,
        snippet=written,
        atol=0.05,
        rtol=0,
    )
