# Right answers to batchnorm_train, written in other ways: each earns everything.

# %% torch.var with unbiased and keepdim
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    mu = x.mean(0, keepdim=True)
    out = gamma * (x - mu) * torch.rsqrt(x.var(0, unbiased=False, keepdim=True) + eps) + beta
    new_mean = torch.lerp(running_mean, mu.squeeze(0), momentum)
    new_var = torch.lerp(running_var, x.var(0), momentum)
    return [out, new_mean, new_var]


# %% numpy inside
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    a, g, b, m, v = (t.detach().cpu().numpy() for t in (x, gamma, beta, running_mean, running_var))
    out = g * (a - a.mean(axis=0)) / np.sqrt(a.var(axis=0) + eps) + b
    m = m * (1 - momentum) + momentum * a.mean(axis=0)
    v = v * (1 - momentum) + momentum * a.var(axis=0, ddof=1)
    return torch.from_numpy(out), torch.from_numpy(m), torch.from_numpy(v)


# %% a loop over features, float64 inside
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    out, new_mean, new_var = torch.empty_like(x), running_mean.clone(), running_var.clone()
    n = len(x)
    for j in range(x.shape[1]):
        col = x[:, j].double()
        m = col.sum() / n
        ss = ((col - m) ** 2).sum()
        out[:, j] = gamma[j] * (col - m) / (ss / n + eps) ** 0.5 + beta[j]
        new_mean[j] = (1 - momentum) * running_mean[j] + momentum * m
        new_var[j] = (1 - momentum) * running_var[j] + momentum * ss / (n - 1)
    return out, new_mean, new_var


# %% the variance as E[x^2] - E[x]^2, in float64
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    z = x.to(torch.float64)
    n = z.shape[0]
    mean = torch.einsum("nd->d", z) / n
    var = torch.einsum("nd,nd->d", z, z) / n - mean**2
    out = ((z - mean) / (var + eps).sqrt()).to(x.dtype) * gamma + beta
    blend = lambda old, new: ((1 - momentum) * old + momentum * new).to(x.dtype)
    return out, blend(running_mean, mean), blend(running_var, var * n / (n - 1))


# %% var_mean, addcmul and lerp
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    var, mean = torch.var_mean(x, 0, correction=0)
    out = torch.addcmul(beta, (x - mean) * torch.rsqrt(var + eps), gamma)
    n = len(x)
    return out, running_mean.lerp(mean, momentum), running_var.lerp(var * n / (n - 1), momentum)


# %% numpy
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    a = x.double().numpy()
    mean, var = a.mean(0), a.var(0)
    out = (a - mean) / np.sqrt(var + eps) * gamma.double().numpy() + beta.double().numpy()
    new = [
        (1 - momentum) * old.double().numpy() + momentum * now
        for old, now in ((running_mean, mean), (running_var, a.var(0, ddof=1)))
    ]
    return tuple(torch.from_numpy(v).to(x.dtype) for v in (out, *new))
