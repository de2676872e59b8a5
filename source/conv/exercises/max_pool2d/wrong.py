# Wrong answers to max_pool2d without a name of their own: each loses points.

# %% a batch of one loses its axis
def max_pool2d(x, kernel_size, stride=None):
    stride = stride or kernel_size
    out = x.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride).amax((4, 5))
    if len(x) == 1:
        x.squeeze_(0)
    return out


# %% negative windows become zero
def max_pool2d(x, kernel_size, stride=None):
    s = stride or kernel_size
    N, C, H, W = x.shape
    out = x.new_zeros(N, C, (H - kernel_size) // s + 1, (W - kernel_size) // s + 1)
    for a in range(kernel_size):
        for b in range(kernel_size):
            out = torch.maximum(
                out,
                x[
                    :,
                    :,
                    a : a + s * (out.shape[2] - 1) + 1 : s,
                    b : b + s * (out.shape[3] - 1) + 1 : s,
                ],
            )
    return out


# %% reshape, which wants sizes that divide
def max_pool2d(x, kernel_size, stride=None):
    if stride is None:
        N, C, H, W = x.shape
        return x.reshape(N, C, H // kernel_size, kernel_size, W // kernel_size, kernel_size).amax(
            (3, 5)
        )
    return x.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride).amax((-1, -2))


# %% the argument is changed in place
def max_pool2d(x, kernel_size, stride=None):
    s = stride or kernel_size
    x.add_(1)
    return x.unfold(2, kernel_size, s).unfold(3, kernel_size, s).amax((-1, -2)) - 1
