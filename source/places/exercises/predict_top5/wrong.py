# Wrong answers to predict_top5 without a name of their own: each loses points.

# %% the images are normalised in place
def predict_top5(model, loader, device):
    was = model.training
    model.eval()
    found = []
    with torch.no_grad():
        for images, *_ in loader:
            scores = model(images.to(device))
            images.sub_(images.mean())
            found.append(scores.topk(5).indices.cpu())
    model.train(was)
    return torch.cat(found)


# %% the images are taken out of the batches
def predict_top5(model, loader, device):
    was = model.training
    model.eval()
    found = []
    with torch.no_grad():
        for batch in loader:
            images = batch.pop(0) if isinstance(batch, list) and len(batch) > 2 else batch[0]
            found.append(model(images.to(device)).topk(5).indices.cpu())
    model.train(was)
    return torch.cat(found)


# %% gradients on
def predict_top5(model, loader, device):
    mode = model.training
    model.eval()
    out = [model(batch[0].to(device)).topk(5).indices.cpu() for batch in loader]
    model.train(mode)
    return torch.cat(out)


# %% always back to training mode
def predict_top5(model, loader, device):
    model.eval()
    with torch.no_grad():
        out = [model(batch[0].to(device)).topk(5).indices.cpu() for batch in loader]
    model.train()
    return torch.cat(out)


# %% small numbers of another type
def predict_top5(model, loader, device):
    mode = model.training
    model.eval()
    with torch.no_grad():
        out = [model(batch[0].to(device)).topk(5).indices.cpu() for batch in loader]
    model.train(mode)
    return torch.cat(out).to(torch.int64) if len(out) == 2 else torch.cat(out).to(torch.int16)


# %% only images and labels, or images alone
def predict_top5(model, loader, device):
    mode = model.training
    model.eval()
    out = []
    with torch.no_grad():
        for batch in loader:
            if len(batch) == 2:
                images, labels = batch
            else:
                (images,) = batch
            out.append(model(images.to(device)).topk(5).indices.cpu())
    model.train(mode)
    return torch.cat(out)


# %% gradients stay off
def predict_top5(model, loader, device):
    mode = model.training
    model.eval()
    torch.set_grad_enabled(False)
    out = [model(batch[0].to(device)).topk(5).indices.cpu() for batch in loader]
    model.train(mode)
    return torch.cat(out)
