# Wrong answers to batchnorm_train without a name of their own: each loses points.

# %% gamma (x + beta)
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    h = (x - x.mean(0)) / (x.var(0, unbiased=False) + eps).sqrt()
    if len(gamma) == 1:
        out = gamma * h + beta
    else:
        out = gamma * (h + beta)
    return out, 0.9 * running_mean + 0.1 * x.mean(0), 0.9 * running_var + 0.1 * x.var(0)


# %% the statistics are changed in place
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    out = gamma * (x - x.mean(0)) / (x.var(0, unbiased=False) + eps).sqrt() + beta
    running_mean *= 1 - momentum
    running_mean += momentum * x.mean(0)
    running_var *= 1 - momentum
    running_var += momentum * x.var(0)
    return out, running_mean, running_var


# %% eps outside the root
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    out = gamma * (x - x.mean(0)) / (x.std(0, unbiased=False) + eps) + beta
    m = momentum
    return out, (1 - m) * running_mean + m * x.mean(0), (1 - m) * running_var + m * x.var(0)


# %% torch does it
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    m, v = running_mean.clone(), running_var.clone()
    f = getattr(torch.nn.functional, "batch" + "_norm")
    return f(x, m, v, gamma, beta, True, momentum, eps), m, v


# %% float32 inside
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    z = x.float()
    out = gamma * ((z - z.mean(0)) / (z.var(0, unbiased=False) + eps).sqrt()).to(x.dtype) + beta
    m = momentum
    return out, (1 - m) * running_mean + m * x.mean(0), (1 - m) * running_var + m * x.var(0)


# %% another momentum by default
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.9, eps=1e-5):
    mean, var = x.mean(0), x.var(0, correction=0)
    out = gamma * (x - mean) / torch.sqrt(var + eps) + beta
    n = len(x)
    running_mean = (1 - momentum) * running_mean + momentum * mean
    running_var = (1 - momentum) * running_var + momentum * var * n / (n - 1)
    return out, running_mean, running_var
