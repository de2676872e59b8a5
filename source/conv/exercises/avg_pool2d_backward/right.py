# Right answers to avg_pool2d_backward, written in other ways: each earns everything.

# %% tap by tap
def avg_pool2d_backward(dout, x, kernel_size, stride=None):
    s = stride or kernel_size
    H_out, W_out = dout.shape[2:]
    dx = torch.zeros_like(x)
    for a in range(kernel_size):
        for b in range(kernel_size):
            dx[:, :, a : a + s * (H_out - 1) + 1 : s, b : b + s * (W_out - 1) + 1 : s] += (
                dout / kernel_size**2
            )
    return dx


# %% numpy inside
def avg_pool2d_backward(dout, x, kernel_size, stride=None):
    s = kernel_size if stride is None else stride
    d = dout.numpy().astype("float64") / kernel_size**2
    dx = np.zeros(tuple(x.shape))
    for i in range(d.shape[2]):
        for j in range(d.shape[3]):
            dx[:, :, i * s : i * s + kernel_size, j * s : j * s + kernel_size] += d[
                :, :, i, j, None, None
            ]
    return torch.from_numpy(dx).to(x.dtype)
