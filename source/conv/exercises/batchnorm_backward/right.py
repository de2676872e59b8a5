# Right answers to batchnorm_backward, written in other ways: each earns everything.

# %% the formula with N
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = x.shape[0]
    inv = 1 / torch.sqrt(x.var(0, correction=0) + eps)
    xh = (x - x.mean(0)) * inv
    db, dg = dout.sum(0), (dout * xh).sum(0)
    return gamma * inv / N * (N * dout - db - xh * dg), dg, db


# %% step by step through the graph
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N, D = x.shape
    mu = x.sum(0) / N
    xmu = x - mu
    var = (xmu**2).sum(0) / N
    sqrtvar = torch.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    dbeta = dout.sum(0)
    dgamma = (dout * xhat).sum(0)
    dxhat = dout * gamma
    divar = (dxhat * xmu).sum(0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / (sqrtvar**2) * divar
    dvar = 0.5 / torch.sqrt(var + eps) * dsqrtvar
    dsq = torch.ones_like(x) / N * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -dx1.sum(0)
    return dx1 + torch.ones_like(x) / N * dmu, dgamma, dbeta


# %% a Jacobian for each feature
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N, D = x.shape
    dx = torch.zeros_like(x)
    mean, var = x.mean(0), x.var(0, unbiased=False)
    std = (var + eps).sqrt()
    xhat = (x - mean) / std
    for j in range(D):
        J = (
            torch.eye(N, dtype=x.dtype, device=x.device)
            - 1 / N
            - torch.outer(xhat[:, j], xhat[:, j]) / N
        )
        dx[:, j] = gamma[j] / std[j] * (J @ dout[:, j])
    return dx, torch.einsum("nd,nd->d", dout, xhat), dout.sum(0)


# %% numpy in float64
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    d, a, g = (t.double().numpy() for t in (dout, x, gamma))
    s = np.sqrt(a.var(0) + eps)
    h = (a - a.mean(0)) / s
    dx = g / s * (d - d.mean(0) - h * (d * h).mean(0))
    return tuple(torch.from_numpy(v).to(x.dtype) for v in (dx, (d * h).sum(0), d.sum(0)))
