# Right answers to top5_error, written in other ways: each earns everything.

# %% label by label
def top5_error(top5, labels):
    missed = sum(label not in row for row, label in zip(top5.tolist(), labels.tolist()))
    return missed / len(labels)


# %% a loop
def top5_error(top5, labels):
    wrong = 0
    for row, label in zip(top5.tolist(), labels.tolist()):
        wrong += label not in row
    return wrong / len(labels)


# %% float32 throughout
def top5_error(top5, labels):
    hits = top5.eq(labels.unsqueeze(1)).sum().float()
    return float(1.0 - hits / top5.shape[0])


# %% a tensor without axes comes back
def top5_error(top5, labels):
    return (top5 != labels.view(-1, 1)).all(dim=1).float().mean()
