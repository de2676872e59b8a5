# Right answers to conv2d_backward, written in other ways: each earns everything.

# %% loops over everything
def conv2d_backward(dout, x, weight, stride=1, padding=0):
    N, C, H, W = x.shape
    O, _, kh, kw = weight.shape
    xp = torch.nn.functional.pad(x, [padding] * 4)
    dxp, dw, db = (
        torch.zeros_like(xp),
        torch.zeros_like(weight),
        torch.zeros_like(weight[:, 0, 0, 0]),
    )
    for n in range(N):
        for o in range(O):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    g = dout[n, o, i, j]
                    r, c = i * stride, j * stride
                    dw[o] += g * xp[n, :, r : r + kh, c : c + kw]
                    dxp[n, :, r : r + kh, c : c + kw] += g * weight[o]
                    db[o] += g
    return dxp[:, :, padding : padding + H, padding : padding + W], dw, db


# %% float64 inside
def conv2d_backward(dout, x, weight, stride=1, padding=0):
    dtype = x.dtype
    dout, x, weight = dout.double(), x.double(), weight.double()
    kh, kw = weight.shape[2:]
    xp = torch.nn.functional.pad(x, [padding] * 4)
    cols = xp.unfold(2, kh, stride).unfold(3, kw, stride)
    dw = torch.einsum("nohw,nchwij->ocij", dout, cols)
    dxp = torch.zeros_like(xp)
    oh, ow = dout.shape[2:]
    for i in range(kh):
        for j in range(kw):
            dxp[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride][
                :, :, :oh, :ow
            ] += torch.einsum("nohw,oc->nchw", dout, weight[:, :, i, j])
    dx = dxp[:, :, padding : xp.shape[2] - padding, padding : xp.shape[3] - padding]
    return [dx.to(dtype), dw.to(dtype), dout.sum((0, 2, 3)).to(dtype)]


# %% without autograd, under requires_grad
import torch.nn.functional as F


def conv2d_backward(dout, x, weight, stride=1, padding=0):
    K_H, K_W = weight.shape[2:]
    padded = F.pad(x, [padding] * 4).requires_grad_(True).detach()
    dpadded = torch.zeros_like(padded)
    dweight = torch.zeros_like(weight)
    H_out, W_out = dout.shape[2:]
    for i in range(K_H):
        for j in range(K_W):
            rows = slice(i, i + (H_out - 1) * stride + 1, stride)
            cols = slice(j, j + (W_out - 1) * stride + 1, stride)
            dweight[:, :, i, j] = torch.einsum("nohw,nchw->oc", dout, padded[:, :, rows, cols])
            dpadded[:, :, rows, cols] += torch.einsum("nohw,oc->nchw", dout, weight[:, :, i, j])
    H, W = x.shape[2:]
    dx = dpadded[:, :, padding : padding + H, padding : padding + W]
    return dx, dweight, dout.sum((0, 2, 3))


# %% by differences
import torch.nn.functional as F


def conv2d_backward(dout, x, weight, stride=1, padding=0):
    def forward(x, w, b):
        windows = (
            F.pad(x, [padding] * 4).unfold(2, w.shape[2], stride).unfold(3, w.shape[3], stride)
        )
        return (
            (torch.einsum("nchwij,ocij->nohw", windows, w) + b[:, None, None]) * dout.double()
        ).sum()

    given = [x.double(), weight.double(), torch.zeros(len(weight)).double()]
    found = []
    for place, value in enumerate(given):
        grad = torch.zeros(value.numel()).double()
        for k in range(value.numel()):
            step = torch.zeros(value.numel()).double()
            step[k] = 0.5
            up, down = list(given), list(given)
            up[place] = value + step.reshape(value.shape)
            down[place] = value - step.reshape(value.shape)
            grad[k] = forward(*up) - forward(*down)
        found.append(grad.reshape(value.shape).to(x.dtype))
    return tuple(found)
