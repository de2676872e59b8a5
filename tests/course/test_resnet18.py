"""The reference ResNet-18 against the names and shapes that torchvision publishes."""

from __future__ import annotations

import torch

from solutions.places import resnet

BATCH_NORM = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
CONVOLUTIONS = {  # in the order of torchvision's state_dict; each is followed by its batch norm
    "conv1": (64, 3, 7, 7),
    "layer1.0.conv1": (64, 64, 3, 3),
    "layer1.0.conv2": (64, 64, 3, 3),
    "layer1.1.conv1": (64, 64, 3, 3),
    "layer1.1.conv2": (64, 64, 3, 3),
    "layer2.0.conv1": (128, 64, 3, 3),
    "layer2.0.conv2": (128, 128, 3, 3),
    "layer2.0.downsample.0": (128, 64, 1, 1),
    "layer2.1.conv1": (128, 128, 3, 3),
    "layer2.1.conv2": (128, 128, 3, 3),
    "layer3.0.conv1": (256, 128, 3, 3),
    "layer3.0.conv2": (256, 256, 3, 3),
    "layer3.0.downsample.0": (256, 128, 1, 1),
    "layer3.1.conv1": (256, 256, 3, 3),
    "layer3.1.conv2": (256, 256, 3, 3),
    "layer4.0.conv1": (512, 256, 3, 3),
    "layer4.0.conv2": (512, 512, 3, 3),
    "layer4.0.downsample.0": (512, 256, 1, 1),
    "layer4.1.conv1": (512, 512, 3, 3),
    "layer4.1.conv2": (512, 512, 3, 3),
}


def official(num_classes: int = 1000) -> list[tuple[str, tuple[int, ...]]]:
    """Names and shapes of torchvision's ``resnet18(num_classes).state_dict()``, in its order."""
    listed: list[tuple[str, tuple[int, ...]]] = []
    for conv, shape in CONVOLUTIONS.items():
        norm = conv[:-1] + "1" if "downsample" in conv else conv.replace("conv", "bn")
        listed.append((f"{conv}.weight", shape))
        listed += [(f"{norm}.{name}", shape[:1]) for name in BATCH_NORM[:-1]]
        listed.append((f"{norm}.{BATCH_NORM[-1]}", ()))
    return [*listed, ("fc.weight", (num_classes, 512)), ("fc.bias", (num_classes,))]


def listed(model: torch.nn.Module) -> list[tuple[str, tuple[int, ...]]]:
    return [(name, tuple(value.shape)) for name, value in model.state_dict().items()]


def test_names_shapes_and_their_order_are_torchvisions() -> None:
    assert len(official()) == 122
    assert listed(resnet.ResNet18()) == official()
    assert listed(resnet.ResNet18(7)) == official(7)


def test_it_has_11_689_512_parameters() -> None:
    assert sum(p.numel() for p in resnet.ResNet18().parameters()) == 11_689_512


def test_weights_under_the_official_names_load_strictly_and_are_used() -> None:
    torch.manual_seed(0)
    state = {
        name: torch.zeros((), dtype=torch.int64) if not shape else 0.02 * torch.randn(shape).abs()
        for name, shape in official(5)
    }
    state |= {k: torch.ones_like(v) for k, v in state.items() if k.endswith("running_var")}
    model = resnet.ResNet18(5).eval()
    model.load_state_dict(state, strict=True)
    x = torch.randn(1, 3, 40, 50)
    before = model(x)
    for name, value in state.items():
        if not name.endswith("num_batches_tracked"):
            assert torch.equal(model.state_dict()[name], value), name
    for name in ("conv1.weight", "layer2.0.downsample.1.running_mean", "layer4.1.bn2.bias"):
        changed = {**state, name: state[name] + 0.5}
        model.load_state_dict(changed)
        assert not torch.allclose(model(x), before), name


def test_every_image_size_from_32_on_gives_logits() -> None:
    model = resnet.ResNet18(3).eval()
    with torch.no_grad():
        for N, H, W in [(1, 32, 32), (2, 33, 47), (1, 65, 224)]:
            assert model(torch.zeros(N, 3, H, W)).shape == (N, 3)


def test_a_new_head_a_frozen_backbone_and_two_groups_work_together() -> None:
    model = resnet.replace_head(resnet.ResNet18(10), 4)
    resnet.freeze_backbone(model)
    backbone, head = resnet.param_groups(model, 0.001, 0.1)
    assert backbone == {"params": [], "lr": 0.001}
    assert [id(p) for p in head["params"]] == [id(p) for p in model.fc.parameters()]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    sgd = torch.optim.SGD([backbone, head], momentum=0.9)
    model.train()
    torch.nn.functional.cross_entropy(model(torch.randn(3, 3, 32, 32)), torch.arange(3)).backward()
    sgd.step()
    changed = [name for name, value in model.state_dict().items() if not value.equal(before[name])]
    assert changed == ["fc.weight", "fc.bias"]
