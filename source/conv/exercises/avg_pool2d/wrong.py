# Wrong answers to avg_pool2d without a name of their own: each loses points.

# %% the first image for all
def avg_pool2d(x, kernel_size, stride=None):
    s = stride or kernel_size
    y = x[:1].unfold(2, kernel_size, s).unfold(3, kernel_size, s).mean((-1, -2))
    return y.expand(x.shape[0], -1, -1, -1)


# %% half precision inside
def avg_pool2d(x, kernel_size, stride=None):
    s = stride or kernel_size
    return (
        x.bfloat16().unfold(2, kernel_size, s).unfold(3, kernel_size, s).mean((-1, -2)).to(x.dtype)
    )


# %% the last window is moved in where one sticks out
def avg_pool2d(x, kernel_size, stride=None):
    stride = stride or kernel_size
    N, C, H, W = x.shape
    rows = [min(r, H - kernel_size) for r in range(0, H, stride) if r + stride - kernel_size < H]
    cols = [min(c, W - kernel_size) for c in range(0, W, stride) if c + stride - kernel_size < W]
    out = x.new_zeros(N, C, len(rows), len(cols))
    for i, r in enumerate(rows):
        for j, c in enumerate(cols):
            out[:, :, i, j] = x[:, :, r : r + kernel_size, c : c + kernel_size].mean((2, 3))
    return out
