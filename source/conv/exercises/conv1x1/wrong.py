# Wrong answers to conv1x1 without a name of their own: each loses points.

# %% the bias is reshaped in place
def conv1x1(x, weight, bias=None):
    out = torch.einsum("ok,nkij->noij", weight, x)
    return out if bias is None else out + bias.resize_(len(bias), 1, 1)


# %% pixels are reshaped without moving the axis of channels
def conv1x1(x, weight, bias=None):
    N, C, H, W = x.shape
    out = x.reshape(N * H * W, C) @ weight.T
    out = out if bias is None else out + bias
    return out.reshape(N, len(weight), H, W)


# %% the bias is forgotten for a single filter
def conv1x1(x, weight, bias=None):
    out = torch.einsum("oc,nchw->nohw", weight, x)
    if bias is not None and len(bias) > 1:
        out = out + bias[:, None, None]
    return out
