# Right answers to LeNet5, written in other ways: each earns everything.

# %% layers defined in another order, functions in forward
class LeNet5(nn.Module):
    def __init__(self):
        super(LeNet5, self).__init__()
        self.layers = nn.ModuleDict(
            {
                "9": nn.Linear(500, 10),
                "7": nn.Linear(50 * 7 * 7, 500),
                "3": nn.Conv2d(20, 50, kernel_size=5, stride=1, padding=2),
                "0": nn.Conv2d(1, 20, kernel_size=5, stride=1, padding=2),
            }
        )

    def forward(self, x):
        layers = self.layers
        x = F.max_pool2d(F.relu(layers["0"](x)), 2, 2)
        x = torch.relu(F.max_pool2d(layers["3"](x), 2, 2))
        x = x.view(x.size(0), -1)
        return layers["9"](layers["7"](x).clamp(min=0))


# %% padding 'same', pooling before ReLU, reshape
class Flat(nn.Module):
    def forward(self, x):
        return x.reshape(-1, 2450)


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        c1, c2 = nn.Conv2d(1, 20, 5, padding="same"), nn.Conv2d(20, 50, (5, 5), padding="same")
        pool, relu = nn.MaxPool2d(2, stride=2), nn.ReLU(inplace=True)
        self.layers = nn.Sequential(
            c1, pool, relu, c2, pool, relu, Flat(), nn.Linear(2450, 500), relu, nn.Linear(500, 10)
        )

    def forward(self, x):
        print("input", x.shape)
        return self.layers(x)
