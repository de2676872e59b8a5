"""The hidden test of ResNet18."""

import torch
from shared.expect import compare_results
from shared.networks import fill_by_name
from torch import nn

from autograder.checks import assignments, check, probe
from solutions.places import resnet as reference

NAMES, MODULES, EVAL, STAGES = "names", "modules", "eval", "stages"
TRAIN, GRADIENTS = "train", "gradients"


@probe
def two_blocks(BasicBlock):
    found = []
    for c_in, c_out, stride in [(3, 3, 1), (3, 5, 2)]:
        block = BasicBlock(c_in, c_out, stride)
        for k, value in enumerate(block.state_dict().values()):
            if value.is_floating_point():
                generator = torch.Generator().manual_seed(k)
                value.copy_(0.5 + torch.rand(value.shape, generator=generator))
                value.mul_(-1 if k % 4 == 2 else 1 / value[0].numel() if value.dim() > 1 else 1)
        x = torch.linspace(-1, 1, 6 * 25 * c_in // 3).reshape(2, c_in, 5, 5).sin()
        found.append([block.train()(x).detach(), block.eval()(x).detach()])
        found.append(sorted(str((k, tuple(v.shape))) for k, v in block.state_dict().items()))
    return found


def block_is_right(BasicBlock):
    """Whether the student's block may be used; if not, a mistake in part 1 must not cost twice."""
    try:
        return not compare_results(two_blocks(BasicBlock), two_blocks(reference.BasicBlock))
    except Exception:
        return False


@probe
def look(ResNet18, num_classes, mode, own, x, y, key):
    class Block(nn.Module):
        def __init__(self, c_in, c_out, stride=1, *others, **more):
            super().__init__()
            self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(c_out)
            self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(c_out)
            if stride != 1 or c_in != c_out:
                conv = nn.Conv2d(c_in, c_out, 1, stride, bias=False)
                self.downsample = nn.Sequential(conv, nn.BatchNorm2d(c_out))

        def forward(self, x):
            out = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
            return torch.relu(out + (self.downsample(x) if hasattr(self, "downsample") else x))

    torch.default_generator.manual_seed(key)
    names = getattr(ResNet18.__init__, "__globals__", {})
    theirs = names.get("BasicBlock")
    if not own and theirs is not None:
        names["BasicBlock"] = Block
    try:
        model = ResNet18() if num_classes == 1000 else ResNet18(num_classes)
    finally:
        if not own and theirs is not None:
            names["BasicBlock"] = theirs
    state = model.state_dict()
    fill_by_name(state, key)
    if mode == NAMES:  # names and shapes, and what stands under them: weighted sums of some numbers
        found = {f"the shape of {name}": tuple(value.shape) for name, value in state.items()}
        found["how many names there are in the state_dict"] = len(state)
        learnt = sum(p.numel() for p in model.parameters() if p.requires_grad)
        found["how many numbers are learnt"] = learnt
        generator = torch.Generator().manual_seed(key)
        for name, value in sorted(model.state_dict().items()):
            some = value.flatten()[:997].double()
            factors = torch.randn(len(some), generator=generator, dtype=torch.float64)
            found[f"the numbers given as {name}, in one"] = (some * factors).sum()
        return found
    parts = ["conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4"]
    parts += ["avgpool", "fc"]
    if mode == MODULES:
        is_module = {f"{p} is a module": isinstance(getattr(model, p, 0), nn.Module) for p in parts}
        logits = model.eval()(x)
        found = {"the shape of the logits": tuple(logits.shape)}
        return is_module | found | {"the logits in eval mode": logits.detach()}
    if mode == EVAL:
        model.eval()
        given = x.clone()
        return {"the logits in eval mode": model(x).detach(), "x afterwards": x, "x": given}
    if mode == STAGES:
        seen = {}
        for part in parts:
            if hasattr(model, part):
                getattr(model, part).register_forward_hook(
                    lambda module, inputs, out, part=part: seen.update({part: out.detach()})
                )
        model.eval()(x)
        found = {}
        for part in ("conv1", "maxpool", "layer1", "layer2", "layer3", "layer4"):
            found[f"the shape behind {part}"] = tuple(seen[part].shape)
            if part != "maxpool":  # where the ReLU may stand before or after it
                found[f"the mean behind {part}"] = seen[part].mean((2, 3))
        return found
    model.train()
    out = model(x)
    found = {"the logits in training mode": out.detach().clone()}
    if mode == GRADIENTS:
        nn.functional.cross_entropy(out, y).backward()
        for name in ("fc.bias", "fc.weight", "layer4.1.conv2.weight", "conv1.weight"):
            gradient = dict(model.named_parameters())[name].grad
            if gradient is None:
                found[f"the gradient of {name}, norm by output"] = "none: it does not arrive there"
                return found
            found[f"the gradient of {name}, norm by output"] = gradient.reshape(
                len(gradient), -1
            ).norm(dim=1)
        return found
    state = model.state_dict()
    for name in (
        "bn1.running_mean",
        "layer2.0.downsample.1.running_var",
        "layer4.1.bn2.running_var",
    ):
        found[f"{name} after a training pass"] = state[name].clone()
    return found


def make(draw, own, num_classes, mode, N=2, H=32, W=32):
    y = torch.arange(N) % num_classes
    return num_classes, mode, own, draw.tensor(N, 3, H, W), y, draw.integer(0, 1 << 30)


LINES = {
    NAMES: "{name: tuple(value.shape) for name, value in model.state_dict().items()}",
    MODULES: "[name for name, _ in model.named_children()], model.eval()(x).shape",
    EVAL: "before = x.clone()\nmodel.eval()(x), x.equal(before)",
    STAGES: """\
for name, part in model.named_children():
    part.register_forward_hook(lambda part, given, out, name=name: print(name, tuple(out.shape)))
model.eval()(x)""",
    TRAIN: "model.train()(x), model.bn1.running_mean",
    GRADIENTS: """\
nn.functional.cross_entropy(model.train()(x), y).backward()
{name: None if p.grad is None else p.grad.norm() for name, p in model.named_parameters()}""",
}


def written(num_classes, mode, own, x, y, key):
    lines = [
        f"torch.manual_seed({key % 100})",
        f"model = ResNet18({'' if num_classes == 1000 else num_classes})",
    ]
    if mode != NAMES:
        lines.append(f"x = torch.randn({', '.join(map(str, x.shape))})")
    if mode == GRADIENTS:
        lines.append(assignments(y=y))
    return "\n".join([*lines, LINES[mode]])


def test(ResNet18, BasicBlock=None):
    own = BasicBlock is not None and block_is_right(BasicBlock)
    return check(
        ResNet18,
        reference.ResNet18,
        lambda draw, **sizes: make(draw, own, **sizes),
        groups={
            "names and shapes, 1000 classes": dict(num_classes=1000, mode=NAMES),
            "names and shapes, other classes": dict(num_classes=7, mode=NAMES),
            "the modules by their names": dict(num_classes=3, mode=MODULES),
            "the official names lead to the right logits": dict(
                num_classes=5, mode=EVAL, H=64, W=64
            ),
            "images that are not square, of odd sizes": [
                dict(num_classes=4, mode=EVAL, N=1, H=33, W=75),
                dict(num_classes=4, mode=EVAL, N=2, H=96, W=40),
            ],
            "what comes out of every stage": dict(num_classes=2, mode=STAGES, N=1, H=64, W=96),
            "training mode: logits and statistics": dict(
                num_classes=4, mode=TRAIN, N=3, H=48, W=48
            ),
            "gradients reach the first layer": dict(num_classes=4, mode=GRADIENTS, N=3, H=48, W=48),
        },
        shrink={},  # a call takes long
        extras=None,
        use=look,
        snippet=written,
        rtol=1e-3,
        atol=1e-3,
    )
