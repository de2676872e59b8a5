# Wrong answers to replace_head without a name of their own: each loses points.

# %% everything is put into training mode
def replace_head(model, num_classes):
    old = model.fc
    model.fc = nn.Linear(old.in_features, num_classes).to(old.weight)
    return model.train()


# %% the dtype is lost
def replace_head(model, num_classes):
    model.fc = nn.Linear(model.fc.in_features, num_classes)
    return model


# %% nothing changes when the number fits
def replace_head(model, num_classes):
    if model.fc.out_features != num_classes:
        w = model.fc.weight
        model.fc = nn.Linear(w.shape[1], num_classes, dtype=w.dtype, device=w.device)
    return model


# %% the backbone is frozen on the way
def replace_head(model, num_classes):
    old = model.fc
    for p in model.parameters():
        p.requires_grad = False
    model.fc = nn.Linear(old.in_features, num_classes).to(old.weight)
    return model
