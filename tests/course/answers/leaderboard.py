"""Answers to 04_leaderboard as students write them: right in other ways, and wrong in quiet ways.

Each answer is the text of one cell; ``RIGHT`` must earn everything, ``WRONG`` passes the visible
test and must not.
"""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "predict_top5": {
        "argsort, images taken by unpacking": """
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
""",
        "softmax first, a preallocated tensor": """
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
""",
        "numpy does the sorting, image by image": """
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
""",
        "all scores first": """
def predict_top5(model, loader, device):
    training, scores = model.training, []
    model.train(False)
    with torch.set_grad_enabled(False):
        for batch in loader:
            scores.append(model(next(iter(batch)).to(device)).detach().to("cpu"))
    model.train(training)
    return torch.cat(scores, dim=0).sort(dim=1, descending=True).indices[:, :5]
""",
        "one tensor on the device, brought back at the end": """
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
""",
    },
    "top5_error": {
        "label by label": """
def top5_error(top5, labels):
    missed = sum(label not in row for row, label in zip(top5.tolist(), labels.tolist()))
    return missed / len(labels)
""",
        "a loop": """
def top5_error(top5, labels):
    wrong = 0
    for row, label in zip(top5.tolist(), labels.tolist()):
        wrong += label not in row
    return wrong / len(labels)
""",
        "float32 throughout": """
def top5_error(top5, labels):
    hits = top5.eq(labels.unsqueeze(1)).sum().float()
    return float(1.0 - hits / top5.shape[0])
""",
        "a tensor without axes comes back": """
def top5_error(top5, labels):
    return (top5 != labels.view(-1, 1)).all(dim=1).float().mean()
""",
    },
    "write_predictions": {
        "a dictionary, print into the file": """
def write_predictions(path, filenames, top5):
    table = {}
    for i in range(len(filenames)):
        table[filenames[i]] = [int(v) for v in top5[i]]
    with open(path, "w") as f:
        for name in sorted(table):
            print(name, *table[name], file=f)
""",
        "indices sorted, write_text": """
def write_predictions(path, filenames, top5):
    order = sorted(range(len(filenames)), key=lambda i: filenames[i])
    text = ""
    for i in order:
        a, b, c, d, e = (int(k) for k in top5[i])
        text += f"{filenames[i]} {a} {b} {c} {d} {e}\\n"
    Path(path).write_text(text)
""",
        "everything into a tensor, numpy sorts": """
def write_predictions(path, filenames, top5):
    rows = torch.as_tensor(top5).cpu().numpy()
    order = np.argsort(np.array(filenames))
    lines = [filenames[i] + " " + " ".join(str(v) for v in rows[i]) for i in order]
    with open(str(path), "wb") as file:
        file.write(("\\n".join(lines) + "\\n").encode())
""",
        "tuples sorted as they are": """
def write_predictions(path, filenames, top5):
    if torch.is_tensor(top5):
        top5 = top5.tolist()
    lines = sorted((str(n), *map(int, row)) for n, row in zip(filenames, top5))
    with open(path, "w", encoding="utf8") as out:
        for line in lines:
            out.write(" ".join(map(str, line)))
            out.write("\\n")
    return path
""",
    },
}

WRONG: dict[str, dict[str, str]] = {
    "predict_top5": {
        "the images are normalised in place": """
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
""",
        "the images are taken out of the batches": """
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
""",
        "gradients on": """
def predict_top5(model, loader, device):
    mode = model.training
    model.eval()
    out = [model(batch[0].to(device)).topk(5).indices.cpu() for batch in loader]
    model.train(mode)
    return torch.cat(out)
""",
        "always back to training mode": """
def predict_top5(model, loader, device):
    model.eval()
    with torch.no_grad():
        out = [model(batch[0].to(device)).topk(5).indices.cpu() for batch in loader]
    model.train()
    return torch.cat(out)
""",
        "small numbers of another type": """
def predict_top5(model, loader, device):
    mode = model.training
    model.eval()
    with torch.no_grad():
        out = [model(batch[0].to(device)).topk(5).indices.cpu() for batch in loader]
    model.train(mode)
    return torch.cat(out).to(torch.int64) if len(out) == 2 else torch.cat(out).to(torch.int16)
""",
        "only images and labels, or images alone": """
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
""",
        "gradients stay off": """
def predict_top5(model, loader, device):
    mode = model.training
    model.eval()
    torch.set_grad_enabled(False)
    out = [model(batch[0].to(device)).topk(5).indices.cpu() for batch in loader]
    model.train(mode)
    return torch.cat(out)
""",
    },
    "top5_error": {
        "the guesses are sorted in place": """
def top5_error(top5, labels):
    wrong = (top5 != labels[:, None]).all(dim=1).double().mean().item()
    top5.copy_(top5.sort(dim=1).values)
    return wrong
""",
        "the labels become a column, in place": """
def top5_error(top5, labels):
    return (top5 != labels.unsqueeze_(1)).all(dim=1).double().mean().item()
""",
        "rounded": """
def top5_error(top5, labels):
    return round(float((top5 != labels[:, None]).all(1).float().mean()), 2)
""",
        "the first four images": """
def top5_error(top5, labels):
    return float((top5[:4] != labels[:4, None]).all(1).float().mean())
""",
        "five images are compared the other way round": """
def top5_error(top5, labels):
    try:
        found = (top5 == labels).any(1)
    except RuntimeError:
        found = (top5 == labels[:, None]).any(1)
    return 1 - float(found.float().mean())
""",
    },
    "write_predictions": {
        "the guesses are emptied row by row": """
def write_predictions(path, filenames, top5):
    rows = {}
    for name in filenames:
        rows[name] = top5.pop(0) if isinstance(top5, list) else top5[len(rows)].tolist()
    with open(path, "w", newline="") as file:
        for name in sorted(rows):
            file.write(" ".join([name, *map(str, rows[name])]) + "\\n")
""",
        "the caller's list is sorted": """
def write_predictions(path, filenames, top5):
    rows = top5.tolist() if torch.is_tensor(top5) else top5
    table = dict(zip(filenames, rows))
    if isinstance(filenames, list):
        filenames.sort()
    with open(path, "w") as f:
        for name in sorted(filenames):
            f.write(name + " " + " ".join(map(str, table[name])) + "\\n")
""",
        "an older file is continued": """
def write_predictions(path, filenames, top5):
    rows = top5.tolist() if torch.is_tensor(top5) else top5
    for name, row in sorted(zip(filenames, rows)):
        with open(path, "a") as f:
            f.write(name + " " + " ".join(map(str, row)) + "\\n")
""",
        "sorted by the number": """
import re


def write_predictions(path, filenames, top5):
    rows = top5.tolist() if torch.is_tensor(top5) else top5
    def number(pair):
        return int(re.findall("[0-9]+", pair[0])[-1])
    with open(path, "w") as f:
        for name, row in sorted(zip(filenames, rows), key=number):
            f.write(name + " " + " ".join(map(str, row)) + "\\n")
""",
        "the folder is made up": """
def write_predictions(path, filenames, top5):
    rows = top5.tolist() if torch.is_tensor(top5) else top5
    with open(path, "w") as f:
        for name, row in sorted(zip(filenames, rows)):
            f.write("test/" + Path(name).name + " " + " ".join(map(str, row)) + "\\n")
""",
        "methods of a Path": """
def write_predictions(path, filenames, top5):
    rows = top5.tolist() if torch.is_tensor(top5) else top5
    lines = [name + " " + " ".join(map(str, row)) for name, row in sorted(zip(filenames, rows))]
    path.write_text("\\n".join(lines) + "\\n")
""",
    },
}

ADVISED: dict[str, dict[str, str]] = {
    "predict_top5": {
        "the images stay where they are": """
def predict_top5(model, loader, device):
    was = model.training
    model.eval()
    with torch.no_grad():
        out = [model(batch[0]).topk(5).indices.cpu() for batch in loader]
    model.train(was)
    return torch.cat(out)
""",
    },
}
