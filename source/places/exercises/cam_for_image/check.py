"""The hidden test of cam_for_image."""

import copy

import torch
from shared.memory_order import column_by_column
from shared.networks import gradients_of, numbers_of
from torch import nn

from autograder.checks import check, probe
from solutions.places import cam as reference

FLAG, LEFT, KIND = 1, 2, 3  # what is looked at, other than the map


def make(
    draw, H=12, W=12, classes=5, training=0, beginning=0, bias=0, dead=0, double=0, what=0,
    again=0, order=0,
):  # fmt: skip
    images = draw.tensor(1 + again if draw.is_readable else 2, 3, H, W)
    settings = {
        "seed": draw.integer(0, 10_000), "classes": classes, "training": training, "again": again,
        "order": order, "beginning": beginning, "bias": bias, "dead": dead, "double": double, "what": ("map", "flag", "left", "kind")[what],
    }  # fmt: skip
    return images, settings


@probe
def look(cam_for_image, images, settings):
    def block(c_in, c_out, stride=1):
        conv = nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(c_out), nn.ReLU(inplace=True))

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            if settings["beginning"]:
                self.entrance = nn.Sequential(block(3, 4), nn.Dropout(0.3), block(4, 4))
            else:
                self.conv1 = nn.Conv2d(3, 4, 3, padding=1, bias=False)
                self.bn1 = nn.BatchNorm2d(4)
                self.relu = nn.ReLU(inplace=True)
                self.maxpool = nn.MaxPool2d(2)
                self.layer1, self.layer2, self.layer3 = block(4, 4), block(4, 4), block(4, 4)
            self.layer4 = block(4, 6, 2)
            self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
            self.drop = nn.Dropout(0.5)
            self.fc = nn.Linear(6, settings["classes"], bias=bool(settings["bias"]))

        def forward(self, x):
            if settings["beginning"]:
                x = self.entrance(x)
            else:
                x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
                x = self.layer3(self.layer2(self.layer1(x)))
            x = self.avgpool(self.layer4(x))
            return self.fc(self.drop(torch.flatten(x, 1)))

    torch.default_generator.manual_seed(settings["seed"])
    model = Net()
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.copy_(0.5 * torch.randn(module.num_features))
                module.running_var.copy_(0.5 + torch.rand(module.num_features))
                module.weight.copy_(1 + 0.5 * torch.rand(module.num_features))
                module.bias.copy_(0.3 * torch.randn(module.num_features))
        model.fc.weight.normal_()
        model.eval()
        first = model(images[:1])[0]  # make its choice a clear one
        if settings["bias"]:
            model.fc.bias.zero_()
            first = model(images[:1])[0]
            order = first.argsort()
            model.fc.bias[order[1]] = 2 * (first.max() - first.min()) + 1
        if settings["dead"]:
            model.layer4[1].weight.zero_()
            model.layer4[1].bias.zero_()
    model.train(bool(settings["training"]))
    if settings["double"]:
        model, images = model.double(), images.double()
    for k, parameter in enumerate(model.parameters()):
        parameter.grad = torch.full_like(parameter, 0.25 * k)
        parameter.requires_grad_(k != 1)
    before = copy.deepcopy(model)  # without its gradients
    if settings["order"]:
        images = column_by_column(images)
    torch.default_generator.manual_seed(settings["seed"])
    mine = images[0]  # which is handed over itself: its shape may change as well
    found = [cam_for_image(model, mine)]
    if settings["again"]:
        found.append(cam_for_image(model, images[1]))
    gradients_are_on = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    cam, class_idx = found[0]
    if settings["what"] == "flag":
        return {"model.training afterwards": bool(model.training), "class_idx": class_idx,
                "cam": cam}  # fmt: skip
    if settings["what"] == "kind":
        return {
            "the dtype of cam": str(cam.dtype),
            "cam.requires_grad": bool(cam.requires_grad),
            "class_idx": class_idx,
            "cam": cam,
        }
    if settings["what"] == "left":
        pairs = list(zip(before.parameters(), model.parameters(), strict=True))
        hooks = [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()]
        kinds = [type(m).__name__ for m in before.modules()]
        return {
            "class_idx": class_idx,
            "cam": cam,
            "the model's weights and running statistics afterwards": numbers_of(model),
            "the gradients afterwards": gradients_of(model),
            "requires_grad is as before": all(p.requires_grad == q.requires_grad for p, q in pairs),
            "the modules are as before": [type(m).__name__ for m in model.modules()] == kinds,
            "hooks left in the model": sum(hooks),
            "the image afterwards": mine,
            "gradients are switched on as before": gradients_are_on,
        }
    if settings["again"]:
        return {
            f"{what} of the {place} image": value
            for place, pair in zip(("first", "second"), found, strict=True)
            for what, value in zip(("cam", "class_idx"), pair, strict=True)
        }
    return {"class_idx": class_idx, "cam": cam}


NET = """\
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.{first} = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU())
        self.layer4 = nn.Conv2d(4, 6, 3, stride=2, padding=1)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(6, {classes}, bias={bias})

    def forward(self, x):
        return self.fc(self.avgpool(self.layer4(self.{first}(x))).flatten(1))


torch.manual_seed({seed})
model = Net().train({training})"""


def written(images, settings):
    first = "entrance" if settings["beginning"] else "layer1"
    known = {name: bool(settings[name]) for name in ("bias", "training")}
    net = NET.format(first=first, classes=settings["classes"], seed=settings["seed"], **known)
    kind = ", dtype=torch.float64" if settings["double"] else ""
    lines = [net + (".double()" if settings["double"] else "")]
    lines.append(f"image = torch.randn({', '.join(map(str, images.shape[1:]))}{kind})")
    if settings["order"]:
        lines.append("image = image.mT.contiguous().mT  # column by column in memory")
    return "\n".join([*lines, "cam_for_image(model, image), model.training"])


def test(cam_for_image):
    return check(
        cam_for_image,
        reference.cam_for_image,
        make,
        use=look,
        snippet=written,
        groups={
            "a small network in eval mode": [dict(), dict(classes=9, bias=1)],
            "an image that is not square": [dict(H=8, W=20), dict(H=22, W=12)],
            "a network in training mode, used as in a test": [
                dict(H=8, training=1),
                dict(training=1, classes=8),
            ],
            "the bias decides which class wins": [
                dict(bias=1, W=16),
                dict(bias=1, classes=3),
            ],
            "a beginning that is not a ResNet's": [
                dict(beginning=1, H=10, W=14),
                dict(beginning=1, H=9, W=7, training=1),
            ],
            "two images, one after the other": dict(again=1, H=8, W=12, training=1),
            "last maps that show nothing, and such that do": [
                dict(bias=1, H=8, W=12, classes=20),
                dict(dead=1, bias=1, H=8, W=12, classes=20),
            ],
            "an image in another order in memory": dict(order=1, H=9, W=12),
            "the training flag is restored, on or off": [
                dict(training=1, what=FLAG),
                dict(training=0, what=FLAG),
            ],
            "the model and the image are left as they were": [
                dict(training=1, bias=1, what=LEFT, again=1),
                dict(training=0, beginning=1, what=LEFT),
            ],
            "the map carries no graph and keeps the dtype": [
                dict(what=KIND),
                dict(what=KIND, double=1, training=1),
            ],
        },
        shrink=dict(H=(4, 22), W=(4, 20), classes=(2, 20)),
        extras=None,
    )
