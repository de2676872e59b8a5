# Wrong answers to train_one_epoch without a name of their own: each loses points.

# %% the images of the loader are normalised in place
def train_one_epoch(model, loader, optimizer, device):
    model.train()
    total = count = 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
        y.zero_()
    return total / count


# %% only the flag of the outermost module is set
def train_one_epoch(model, loader, optimizer, device):
    model.training = True
    total = count = 0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x.to(device)), y.to(device))
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count


# %% a step size of its own
def train_one_epoch(model, loader, optimizer, device):
    model.train()
    total = count = 0
    for x, y in loader:
        model.zero_grad()
        loss = F.cross_entropy(model(x.to(device)), y.to(device))
        loss.backward()
        lr = optimizer.param_groups[0]["lr"]
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        total += loss.item() * len(y)
        count += len(y)
    return total / count
