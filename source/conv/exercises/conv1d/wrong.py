# Wrong answers to conv1d without a name of their own: each loses points.

# %% all filters see one channel each where that fits
def conv1d(x, weight, bias=None, stride=1, padding=0):
    x = torch.nn.functional.pad(x, (padding, padding))
    windows = x.unfold(2, weight.shape[2], stride)
    if weight.shape[0] == weight.shape[1]:
        out = torch.einsum("nclk,ck->ncl", windows, weight.diagonal().T)
    else:
        out = torch.einsum("nclk,ock->nol", windows, weight)
    return out if bias is None else out + bias[:, None]


# %% the weight is read as if it were dense
def conv1d(x, weight, bias=None, stride=1, padding=0):
    x = torch.nn.functional.pad(x, (padding, padding))
    C_out, C_in, K = weight.shape
    rows = weight.as_strided((C_out, C_in * K), (C_in * K, 1))
    windows = x.unfold(2, K, stride)
    out = rows @ windows.permute(0, 1, 3, 2).reshape(len(x), C_in * K, -1)
    return out if bias is None else out + bias[:, None]


# %% the padding stands on the left only
def conv1d(x, weight, bias=None, stride=1, padding=0):
    x = torch.nn.functional.pad(x, (2 * padding, 0))
    out = torch.einsum("nclk,ock->nol", x.unfold(2, weight.shape[2], stride), weight)
    return out if bias is None else out + bias[:, None]
