# Right answers to param_groups, written in other ways: each earns everything.

# %% by identity
def param_groups(model, backbone_lr, head_lr):
    head = [p for p in model.fc.parameters() if p.requires_grad]
    ids = {id(p) for p in model.fc.parameters()}
    rest = [p for p in model.parameters() if p.requires_grad and id(p) not in ids]
    return [dict(params=rest, lr=backbone_lr), dict(params=head, lr=head_lr)]


# %% a tuple, filters, more keys
def param_groups(model, backbone_lr, head_lr):
    names = dict(model.named_parameters())
    head = [names[n] for n in names if n.split(".")[0] == "fc"]
    other = [names[n] for n in names if n.split(".")[0] != "fc"]
    alive = lambda p: p.requires_grad
    return (
        {"lr": backbone_lr, "params": list(filter(alive, other)), "name": "backbone"},
        {"lr": head_lr, "params": list(filter(alive, head)), "name": "head", "weight_decay": 0.0},
    )
