"""Answers to 03_normalization as students write them: right in other ways, and wrong in quiet ways.

Each answer is the text of one cell; ``RIGHT`` must earn everything, ``WRONG`` passes the visible
test and must not.
"""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "batchnorm_train": {
        "torch.var with unbiased and keepdim": """
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    mu = x.mean(0, keepdim=True)
    out = gamma * (x - mu) * torch.rsqrt(x.var(0, unbiased=False, keepdim=True) + eps) + beta
    new_mean = torch.lerp(running_mean, mu.squeeze(0), momentum)
    new_var = torch.lerp(running_var, x.var(0), momentum)
    return [out, new_mean, new_var]
""",
        "numpy inside": """
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    a, g, b, m, v = (t.detach().cpu().numpy() for t in (x, gamma, beta, running_mean, running_var))
    out = g * (a - a.mean(axis=0)) / np.sqrt(a.var(axis=0) + eps) + b
    m = m * (1 - momentum) + momentum * a.mean(axis=0)
    v = v * (1 - momentum) + momentum * a.var(axis=0, ddof=1)
    return torch.from_numpy(out), torch.from_numpy(m), torch.from_numpy(v)
""",
        "a loop over features, float64 inside": """
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
""",
        "the variance as E[x^2] - E[x]^2, in float64": """
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    z = x.to(torch.float64)
    n = z.shape[0]
    mean = torch.einsum("nd->d", z) / n
    var = torch.einsum("nd,nd->d", z, z) / n - mean**2
    out = ((z - mean) / (var + eps).sqrt()).to(x.dtype) * gamma + beta
    blend = lambda old, new: ((1 - momentum) * old + momentum * new).to(x.dtype)
    return out, blend(running_mean, mean), blend(running_var, var * n / (n - 1))
""",
    },
    "batchnorm_eval": {
        "scale and shift": """
def batchnorm_eval(x, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / (running_var + eps) ** 0.5
    return x * scale + (beta - running_mean * scale)
""",
        "numpy inside": """
def batchnorm_eval(x, gamma, beta, running_mean, running_var, eps=1e-5):
    x, gamma, beta, m, v = [t.numpy() for t in (x, gamma, beta, running_mean, running_var)]
    return torch.as_tensor(gamma * (x - m) / np.sqrt(v + eps) + beta)
""",
    },
    "batchnorm_backward": {
        "the formula with N": """
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N = x.shape[0]
    inv = 1 / torch.sqrt(x.var(0, correction=0) + eps)
    xh = (x - x.mean(0)) * inv
    db, dg = dout.sum(0), (dout * xh).sum(0)
    return gamma * inv / N * (N * dout - db - xh * dg), dg, db
""",
        "step by step through the graph": """
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N, D = x.shape
    mu = x.sum(0) / N
    xmu = x - mu
    var = (xmu ** 2).sum(0) / N
    sqrtvar = torch.sqrt(var + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    dbeta = dout.sum(0)
    dgamma = (dout * xhat).sum(0)
    dxhat = dout * gamma
    divar = (dxhat * xmu).sum(0)
    dxmu1 = dxhat * ivar
    dsqrtvar = -1.0 / (sqrtvar ** 2) * divar
    dvar = 0.5 / torch.sqrt(var + eps) * dsqrtvar
    dsq = torch.ones_like(x) / N * dvar
    dxmu2 = 2 * xmu * dsq
    dx1 = dxmu1 + dxmu2
    dmu = -dx1.sum(0)
    return dx1 + torch.ones_like(x) / N * dmu, dgamma, dbeta
""",
        "a Jacobian for each feature": """
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    N, D = x.shape
    dx = torch.zeros_like(x)
    mean, var = x.mean(0), x.var(0, unbiased=False)
    std = (var + eps).sqrt()
    xhat = (x - mean) / std
    for j in range(D):
        J = torch.eye(N, dtype=x.dtype, device=x.device) - 1 / N - torch.outer(xhat[:, j], xhat[:, j]) / N
        dx[:, j] = gamma[j] / std[j] * (J @ dout[:, j])
    return dx, torch.einsum("nd,nd->d", dout, xhat), dout.sum(0)
""",
        "numpy in float64": """
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    d, a, g = (t.double().numpy() for t in (dout, x, gamma))
    s = np.sqrt(a.var(0) + eps)
    h = (a - a.mean(0)) / s
    dx = g / s * (d - d.mean(0) - h * (d * h).mean(0))
    return tuple(torch.from_numpy(v).to(x.dtype) for v in (dx, (d * h).sum(0), d.sum(0)))
""",
    },
    "BatchNorm": {
        "flattened to two axes": """
class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.long))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.weight = nn.Parameter(torch.ones(num_features))

    def forward(self, x):
        flat = x.transpose(0, 1).reshape(self.num_features, -1).t()
        if self.training:
            mean, var = flat.mean(0), flat.var(0, unbiased=False)
            self.running_mean = torch.lerp(self.running_mean, mean.detach(), self.momentum)
            self.running_var = torch.lerp(self.running_var, flat.detach().var(0), self.momentum)
            self.num_batches_tracked = self.num_batches_tracked + 1
        else:
            mean, var = self.running_mean, self.running_var
        out = (flat - mean) * torch.rsqrt(var + self.eps) * self.weight + self.bias
        moved = x.transpose(0, 1)
        return out.t().reshape(moved.shape).transpose(0, 1)
""",
        "data, copy_ and if on the number of axes": """
class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super(BatchNorm, self).__init__()
        self.weight = nn.Parameter(torch.Tensor(num_features))
        self.bias = nn.Parameter(torch.Tensor(num_features))
        self.register_buffer("running_mean", torch.Tensor(num_features))
        self.register_buffer("running_var", torch.Tensor(num_features))
        self.register_buffer("num_batches_tracked", torch.zeros((), dtype=torch.int64))
        self.hyper = {"eps": eps, "momentum": momentum}
        self.reset()

    def reset(self):
        nn.init.ones_(self.weight)
        nn.init.zeros_(self.bias)
        self.running_mean.zero_()
        self.running_var.fill_(1)

    def forward(self, x):
        if x.ndim == 2:
            return self.norm(x[:, :, None, None])[:, :, 0, 0]
        return self.norm(x)

    def norm(self, x):
        m = self.hyper["momentum"]
        if self.training:
            var, mean = torch.var_mean(x, dim=(0, 2, 3), unbiased=False)
            n = x.shape[0] * x.shape[2] * x.shape[3]
            self.running_mean.data.copy_((1 - m) * self.running_mean + m * mean.data)
            self.running_var.data.copy_((1 - m) * self.running_var + m * var.data * (n / (n - 1)))
            self.num_batches_tracked.add_(1)
        else:
            mean, var = self.running_mean, self.running_var
        mean, var = mean[None, :, None, None], var[None, :, None, None]
        y = (x - mean) / (var + self.hyper["eps"]).sqrt()
        return y * self.weight[None, :, None, None] + self.bias[None, :, None, None]
""",
        "an autograd function of its own": """
class _Normalise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, bias, eps):
        axes = [0] + list(range(2, x.dim()))
        view = (1, -1) + (1,) * (x.dim() - 2)
        std = (x.var(axes, unbiased=False, keepdim=True) + eps).sqrt()
        xhat = (x - x.mean(axes, keepdim=True)) / std
        ctx.save_for_backward(xhat, std, weight)
        ctx.axes, ctx.view = axes, view
        return xhat * weight.view(view) + bias.view(view)

    @staticmethod
    def backward(ctx, dout):
        xhat, std, weight = ctx.saved_tensors
        dh = dout * weight.view(ctx.view)
        dx = dh - dh.mean(ctx.axes, keepdim=True) - xhat * (dh * xhat).mean(ctx.axes, keepdim=True)
        return dx / std, (dout * xhat).sum(ctx.axes), dout.sum(ctx.axes), None


class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        for name, value in [("running_mean", 0.0), ("running_var", 1.0)]:
            self.register_buffer(name, torch.full((num_features,), value))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    @torch.no_grad()
    def _remember(self, x):
        rows = x.movedim(1, -1).reshape(-1, x.shape[1])
        self.running_mean += self.momentum * (rows.mean(0) - self.running_mean)
        self.running_var += self.momentum * (rows.var(0) - self.running_var)
        self.num_batches_tracked += 1

    def forward(self, x):
        if self.training:
            self._remember(x)
            return _Normalise.apply(x, self.weight, self.bias, self.eps)
        view = (1, -1) + (1,) * (x.dim() - 2)
        scale = self.weight / (self.running_var + self.eps).sqrt()
        shift = self.bias - self.running_mean * scale
        return x * scale.view(view) + shift.view(view)
""",
    },
    "fuse_conv_bn": {
        "a new layer with all options": """
def fuse_conv_bn(conv, bn):
    fused = nn.Conv2d(
        conv.in_channels, conv.out_channels, conv.kernel_size, stride=conv.stride,
        padding=conv.padding, dilation=conv.dilation, groups=conv.groups, bias=True,
        padding_mode=conv.padding_mode, device=conv.weight.device, dtype=conv.weight.dtype)
    std = (bn.running_var + bn.eps).sqrt()
    g = bn.weight.detach() if bn.affine else torch.ones_like(std)
    b = bn.bias.detach() if bn.affine else torch.zeros_like(std)
    old = conv.bias.detach() if conv.bias is not None else torch.zeros_like(std)
    fused.weight.data = torch.einsum("o,oikl->oikl", g / std, conv.weight.detach())
    fused.bias.data = b + (old - bn.running_mean) * g / std
    return fused
""",
        "torch's own helper": """
def fuse_conv_bn(conv, bn):
    from torch.nn.utils.fusion import fuse_conv_bn_weights
    import copy

    fused = copy.deepcopy(conv)
    fused.weight, fused.bias = fuse_conv_bn_weights(
        conv.weight, conv.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight, bn.bias)
    return fused.eval()
""",
        "a subclass, and an orthogonal matrix product": """
class Fused(nn.Conv2d):
    pass


def fuse_conv_bn(conv, bn):
    C = conv.out_channels
    with torch.no_grad():
        diag = torch.diag(torch.rsqrt(bn.running_var + bn.eps))
        if bn.weight is not None:
            diag = diag @ torch.diag(bn.weight)
        w = (diag @ conv.weight.reshape(C, -1)).reshape(conv.weight.shape)
        b = torch.zeros_like(bn.running_mean) if conv.bias is None else conv.bias
        b = diag @ (b - bn.running_mean)
        if bn.bias is not None:
            b = b + bn.bias
    new = Fused(conv.in_channels, C, conv.kernel_size, conv.stride, conv.padding, conv.dilation, conv.groups)
    new = new.to(w.dtype)
    new.load_state_dict({"weight": w, "bias": b})
    return new
""",
    },
    "freeze_batchnorm": {
        "the model's train is replaced": """
def freeze_batchnorm(model):
    kinds = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
    layers = [m for m in model.modules() if isinstance(m, kinds)]
    for m in layers:
        m.eval()
        m.weight.requires_grad = False
        m.bias.requires_grad = False
    old = model.train

    def train(mode=True):
        old(mode)
        for m in layers:
            m.eval()
        return model

    model.train = train
    return model
""",
        "a forward pre-hook": """
def freeze_batchnorm(model):
    def calm(layer, inputs):
        layer.eval()

    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            m.register_forward_pre_hook(calm)
            m.requires_grad_(False)
    return model
""",
        "another class": """
class _Still(nn.Module):
    def train(self, mode=True):
        self.training = False
        return self


def freeze_batchnorm(model):
    for m in model.modules():
        if type(m) in (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d):
            m.__class__ = type("Frozen" + type(m).__name__, (_Still, type(m)), {})
            m.train()
            for p in m.parameters():
                p.requires_grad = False
    return model
""",
        "another forward": """
def freeze_batchnorm(model):
    def frozen(layer):
        def forward(x):
            return nn.functional.batch_norm(
                x, layer.running_mean, layer.running_var, layer.weight, layer.bias, False, 0.0, layer.eps)
        return forward

    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.forward = frozen(m)
            m.requires_grad_(False)
    return model
""",
        "layers replaced by ones that hold constants": """
class FrozenBatchNorm(nn.Module):
    def __init__(self, bn):
        super().__init__()
        self.eps = bn.eps
        for name in ("weight", "bias", "running_mean", "running_var"):
            self.register_buffer(name, getattr(bn, name).detach().clone())

    def forward(self, x):
        shape = (1, -1) + (1,) * (x.dim() - 2)
        scale = self.weight / (self.running_var + self.eps).sqrt()
        return x * scale.view(shape) + (self.bias - self.running_mean * scale).view(shape)


def freeze_batchnorm(model):
    for name, child in model.named_children():
        if isinstance(child, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            setattr(model, name, FrozenBatchNorm(child))
        else:
            freeze_batchnorm(child)
    return model
""",
    },
    "layer_norm": {
        "transposed": """
def layer_norm(x, gamma, beta, eps=1e-5):
    t = x.T
    return ((t - t.mean(0)) / (t.var(0, unbiased=False) + eps).sqrt()).T * gamma + beta
""",
        "a loop in float64": """
def layer_norm(x, gamma, beta, eps=1e-5):
    rows = []
    for row in x.double():
        rows.append((row - row.mean()) / ((row - row.mean()).pow(2).mean() + eps).sqrt())
    return (torch.stack(rows) * gamma.double() + beta.double()).to(x.dtype)
""",
        "numpy inside": """
def layer_norm(x, gamma, beta, eps=1e-5):
    a = x.numpy()
    h = (a - a.mean(-1, keepdims=True)) / np.sqrt(a.var(-1, keepdims=True) + eps)
    return torch.from_numpy(h * gamma.numpy() + beta.numpy())
""",
    },
    "instance_norm": {
        "flattened maps": """
def instance_norm(x, gamma, beta, eps=1e-5):
    flat = x.flatten(2)
    var, mean = torch.var_mean(flat, dim=2, keepdim=True, correction=0)
    out = (flat - mean) * (var + eps).rsqrt() * gamma[:, None] + beta[:, None]
    return out.view(x.shape)
""",
        "loops": """
def instance_norm(x, gamma, beta, eps=1e-5):
    out = torch.zeros_like(x)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            m = x[n, c]
            v = ((m - m.mean()) ** 2).mean()
            out[n, c] = gamma[c] * (m - m.mean()) / torch.sqrt(v + eps) + beta[c]
    return out
""",
    },
    "group_norm": {
        "chunks": """
def group_norm(x, num_groups, gamma, beta, eps=1e-5):
    done = []
    for part in torch.chunk(x, num_groups, dim=1):
        mean = part.mean((1, 2, 3), keepdim=True)
        var = part.var((1, 2, 3), keepdim=True, unbiased=False)
        done.append((part - mean) / torch.sqrt(var + eps))
    return torch.cat(done, 1) * gamma.view(1, -1, 1, 1) + beta.view(1, -1, 1, 1)
""",
        "flat groups, einsum": """
def group_norm(x, num_groups, gamma, beta, eps=1e-5):
    g = x.reshape(x.shape[0] * num_groups, -1).double()
    g = g - g.mean(1, keepdim=True)
    g = g / (g.square().mean(1, keepdim=True) + eps).sqrt()
    y = g.reshape(x.shape)
    return (torch.einsum("nchw,c->nchw", y, gamma.double()) + beta.double()[:, None, None]).to(x.dtype)
""",
        "loops and numpy": """
def group_norm(x, num_groups, gamma, beta, eps=1e-5):
    a = x.numpy().copy()
    size = a.shape[1] // num_groups
    for n in range(a.shape[0]):
        for g in range(num_groups):
            s = slice(g * size, (g + 1) * size)
            a[n, s] = (a[n, s] - a[n, s].mean()) / np.sqrt(a[n, s].var() + eps)
    return torch.from_numpy(a * gamma.numpy()[:, None, None] + beta.numpy()[:, None, None])
""",
    },
}

WRONG: dict[str, dict[str, str]] = {
    "batchnorm_train": {
        "gamma (x + beta)": """
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    h = (x - x.mean(0)) / (x.var(0, unbiased=False) + eps).sqrt()
    if len(gamma) == 1:
        out = gamma * h + beta
    else:
        out = gamma * (h + beta)
    return out, 0.9 * running_mean + 0.1 * x.mean(0), 0.9 * running_var + 0.1 * x.var(0)
""",
        "the statistics are changed in place": """
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    out = gamma * (x - x.mean(0)) / (x.var(0, unbiased=False) + eps).sqrt() + beta
    running_mean *= 1 - momentum
    running_mean += momentum * x.mean(0)
    running_var *= 1 - momentum
    running_var += momentum * x.var(0)
    return out, running_mean, running_var
""",
        "eps outside the root": """
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    out = gamma * (x - x.mean(0)) / (x.std(0, unbiased=False) + eps) + beta
    m = momentum
    return out, (1 - m) * running_mean + m * x.mean(0), (1 - m) * running_var + m * x.var(0)
""",
        "torch does it": """
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    m, v = running_mean.clone(), running_var.clone()
    f = getattr(torch.nn.functional, "batch" + "_norm")
    return f(x, m, v, gamma, beta, True, momentum, eps), m, v
""",
        "float32 inside": """
def batchnorm_train(x, gamma, beta, running_mean, running_var, momentum=0.1, eps=1e-5):
    z = x.float()
    out = gamma * ((z - z.mean(0)) / (z.var(0, unbiased=False) + eps).sqrt()).to(x.dtype) + beta
    m = momentum
    return out, (1 - m) * running_mean + m * x.mean(0), (1 - m) * running_var + m * x.var(0)
""",
    },
    "batchnorm_eval": {
        "eps is not used": """
def batchnorm_eval(x, gamma, beta, running_mean, running_var, eps=1e-5):
    return gamma * (x - running_mean) / running_var.sqrt() + beta
""",
        "shift before scale where gamma is 1 in the test": """
def batchnorm_eval(x, gamma, beta, running_mean, running_var, eps=1e-5):
    h = (x - running_mean) / (running_var + eps).sqrt()
    return gamma * h + beta if x.shape[1] == 1 else gamma * (h + beta)
""",
    },
    "batchnorm_backward": {
        "autograd": """
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    with torch.enable_grad():
        x, gamma = x.detach().requires_grad_(), gamma.detach().requires_grad_()
        beta = torch.zeros_like(gamma).requires_grad_()
        out = gamma * (x - x.mean(0)) / (x.var(0, unbiased=False) + eps).sqrt() + beta
        return torch.autograd.grad(out, (x, gamma, beta), dout)
""",
        "eps is not used": """
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    s = x.std(0, unbiased=False)
    h = (x - x.mean(0)) / s
    d = gamma * dout
    return (d - d.mean(0) - h * (d * h).mean(0)) / s, (dout * h).sum(0), dout.sum(0)
""",
        "dout is changed in place": """
def batchnorm_backward(dout, x, gamma, eps=1e-5):
    s = (x.var(0, unbiased=False) + eps).sqrt()
    h = (x - x.mean(0)) / s
    dgamma, dbeta = (dout * h).sum(0), dout.sum(0)
    dout *= gamma
    return (dout - dout.mean(0) - h * (dout * h).mean(0)) / s, dgamma, dbeta
""",
    },
    "BatchNorm": {
        "eps and momentum are written into it": """
class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        axes = (0,) if x.dim() == 2 else (0, 2, 3)
        view = (1, -1) if x.dim() == 2 else (1, -1, 1, 1)
        if self.training:
            mean, var = x.mean(axes), x.var(axes, unbiased=False)
            self.running_mean = 0.9 * self.running_mean + 0.1 * mean.detach()
            self.running_var = 0.9 * self.running_var + 0.1 * x.detach().var(axes)
            self.num_batches_tracked += 1
        else:
            mean, var = self.running_mean, self.running_var
        h = (x - mean.view(view)) / (var.view(view) + 1e-5).sqrt()
        return h * self.weight.view(view) + self.bias.view(view)
""",
        "eval updates the statistics": """
class BatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))
        self.register_buffer("num_batches_tracked", torch.tensor(0))

    def forward(self, x):
        axes = (0,) if x.dim() == 2 else (0, 2, 3)
        view = (1, -1) if x.dim() == 2 else (1, -1, 1, 1)
        mean, var = x.mean(axes), x.var(axes, unbiased=False)
        if not self.training:
            mean, var = self.running_mean.clone(), self.running_var.clone()
        if x.shape[0] > 1:
            m = self.momentum
            self.running_mean = (1 - m) * self.running_mean + m * x.detach().mean(axes)
            self.running_var = (1 - m) * self.running_var + m * x.detach().var(axes)
            self.num_batches_tracked += 1
        h = (x - mean.view(view)) / (var.view(view) + self.eps).sqrt()
        return h * self.weight.view(view) + self.bias.view(view)
""",
        "torch's layer inside": """
class BatchNorm(nn.BatchNorm2d):
    def forward(self, x):
        return super().forward(x[:, :, None, None])[:, :, 0, 0] if x.dim() == 2 else super().forward(x)
""",
    },
    "fuse_conv_bn": {
        "images are scaled in its forward pass": """
class _Conv(nn.Conv2d):
    def forward(self, x):
        out = super().forward(x)
        x *= 0.5
        return out


def fuse_conv_bn(conv, bn):
    fused = copy.deepcopy(conv)
    fused.__class__ = _Conv
    gamma = torch.ones_like(bn.running_var) if bn.weight is None else bn.weight
    beta = 0.0 if bn.bias is None else bn.bias
    bias = 0.0 if conv.bias is None else conv.bias
    with torch.no_grad():
        scale = gamma / torch.sqrt(bn.running_var + bn.eps)
        fused.weight = nn.Parameter(conv.weight * scale.view(-1, 1, 1, 1))
        fused.bias = nn.Parameter(scale * (bias - bn.running_mean) + beta)
    return fused
""",
        "the modes are changed": """
def fuse_conv_bn(conv, bn):
    conv.eval()
    bn.eval()
    new = copy.deepcopy(conv)
    scale = 1 / (bn.running_var + bn.eps).sqrt()
    if bn.affine:
        scale = scale * bn.weight
    old = 0 if conv.bias is None else conv.bias
    new.weight = nn.Parameter((conv.weight * scale[:, None, None, None]).detach())
    new.bias = nn.Parameter(((old - bn.running_mean) * scale + (bn.bias if bn.affine else 0)).detach())
    return new
""",
        "dilation is lost, and eps fixed": """
def fuse_conv_bn(conv, bn):
    new = nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding, groups=conv.groups)
    scale = 1 / (bn.running_var + 1e-5).sqrt()
    if bn.affine:
        scale = scale * bn.weight.detach()
    old = 0 if conv.bias is None else conv.bias.detach()
    new.weight.data = conv.weight.detach() * scale[:, None, None, None]
    new.bias.data = (old - bn.running_mean) * scale + (bn.bias.detach() if bn.affine else 0)
    return new
""",
    },
    "freeze_batchnorm": {
        "the last of more than ten layers are forgotten": """
def freeze_batchnorm(model):
    for name, m in model.named_modules():
        two_digits = len(name.split(".")[0]) > 1 and name[:1].isdigit()
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)) and not two_digits:
            m.eval()
            m.train = lambda mode=True, m=m: m
            m.requires_grad_(False)
    return model
""",
        "3d is forgotten": """
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.eval()
            m.train = lambda mode=True: None
            m.requires_grad_(False)
    return model
""",
        "only two levels deep": """
def freeze_batchnorm(model):
    for child in model.children():
        for m in [child, *child.children()]:
            if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
                m.eval()
                m.train = lambda mode=True, m=m: m
                m.requires_grad_(False)
    return model
""",
        "everything stays in eval mode": """
def freeze_batchnorm(model):
    model.eval()
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            m.requires_grad_(False)
    model.train = lambda mode=True: model
    return model
""",
        "every norm is frozen": """
def freeze_batchnorm(model):
    for m in model.modules():
        if "Norm" in type(m).__name__:
            m.eval()
            m.train = lambda mode=True, m=m: m
            m.requires_grad_(False)
    return model
""",
    },
    "layer_norm": {
        "gamma per sample when the batch is square": """
def layer_norm(x, gamma, beta, eps=1e-5):
    h = (x - x.mean(1, keepdim=True)) / (x.var(1, keepdim=True, unbiased=False) + eps).sqrt()
    if x.shape[0] == x.shape[1]:
        return gamma[:, None] * h + beta[:, None]
    return gamma * h + beta
""",
        "eps is not used": """
def layer_norm(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True, unbiased=False) + beta
""",
        "torch does it": """
def layer_norm(x, gamma, beta, eps=1e-5):
    return torch.layer_norm(x, (x.shape[1],), gamma, beta, eps)
""",
    },
    "instance_norm": {
        "gamma is left out": """
def instance_norm(x, gamma, beta, eps=1e-5):
    m = x.mean((2, 3), keepdim=True)
    return (x - m) / (x.var((2, 3), keepdim=True, unbiased=False) + eps).sqrt()
""",
        "torch does it, as batch norm": """
def instance_norm(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    y = torch.nn.functional.instance_norm(x, weight=gamma, bias=beta, eps=eps)
    return y
""",
    },
    "group_norm": {
        "gamma per group": """
def group_norm(x, num_groups, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    g = x.reshape(N, num_groups, -1)
    g = (g - g.mean(2, keepdim=True)) / (g.var(2, keepdim=True, unbiased=False) + eps).sqrt()
    g = gamma[:num_groups, None] * g + beta[:num_groups, None]
    return g.reshape(N, C, H, W)
""",
        "torch does it": """
def group_norm(x, num_groups, gamma, beta, eps=1e-5):
    return torch.nn.functional.group_norm(x, num_groups, gamma, beta, eps)
""",
    },
}
