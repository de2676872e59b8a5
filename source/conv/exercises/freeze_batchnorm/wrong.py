# Wrong answers to freeze_batchnorm without a name of their own: each loses points.

# %% the last of more than ten layers are forgotten
def freeze_batchnorm(model):
    for name, m in model.named_modules():
        two_digits = len(name.split(".")[0]) > 1 and name[:1].isdigit()
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)) and not two_digits:
            m.eval()
            m.train = lambda mode=True, m=m: m
            m.requires_grad_(False)
    return model


# %% 3d is forgotten
def freeze_batchnorm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.eval()
            m.train = lambda mode=True: None
            m.requires_grad_(False)
    return model


# %% only two levels deep
def freeze_batchnorm(model):
    for child in model.children():
        for m in [child, *child.children()]:
            if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
                m.eval()
                m.train = lambda mode=True, m=m: m
                m.requires_grad_(False)
    return model


# %% everything stays in eval mode
def freeze_batchnorm(model):
    model.eval()
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            m.requires_grad_(False)
    model.train = lambda mode=True: model
    return model


# %% every norm is frozen
def freeze_batchnorm(model):
    for m in model.modules():
        if "Norm" in type(m).__name__:
            m.eval()
            m.train = lambda mode=True, m=m: m
            m.requires_grad_(False)
    return model
