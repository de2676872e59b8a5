# Wrong answers to evaluate without a name of their own: each loses points.

# %% all parameters ask for gradients afterwards
def evaluate(model, loader, device):
    was = model.training
    model.eval().requires_grad_(False)
    right = count = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x.to(device)).argmax(1) == y.to(device)).sum().item()
            count += len(y)
    model.train(was).requires_grad_(True)
    return right / count


# %% the parameters cannot be trained afterwards
def evaluate(model, loader, device):
    was = model.training
    model.eval()
    for p in model.parameters():
        p.requires_grad = False
    right = count = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x.to(device)).argmax(1) == y.to(device)).sum().item()
            count += len(y)
    model.train(was)
    return right / count


# %% always back to training
def evaluate(model, loader, device):
    model.eval()
    right = count = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x.to(device)).argmax(1) == y.to(device)).sum().item()
            count += len(y)
    model.train()
    return right / count


# %% gradients are switched off for good
def evaluate(model, loader, device):
    was = model.training
    model.eval()
    torch.set_grad_enabled(False)
    right = sum((model(x.to(device)).argmax(1) == y.to(device)).sum().item() for x, y in loader)
    model.train(was)
    return right / len(loader.dataset)
