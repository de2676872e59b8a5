# Right answers to replace_head, written in other ways: each earns everything.

# %% a new head in the mode of the model
def replace_head(model, num_classes):
    old = model.fc
    new = nn.Linear(old.in_features, num_classes).to(old.weight)
    model.fc = new.train(model.training)
    return model


# %% made like the old weight, initialised by hand
def replace_head(model, num_classes):
    w = model.fc.weight
    head = nn.Linear(w.shape[1], num_classes).to(device=w.device, dtype=w.dtype)
    nn.init.zeros_(head.bias)
    nn.init.normal_(head.weight, std=0.01)
    setattr(model, "fc", head)
    return model


# %% through the modules, all zeros
def replace_head(model: nn.Module, num_classes: int) -> nn.Module:
    old = model._modules["fc"]
    new = nn.Linear(old.in_features, num_classes).to(old.weight)
    with torch.no_grad():
        for p in new.parameters():
            p.zero_()
    model._modules["fc"] = new
    return model


# %% setattr, to(weight)
def replace_head(model: nn.Module, num_classes: int) -> nn.Module:
    head = nn.Linear(model.fc.weight.shape[1], num_classes)
    nn.init.xavier_uniform_(head.weight)
    nn.init.zeros_(head.bias)
    setattr(model, "fc", head.to(model.fc.weight))
    return model


# %% the head stays on the CPU
def replace_head(model, num_classes):
    model.fc = nn.Linear(model.fc.in_features, num_classes, dtype=model.fc.weight.dtype)
    return model
