# Wrong answers to batchnorm_backward without a name of their own: each loses points.

# %% autograd
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    with torch.enable_grad():
        x, gamma = x.detach().requires_grad_(), gamma.detach().requires_grad_()
        beta = torch.zeros_like(gamma).requires_grad_()
        out = gamma * (x - x.mean(0)) / (x.var(0, unbiased=False) + eps).sqrt() + beta
        return torch.autograd.grad(out, (x, gamma, beta), dout)


# %% eps is not used
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    s = x.std(0, unbiased=False)
    h = (x - x.mean(0)) / s
    d = gamma * dout
    return (d - d.mean(0) - h * (d * h).mean(0)) / s, (dout * h).sum(0), dout.sum(0)


# %% dout is changed in place
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    s = (x.var(0, unbiased=False) + eps).sqrt()
    h = (x - x.mean(0)) / s
    dgamma, dbeta = (dout * h).sum(0), dout.sum(0)
    dout *= gamma
    return (dout - dout.mean(0) - h * (dout * h).mean(0)) / s, dgamma, dbeta
