# Right answers to corr2d, written in other ways: each earns everything.

# %% einsum over a view
def corr2d(X, K):
    h, w = K.shape
    windows = X.unfold(0, h, 1).unfold(1, w, 1)
    return torch.einsum("ijkl,kl->ij", windows, K)


# %% as_strided
def corr2d(X, K):
    X = X.contiguous()
    (H, W), (h, w) = X.shape, K.shape
    view = torch.as_strided(X, (H - h + 1, W - w + 1, h, w), (W, 1, W, 1))
    return (view * K).sum((-1, -2))


# %% numpy inside
def corr2d(X, K):
    x, k = X.detach().cpu().numpy(), K.detach().cpu().numpy()
    win = np.lib.stride_tricks.sliding_window_view(x, k.shape)
    return torch.from_numpy((win * k).sum(axis=(2, 3))).to(X.dtype)


# %% float64 inside, cast back, with prints, a warning and type hints
import warnings
from typing import Any


def _window(X: torch.Tensor, i: int, j: int, h: int, w: int) -> torch.Tensor:
    return X[i : i + h, j : j + w]


def corr2d(X: torch.Tensor, K: torch.Tensor, verbose: Any = None) -> torch.Tensor:
    print("shapes", X.shape, K.shape)
    warnings.warn("this is slow")
    h, w = K.shape
    rows = [
        torch.stack(
            [
                (_window(X.double(), i, j, h, w) * K.double()).sum()
                for j in range(X.shape[1] - w + 1)
            ]
        )
        for i in range(X.shape[0] - h + 1)
    ]
    return torch.stack(rows).to(X.dtype)


# %% one loop over the taps
def corr2d(X, K):
    out = 0
    H, W = X.shape[0] - K.shape[0] + 1, X.shape[1] - K.shape[1] + 1
    for a in range(K.shape[0]):
        for b in range(K.shape[1]):
            out = out + X[a : a + H, b : b + W] * K[a, b]
    return out
