# Wrong answers to conv2d without a name of their own: each loses points.

# %% square kernels only
def conv2d(x, weight, bias=None, stride=1, padding=0):
    k = weight.shape[2]
    xp = torch.nn.functional.pad(x, [padding] * 4)
    y = torch.einsum(
        "nchwij,ocij->nohw", xp.unfold(2, k, stride).unfold(3, k, stride), weight[..., :k]
    )
    return y if bias is None else y + bias[:, None, None]


# %% batch element 0 only
def conv2d(x, weight, bias=None, stride=1, padding=0):
    xp = torch.nn.functional.pad(x, [padding] * 4)
    kh, kw = weight.shape[2:]
    y = torch.einsum("chwij,ocij->ohw", xp[0].unfold(1, kh, stride).unfold(2, kw, stride), weight)
    y = y if bias is None else y + bias[:, None, None]
    return y.expand(x.shape[0], *y.shape).clone()


# %% remainder rows kept by padding
def conv2d(x, weight, bias=None, stride=1, padding=0):
    kh, kw = weight.shape[2:]
    xp = torch.nn.functional.pad(x, [padding] * 4)
    more = [(-(s - k)) % stride for s, k in zip(xp.shape[2:], (kh, kw))]
    xp = torch.nn.functional.pad(xp, (0, more[1], 0, more[0]))
    y = torch.einsum("nchwij,ocij->nohw", xp.unfold(2, kh, stride).unfold(3, kw, stride), weight)
    return y if bias is None else y + bias[:, None, None]


# %% torch does it, through getattr
def conv2d(x, weight, bias=None, stride=1, padding=0):
    name = "".join(["c", "onv", "2", "d"])
    return getattr(torch.nn.functional, name)(x, weight, bias, stride, padding)


# %% half precision inside
def conv2d(x, weight, bias=None, stride=1, padding=0):
    kh, kw = weight.shape[2:]
    xp = torch.nn.functional.pad(x, [padding] * 4).bfloat16()
    win = xp.unfold(2, kh, stride).unfold(3, kw, stride)
    y = (win.unsqueeze(1) * weight.bfloat16()[None, :, :, None, None]).sum((2, 5, 6)).to(x.dtype)
    return y if bias is None else y + bias[:, None, None]


# %% no argument is optional
def conv2d(x, weight, bias, stride, padding):
    x = torch.nn.functional.pad(x, [padding] * 4)
    windows = x.unfold(2, weight.shape[2], stride).unfold(3, weight.shape[3], stride)
    out = torch.einsum("nchwij,ocij->nohw", windows, weight)
    return out if bias is None else out + bias[:, None, None]
