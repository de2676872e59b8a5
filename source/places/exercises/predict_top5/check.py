"""The hidden test of predict_top5."""

import torch
from shared.memory_order import colours_last
from shared.networks import gradients_of, numbers_of, place_of_images
from torch import nn
from torch.utils.data import DataLoader

from autograder.checks import assignments, check, probe
from solutions.places import leaderboard as reference

FLAG, LEFT, KIND, DEVICE = 1, 2, 3, 4  # what is looked at, other than the guesses


def make(draw, N, batch, classes=8, form=1, training=0, loader=1, what=0, H=6, W=7, order=0):
    settings = {
        "seed": draw.integer(0, 10_000), "batch": batch, "classes": classes, "form": form,
        "training": training, "loader": loader, "order": order,
        "what": ("guesses", "flag", "left", "kind", "device")[what],
    }  # fmt: skip
    return draw.tensor(N, 3, H, W), settings


@probe
def look(predict_top5, images, settings):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 6, 3, padding=1, bias=False)
            self.norm = nn.BatchNorm2d(6)
            self.drop = nn.Dropout(0.5)
            self.fc = nn.Linear(6, settings["classes"])
            self.modes, self.graphs, self.sizes = [], [], []

        def forward(self, x):
            self.modes.append(self.training or self.norm.training)
            self.graphs.append(torch.is_grad_enabled())
            self.sizes.append(len(x))
            x = torch.relu(self.norm(self.conv(x))).mean((2, 3))
            return self.fc(self.drop(x))

    torch.default_generator.manual_seed(settings["seed"])
    model = Net()
    with torch.no_grad():
        model.conv.weight.normal_()
        model.norm.running_mean.normal_()
        model.norm.running_var.copy_(1 + torch.rand(6))
        model.fc.weight.normal_()
        for number, parameter in enumerate(model.parameters()):
            parameter.grad = torch.randn_like(parameter)
            parameter.requires_grad_((settings["seed"] >> number) % 2 == 0)
    model.train(bool(settings["training"]))
    if settings["order"]:
        images = colours_last(images)
    N, form = len(images), settings["form"]
    labels, names = torch.arange(N), [f"test/{n:08d}.jpg" for n in range(N)]
    if settings["loader"] and form:
        rows = [(images[n], n, names[n])[:form] for n in range(N)]
        batches = DataLoader(rows, batch_size=settings["batch"])
    else:
        batches = []
        for at in range(0, N, settings["batch"]):
            part = slice(at, at + settings["batch"])
            batch = (images[part], labels[part], names[part])[: form or 2]
            batches.append(list(batch) if settings["what"] == "left" else batch)
    if settings["what"] == "device":
        return place_of_images(
            model, settings["classes"], lambda device: predict_top5(model, batches, device)
        )
    guesses = predict_top5(model, batches, "cpu")
    gradients_are_on = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    if settings["what"] == "kind":
        return {
            "the dtype": str(guesses.dtype),
            "the device": str(guesses.device),
            "the guesses": guesses,
        }
    if settings["what"] == "flag":
        return {"the guesses": guesses, "model.training afterwards": bool(model.training)}
    if settings["what"] == "left":
        return {
            "the guesses": guesses,
            "was the model ever run in training mode": any(model.modes),
            "were gradients recorded": any(model.graphs),
            "the weights and statistics afterwards": numbers_of(model),
            "the gradients afterwards": gradients_of(model),
            "which parameters ask for gradients": [p.requires_grad for p in model.parameters()],
            "the batches afterwards": [list(batch) for batch in batches],
            "gradients are switched on as before": gradients_are_on,
        }
    return guesses


def written(images, settings):
    N, batch, form = len(images), settings["batch"], settings["form"] or 2
    shown = {"images": images}
    if form > 1:
        shown["labels"] = torch.arange(N)
    if form > 2:
        shown["names"] = [f"test/{n:08d}.jpg" for n in range(N)]
    parts = ", ".join(f"{name}[k : k + {batch}]" for name in shown) + ("," if form == 1 else "")
    return "\n".join([
        assignments(**shown),
        f"batches = [({parts}) for k in range(0, {N}, {batch})]",
        f"torch.manual_seed({settings['seed']})",
        "model = nn.Sequential(",
        "    nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(),",
        "    nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5),",
        f"    nn.Linear(6, {settings['classes']}),",
        f").train({bool(settings['training'])})",
        'print(predict_top5(model, batches, "cpu"), model.training)',
        "model.eval()(images).topk(5).indices",
    ])  # fmt: skip


def test(predict_top5):
    return check(
        predict_top5,
        reference.predict_top5,
        make,
        use=look,
        snippet=written,
        groups={
            "one batch": [dict(N=4, batch=4), dict(N=5, batch=8, classes=12)],
            "several batches of the same size": [
                dict(N=6, batch=2),
                dict(N=12, batch=4, classes=20),
            ],
            "a smaller last batch": [dict(N=7, batch=3), dict(N=10, batch=4, classes=9)],
            "a single image in the last batch, and a single image": [
                dict(N=5, batch=2),
                dict(N=1, batch=4),
            ],
            "exactly five classes, and a hundred": [
                dict(N=4, batch=3, classes=5),
                dict(N=6, batch=4, classes=100),
            ],
            "batches with labels and names, tuples": [
                dict(N=5, batch=2, form=3),
                dict(N=5, batch=2, form=3, loader=0),
            ],
            "batches of images alone": [
                dict(N=5, batch=2, form=1),
                dict(N=5, batch=2, form=1, loader=0),
            ],
            "images and labels": [dict(N=5, batch=3, form=2), dict(N=5, batch=3, form=2, loader=0)],
            "a network in training mode, used as in a test": [
                dict(N=8, batch=4, form=2, training=1),
                dict(N=7, batch=3, form=2, training=1, classes=15),
            ],
            "the training flag is restored, on or off": [
                dict(N=4, batch=4, form=2, training=1, what=FLAG),
                dict(N=4, batch=4, form=2, training=0, what=FLAG),
            ],
            "eval mode, no gradients, nothing changed": [
                dict(N=5, batch=2, form=2, training=1, what=LEFT, loader=0),
                dict(N=5, batch=2, form=3, training=0, what=LEFT, loader=0),
                dict(N=6, batch=3, form=1, training=1, what=LEFT, loader=0, order=1),
            ],
            "int64 on the CPU": dict(N=5, batch=2, form=2, what=KIND),
        },
        hints={
            "images that are not moved to the device do not meet the network on a GPU": dict(
                N=5, batch=2, form=2, loader=0, what=DEVICE
            )
        },
        shrink=dict(N=(1, 12), batch=(1, 8), classes=(5, 100), H=(1, 6), W=(1, 7)),
        extras=None,
    )
