# Right answers to Net, written in other ways: each earns everything.

# %% modules for everything, log of softmax
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.fc2 = nn.Linear(128, 10)
        self.fc1_bn = nn.BatchNorm1d(128)
        self.fc1 = nn.Linear(64 * 12 * 12, 128)
        self.dropout1 = nn.Dropout(p=0.25)
        self.conv2_bn = nn.BatchNorm2d(64)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3)
        self.conv1_bn = nn.BatchNorm2d(32)
        self.conv1 = nn.Conv2d(1, 32, kernel_size=3)
        self.relu, self.pool, self.out = nn.ReLU(), nn.MaxPool2d(2), nn.LogSoftmax(dim=1)

    def forward(self, x):
        x = self.relu(self.conv1_bn(self.conv1(x)))
        x = self.pool(self.relu(self.conv2_bn(self.conv2(x))))
        x = self.dropout1(x).flatten(1)
        return self.out(self.fc2(self.relu(self.fc1_bn(self.fc1(x)))))


# %% dropout after the flattening, pooling before ReLU
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv1_bn = nn.Conv2d(1, 32, 3), nn.BatchNorm2d(32)
        self.conv2, self.conv2_bn = nn.Conv2d(32, 64, 3), nn.BatchNorm2d(64)
        self.dropout1 = nn.Dropout(0.25)
        self.fc1, self.fc1_bn = nn.Linear(9216, 128), nn.BatchNorm1d(128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = F.relu(self.conv1_bn(self.conv1(x)))
        x = F.relu(F.max_pool2d(self.conv2_bn(self.conv2(x)), 2))
        x = self.dropout1(x.reshape(x.shape[0], -1))
        x = F.relu(self.fc1_bn(self.fc1(x)))
        x = self.fc2(x)
        return x - torch.logsumexp(x, dim=1, keepdim=True)
