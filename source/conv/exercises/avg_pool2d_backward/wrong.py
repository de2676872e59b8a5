# Wrong answers to avg_pool2d_backward without a name of their own: each loses points.

# %% dout is read as if it were dense
def avg_pool2d_backward(dout, x, kernel_size, stride=None):
    stride = stride or kernel_size
    N, C, H_out, W_out = dout.shape
    dout = dout.as_strided(dout.shape, (C * H_out * W_out, H_out * W_out, W_out, 1))
    dx = torch.zeros_like(x)
    for i in range(H_out):
        for j in range(W_out):
            dx[
                :, :, i * stride : i * stride + kernel_size, j * stride : j * stride + kernel_size
            ] += dout[:, :, i, j, None, None] / kernel_size**2
    return dx


# %% the input is taken to be covered
def avg_pool2d_backward(dout, x, kernel_size, stride=None):
    if stride is None or stride == kernel_size:
        return (
            (dout / kernel_size**2)
            .repeat_interleave(kernel_size, 2)
            .repeat_interleave(kernel_size, 3)
        )
    dx = torch.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dx[
                :, :, i * stride : i * stride + kernel_size, j * stride : j * stride + kernel_size
            ] += dout[:, :, i, j, None, None] / kernel_size**2
    return dx


# %% the gradient grows back by repetition
def avg_pool2d_backward(dout, x, kernel_size, stride=None):
    share = dout / kernel_size**2
    big = share.repeat_interleave(kernel_size, 2).repeat_interleave(kernel_size, 3)
    dx = torch.zeros_like(x)
    H, W = min(big.shape[2], x.shape[2]), min(big.shape[3], x.shape[3])
    dx[:, :, :H, :W] = big[:, :, :H, :W]
    return dx
