# Right answers to SmallCNN, written in other ways: each earns everything.

# %% strided convolutions and adaptive pooling
class SmallCNN(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 24, 5, stride=2, padding=2),
            nn.BatchNorm2d(24),
            nn.LeakyReLU(0.1),
            nn.Conv2d(24, 48, 3, stride=2, padding=1),
            nn.BatchNorm2d(48),
            nn.LeakyReLU(0.1),
            nn.Conv2d(48, 96, 3, stride=2, padding=1),
            nn.BatchNorm2d(96),
            nn.LeakyReLU(0.1),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(96, num_classes),
        )

    def forward(self, x):
        return self.body(x)


# %% no batch norm, maximum over places, dropout
class SmallCNN(nn.Module):
    def __init__(self, num_classes):
        super(SmallCNN, self).__init__()
        self.convs = nn.ModuleList(
            [nn.Conv2d(a, b, 3, padding=1) for a, b in [(3, 24), (24, 48), (48, 96)]]
        )
        self.drop = nn.Dropout(0.2)
        self.fc1, self.fc2 = nn.Linear(96, 64), nn.Linear(64, num_classes)

    def forward(self, x):
        for conv in self.convs:
            x = F.max_pool2d(F.relu(conv(x - 0.5 if x.size(1) == 3 else x)), 2)
        x = F.adaptive_avg_pool2d(x, 1).view(x.size(0), -1)
        return self.fc2(self.drop(F.relu(self.fc1(x))))


# %% a last layer that starts at zero
class SmallCNN(nn.Module):
    def __init__(self, num_classes):
        super().__init__()

        def block(a, b):
            return nn.Sequential(
                nn.Conv2d(a, b, 3, 1, 1), nn.GroupNorm(4, b), nn.GELU(), nn.AvgPool2d(2)
            )

        self.net = nn.Sequential(block(3, 16), block(16, 32), block(32, 64))
        self.out = nn.Linear(64, num_classes)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x):
        return self.out(self.net(x).flatten(2).mean(-1))


# %% residual, a 1x1 convolution as head
class SmallCNN(nn.Module):
    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 3, padding="same", bias=False)
        self.bn = nn.ModuleList([nn.BatchNorm2d(32) for _ in range(4)])
        self.convs = nn.ModuleList([nn.Conv2d(32, 32, 3, padding=1, bias=False) for _ in range(3)])
        self.head = nn.Conv2d(32, num_classes, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.bn[0](self.stem(x)))
        for conv, bn in zip(self.convs, list(self.bn)[1:]):
            x = F.max_pool2d(x, 2)
            x = x + F.relu(bn(conv(x)))
        return self.head(x).amax(dim=(-2, -1))
