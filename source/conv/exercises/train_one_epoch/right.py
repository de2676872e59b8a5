# Right answers to train_one_epoch, written in other ways: each earns everything.

# %% in the mode of before again at the end
def train_one_epoch(model, loader, optimizer, device):
    was = model.training
    model.train()
    total, count = 0.0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    model.train(was)
    return total / count


# %% len(loader.dataset), summed losses, zero_grad after the step
def train_one_epoch(model, loader, optimizer, device):
    model.train(True)
    model.to(device)
    total = 0.0
    for batch in loader:
        x, y = [t.to(device, non_blocking=True) for t in batch]
        loss = nn.CrossEntropyLoss()(model(x), y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        total += float(loss.detach()) * x.size(0)
    return total / len(loader.dataset)


# %% log-softmax and nll, numpy for the mean, a progress line
def train_one_epoch(model, loader, optimizer, device):
    model.train()
    losses, sizes = [], []
    for step, (x, y) in enumerate(loader):
        x, y = x.to(device), y.to(device)
        loss = F.nll_loss(F.log_softmax(model(x), dim=-1), y)
        model.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        sizes.append(y.numel())
        print(f"\r{step + 1} of {len(loader)}", end="")
    return float(np.average(losses, weights=sizes))


# %% gathered by hand
def train_one_epoch(model, loader, optimizer, device):
    model.train()
    every = []
    for x, y in loader:
        optimizer.zero_grad()
        out = model(x.to(device))
        y = y.to(device)
        each = torch.logsumexp(out, dim=1) - out[torch.arange(len(y)), y]
        each.mean().backward()
        optimizer.step()
        every.append(each.detach())
    return torch.cat(every).mean().item()


# %% mixed precision where there is a GPU
def train_one_epoch(model, loader, optimizer, device):
    on_gpu = device == "cuda"
    scaler = torch.amp.GradScaler(device, enabled=on_gpu)
    model.train()
    total = count = 0
    for x, y in loader:
        with torch.autocast(device, enabled=on_gpu):
            loss = F.cross_entropy(model(x.to(device)), y.to(device))
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        total, count = total + loss.item() * len(y), count + len(y)
    return total / count


# %% no batch is moved
def train_one_epoch(model, loader, optimizer, device):
    model.train()
    total = 0.0
    for x, y in loader:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(x)
    return total / len(loader.dataset)
