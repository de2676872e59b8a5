"""The hidden test of augment."""

import random

import numpy as np
import torch
from shared.memory_order import colours_last

from autograder.checks import check, identical, probe
from solutions.places import train_cnn as reference

DRAWS = 500


def make(draw, C, H, W, task, double=0, order=0):
    image = draw.uniform(0.02, 0.98, C, H, W).double()
    image[0] = (draw.tensor(H * W).argsort().view(H, W) + 0.5) / (H * W)  # no number comes twice
    if draw.is_readable:
        image = torch.arange(1, C * H * W + 1).double().view(C, H, W) / (C * H * W + 1)
    kind = torch.float64 if double else torch.float32
    return image.to(kind), task, draw.integer(0, 10_000), bool(order)


@probe
def look(augment, image, task, seed, order):
    if order:
        image = colours_last(image)

    def results(number, seed, image=image):
        generator = torch.Generator().manual_seed(seed)
        outs = [augment(image.clone(), generator) for _ in range(number)]
        kinds = {(out.shape, out.dtype): out for out in outs}
        return torch.stack(outs) if len(kinds) == 1 else list(kinds.values())

    def seed_all(seed):
        torch.default_generator.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed)

    if task == "repeat":
        seed_all(1)
        first = results(12, seed)
        seed_all(2)
        return {"results": first, "again": results(12, seed), "others": results(12, seed + 1)}
    if task == "left alone":
        seed_all(seed)
        mine, generator = image.clone(), torch.Generator().manual_seed(seed)
        outs = [augment(mine, generator).clone() for _ in range(12)]
        return {
            "results": torch.stack(outs),
            "the image afterwards": mine,
            "torch's next random numbers": torch.rand(4),
            "Python's next random number": random.random(),
            "numpy's next random number": float(np.random.rand()),
        }
    return {"results": results(DRAWS if task == "draws" else 40, seed)}


def moves_of(results, image):
    """How each result came about, as (mirrored, down, right), and how many came otherwise.

    No two pixels of channel 0 are alike, so the one in the middle tells where it is from.
    """
    _, H, W = image.shape
    image, results = image.double(), results.double()
    numbers, y, x = image[0].flatten(), H // 2, W // 2

    def place(values):
        return (numbers - values[:, None]).abs().argmin(dim=1)

    source, beside = place(results[:, 0, y, x]), place(results[:, 0, y, x + 1])
    row, col = source // W, source % W
    mirrored = beside < source
    down, right = y - row, x - torch.where(mirrored, W - 1 - col, col)
    moves = list(zip(mirrored.tolist(), down.tolist(), right.tolist(), strict=True))
    strange = 0
    for move in set(moves):
        flipped, dy, dx = move
        base = image.flip(2) if flipped else image
        rows, cols = slice(max(dy, 0), H + min(dy, 0)), slice(max(dx, 0), W + min(dx, 0))
        old = base[:, max(-dy, 0) : H - max(dy, 0), max(-dx, 0) : W - max(dx, 0)]
        new = results[[k for k, one in enumerate(moves) if one == move]][:, :, rows, cols]
        same = (new - old).abs().amax(dim=(1, 2, 3)) < 2e-4
        strange += int((~same).sum())
    return moves, strange


@look.reading
def look(found, image, task, seed, order):
    results = found["results"]
    kinds = results if isinstance(results, list) else [results[0]]
    said = {
        "the shape": sorted({tuple(one.shape) for one in kinds}),
        "the dtype": sorted({str(one.dtype) for one in kinds}),
    }
    if len(kinds) != 1 or kinds[0].shape != image.shape:
        return said
    moves, strange = moves_of(results, image)
    said["results that are neither mirrored nor moved"] = strange
    if task == "result":
        inside = bool(((results >= 0) & (results <= 1)).all())
        return said | {
            "are all values from 0 to 1": inside,
            "are there more than three different results": len(set(moves)) > 3,
        }
    if task == "repeat":
        return said | {
            "do equal generators give equal results": identical(found["again"], results),
            "do the results differ from draw to draw": len(set(moves)) > 3,
            "do other generators give other results": not identical(found["others"], results),
        }
    if task == "left alone":
        del found["results"]
        said["are there more than three different results"] = len(set(moves)) > 3
        return found | said
    _, H, W = image.shape
    share = sum(mirrored for mirrored, _, _ in moves) / DRAWS
    most = {k: most for k, most in ((1, H // 8), (2, W // 8)) if most}

    def balanced(values):
        counts = [values.count(v) for v in sorted(set(values))]
        even = len(values) / len(counts)
        return max(counts) < 1.8 * even and min(counts) > 0.3 * even

    def as_often(picked, share_of, least, greatest):
        """Whether moves that are picked come as often as they should, on both axes together."""
        seen = sum(picked(abs(m[k]), n) for m in moves for k, n in most.items())
        expected = sum(DRAWS * share_of / (2 * n + 1) for n in most.values())
        return least * expected < seen < greatest * expected

    return said | {
        "how many are mirrored": "half" if 0.4 < share < 0.6 else f"{share:.0%}",
        "the moves up and down": sorted({dy for _, dy, _ in moves}),
        "the moves left and right": sorted({dx for _, _, dx in moves}),
        "are all moves about equally likely": all(balanced([m[k] for m in moves]) for k in (1, 2)),
        "are the largest moves as likely as others": as_often(
            lambda move, n: move == n, 2, 0.78, 1.45
        ),
        "is no move at all as likely as any other": as_often(
            lambda move, n: move == 0, 1, 0.5, 1.5
        ),
        "are the moves down and to the right independent": 150
        < sum((m[1] > 0) == (m[2] > 0) for m in moves)
        < 400,
        "are mirroring and moving independent": abs(
            sum(m[2] > 0 for m in moves if m[0]) - sum(m[2] > 0 for m in moves if not m[0])
        )
        < 100,
    }


RESULTS = """\
generator = torch.Generator().manual_seed({seed})
results = torch.stack([augment(image.clone(), generator) for _ in range({number})])"""
LINES = {
    "draws": RESULTS + """
left, right = results[:, 0, {y}, {x}], results[:, 0, {y}, {x} + 1]
print((right < left).float().mean())  # the share that is mirrored
results[:, 0, {y}, {x}].unique(return_counts=True)  # how often which pixel comes here""",
    "result": RESULTS + """
results.shape, results.dtype, results.min(), results.max()""",
    "repeat": """\
def results(seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.stack([augment(image.clone(), generator) for _ in range(12)])
first = results({seed})
first.equal(results({seed})), first.equal(results({seed} + 1))  # (True, False)""",
    "left alone": "before = image.clone()\n" + RESULTS.replace(".clone()", "")
    + "\nimage.equal(before)",
}  # fmt: skip


def written(image, task, seed, order):
    C, H, W = image.shape
    code = f"image = torch.arange(1, {image.numel() + 1}).reshape({C}, {H}, {W})"
    code += f" / {image.numel() + 1}"
    if image.dtype == torch.float64:
        code = code.replace(").reshape", ", dtype=torch.float64).reshape")
    if order:
        code += "\nimage = image.permute(1, 2, 0).contiguous().permute(2, 0, 1)"
    number = {"draws": DRAWS, "result": 40}.get(task, 12)
    return f"{code}\n{LINES[task].format(seed=seed, number=number, y=H // 2, x=W // 2)}"


def test(augment):
    return check(
        augment,
        reference.augment,
        make,
        groups={
            "mirrored half of the time and moved, a square picture": dict(
                C=3, H=24, W=24, task="draws"
            ),
            "a picture that is not square": [
                dict(C=3, H=16, W=32, task="draws"),
                dict(C=3, H=40, W=17, task="draws"),
            ],
            "one channel, float64": dict(C=1, H=16, W=24, task="draws", double=1),
            "too small to move": dict(C=3, H=7, W=16, task="draws"),
            "a picture whose colours lie side by side in memory": dict(
                C=3, H=17, W=24, task="draws", order=1
            ),
            "shape, dtype and range": [
                dict(C=3, H=16, W=24, task="result"),
                dict(C=3, H=17, W=24, task="result", double=1),
            ],
            "all chance comes from the generator": dict(C=3, H=24, W=32, task="repeat"),
            "what is given is left alone": [
                dict(C=3, H=24, W=32, task="left alone"),
                dict(C=1, H=16, W=16, task="left alone"),
            ],
        },
        shrink=dict(C=(1, 3), H=(8, 8), W=(8, 8)),  # a call takes long
        extras=None,
        use=look,
        snippet=written,
    )
