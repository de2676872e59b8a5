# %% [markdown]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](@COLAB_URL@)
#
# # Predictions for a leaderboard
#
# miniPlaces has 10,000 test pictures whose labels you do not get. You write down five guesses for
# each, a server compares them with the truth, and a table shows who is ahead. In this notebook you
# make the guesses, score them as the server does, write the file, check it and send it. And you
# see how a public score starts to lie if you ask for it often enough.
#
# **What is due.** The three functions below and one open question: @POINTS@ points.
#
# @EXERCISES@
#
# Your place on the leaderboard is not part of these points.
#
# **How long it takes.** One to one and a half hours. Everything runs on a CPU: all cells together
# need about 35 seconds; a small network is trained on the way.
#
# **How it works.** Every part has an idea, a picture, a function for you to write and a test that
# you can run. The test prints one line for each thing that is right, and otherwise says what it
# got and what it expected. When your notebook is graded, further cases of the same kind are tried,
# and each kind of case earns its share of the points. The code behind the pictures is folded away;
# open it if you are curious, but nothing in it is graded.
#
# **Rules**
#
# - Everything in PyTorch, numpy and Python's library is welcome here.
# - Arguments are valid and must not be changed.
# - Labels are whole numbers that start at 0, everywhere.
#
# **Help and working together**
#
# @HELP@
#
# Run the next cells once, down to the first picture. Then start.

# %% setup
import tempfile
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

plt.rcParams.update(
    {
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlesize": 12,
        "figure.constrained_layout.use": True,
        "figure.dpi": 100,
        "font.size": 12,
    }
)

# %% setup setup_tests "How tests compare"
from shared.expect import expect

# %% figure "Colours and ways to draw"
from shared.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALE,
    RED,
    draw_arrow,
    draw_image,
    once_written,
)

# %% figure "Pictures of places"
from shared.some_scenes import some_scenes
from shared.scenes import SCENES


from shared.pictures import picture, word

# %% figure "What you will build"
fig, ax = plt.subplots(figsize=(12, 3.1))
shots, _ = some_scenes(1, 4)
for k, spot in enumerate([(0.0, 0.5), (0.25, 0.25), (0.5, 0.0)]):
    extent = (spot[0], spot[0] + 1.8, spot[1], spot[1] + 1.8)
    ax.imshow(picture(shots[k]), extent=extent, zorder=k)
    ax.add_patch(plt.Rectangle(spot, 1.8, 1.8, fill=False, ec="white", lw=2, zorder=k + 0.5))
boxes = [
    (3.6, 1.7, "your\nnetwork", PALE),
    (6.7, 3.7, None, "#fdf6e3"),
    (11.8, 2.0, "server", PALE),
]
for x, wide, text, shade in boxes:
    ax.add_patch(plt.Rectangle((x, 0.35), wide, 1.7, fc=shade, ec=INK, lw=1.2))
    if text:
        ax.text(x + wide / 2, 1.2, text, ha="center", va="center", color=INK)
rows = ["test/00000001.jpg 3 0 7 5 1", "test/00000002.jpg 6 2 0 4 9", "test/00000003.jpg 1 7 3 8 2"]
for k, row in enumerate([*rows, "..."]):
    ax.text(6.85, 1.78 - 0.38 * k, row, family="monospace", fontsize=9.5, va="center", color=INK)
for a, b in [(2.5, 3.5), (5.4, 6.6), (10.5, 11.7), (13.9, 14.9)]:
    draw_arrow(ax, (a, 1.2), (b, 1.2))
texts = [(1.15, "test pictures"), (4.45, "1  predict_top5"), (8.55, "3  write_predictions"),
         (12.8, "2  top5_error"), (16.1, "leaderboard")]  # fmt: skip
for x, text in texts:
    ax.text(x, -0.35, text, ha="center", color=INK)
for k, (name, value) in enumerate([("you", 0.95), ("somebody", 0.8), ("chance", 0.5)]):
    ax.barh(1.8 - 0.6 * k, 2.2 * value, 0.42, left=15.0, color=GREEN if k == 0 else GREY, alpha=0.6)
    ax.text(15.1, 1.8 - 0.6 * k, name, va="center", color=INK, fontsize=10)
ax.set(xlim=(-0.1, 17.4), ylim=(-0.7, 2.5), aspect="equal")
ax.axis("off")
plt.show()


# %% [markdown]
# ## A network to predict with
#
# The real thing needs a GPU and your network from the earlier notebooks. Here a small network on
# rendered scenes stands in: everything else is the same, and it trains in about five seconds. It
# gets little training, so that there are mistakes to look at.


# %% given networks
class SceneNet(nn.Module):
    """A small network for small pictures."""

    def __init__(self, num_classes, width=8):
        super().__init__()

        def stage(c_in, c_out):
            conv = nn.Conv2d(c_in, c_out, 3, stride=2, padding=1, bias=False)
            return nn.Sequential(conv, nn.BatchNorm2d(c_out), nn.ReLU())

        self.stages = nn.Sequential(stage(3, width), stage(width, 2 * width), stage(2 * width, 24))
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(24, num_classes)

    def forward(self, x):
        return self.fc(self.dropout(self.stages(x).mean((2, 3))))


class ColumnNet(nn.Module):
    """A network for tests: the score of class k is the brightness of column k of the image."""

    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(0.9)

    def forward(self, x):
        return self.dropout(x).mean(dim=(1, 2))


# %% train
device = "cuda" if torch.cuda.is_available() else "cpu"
torch.manual_seed(0)
train_x, train_y = some_scenes(60, seed=0)
val_x, val_y = some_scenes(15, seed=1)
model = SceneNet(len(SCENES)).to(device)
EPOCHS, BATCH = 12, 32
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
start = time.perf_counter()
for epoch in range(EPOCHS):
    model.train()
    for rows in torch.randperm(len(train_x)).split(BATCH):
        loss = nn.functional.cross_entropy(
            model(train_x[rows].to(device)), train_y[rows].to(device)
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    bar = "█" * (epoch + 1) + "·" * (EPOCHS - epoch - 1)
    print(f"\r{bar} loss {loss:.3f}, {time.perf_counter() - start:.0f} s", end="")

# %% [markdown]
# ## 1 Five guesses
#
# *Lecture: "Announcement: Assignment" ("Leaderboard for miniPlaces"), "Batch Normalization:
# Test-Time".*
#
# Is this picture a beach, a coast or a sandbar? With a hundred kinds of places, often more than
# one word would do. So each picture gets **five guesses**, best first. By hand: the scores
#
# | class | 0 | 1 | 2 | 3 | 4 | 5 | 6 |
# |---|---|---|---|---|---|---|---|
# | score | 0.1 | 2.0 | -1.0 | 0.7 | 3.1 | 0.2 | 1.5 |
#
# give the guesses `4 1 6 3 5`: the *classes* with the largest scores, not the scores themselves.
# Softmax would not change the order, so you do not need it.
#
# For a whole data set, go through a loader batch by batch and keep the order: row $n$ belongs to
# picture $n$. Three things can go wrong silently.
#
# - **Eval mode.** In training mode dropout throws away half of what the network knows, and batch
#   norm mixes the pictures of a batch, so that the guesses for one depend on its neighbours.
# - **The last batch** is smaller than the others, perhaps a single picture.
# - **Memory.** With gradients on, every batch keeps its whole graph. Turn gradients off, and move
#   the guesses to the CPU as they come.
#
# **Your turn:** @ABOUT:predict_top5@.


# %% answer predict_top5 minutes=25 level=medium
def predict_top5(model, loader, device):
    """Return the five most likely classes of every image, best first.

    model: a network on this device; called on images (B, 3, H, W) it gives scores
        (B, num_classes), at least five classes.
    loader: gives batches in a fixed order. A batch is a tuple or a list that starts with the
        images, (B, 3, H, W): (images,), (images, labels), (images, labels, names), ...
        The last batch may be smaller.
    device: "cpu", "cuda" or a torch.device; the images have to be brought there.
    Returns (N, 5), int64, on the CPU: row n for the n-th image, the class with the highest score
    first. The model is used in eval mode and without gradients; afterwards model.training is as
    it was before.

    Lecture 7: "Announcement: Assignment", "Batch Normalization: Test-Time".
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    guesses = []
    with torch.no_grad():
        for batch in loader:
            scores = model(batch[0].to(device))
            guesses.append(scores.topk(5, dim=1).indices.cpu())
    model.train(was_training)
    return torch.cat(guesses)
    ### END SOLUTION


# %% try predict_top5
scores = torch.tensor(
    [
        [0.1, 2.0, -1.0, 0.7, 3.1, 0.2, 1.5],
        [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0],
        [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0],
    ]
)
images = scores[:, None, None].repeat(1, 3, 2, 1)  # column k of an image is as bright as score k
columns = ColumnNet()
columns.train()
expect(
    "predict_top5: three images by hand, the last in a batch of its own",
    predict_top5(
        columns, [(images[:2], torch.tensor([4, 0])), (images[2:], torch.tensor([6]))], "cpu"
    ),
    torch.tensor([[4, 1, 6, 3, 5], [0, 1, 2, 3, 4], [6, 5, 4, 3, 2]]),
)
expect("predict_top5: training mode is back on", columns.training, True)
expect(
    "predict_top5: batches without labels",
    predict_top5(columns, [[images[1:]], [images[:1]]], torch.device("cpu")),
    torch.tensor([[0, 1, 2, 3, 4], [6, 5, 4, 3, 2], [4, 1, 6, 3, 5]]),
)

# %% [markdown] hint predict_top5
# One batch first: `topk` returns values and indices, and you want one of them. What is the first
# element of a batch with two entries, and of one with three? Collect the results of the batches
# and join them at the end. What must be as before when you return?

# %% check predict_top5 points=8

# %% figure "Five guesses for a few pictures"
with once_written("predict_top5"):
    loader = [(val_x[rows], val_y[rows]) for rows in torch.arange(len(val_x)).split(50)]
    guesses = predict_top5(model, loader, device)
    model.eval()
    with torch.no_grad():
        chances = torch.cat([model(x.to(device)).softmax(1).cpu() for x, _ in loader])
    place = (guesses == val_y[:, None]).float().argmax(1)
    place[(guesses != val_y[:, None]).all(1)] = 5
    picked = [int(torch.where(place == p)[0][0]) for p in (0, 1, 2, 5) if (place == p).any()]
    fig, axes = plt.subplots(2, len(picked), figsize=(12, 4.8), height_ratios=[1.15, 1])
    for (top, bottom), n in zip(axes.T, picked, strict=True):
        draw_image(top, picture(val_x[n]), f"truth: {word(SCENES[val_y[n]])}")
        right = guesses[n] == val_y[n]
        colours = [BLUE if hit else GREY for hit in right]
        bottom.barh(range(5), chances[n][guesses[n]], color=colours)
        bottom.set_yticks(range(5), [word(SCENES[label]) for label in guesses[n].tolist()])
        bottom.set(xlim=(0, 1.1 * float(chances[picked].max())), xlabel="probability")
        bottom.invert_yaxis()
    plt.show()

# %% [markdown]
# Blue is the truth. In the first picture it is the first guess; further right it comes later; in
# the last it is not among the five.
#
# ## 2 How many are wrong
#
# The server counts. A picture is wrong at **top 1** when the first guess is not its label, and
# wrong at **top 5** when *none* of the five is. The **error** is the share of wrong pictures; small
# is good, and 0 is perfect. (The accuracy is one minus the error.)
#
# | guesses | label | top 1 | top 5 |
# |---|---|---|---|
# | 4 1 6 3 5 | 4 | right | right |
# | 0 1 2 3 4 | 3 | wrong | right |
# | 6 5 4 3 2 | 1 | wrong | wrong |
# | 2 0 1 5 6 | 6 | wrong | right |
# | **error** | | **3/4** | **1/4** |
#
# **Your turn:** @ABOUT:top5_error@.


# %% answer top5_error minutes=10 level=easy
def top5_error(top5, labels):
    """Return the share of images whose label is not among their five guesses.

    top5: (N, 5), int64, five different guesses for each image. labels: (N,), int64. N >= 1.
    Returns a float between 0 (all found) and 1 (none found).

    Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", section 4.1 (there
    called top-5 error, too).
    """
    ### BEGIN SOLUTION
    found = (top5 == labels[:, None]).any(dim=1)
    return 1 - found.double().mean().item()
    ### END SOLUTION


# %% try top5_error
top5 = torch.tensor([[4, 1, 6, 3, 5], [0, 1, 2, 3, 4], [6, 5, 4, 3, 2], [2, 0, 1, 5, 6]])
labels = torch.tensor([4, 3, 1, 6])
expect("top5_error: one of four images by hand", top5_error(top5, labels), 0.25)
expect("top5_error: all found", top5_error(top5, top5[:, 4]), 0.0)
expect("top5_error: none found", top5_error(top5, torch.tensor([0, 5, 0, 4])), 1.0)

# %% [markdown] hint top5_error
# For one row: is the label among the five? Compare `top5` with the labels as a column, (N, 1), and
# look at what comes out. Then reduce each row to one answer. Do you count hits or misses?

# %% check top5_error points=3

# %% figure "One guess or five?"
with once_written("predict_top5 and top5_error"):
    guesses = predict_top5(model, [(x,) for x in val_x.split(50)], device)
    errors = [1 - (guesses[:, :k] == val_y[:, None]).any(1).float().mean() for k in range(1, 6)]
    errors[4] = top5_error(guesses, val_y)
    chance = [1 - k / len(SCENES) for k in range(1, 6)]
    fig, ax = plt.subplots(figsize=(8, 3.6))
    bars = ax.bar(range(1, 6), errors, 0.6, color=[ORANGE, GREY, GREY, GREY, BLUE])
    ax.bar_label(bars, [f"{float(e):.1%}" for e in errors])
    ax.plot(range(1, 6), chance, "_", color=RED, ms=34, mew=2)
    ax.annotate("blind guessing", (1.25, chance[0]), (1.45, chance[0]), va="center", color=RED)
    ax.set(xlabel="guesses allowed", ylabel="error", ylim=(0, 1.05), xticks=range(1, 6))
    ax.set_title(f"{len(val_x)} validation pictures of {len(SCENES)} kinds of places")
    plt.show()

# %% [markdown]
# Every further guess finds a few more. Five guesses among so few classes are generous: the red
# marks show what blind guessing gets. With the hundred classes of miniPlaces it would be wrong at
# top 5 in 95% of the cases.
#
# ## 3 The file
#
# One line for each picture: its name, then the five labels, best first, with single spaces between
# them.
#
# ```
# test/00000001.jpg 4 1 6 3 5
# test/00000002.jpg 0 1 2 3 4
# test/00000003.jpg 6 5 4 3 2
# ```
#
# The server looks the names up, so the order of the lines does not matter to it. But people read
# the file too, and compare two files line by line; so the lines are **sorted by name**. Each row
# of guesses has to move along with its name. Sort the names alone, and every line looks perfect,
# and the score is that of blind guessing.
#
# **Your turn:** @ABOUT:write_predictions@.

# %% figure "A row belongs to its name"
fig, axes = plt.subplots(1, 2, figsize=(12, 2.6))
left = [("test/00000003.jpg", "6 5 4 3 2"), ("test/00000001.jpg", "4 1 6 3 5"),
        ("test/00000002.jpg", "0 1 2 3 4")]  # fmt: skip
to = [2, 0, 1]
cases = [("sorted as pairs", GREEN, to), ("only the names sorted", RED, [0, 1, 2])]
for ax, (title, shade, rows_to) in zip(axes, cases, strict=True):
    for k, (name, row) in enumerate(left):
        ax.text(0, -k, name, family="monospace", fontsize=10, va="center", color=INK)
        ax.text(2.35, -k, row, family="monospace", fontsize=10, va="center", color=INK)
        ax.text(5.2, -to[k], name, family="monospace", fontsize=10, va="center", color=INK)
        ax.text(7.55, -rows_to[k], row, family="monospace", fontsize=10, va="center", color=shade)
        ax.annotate("", (5.1, -rows_to[k]), (3.75, -k),
                    arrowprops=dict(arrowstyle="-|>", color=shade, lw=1.5))  # fmt: skip
    ax.set(xlim=(-0.1, 9), ylim=(-2.5, 0.6))
    ax.set_title(title, color=shade)
    ax.axis("off")
plt.show()


# %% given reading_back
def text_of_file(write_predictions, filenames, top5):
    """Return what write_predictions writes, as text."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "predictions.txt"
        write_predictions(path, filenames, top5)
        return path.read_text(encoding="utf-8")


# %% answer write_predictions minutes=20 level=medium
def write_predictions(path, filenames, top5):
    """Write a file of predictions: a line for each image, sorted by name.

        test/00000001.jpg l1 l2 l3 l4 l5

    path: where to write (a str or a Path); a file that is there already is replaced.
    filenames: a list or tuple of N different names, in any order, to be written as they are.
    top5: the guesses, row n for filenames[n]: a tensor (N, 5), int64, or a list of N lists of 5
        integers. Labels start at 0 and are written as they are, best first.
    Lines are sorted by name as Python's sorted() does it, each ends in a newline, the last as
    well. There is nothing else in the file.

    The miniPlaces format; lecture 7: "Announcement: Assignment".
    """
    ### BEGIN SOLUTION
    rows = top5.tolist() if isinstance(top5, torch.Tensor) else top5
    pairs = sorted(zip(filenames, rows, strict=True), key=lambda pair: pair[0])
    lines = [" ".join([name, *map(str, labels)]) + "\n" for name, labels in pairs]
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)
    ### END SOLUTION


# %% try write_predictions
names = ["test/00000003.jpg", "test/00000001.jpg", "test/00000002.jpg"]
guesses = [[6, 5, 4, 3, 2], [4, 1, 6, 3, 5], [0, 1, 2, 3, 4]]
by_hand = "test/00000001.jpg 4 1 6 3 5\ntest/00000002.jpg 0 1 2 3 4\ntest/00000003.jpg 6 5 4 3 2\n"
expect(
    "write_predictions: three lines, each row with its name",
    text_of_file(write_predictions, names, torch.tensor(guesses)),
    by_hand,
)
expect(
    "write_predictions: the same from lists",
    text_of_file(write_predictions, names, guesses),
    by_hand,
)

# %% [markdown] hint write_predictions
# Join each name with its row first; then sort. Print one line and compare it with the picture:
# what does a number from a tensor look like as text? Does your last line end like the others?

# %% check write_predictions points=8

# %% [markdown]
# Now for all pictures of a test set. The names come in the random order of a careless loader, so
# the sorting has something to do.
#
# **For miniPlaces itself**, on a machine with a GPU and the data: take your `PlacesDataset` of the
# first notebook for `"test"`, with the same size and normalisation as in training but without
# augmentation, a `DataLoader` with `shuffle=False`, the network that you trained, and the names in
# `test.txt`, line by line. Then run the cell below with those instead.

# %% train
test_x, _ = some_scenes(10, seed=2)
test_names = [f"test/{n:08d}.jpg" for n in range(1, len(test_x) + 1)]
shuffled = torch.randperm(len(test_x), generator=torch.Generator().manual_seed(0))
loader = [(test_x[rows], [test_names[n] for n in rows]) for rows in shuffled.split(32)]
try:
    names = [name for _, part in loader for name in part]
    write_predictions("predictions.txt", names, predict_top5(model, loader, device))
    print("".join(open("predictions.txt", encoding="utf-8").readlines()[:3]), end="...\n")
except NotImplementedError:
    print("A file appears here: write predict_top5 and write_predictions first.")

# %% [markdown]
# ## 4 Check the file
#
# A server that finds a mistake in line 4711 takes nothing at all. The file does not count as a
# submission then, but you have waited for nothing. So look first. `check_predictions` reads the
# file exactly as the server does and returns everything that is wrong with it at once: names that
# are missing, unknown or there twice, labels that are repeated, out of range or not numbers, lines
# that are empty or too short.

# %% figure "check_predictions, as the server does it"
from shared.submission_file import check_predictions


def say(problems, path):
    """Print what check_predictions found, the first 20 of it."""
    if not problems:
        print(f"{path}: nothing is wrong. The server would take it.")
        return
    print(f"{path}: {len(problems)} problem{'s' if len(problems) > 1 else ''}")
    for problem in problems[:20]:
        print(f"  {problem}")
    if len(problems) > 20:
        print(f"  and {len(problems) - 20} more")


# %% [markdown]
# First a bad file, to see what it says; then yours.

# %% train
bad = """test/00000001.jpg 4 1 6 3 5
test/00000002.jpg 4 1 6 3
test/00000003.jpg 4 1 6 1 8

test/00000002.jpg 5 4 3 2 1
test/7.jpg 4 1 6 3 one
"""
Path("bad.txt").write_text(bad, encoding="utf-8")
say(check_predictions("bad.txt", [f"test/{n:08d}.jpg" for n in range(1, 5)], 8), "bad.txt")
print()
if Path("predictions.txt").exists():
    say(check_predictions("predictions.txt", test_names, len(SCENES)), "predictions.txt")
else:
    print("predictions.txt is not there yet: it comes from the cell above.")

# %% [markdown]
# The check knows nothing about *right* guesses: rows that were shuffled against their names pass
# it. But for your validation pictures you have the labels. So write a file for those in the same
# way, read it back, and compute the error from what you read. It has to be the error that you know.

# %% train
try:
    rows = torch.randperm(len(val_x), generator=torch.Generator().manual_seed(1))
    val_names = [f"val/{n:08d}.jpg" for n in range(1, len(val_x) + 1)]
    loader = [(val_x[part],) for part in rows.split(32)]
    guesses = predict_top5(model, loader, device)
    write_predictions("validation.txt", [val_names[n] for n in rows], guesses)
    lines = [line.split() for line in Path("validation.txt").read_text("utf-8").splitlines()]
    label_of = dict(zip(val_names, val_y.tolist(), strict=True))
    read = torch.tensor([[int(label) for label in line[1:]] for line in lines])
    truth = torch.tensor([label_of[line[0]] for line in lines])
    print(f"top-5 error of the guesses:   {top5_error(guesses, val_y[rows]):.4f}")
    print(f"top-5 error of the file:      {top5_error(read, truth):.4f}")
    print(f"with the rows moved by one:   {top5_error(read.roll(1, 0), truth):.4f}")
except NotImplementedError:
    print("Two errors to compare appear here: write the three functions first.")

# %% [markdown]
# The first two agree, as they should. The third is the price of a file whose rows have slipped by
# one line, and no server would notice.
#
# ## 5 What a public score is worth
#
# A leaderboard gives you a number for every submission. Nothing is easier than to try something,
# keep it if the number goes up, and try again. Suppose the "something" is pure chance. You start
# with a file that is right for 60% of the pictures. For each submission you replace the guesses
# for 200 random pictures by other guesses that are also right in 60% of the cases: no better, no
# worse. You keep the change if the score rose.
#
# The server shows you the score on the **public** part of the test pictures. The score on the
# rest, the **private** part, is kept until the end, and decides.

# %% figure "Two hundred submissions that know nothing"


def climb(rng, public, private, submissions=200, quality=0.6, changes=200):
    """Return the public and the private score of the file that is kept, after each submission."""
    right = rng.random(public + private) < quality
    scores = [(right[:public].mean(), right[public:].mean())]
    for _ in range(submissions):
        tried = right.copy()
        tried[rng.choice(len(right), changes, replace=False)] = rng.random(changes) < quality
        if tried[:public].mean() > scores[-1][0]:
            right = tried
        scores.append((right[:public].mean(), right[public:].mean()))
    return np.array(scores)


fig, axes = plt.subplots(1, 3, figsize=(12.5, 3.7), width_ratios=[1, 1.6, 1.6])
for y, public in [(1.0, 500), (0.0, 5000)]:
    share = public / 10_000
    axes[0].barh(y, share, 0.35, color=ORANGE)
    axes[0].barh(y, 1 - share, 0.35, left=share, color=BLUE)
    axes[0].text(0, y + 0.24, f"{public:,} public", color=INK, fontsize=11)
    axes[0].text(0.97, y, f"{10_000 - public:,} private", color="white", ha="right", va="center")
axes[0].set(xlim=(0, 1), ylim=(-0.5, 1.6), title="10,000 test pictures, split")
axes[0].axis("off")
for ax, public in zip(axes[1:], (500, 5000), strict=True):
    runs = [climb(np.random.default_rng(s), public, 10_000 - public) for s in range(8)]
    runs = 100 * np.stack(runs)
    for k, (shade, name) in enumerate([(ORANGE, "public score"), (BLUE, "private score")]):
        ax.plot(runs[:, :, k].T, color=shade, alpha=0.25, lw=1)
        ax.plot(runs[:, :, k].mean(0), color=shade, lw=2.5, label=name)
    ax.set(xlabel="submissions", ylim=(55, 80), title=f"{public:,} public pictures")
axes[1].set_ylabel("right, in percent")
axes[1].legend(frameon=False, loc="upper left")
plt.show()

# %% [markdown]
# Thin lines are single runs, thick ones the mean. With 500 public pictures, two hundred
# submissions raise the public score by about 15 points, and the private score stays where it was:
# *nothing* was learned about places. What was learned is which changes happened to fit those 500
# pictures. With 5,000 public pictures chance has less to offer, but the gap is there as well.
#
# Each single score is honest. Choosing by it again and again is what uses it up. So a server
# limits submissions per day and keeps a private part, and you have a better tool anyway: your own
# validation pictures, of which you know every label. Choose with those, and submit what you have
# chosen.
#
# ## 6 Send it
#
# If your course has a leaderboard, you have its address, the name of the competition and a
# **token**, a password for programs. Write address and competition between the quotes. Do not
# write the token anywhere in the notebook: you hand the notebook in, and anyone who has your token
# can submit in your name. The cell after that asks for it.

# %%
LEADERBOARD_URL = ""  # for example "https://leaderboard.example.edu"; empty: nothing is sent
COMPETITION = "miniplaces"

# %% figure "How a file is sent"
from shared.submit import submit_predictions

# %% given send tags=["hand-in"]
sent = submit_predictions("predictions.txt", LEADERBOARD_URL, COMPETITION)

# %% [markdown]
# When the server accepts the file, you see its public score, your best so far, your rank and how
# many submissions are left today. When it does not, the sentence says why. A file that is not
# clearly better than your best is called *not better*, and the board keeps your best; such a file
# is a poor choice for the end, where its own private score counts. The file above is about
# rendered scenes; for miniPlaces make one with its test pictures first.
#
# ## 7 One open question
#
# A few sentences. This is read by a person; @POINTS:sixty_submissions@ points.
#
# **Question 1: sixty submissions.** A classmate trained one network, then submitted sixty variants
# of it (other random seeds, other crops, averages of some of them) within two weeks and reports
# the best public score, a top-5 error of 21.0%. The public part has 1,000 pictures. You submitted
# twice, chose with your validation pictures, and have 21.8%. (a) Why is the 21.0% too optimistic,
# although the server counted correctly? (b) How far can the error on 1,000 pictures be off by
# chance alone? Estimate it, and compare it with the difference between the two of you. (c) Which
# of the two files would you expect to be ahead on 9,000 private pictures, and what would you ask
# your classmate to report instead?

# %% [markdown] question sixty_submissions points=3 minutes=15
# ### BEGIN SOLUTION
# (a) It is the smallest of sixty noisy measurements. Each is honest for its own file, but choosing
# the smallest chooses luck along with quality: part of the best score is that its mistakes
# happened to fall on other pictures. The public part was used for a choice, so it is a validation
# set now and no test set any more.
#
# (b) The standard error of a share p measured on n pictures is sqrt(p (1 - p) / n) =
# sqrt(0.21 · 0.79 / 1000) = 0.013, so 1.3 percentage points, 2.5 points for a 95% interval. The
# difference is 0.8 points, less than one standard error. (The two are measured on the same
# pictures, so the difference is a little less uncertain than two independent errors would be, and
# the variants resemble each other, so sixty of them hold fewer than sixty independent chances; the
# conclusion stays.)
#
# (c) It cannot be told from these numbers; a tie is the best guess, and the public lead is no
# evidence, as the best of sixty is expected to fall back (by about as much as the lead, or more).
# He should choose the variant with validation pictures of his own and report the score of that one
# file on pictures that played no part in the choice: the private part, once; and say how many
# variants he tried.
#
# Grading: 1 point each. (a) selection by the public score; (b) the formula or an equivalent
# estimate (half) and the comparison (half); (c) half for "not settled" or "expected to fall back"
# with a reason, half for a clean report.
# ### END SOLUTION

# %% [markdown]
# ## If you want more
#
# No points, nothing to hand in, and harder than the rest.
#
# - **Two looks.** Average the probabilities for a picture and for its mirror image before you take
#   the five best. It is right when a picture and its mirror image always get the same five
#   guesses. By how much does the error on the validation pictures fall, and is that more than
#   chance?
# - **How sure is an error?** Draw the validation pictures 1,000 times with replacement, as many as
#   there are, and compute the top-5 error each time. The middle 95 % of these errors is a
#   bootstrap interval. It is right when its half-width comes close to $1.96 \sqrt{p(1-p)/n}$.
# - **A ladder.** Change `climb` so that the server shows a new public score only when it is better
#   than the last one shown by at least 0.02, and rounds it to 0.01. How far do the public and the
#   private score drift apart in 200 submissions now?

# %% [markdown]
# ## What you know now
#
# - Five guesses are the classes of the five largest scores; the order of the pictures is kept, the
#   last batch may be small, and the network is used in eval mode without gradients.
# - Top-5 error: the share of pictures for which no guess is right. It is never larger than the
#   top-1 error.
# - A row belongs to its name. What a check of the format cannot see, a check against known labels
#   can.
# - A score that is used to choose is used up, a little each time. Keep some pictures out of it.
# - On $n$ pictures an error $p$ is uncertain by about $\sqrt{p(1-p)/n}$.
#
# **Before you hand in:** restart the kernel, run all cells, save the notebook, and run the next
# cell. It checks that all graded cells are there and which visible tests pass, and packs the one
# file to hand in. If the other notebooks of the assignment lie in the same folder, the file holds
# them too.

# %% hand-in "Check the notebook and pack it"
from shared.hand_in import check_and_pack

check_and_pack("04_leaderboard", "@GRADED_CELLS@", (), "@ASSIGNMENT@", "@NOTEBOOKS@")

# %% [markdown]
# **Further reading**
#
# - Russakovsky et al.,
#   [ImageNet Large Scale Visual Recognition Challenge](https://arxiv.org/abs/1409.0575), 2015: why
#   five guesses, and how a benchmark is run
# - Blum and Hardt, [The Ladder](https://arxiv.org/abs/1502.04585), ICML 2015: a leaderboard that
#   does not give away too much
# - Recht, Roelofs, Schmidt and Shankar,
#   [Do ImageNet Classifiers Generalize to ImageNet?](https://arxiv.org/abs/1902.10811), ICML 2019:
#   new test pictures for an old benchmark
# - Zhou et al., [Places](http://places2.csail.mit.edu), 2017: where miniPlaces comes from
#
# This was the last notebook. You built a convolution with two loops, and now your network names
# places.
