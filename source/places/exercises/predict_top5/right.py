# Right answers to predict_top5, written in other ways: each earns everything.

# %% argsort, images taken by unpacking
def predict_top5(model, loader, device):
    before = model.training
    model.eval()
    rows = []
    with torch.inference_mode():
        for images, *_ in loader:
            logits = model(images.to(device))
            rows += logits.argsort(dim=1, descending=True)[:, :5].cpu().tolist()
    model.train(mode=before)
    return torch.tensor(rows)


# %% softmax first, a preallocated tensor
@torch.no_grad()
def predict_top5(model, loader, device):
    mode = model.training
    try:
        model.eval()
        out = torch.empty(0, 5, dtype=torch.long)
        for batch in loader:
            images = batch[0].to(device, non_blocking=True)
            p = torch.softmax(model(images), dim=-1)
            _, top = torch.topk(p, k=5)
            out = torch.vstack([out, top.cpu()])
        return out
    finally:
        model.train() if mode else model.eval()


# %% numpy does the sorting, image by image
def predict_top5(model, loader, device):
    was_training = model.training
    model.eval()
    result = []
    for batch in loader:
        with torch.no_grad():
            scores = model(batch[0].to(torch.device(device))).cpu().numpy()
        for row in scores:
            result.append(torch.from_numpy(np.argsort(-row)[:5].copy()))
    model.train(was_training)
    return torch.stack(result).long()


# %% all scores first
def predict_top5(model, loader, device):
    training, scores = model.training, []
    model.train(False)
    with torch.set_grad_enabled(False):
        for batch in loader:
            scores.append(model(next(iter(batch)).to(device)).detach().to("cpu"))
    model.train(training)
    return torch.cat(scores, dim=0).sort(dim=1, descending=True).indices[:, :5]


# %% one tensor on the device, brought back at the end
@torch.inference_mode()
def predict_top5(model, loader, device):
    was_training = model.training
    model.eval()
    rows = torch.empty(0, 5, dtype=torch.int64, device=device)
    for images, *_ in loader:
        scores = model(images.to(device, non_blocking=True))
        rows = torch.vstack((rows, scores.sort(dim=-1, descending=True)[1][:, :5]))
    model.train(was_training)
    return rows.cpu()


# %% the images stay where they are
def predict_top5(model, loader, device):
    was = model.training
    model.eval()
    with torch.no_grad():
        out = [model(batch[0]).topk(5).indices.cpu() for batch in loader]
    model.train(was)
    return torch.cat(out)
