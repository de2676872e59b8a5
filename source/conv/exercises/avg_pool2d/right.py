# Right answers to avg_pool2d, written in other ways: each earns everything.

# %% windows as a view
def avg_pool2d(x, kernel_size, stride=None):
    s = stride or kernel_size
    return x.unfold(2, kernel_size, s).unfold(3, kernel_size, s).mean((-1, -2))


# %% sums of sums
def avg_pool2d(x, kernel_size, stride=None):
    s = stride or kernel_size
    total = torch.nn.functional.pad(x.double().cumsum(2).cumsum(3), (1, 0, 1, 0))
    k = kernel_size
    box = total[..., k:, k:] - total[..., :-k, k:] - total[..., k:, :-k] + total[..., :-k, :-k]
    return (box[..., ::s, ::s] / k**2).to(x.dtype)


# %% an integral image
import torch.nn.functional as F


def avg_pool2d(x, kernel_size, stride=None):
    stride = stride or kernel_size
    s = F.pad(x.double().cumsum(2).cumsum(3), (1, 0, 1, 0))
    K = kernel_size
    total = s[:, :, K:, K:] - s[:, :, :-K, K:] - s[:, :, K:, :-K] + s[:, :, :-K, :-K]
    return (total[:, :, ::stride, ::stride] / K**2).to(x.dtype)
