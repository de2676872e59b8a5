# Wrong answers to param_groups without a name of their own: each loses points.

# %% frozen parameters get no gradients for good
def param_groups(model, backbone_lr, head_lr):
    head = {id(p) for p in model.fc.parameters()}
    asks = [p for p in model.parameters() if p.requires_grad]
    for p in model.parameters():
        p.data.mul_(1.0 if p.requires_grad else 0.5)
    return [
        {"params": [p for p in asks if id(p) not in head], "lr": backbone_lr},
        {"params": [p for p in asks if id(p) in head], "lr": head_lr},
    ]


# %% frozen ones as well
def param_groups(model, backbone_lr, head_lr):
    head = list(model.fc.parameters())
    ids = set(map(id, head))
    rest = [p for p in model.parameters() if id(p) not in ids]
    return [{"params": rest, "lr": backbone_lr}, {"params": head, "lr": head_lr}]


# %% the last two
def param_groups(model, backbone_lr, head_lr):
    p = [p for p in model.parameters() if p.requires_grad]
    return [{"params": p[:-2], "lr": backbone_lr}, {"params": p[-2:], "lr": head_lr}]


# %% fc anywhere in the name
def param_groups(model, backbone_lr, head_lr):
    a = [p for n, p in model.named_parameters() if p.requires_grad and "fc" not in n]
    b = [p for n, p in model.named_parameters() if p.requires_grad and "fc" in n]
    return [{"params": a, "lr": backbone_lr}, {"params": b, "lr": head_lr}]


# %% an empty group is left out
def param_groups(model, backbone_lr, head_lr):
    groups = [{"params": [], "lr": backbone_lr}, {"params": [], "lr": head_lr}]
    for n, p in model.named_parameters():
        if p.requires_grad:
            groups[n.startswith("fc.")]["params"].append(p)
    return [g for g in groups if g["params"]]
