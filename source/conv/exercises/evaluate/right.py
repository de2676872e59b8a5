# Right answers to evaluate, written in other ways: each earns everything.

# %% a decorator, all guesses collected
@torch.no_grad()
def evaluate(model, loader, device):
    mode = model.training
    model.eval()
    hits = [model(x.to(device)).max(1)[1].eq(y.to(device)).cpu() for x, y in loader]
    model.train(mode)
    return torch.cat(hits).float().mean().item()


# %% inference mode, try and finally, every module's mode
def evaluate(model, loader, device):
    modes = [(m, m.training) for m in model.modules()]
    right = 0.0
    try:
        model.eval()
        with torch.inference_mode():
            for x, y in loader:
                p = F.softmax(model(x.to(device)), dim=1)
                right += (p.topk(1).indices.squeeze(1) == y.to(device)).sum().item()
    finally:
        for m, training in modes:
            m.training = training
    return right / len(loader.dataset)


# %% mixed precision where there is a GPU
def evaluate(model, loader, device):
    was = model.training
    model.eval()
    right = 0
    with torch.inference_mode(), torch.autocast(device, enabled=device == "cuda"):
        for x, y in loader:
            right += int((model(x.to(device)).argmax(-1) == y.to(device)).sum())
    model.train(was)
    return right / len(loader.dataset)


# %% no batch is moved
def evaluate(model, loader, device):
    was = model.training
    model.eval()
    with torch.no_grad():
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in loader)
    model.train(was)
    return right / len(loader.dataset)
