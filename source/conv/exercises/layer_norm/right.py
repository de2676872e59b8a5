# Right answers to layer_norm, written in other ways: each earns everything.

# %% transposed
def layer_norm(x, gamma, beta, eps=1e-5):
    t = x.T
    return ((t - t.mean(0)) / (t.var(0, unbiased=False) + eps).sqrt()).T * gamma + beta


# %% a loop in float64
def layer_norm(x, gamma, beta, eps=1e-5):
    rows = []
    for row in x.double():
        rows.append((row - row.mean()) / ((row - row.mean()).pow(2).mean() + eps).sqrt())
    return (torch.stack(rows) * gamma.double() + beta.double()).to(x.dtype)


# %% numpy inside
def layer_norm(x, gamma, beta, eps=1e-5):
    a = x.numpy()
    h = (a - a.mean(-1, keepdims=True)) / np.sqrt(a.var(-1, keepdims=True) + eps)
    return torch.from_numpy(h * gamma.numpy() + beta.numpy())


# %% the norm of a vector
def layer_norm(x, gamma, beta, eps=1e-5):
    centred = (x - x.mean(1, keepdim=True)).double()
    var = torch.linalg.vector_norm(centred, dim=1, keepdim=True) ** 2 / x.shape[1]
    return (centred / torch.sqrt(var + eps)).to(x.dtype) * gamma + beta
