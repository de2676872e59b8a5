# Right answers to write_predictions, written in other ways: each earns everything.

# %% a dictionary, print into the file
def write_predictions(path, filenames, top5):
    table = {}
    for i in range(len(filenames)):
        table[filenames[i]] = [int(v) for v in top5[i]]
    with open(path, "w") as f:
        for name in sorted(table):
            print(name, *table[name], file=f)


# %% indices sorted, write_text
def write_predictions(path, filenames, top5):
    order = sorted(range(len(filenames)), key=lambda i: filenames[i])
    text = ""
    for i in order:
        a, b, c, d, e = (int(k) for k in top5[i])
        text += f"{filenames[i]} {a} {b} {c} {d} {e}\n"
    Path(path).write_text(text)


# %% everything into a tensor, numpy sorts
def write_predictions(path, filenames, top5):
    rows = torch.as_tensor(top5).cpu().numpy()
    order = np.argsort(np.array(filenames))
    lines = [filenames[i] + " " + " ".join(str(v) for v in rows[i]) for i in order]
    with open(str(path), "wb") as file:
        file.write(("\n".join(lines) + "\n").encode())


# %% tuples sorted as they are
def write_predictions(path, filenames, top5):
    if torch.is_tensor(top5):
        top5 = top5.tolist()
    lines = sorted((str(n), *map(int, row)) for n, row in zip(filenames, top5))
    with open(path, "w", encoding="utf8") as out:
        for line in lines:
            out.write(" ".join(map(str, line)))
            out.write("\n")
    return path
