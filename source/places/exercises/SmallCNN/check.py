"""The hidden test of SmallCNN."""

import torch
from shared.memory_order import column_by_column
from torch import nn
from torch.nn import functional as F

from autograder.checks import check, identical, probe
from solutions.places import train_cnn as reference


def stripes(draw, n):
    """Squares of stripes: across, down, both, none; anywhere, in any colour."""
    images = draw.uniform(0, 1, n, 3, 1, 1).expand(n, 3, 32, 32).clone()
    labels = [draw.integer(0, 3) for _ in range(n)]
    row, col = torch.arange(12).view(12, 1) % 4 < 2, torch.arange(12).view(1, 12) % 4 < 2
    masks = [row.expand(12, 12), col.expand(12, 12), row & col, torch.zeros(12, 12).bool()]
    for k, label in enumerate(labels):
        i, j = draw.integer(0, 20), draw.integer(0, 20)
        images[k, :, i : i + 12, j : j + 12] += (0.8 if k % 2 else -0.8) * masks[label]
    return images.clamp(0, 1), labels


def make(draw, classes, N, H, W, task):
    key = draw.integer(0, 1 << 30)
    if task == "learns":
        return classes, *stripes(draw, 32), task, key
    kinds = 4 if N > 5 else 3  # of images; who[k] is the kind of image k
    rough = draw.uniform(0, 1, kinds, 3, 4, 4)
    different = torch.nn.functional.interpolate(rough, size=(H, W), mode="bilinear")
    who = [*range(kinds), *(draw.integer(0, kinds - 1) for _ in range(N - kinds))]
    who = [who[k] for k in draw.tensor(N).argsort().tolist()]
    return classes, different[who], who, task, key


@probe
def look(SmallCNN, classes, x, who, task, key):
    torch.default_generator.manual_seed(key)
    if task == "learns":
        labels, best, kept = torch.tensor(who), -1.0, None
        for lr in (0.01, 0.003, 0.001):
            torch.default_generator.manual_seed(key)
            model = SmallCNN(4)
            optimizer = torch.optim.Adam(model.parameters(), lr=lr)
            for step in range(60):
                half = slice(16, 32) if step % 2 else slice(0, 16)
                loss = F.cross_entropy(model(x[half]), labels[half])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            model.eval()
            with torch.no_grad():
                logits = model(x)
            right = float((logits.argmax(dim=1) == labels).float().mean())
            if right > best:
                best, kept = right, logits
            if best > 0.6:
                break
        return {"logits": kept}

    model = SmallCNN(classes)
    with torch.no_grad():
        for p in model.parameters():  # away from any special start, such as zeros
            p.mul_(2.0).add_(0.05 * torch.randn(p.shape))
    mine = x.clone()
    out = model(mine)
    found = {"out": out.detach(), "parameters": sum(p.numel() for p in model.parameters())}
    if task == "gradients":
        mix = torch.randn(len(x), classes, generator=torch.Generator().manual_seed(key))
        (out * mix).sum().backward()
        found["without"] = [n for n, p in model.named_parameters() if p.grad is None]
        found["convolutions"] = sum(isinstance(m, nn.Conv2d) for m in model.modules())
        found["a module"] = isinstance(model, nn.Module)
    model.eval()
    with torch.no_grad():
        if task == "left":
            model(mine)
            found["the images afterwards"] = mine
        found["in eval mode"] = model(x.clone())
        if task == "eval":
            found["again"] = model(x.clone())
            found["alone"] = [model(one[None].clone()) for one in x]
        if task == "order":
            found["otherwise"] = model(column_by_column(x))
        if task == "logits":
            for p in model.parameters():
                p.mul_(4.0)
            found["with large weights"] = model.train()(x.clone())
    return found


def near(one, other, scale):
    return one.shape == other.shape and bool((one - other).abs().max() < 1e-3 * scale)


@look.reading
def look(found, classes, x, who, task, key):
    if task == "learns":
        right = found["logits"].argmax(dim=1) == torch.tensor(who)
        known = right.shape == (len(x),) and float(right.float().mean()) > 0.55
        return {"does it learn a simple task within 60 steps of Adam": known}
    out, rows = found["out"].double(), found["in eval mode"].double()
    said = {
        "the shape of the output": tuple(out.shape),
        "the shape of the output in eval mode": tuple(rows.shape),
    }
    if {tuple(out.shape), tuple(rows.shape)} != {(len(x), classes)}:
        return said
    ones, scale = torch.ones(len(x)).double(), float(rows.abs().max()) + 1e-3
    if task == "gradients":
        said |= {
            "is it an nn.Module": found["a module"],
            "parameters without a gradient": found["without"],
            "are there at least three nn.Conv2d layers": found["convolutions"] >= 3,
        }
    if task == "shape":
        said["are there at most 500,000 parameters"] = 0 < found["parameters"] <= 500_000
    if task == "left":
        said["the images afterwards"] = found["the images afterwards"]
    if task == "order":
        same = near(found["otherwise"].double(), rows, scale)
        said["is the output the same for images in another order in memory"] = same
    if task == "eval":
        alone = found["alone"]
        said["the shape of the output for a single image"] = sorted({tuple(o.shape) for o in alone})
        if {tuple(one.shape) for one in alone} != {(1, classes)}:
            return said
        logs = torch.logsumexp(rows, dim=1).exp()
        said |= {
            "does the output in eval mode sum to 1": torch.allclose(
                rows.sum(dim=1), ones, atol=1e-3
            ),
            "is the output in eval mode a log of probabilities": torch.allclose(
                logs, ones, atol=1e-3
            ),
            "is the output in eval mode the same twice": identical(
                found["again"], found["in eval mode"]
            ),
            "is an image's output the same alone as in a batch": near(
                torch.cat(alone).double(), rows, scale
            ),
        }
    if task == "logits":
        sums, logs = out.sum(dim=1), out.exp().sum(dim=1)
        spread = torch.linalg.svdvals(out - out.mean(dim=0))
        said |= {
            "does the output sum to 1, as after a softmax": torch.allclose(sums, ones, atol=1e-3),
            "is the output a log of probabilities": torch.allclose(logs, ones, atol=1e-3),
            "are some logits below 0 and some above": bool((out < 0).any() and (out > 0).any()),
            "do they depend on more than one number": bool(spread[1] > 1e-4 * spread[0]),
            "do they get beyond 1 when all weights are large": bool(
                found["with large weights"].abs().max() > 1.5
            ),
        }
    pairs = [(i, j) for i in range(len(x)) for j in range(i)]
    gaps = {pair: float((rows[pair[0]] - rows[pair[1]]).abs().max()) for pair in pairs}
    same = max(gap for (i, j), gap in gaps.items() if who[i] == who[j])
    others = min(gap for (i, j), gap in gaps.items() if who[i] != who[j])
    said["do equal images get equal outputs in eval mode, and different ones different ones"] = (
        others > 1e-6 * scale and same < 0.1 * others
    )
    return said


LINES = {
    "shape": "model(x).shape, sum(p.numel() for p in model.parameters())",
    "logits": "out = model(x)\nout.min(), out.max(), out.sum(dim=1), out.exp().sum(dim=1)",
    "eval": "model.eval()\nmodel(x), model(x), model(x[:1])",
    "gradients": """\
model(x).square().sum().backward()
[name for name, p in model.named_parameters() if p.grad is None], model""",
    "order": "model.eval()\nmodel(x), model(x.mT.contiguous().mT)  # equal images",
    "left": "before = x.clone()\nmodel(x)\nx.equal(before)",
}


def written(classes, x, who, task, key):
    code = f"torch.manual_seed({key % 100})\n"
    if task == "learns":
        return (
            code
            + """\
x, labels = torch.zeros(32, 3, 32, 32), torch.arange(32) % 4
for k in range(4):  # stripes across, down, both, none
    x[k::4, :, :: 2 if k in (0, 2) else 1, :: 2 if k in (1, 2) else 1] += 0.8 * (k < 3)
model = SmallCNN(4)
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
for _ in range(60):
    loss = F.cross_entropy(model(x), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
(model.eval()(x).argmax(dim=1) == labels).double().mean()  # the share that it has learnt"""
        )
    shape = ", ".join(map(str, x.shape))
    return f"{code}x = torch.rand({shape})\nmodel = SmallCNN({classes})\n{LINES[task]}"


def test(SmallCNN):
    return check(
        SmallCNN,
        reference.SmallCNN,
        make,
        groups={
            "the shape of the output": dict(classes=12, N=6, H=48, W=48, task="shape"),
            "other sizes of images": [
                dict(classes=12, N=4, H=32, W=32, task="shape"),
                dict(classes=12, N=5, H=64, W=64, task="shape"),
                dict(classes=12, N=4, H=128, W=128, task="shape"),
                dict(classes=12, N=5, H=40, W=56, task="shape"),
            ],
            "other numbers of classes": [
                dict(classes=2, N=6, H=48, W=48, task="shape"),
                dict(classes=100, N=5, H=48, W=48, task="shape"),
            ],
            "logits": dict(classes=12, N=8, H=48, W=48, task="logits"),
            "eval mode": dict(classes=12, N=7, H=48, W=48, task="eval"),
            "layers that all take part": dict(classes=12, N=7, H=48, W=48, task="gradients"),
            "it learns": dict(classes=4, N=1, H=32, W=32, task="learns"),
            "images in another order in memory": dict(classes=5, N=6, H=40, W=32, task="order"),
            "the images are left alone": dict(classes=3, N=6, H=32, W=48, task="left"),
        },
        shrink={},  # a call takes long
        extras=None,
        use=look,
        snippet=written,
    )
