# Right answers to ResNet18, written in other ways: each earns everything.

# %% a method makes the stages, weights initialised as in the paper
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


# %% setattr in a loop, one mean over both axes in a module
class ResNet18(nn.Module):
    def __init__(self, num_classes=1000):
        super().__init__()
        for name, module in self.parts(num_classes).items():
            setattr(self, name, module)

    @staticmethod
    def parts(num_classes):
        parts = {
            "conv1": nn.Conv2d(3, 64, 7, 2, 3, bias=False),
            "bn1": nn.BatchNorm2d(64),
            "relu": nn.ReLU(),
            "maxpool": nn.MaxPool2d(3, 2, 1),
        }
        for k in range(4):
            c = 64 * 2**k
            parts[f"layer{k + 1}"] = nn.Sequential(
                BasicBlock(max(64, c // 2), c, 2 if k else 1), BasicBlock(c, c, 1)
            )
        parts["avgpool"] = nn.AdaptiveAvgPool2d(1)
        parts["fc"] = nn.Linear(512, num_classes)
        return parts

    def forward(self, x):
        for name, module in self.named_children():
            x = module(x.flatten(1) if name == "fc" else x)
        return x


# %% a subclass of Sequential with its own block
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

        super().__init__(
            OrderedDict(
                conv1=nn.Conv2d(3, 64, 7, 2, 3, bias=False),
                bn1=nn.BatchNorm2d(64),
                relu=nn.ReLU(),
                maxpool=nn.MaxPool2d(3, 2, 1),
                layer1=two(64, 64, 1),
                layer2=two(64, 128, 2),
                layer3=two(128, 256, 2),
                layer4=two(256, 512, 2),
                avgpool=nn.AdaptiveAvgPool2d(1),
                flatten=nn.Flatten(),
                fc=nn.Linear(512, num_classes),
            )
        )


# %% relu after pool, torch.flatten, keyword
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
