# Wrong answers to conv2d_backward without a name of their own: each loses points.

# %% [P:-P] at P = 0
def conv2d_backward(dout, x, weight, stride=1, padding=0):
    P = padding
    xp = torch.nn.functional.pad(x, [P] * 4)
    kh, kw = weight.shape[2:]
    dxp, dw = torch.zeros_like(xp), torch.zeros_like(weight)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            r, c, g = i * stride, j * stride, dout[:, :, i, j]
            dw += torch.einsum("no,nchw->ochw", g, xp[:, :, r : r + kh, c : c + kw])
            dxp[:, :, r : r + kh, c : c + kw] += torch.einsum("no,ochw->nchw", g, weight)
    return dxp[:, :, P:-P, P:-P], dw, dout.sum((0, 2, 3))


# %% autograd
def conv2d_backward(dout, x, weight, stride=1, padding=0):
    with torch.enable_grad():
        x, weight = x.detach().requires_grad_(), weight.detach().requires_grad_()
        xp = torch.nn.functional.pad(x, [padding] * 4)
        win = xp.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
        y = torch.einsum("nchwij,ocij->nohw", win, weight)
        dx, dw = torch.autograd.grad(y, (x, weight), dout)
    return dx, dw, dout.sum((0, 2, 3))


# %% trailing rows lost
def conv2d_backward(dout, x, weight, stride=1, padding=0):
    kh, kw = weight.shape[2:]
    used_h = (dout.shape[2] - 1) * stride + kh
    used_w = (dout.shape[3] - 1) * stride + kw
    xp = torch.nn.functional.pad(x, [padding] * 4)[:, :, :used_h, :used_w]
    dxp, dw = torch.zeros_like(xp), torch.zeros_like(weight)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            r, c, g = i * stride, j * stride, dout[:, :, i, j]
            dw += torch.einsum("no,nchw->ochw", g, xp[:, :, r : r + kh, c : c + kw])
            dxp[:, :, r : r + kh, c : c + kw] += torch.einsum("no,ochw->nchw", g, weight)
    return (
        dxp[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]],
        dw,
        dout.sum((0, 2, 3)),
    )
