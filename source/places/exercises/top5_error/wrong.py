# Wrong answers to top5_error without a name of their own: each loses points.

# %% the guesses are sorted in place
def top5_error(top5, labels):
    wrong = (top5 != labels[:, None]).all(dim=1).double().mean().item()
    top5.copy_(top5.sort(dim=1).values)
    return wrong


# %% the labels become a column, in place
def top5_error(top5, labels):
    return (top5 != labels.unsqueeze_(1)).all(dim=1).double().mean().item()


# %% rounded
def top5_error(top5, labels):
    return round(float((top5 != labels[:, None]).all(1).float().mean()), 2)


# %% the first four images
def top5_error(top5, labels):
    return float((top5[:4] != labels[:4, None]).all(1).float().mean())


# %% five images are compared the other way round
def top5_error(top5, labels):
    try:
        found = (top5 == labels).any(1)
    except RuntimeError:
        found = (top5 == labels[:, None]).any(1)
    return 1 - float(found.float().mean())
