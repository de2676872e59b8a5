# Wrong answers to batchnorm_eval without a name of their own: each loses points.

# %% eps is not used
def batchnorm_eval(x, gamma, beta, running_mean, running_var, eps=1e-5):
    return gamma * (x - running_mean) / running_var.sqrt() + beta


# %% shift before scale where gamma is 1 in the test
def batchnorm_eval(x, gamma, beta, running_mean, running_var, eps=1e-5):
    h = (x - running_mean) / (running_var + eps).sqrt()
    return gamma * h + beta if x.shape[1] == 1 else gamma * (h + beta)


# %% a single sample is left as it is
def batchnorm_eval(x, gamma, beta, running_mean, running_var, eps=1e-5):
    if len(x) == 1:
        return gamma * x + beta
    x_hat = (x - running_mean) / torch.sqrt(running_var + eps)
    return gamma * x_hat + beta


# %% one mean and one variance for all features
def batchnorm_eval(x, gamma, beta, running_mean, running_var, eps=1e-5):
    x_hat = (x - running_mean.mean()) / torch.sqrt(running_var.mean() + eps)
    return gamma * x_hat + beta
