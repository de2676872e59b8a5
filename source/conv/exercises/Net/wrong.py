# Wrong answers to Net without a name of their own: each loses points.

# %% strides of contiguous images assumed
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv1_bn = nn.Conv2d(1, 32, 3), nn.BatchNorm2d(32)
        self.conv2, self.conv2_bn = nn.Conv2d(32, 64, 3), nn.BatchNorm2d(64)
        self.dropout1 = nn.Dropout(0.25)
        self.fc1, self.fc1_bn = nn.Linear(9216, 128), nn.BatchNorm1d(128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        x = x.as_strided(x.shape, (784, 784, 28, 1))
        x = F.relu(self.conv1_bn(self.conv1(x)))
        x = F.max_pool2d(F.relu(self.conv2_bn(self.conv2(x))), 2)
        x = F.relu(self.fc1_bn(self.fc1(self.dropout1(x).flatten(1))))
        return F.log_softmax(self.fc2(x), dim=1)


# %% the images lose an axis when there is one
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv1_bn = nn.Conv2d(1, 32, 3), nn.BatchNorm2d(32)
        self.conv2, self.conv2_bn = nn.Conv2d(32, 64, 3), nn.BatchNorm2d(64)
        self.dropout1 = nn.Dropout(0.25)
        self.fc1, self.fc1_bn = nn.Linear(9216, 128), nn.BatchNorm1d(128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x):
        images = x
        x = F.relu(self.conv1_bn(self.conv1(x)))
        x = F.max_pool2d(F.relu(self.conv2_bn(self.conv2(x))), 2)
        x = F.relu(self.fc1_bn(self.fc1(self.dropout1(x).flatten(1))))
        images.squeeze_(1)
        return F.log_softmax(self.fc2(x), dim=1)


# %% dropout that never ends
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
        x = F.relu(self.conv2_bn(self.conv2(x)))
        x = F.dropout(F.max_pool2d(x, 2), 0.25)
        x = F.relu(self.fc1_bn(self.fc1(x.flatten(1))))
        return F.log_softmax(self.fc2(x), dim=1)


# %% one batch norm is passed by
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
        x = F.relu(self.conv2(x))
        x = self.dropout1(F.max_pool2d(x, 2))
        x = F.relu(self.fc1_bn(self.fc1(x.flatten(1))))
        return F.log_softmax(self.fc2(x), dim=1)
