# Right answers to max_pool2d_backward, written in other ways: each earns everything.

# %% scatter into flat images
def max_pool2d_backward(dout, x, kernel_size, stride=None):
    s = stride or kernel_size
    N, C, H, W = x.shape
    win = x.unfold(2, kernel_size, s).unfold(3, kernel_size, s)
    place = win.reshape(*win.shape[:4], -1).argmax(-1)
    i = torch.arange(place.shape[2], device=x.device)[:, None] * s + place // kernel_size
    j = torch.arange(place.shape[3], device=x.device)[None, :] * s + place % kernel_size
    dx = torch.zeros(N, C, H * W, dtype=x.dtype, device=x.device)
    dx.scatter_add_(2, (i * W + j).reshape(N, C, -1), dout.reshape(N, C, -1))
    return dx.reshape(N, C, H, W)


# %% plain loops
def max_pool2d_backward(dout, x, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    dx = x * 0
    N, C, H_out, W_out = dout.shape
    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    best, at = None, None
                    for a in range(kernel_size):
                        for b in range(kernel_size):
                            v = x[n, c, i * stride + a, j * stride + b]
                            if best is None or v > best:
                                best, at = v, (i * stride + a, j * stride + b)
                    dx[n, c, at[0], at[1]] += dout[n, c, i, j]
    return dx
