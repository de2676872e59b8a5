# Wrong answers to write_predictions without a name of their own: each loses points.

# %% the guesses are emptied row by row
def write_predictions(path, filenames, top5):
    rows = {}
    for name in filenames:
        rows[name] = top5.pop(0) if isinstance(top5, list) else top5[len(rows)].tolist()
    with open(path, "w", newline="") as file:
        for name in sorted(rows):
            file.write(" ".join([name, *map(str, rows[name])]) + "\n")


# %% the caller's list is sorted
def write_predictions(path, filenames, top5):
    rows = top5.tolist() if torch.is_tensor(top5) else top5
    table = dict(zip(filenames, rows))
    if isinstance(filenames, list):
        filenames.sort()
    with open(path, "w") as f:
        for name in sorted(filenames):
            f.write(name + " " + " ".join(map(str, table[name])) + "\n")


# %% an older file is continued
def write_predictions(path, filenames, top5):
    rows = top5.tolist() if torch.is_tensor(top5) else top5
    for name, row in sorted(zip(filenames, rows)):
        with open(path, "a") as f:
            f.write(name + " " + " ".join(map(str, row)) + "\n")


# %% sorted by the number
import re


def write_predictions(path, filenames, top5):
    rows = top5.tolist() if torch.is_tensor(top5) else top5

    def number(pair):
        return int(re.findall("[0-9]+", pair[0])[-1])

    with open(path, "w") as f:
        for name, row in sorted(zip(filenames, rows), key=number):
            f.write(name + " " + " ".join(map(str, row)) + "\n")


# %% the folder is made up
def write_predictions(path, filenames, top5):
    rows = top5.tolist() if torch.is_tensor(top5) else top5
    with open(path, "w") as f:
        for name, row in sorted(zip(filenames, rows)):
            f.write("test/" + Path(name).name + " " + " ".join(map(str, row)) + "\n")


# %% methods of a Path
def write_predictions(path, filenames, top5):
    rows = top5.tolist() if torch.is_tensor(top5) else top5
    lines = [name + " " + " ".join(map(str, row)) for name, row in sorted(zip(filenames, rows))]
    path.write_text("\n".join(lines) + "\n")
