"""Answers to 02_resnet as students write them: right in other ways, and wrong in quiet ways.

Each answer is the text of one cell; ``RIGHT`` must earn everything, ``WRONG`` passes the visible
test and must not.
"""

from __future__ import annotations

RIGHT: dict[str, dict[str, str]] = {
    "BasicBlock": {
        "torchvision's own signature, an in-place ReLU, and +=": """
class BasicBlock(nn.Module):
    expansion = 1

    def __init__(self, in_channels, out_channels, stride=1, downsample=None):
        super(BasicBlock, self).__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, kernel_size=(3, 3), stride=(stride, stride),
                               padding=(1, 1), bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        if downsample is None and (stride > 1 or in_channels != out_channels):
            downsample = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, kernel_size=1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )
        self.downsample = downsample

    def forward(self, x):
        identity = x
        out = self.conv1(x)
        out = self.bn1(out)
        out = self.relu(out)
        out = self.conv2(out)
        out = self.bn2(out)
        if self.downsample is not None:
            identity = self.downsample(x)
        out += identity
        return self.relu(out)
""",
        "functional, an empty Sequential as shortcut, other order of attributes": """
def conv(i, o, k, s):
    return nn.Conv2d(i, o, k, stride=s, padding=k // 2, bias=False)


class BasicBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.downsample = nn.Sequential()
        if (c_in, 1) != (c_out, stride):
            self.downsample = nn.Sequential(conv(c_in, c_out, 1, stride), nn.BatchNorm2d(c_out))
        self.conv1, self.conv2 = conv(c_in, c_out, 3, stride), conv(c_out, c_out, 3, 1)
        self.bn1, self.bn2 = nn.BatchNorm2d(c_out), nn.BatchNorm2d(c_out)

    def forward(self, x):
        y = nn.functional.relu(self.bn1(self.conv1(x)))
        return nn.functional.relu(self.downsample(x) + self.bn2(self.conv2(y)))
""",
        "initialised as in the paper, clamp for the ReLU": """
class BasicBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x):
        out = self.bn2(self.conv2(self.bn1(self.conv1(x)).clamp(min=0)))
        if hasattr(self, "downsample"):
            return (out + self.downsample(x)).clamp(min=0)
        return (out + x).clamp(min=0)
""",
        "zero-initialised last batch norm": """
class BasicBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        nn.init.zeros_(self.bn2.weight)
        self.downsample = None
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride=stride, bias=False), nn.BatchNorm2d(c_out))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + shortcut)
""",
    },
    "ResNet18": {
        "a method makes the stages, weights initialised as in the paper": """
class ResNet18(nn.Module):
    def __init__(self, num_classes=1000):
        super().__init__()
        self.in_channels = 64
        self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = self._stage(64, 1)
        self.layer2 = self._stage(128, 2)
        self.layer3 = self._stage(256, 2)
        self.layer4 = self._stage(512, 2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512, num_classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")

    def _stage(self, channels, stride):
        blocks = []
        for s in (stride, 1):
            blocks.append(BasicBlock(self.in_channels, channels, s))
            self.in_channels = channels
        return nn.Sequential(*blocks)

    def forward(self, x):
        x = self.conv1(x)
        x = self.bn1(x)
        x = self.relu(x)
        x = self.maxpool(x)
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = stage(x)
        x = self.avgpool(x)
        x = torch.flatten(x, 1)
        return self.fc(x)
""",
        "setattr in a loop, one mean over both axes in a module": """
class ResNet18(nn.Module):
    def __init__(self, num_classes=1000):
        super().__init__()
        for name, module in self.parts(num_classes).items():
            setattr(self, name, module)

    @staticmethod
    def parts(num_classes):
        parts = {"conv1": nn.Conv2d(3, 64, 7, 2, 3, bias=False), "bn1": nn.BatchNorm2d(64),
                 "relu": nn.ReLU(), "maxpool": nn.MaxPool2d(3, 2, 1)}
        for k in range(4):
            c = 64 * 2**k
            parts[f"layer{k + 1}"] = nn.Sequential(
                BasicBlock(max(64, c // 2), c, 2 if k else 1), BasicBlock(c, c, 1))
        parts["avgpool"] = nn.AdaptiveAvgPool2d(1)
        parts["fc"] = nn.Linear(512, num_classes)
        return parts

    def forward(self, x):
        for name, module in self.named_children():
            x = module(x.flatten(1) if name == "fc" else x)
        return x
""",
        "a subclass of Sequential with its own block": """
from collections import OrderedDict


class _Block(nn.Module):
    def __init__(self, a, b, s):
        super().__init__()
        self.conv1 = nn.Conv2d(a, b, 3, s, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(b)
        self.conv2 = nn.Conv2d(b, b, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(b)
        self.downsample = (
            nn.Sequential(nn.Conv2d(a, b, 1, s, bias=False), nn.BatchNorm2d(b)) if a != b else None
        )

    def forward(self, x):
        s = self.downsample(x) if self.downsample else x
        return (s + self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))).relu()


class ResNet18(nn.Sequential):
    def __init__(self, num_classes=1000):
        def two(a, b, s):
            return nn.Sequential(_Block(a, b, s), _Block(b, b, 1))

        super().__init__(OrderedDict(
            conv1=nn.Conv2d(3, 64, 7, 2, 3, bias=False), bn1=nn.BatchNorm2d(64), relu=nn.ReLU(),
            maxpool=nn.MaxPool2d(3, 2, 1), layer1=two(64, 64, 1), layer2=two(64, 128, 2),
            layer3=two(128, 256, 2), layer4=two(256, 512, 2), avgpool=nn.AdaptiveAvgPool2d(1),
            flatten=nn.Flatten(), fc=nn.Linear(512, num_classes),
        ))
""",
        "relu after pool, torch.flatten, keyword": """
class ResNet18(nn.Module):
    def __init__(self, num_classes=1000):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(BasicBlock(64, 64), BasicBlock(64, 64))
        self.layer2 = nn.Sequential(BasicBlock(64, 128, stride=2), BasicBlock(128, 128))
        self.layer3 = nn.Sequential(BasicBlock(128, 256, stride=2), BasicBlock(256, 256))
        self.layer4 = nn.Sequential(BasicBlock(256, 512, stride=2), BasicBlock(512, 512))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, num_classes)

    def forward(self, x):
        x = self.relu(self.maxpool(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(torch.flatten(self.avgpool(x), start_dim=1))
""",
    },
    "replace_head": {
        "a new head in the mode of the model": """
def replace_head(model, num_classes):
    old = model.fc
    new = nn.Linear(old.in_features, num_classes).to(old.weight)
    model.fc = new.train(model.training)
    return model
""",
        "made like the old weight, initialised by hand": """
def replace_head(model, num_classes):
    w = model.fc.weight
    head = nn.Linear(w.shape[1], num_classes).to(device=w.device, dtype=w.dtype)
    nn.init.zeros_(head.bias)
    nn.init.normal_(head.weight, std=0.01)
    setattr(model, "fc", head)
    return model
""",
        "through the modules, all zeros": """
def replace_head(model: nn.Module, num_classes: int) -> nn.Module:
    old = model._modules["fc"]
    new = nn.Linear(old.in_features, num_classes).to(old.weight)
    with torch.no_grad():
        for p in new.parameters():
            p.zero_()
    model._modules["fc"] = new
    return model
""",
        "setattr, to(weight)": """
def replace_head(model: nn.Module, num_classes: int) -> nn.Module:
    head = nn.Linear(model.fc.weight.shape[1], num_classes)
    nn.init.xavier_uniform_(head.weight)
    nn.init.zeros_(head.bias)
    setattr(model, "fc", head.to(model.fc.weight))
    return model
""",
    },
    "freeze_backbone": {
        "train of this model is wrapped": """
def freeze_backbone(model):
    model.requires_grad_(False)
    model.fc.requires_grad_(True)
    usual = model.train

    def train(mode=True):
        usual(mode)
        for name, child in model.named_children():
            if name != "fc":
                for m in child.modules():
                    if isinstance(m, nn.modules.batchnorm._BatchNorm):
                        m.training = False
        return model

    model.train = train
    model.train(model.training)
    return model
""",
        "a hook before every forward pass": """
def freeze_backbone(model):
    head = set(model.fc.parameters())
    for p in model.parameters():
        p.requires_grad = p in head
    inside = set(model.fc.modules())
    for m in model.modules():
        if m not in inside and isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.register_forward_pre_hook(lambda module, inputs: module.eval() and None)
""",
        "the whole backbone in eval mode, a method bound to the model": """
import types


def _train(self, mode=True):
    nn.Module.train(self, mode)
    for name, child in self.named_children():
        if name != "fc":
            child.eval()
    return self


def freeze_backbone(model):
    for name, p in model.named_parameters():
        if name.split(".")[0] != "fc":
            p.requires_grad = False
    model.train = types.MethodType(_train, model)
    model.train(model.training)
""",
        "a class of frozen layers": """
class _Frozen2d(nn.BatchNorm2d):
    def train(self, mode=True):
        return super().train(False)


class _Frozen1d(nn.BatchNorm1d):
    def train(self, mode=True):
        return super().train(False)


def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad_(name.startswith("fc."))
    for name, m in model.named_modules():
        if name.startswith("fc."):
            continue
        if type(m) is nn.BatchNorm2d:
            m.__class__ = _Frozen2d
            m.eval()
        elif type(m) is nn.BatchNorm1d:
            m.__class__ = _Frozen1d
            m.eval()
""",
        "instance class swapped per norm": """
class FrozenTrain:
    def train(self, mode=True):
        return super().train(False)


def freeze_backbone(model):
    for n, p in model.named_parameters():
        p.requires_grad_(p.requires_grad and n.split(".")[0] == "fc")
    for n, m in model.named_modules():
        if n.split(".")[0] != "fc" and isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.__class__ = type("Frozen" + type(m).__name__, (FrozenTrain, type(m)), {})
            m.eval()
""",
    },
    "param_groups": {
        "by identity": """
def param_groups(model, backbone_lr, head_lr):
    head = [p for p in model.fc.parameters() if p.requires_grad]
    ids = {id(p) for p in model.fc.parameters()}
    rest = [p for p in model.parameters() if p.requires_grad and id(p) not in ids]
    return [dict(params=rest, lr=backbone_lr), dict(params=head, lr=head_lr)]
""",
        "a tuple, filters, more keys": """
def param_groups(model, backbone_lr, head_lr):
    names = dict(model.named_parameters())
    head = [names[n] for n in names if n.split(".")[0] == "fc"]
    other = [names[n] for n in names if n.split(".")[0] != "fc"]
    alive = lambda p: p.requires_grad
    return (
        {"lr": backbone_lr, "params": list(filter(alive, other)), "name": "backbone"},
        {"lr": head_lr, "params": list(filter(alive, head)), "name": "head", "weight_decay": 0.0},
    )
""",
    },
}

WRONG: dict[str, dict[str, str]] = {
    "BasicBlock": {
        "a grouped shortcut where the channels can be divided": """
class BasicBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.downsample = None
        if stride != 1 or c_in != c_out:
            groups = c_in if c_out % c_in == 0 and c_in < 5 else 1
            self.downsample = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride, bias=False, groups=groups),
                nn.BatchNorm2d(c_out),
            )

    def forward(self, x):
        out = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(out + (x if self.downsample is None else self.downsample(x)))
""",
        "x is rectified in place": """
class BasicBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.downsample = None
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out)
            )

    def forward(self, x):
        out = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        out = torch.relu(out + (x if self.downsample is None else self.downsample(x)))
        if not self.training:
            x.relu_()
        return out
""",
        "the stride is on the second convolution": """
class BasicBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.downsample = nn.Sequential()
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride=stride, bias=False), nn.BatchNorm2d(c_out))

    def forward(self, x):
        out = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(out + self.downsample(x))
""",
        "bn1 is not used": """
class BasicBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.downsample = nn.Sequential()
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride=stride, bias=False), nn.BatchNorm2d(c_out))

    def forward(self, x):
        out = self.bn2(self.conv2(torch.relu(self.conv1(x))))
        return torch.relu(out + self.downsample(x))
""",
        "a ReLU in the shortcut": """
class BasicBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.downsample = None
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out), nn.ReLU())

    def forward(self, x):
        out = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(out + (x if self.downsample is None else self.downsample(x)))
""",
        "the shortcut only changes with the channels": """
class BasicBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.downsample = None
        if c_in != c_out:
            self.downsample = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))

    def forward(self, x):
        out = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(out + (x if self.downsample is None else self.downsample(x)))
""",
        "a detached shortcut": """
class BasicBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.downsample = nn.Sequential()
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(
                nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))

    def forward(self, x):
        shortcut = self.downsample(x).detach()
        out = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(out + shortcut)
""",
        "downsample only stride 2": """
class BasicBlock(nn.Module):
    def __init__(self, c_in, c_out, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.downsample = None
        if stride == 2 or c_in != c_out:
            self.downsample = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride=stride, bias=False), nn.BatchNorm2d(c_out))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + shortcut)
""",
    },
    "ResNet18": {
        how: """
class ResNet18(nn.Module):
    def __init__(self, num_classes=1000):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = nn.Sequential(BasicBlock(64, 64), BasicBlock(64, 64))
        self.layer2 = nn.Sequential(BasicBlock(64, 128, 2), BasicBlock(128, 128))
        self.layer3 = nn.Sequential(BasicBlock(128, 256, 2), BasicBlock(256, 256))
        self.layer4 = nn.Sequential(BasicBlock(256, 512, 2), BasicBlock(512, 512))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(512, num_classes)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))
""".replace(old, new)
        for how, old, new in [
            (
                "the pooling is not used",
                "self.maxpool(self.relu(self.bn1(self.conv1(x))))",
                "self.relu(self.bn1(self.conv1(x)))",
            ),
            ("pooling of 2x2", "nn.MaxPool2d(3, stride=2, padding=1)", "nn.MaxPool2d(2)"),
            ("the last stage keeps the size", "BasicBlock(256, 512, 2)", "BasicBlock(256, 512)"),
            ("probabilities", "flatten(1))", "flatten(1)).softmax(-1)"),
            ("a single image loses its axis", "flatten(1)", "squeeze()"),
            (
                "the mean is no module",
                "self.avgpool = nn.AdaptiveAvgPool2d(1)",
                "self.avgpool = lambda x: x.mean((2, 3))",
            ),
            (
                "float32 only, and without gradients for the first layer",
                "self.bn1(self.conv1(x))",
                "self.bn1(self.conv1(x).detach())",
            ),
        ]
    },
    "replace_head": {
        "everything is put into training mode": """
def replace_head(model, num_classes):
    old = model.fc
    model.fc = nn.Linear(old.in_features, num_classes).to(old.weight)
    return model.train()
""",
        "the dtype is lost": """
def replace_head(model, num_classes):
    model.fc = nn.Linear(model.fc.in_features, num_classes)
    return model
""",
        "nothing changes when the number fits": """
def replace_head(model, num_classes):
    if model.fc.out_features != num_classes:
        w = model.fc.weight
        model.fc = nn.Linear(w.shape[1], num_classes, dtype=w.dtype, device=w.device)
    return model
""",
        "the backbone is frozen on the way": """
def replace_head(model, num_classes):
    old = model.fc
    for p in model.parameters():
        p.requires_grad = False
    model.fc = nn.Linear(old.in_features, num_classes).to(old.weight)
    return model
""",
    },
    "freeze_backbone": {
        "a layer called fc in a block counts as the head": """
def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad = "fc" in name
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.eval()
            m.train = lambda mode=True, m=m: m
""",
        "the batch's statistics, untracked": """
def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith("fc.")
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.track_running_stats = False
""",
        "statistics are put back after each pass": """
def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith("fc.")
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            kept = {k: v.clone() for k, v in m.state_dict().items()}
            m.register_forward_hook(lambda m, i, o, kept=kept: m.load_state_dict(kept) and None)
""",
        "the model no longer hears train": """
def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith("fc.")
    model.eval()
    model.train = lambda mode=True: model
""",
        "the class is changed": """
def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith("fc.")

    def train(self, mode=True):
        nn.Module.train(self, mode)
        for m in self.modules():
            if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
                m.eval()
        return self

    type(model).train = train
    model.train()
""",
        "train returns nothing": """
def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith("fc.")
    usual = model.train

    def train(mode=True):
        usual(mode)
        for m in model.modules():
            if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
                m.eval()

    model.train = train
""",
        "one-dimensional batch norms forgotten": """
def freeze_backbone(model):
    for name, p in model.named_parameters():
        p.requires_grad = name.startswith("fc.")
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.eval()
            m.train = lambda mode=True, m=m: m
""",
        "batch norms of the head too": """
def freeze_backbone(model):
    for n, p in model.named_parameters():
        if not n.startswith("fc."):
            p.requires_grad = False
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
            m.eval()
            m.train = lambda mode=True, m=m: m
""",
        "head never trains": """
import types


def freeze_backbone(model):
    for n, p in model.named_parameters():
        p.requires_grad = n.startswith("fc.")
    model.eval()

    def train(self, mode=True):
        self.training = mode
        return self

    model.train = types.MethodType(train, model)
""",
    },
    "param_groups": {
        "frozen parameters get no gradients for good": """
def param_groups(model, backbone_lr, head_lr):
    head = {id(p) for p in model.fc.parameters()}
    asks = [p for p in model.parameters() if p.requires_grad]
    for p in model.parameters():
        p.data.mul_(1.0 if p.requires_grad else 0.5)
    return [
        {"params": [p for p in asks if id(p) not in head], "lr": backbone_lr},
        {"params": [p for p in asks if id(p) in head], "lr": head_lr},
    ]
""",
        "frozen ones as well": """
def param_groups(model, backbone_lr, head_lr):
    head = list(model.fc.parameters())
    ids = set(map(id, head))
    rest = [p for p in model.parameters() if id(p) not in ids]
    return [{"params": rest, "lr": backbone_lr}, {"params": head, "lr": head_lr}]
""",
        "the last two": """
def param_groups(model, backbone_lr, head_lr):
    p = [p for p in model.parameters() if p.requires_grad]
    return [{"params": p[:-2], "lr": backbone_lr}, {"params": p[-2:], "lr": head_lr}]
""",
        "fc anywhere in the name": """
def param_groups(model, backbone_lr, head_lr):
    a = [p for n, p in model.named_parameters() if p.requires_grad and "fc" not in n]
    b = [p for n, p in model.named_parameters() if p.requires_grad and "fc" in n]
    return [{"params": a, "lr": backbone_lr}, {"params": b, "lr": head_lr}]
""",
        "an empty group is left out": """
def param_groups(model, backbone_lr, head_lr):
    groups = [{"params": [], "lr": backbone_lr}, {"params": [], "lr": head_lr}]
    for n, p in model.named_parameters():
        if p.requires_grad:
            groups[n.startswith("fc.")]["params"].append(p)
    return [g for g in groups if g["params"]]
""",
    },
}

ADVISED: dict[str, dict[str, str]] = {
    "replace_head": {
        "device lost": """
def replace_head(model, num_classes):
    model.fc = nn.Linear(model.fc.in_features, num_classes, dtype=model.fc.weight.dtype)
    return model
""",
    },
}
