# Right answers to max_pool2d, written in other ways: each earns everything.

# %% windows as a view
def max_pool2d(x, kernel_size, stride=None):
    s = stride or kernel_size
    return x.unfold(2, kernel_size, s).unfold(3, kernel_size, s).amax((-1, -2))


# %% numpy inside
def max_pool2d(x, kernel_size, stride=None):
    s = kernel_size if stride is None else stride
    a = x.detach().cpu().numpy()
    win = np.lib.stride_tricks.sliding_window_view(a, (kernel_size, kernel_size), axis=(2, 3))
    return torch.from_numpy(win[:, :, ::s, ::s].max(axis=(-1, -2)).copy()).to(x.device)


# %% four loops and a running maximum
def max_pool2d(x, kernel_size, stride=None):
    stride = stride or kernel_size
    N, C, H, W = x.shape
    out = torch.full(
        (N, C, (H - kernel_size) // stride + 1, (W - kernel_size) // stride + 1),
        -float("inf"),
        dtype=x.dtype,
        device=x.device,
    )
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            for a in range(kernel_size):
                for b in range(kernel_size):
                    out[:, :, i, j] = torch.maximum(
                        out[:, :, i, j], x[:, :, i * stride + a, j * stride + b]
                    )
    return out


# %% amax of windows
def max_pool2d(x, kernel_size, stride=None):
    stride = stride or kernel_size
    return x.unfold(2, kernel_size, stride).unfold(3, kernel_size, stride).amax((4, 5))


# %% views of numpy
def max_pool2d(x, kernel_size, stride=None):
    stride = stride or kernel_size
    view = np.lib.stride_tricks.sliding_window_view(x.numpy(), (kernel_size,) * 2, axis=(2, 3))
    return torch.from_numpy(view[:, :, ::stride, ::stride].max((4, 5)))


# %% maximum of shifted slices
def max_pool2d(x, kernel_size, stride=None):
    stride = stride or kernel_size
    H, W = ((n - kernel_size) // stride + 1 for n in x.shape[2:])
    out = None
    for i in range(kernel_size):
        for j in range(kernel_size):
            part = x[:, :, i::stride, j::stride][:, :, :H, :W]
            out = part if out is None else torch.maximum(out, part)
    return out.clone()
