# Right answers to freeze_batchnorm, written in other ways: each earns everything.

# %% the model's train is replaced
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


# %% a forward pre-hook
def freeze_batchnorm(model):
    def calm(layer, inputs):
        layer.eval()

    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            m.register_forward_pre_hook(calm)
            m.requires_grad_(False)
    return model


# %% another class
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


# %% another forward
def freeze_batchnorm(model):
    def frozen(layer):
        def forward(x):
            return nn.functional.batch_norm(
                x,
                layer.running_mean,
                layer.running_var,
                layer.weight,
                layer.bias,
                False,
                0.0,
                layer.eps,
            )

        return forward

    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.forward = frozen(m)
            m.requires_grad_(False)
    return model


# %% layers replaced by ones that hold constants
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
