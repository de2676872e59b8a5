# Wrong answers to max_pool2d_backward without a name of their own: each loses points.

# %% assigned instead of added
def max_pool2d_backward(dout, x, kernel_size, stride=None):
    s = stride or kernel_size
    dx = torch.zeros_like(x)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    w = x[n, c, i * s : i * s + kernel_size, j * s : j * s + kernel_size]
                    k = int(w.reshape(-1).argmax())
                    dx[n, c, i * s + k // kernel_size, j * s + k % kernel_size] = dout[n, c, i, j]
    return dx


# %% autograd
def max_pool2d_backward(dout, x, kernel_size, stride=None):
    s = stride or kernel_size
    with torch.enable_grad():
        x = x.detach().clone().requires_grad_()
        win = x.unfold(2, kernel_size, s).unfold(3, kernel_size, s)
        y = win.reshape(*win.shape[:4], -1).max(-1).values
        (dx,) = torch.autograd.grad(y, x, dout)
    return dx


# %% one winner a row of the window
def max_pool2d_backward(dout, x, kernel_size, stride=None):
    stride = stride or kernel_size
    dx = torch.zeros_like(x)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            rows = slice(i * stride, i * stride + kernel_size)
            cols = slice(j * stride, j * stride + kernel_size)
            w = x[:, :, rows, cols]
            dx[:, :, rows, cols] += (w == w.amax(3, keepdim=True)) * dout[:, :, i, j, None, None]
    return dx
