# Right answers to save_checkpoint, written in other ways: each earns everything.

# %% one JSON file
import base64


def _pack(value):
    if isinstance(value, torch.Tensor):
        data = value.detach().cpu().contiguous()
        raw = data.reshape(-1).view(torch.uint8).numpy().tobytes()
        return {"t": [str(value.dtype)[6:], list(value.shape), base64.b64encode(raw).decode()]}
    if isinstance(value, dict):
        return {"d": [[key, _pack(item)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return {"l": [_pack(item) for item in value]}
    return {"v": value}


def _unpack(node):
    ((kind, value),) = node.items()
    if kind == "t":
        dtype, shape, text = value
        raw = bytearray(base64.b64decode(text))
        if not raw:
            return torch.empty(shape, dtype=getattr(torch, dtype))
        return torch.frombuffer(raw, dtype=getattr(torch, dtype)).reshape(shape).clone()
    if kind == "d":
        return {key: _unpack(item) for key, item in value}
    return [_unpack(item) for item in value] if kind == "l" else value


def save_checkpoint(path, model, optimizer, step):
    everything = {"m": dict(model.state_dict()), "o": optimizer.state_dict(), "s": step}
    with open(path, "w") as file:
        json.dump(_pack(everything), file)


def load_checkpoint(path, model, optimizer):
    with open(path) as file:
        found = _unpack(json.load(file))
    model.load_state_dict(found["m"])
    optimizer.load_state_dict(found["o"])
    return found["s"]


# %% numpy's format, the optimizer's state set entry by entry
def save_checkpoint(path, model, optimizer, step):
    arrays = {"m/" + k: v.detach().cpu().numpy() for k, v in model.state_dict().items()}
    listed = [p for g in optimizer.param_groups for p in g["params"]]
    for i, p in enumerate(listed):
        for k, v in optimizer.state.get(p, {}).items():
            if v is not None:
                arrays[f"o/{i}/{k}"] = v.detach().cpu().numpy()
    rates = [g["lr"] for g in optimizer.param_groups]
    arrays["rates"], arrays["step"] = np.array(rates), np.array(step)
    with open(path, "wb") as file:
        np.savez(file, **arrays)


def load_checkpoint(path, model, optimizer):
    with open(path, "rb") as file, np.load(file, allow_pickle=False) as found:
        named = {**dict(model.named_parameters()), **dict(model.named_buffers())}
        with torch.no_grad():
            for k, v in named.items():
                v.copy_(torch.from_numpy(found["m/" + k]))
        listed = [p for g in optimizer.param_groups for p in g["params"]]
        optimizer.state.clear()
        for key in found.files:
            if key.startswith("o/"):
                _, i, k = key.split("/")
                value = torch.from_numpy(np.array(found[key]))
                optimizer.state[listed[int(i)]][k] = value
        for g, rate in zip(optimizer.param_groups, found["rates"]):
            g["lr"] = float(rate)
        return int(found["step"])


# %% sqlite
import sqlite3


def save_checkpoint(path, model, optimizer, step):
    Path(path).unlink(missing_ok=True)
    db = sqlite3.connect(str(path))
    db.execute("create table t (name text, dtype text, shape text, data blob)")
    db.execute("create table meta (k text, v text)")

    def put(name, v):
        a = v.detach().cpu().numpy()
        db.execute(
            "insert into t values (?,?,?,?)", (name, str(a.dtype), json.dumps(a.shape), a.tobytes())
        )

    for k, v in model.state_dict().items():
        put("model/" + k, v)
    names = {id(p): n for n, p in model.named_parameters()}
    for g in optimizer.param_groups:
        for p in g["params"]:
            for k, v in optimizer.state.get(p, {}).items():
                if v is not None:
                    put(f"state/{names[id(p)]}/{k}", v)
    groups = [{k: v for k, v in g.items() if k != "params"} for g in optimizer.param_groups]
    db.executemany(
        "insert into meta values (?,?)", [("groups", json.dumps(groups)), ("step", str(step))]
    )
    db.commit()
    db.close()


def load_checkpoint(path, model, optimizer):
    db = sqlite3.connect(str(path))
    params = dict(model.named_parameters())
    sd, state = {}, {}
    for name, dtype, shape, data in db.execute("select * from t"):
        v = torch.from_numpy(np.frombuffer(data, dtype=dtype).reshape(json.loads(shape)).copy())
        kind, rest = name.split("/", 1)
        if kind == "model":
            sd[rest] = v
        else:
            n, k = rest.rsplit("/", 1)
            state.setdefault(n, {})[k] = v
    meta = dict(db.execute("select * from meta"))
    db.close()
    model.load_state_dict(sd)
    optimizer.state.clear()
    for n, s in state.items():
        optimizer.state[params[n]].update(s)
    for g, saved in zip(optimizer.param_groups, json.loads(meta["groups"])):
        g.update(saved)
    return int(meta["step"])


# %% a zip of npy files
import io
import zipfile


def _npy(v):
    f = io.BytesIO()
    np.save(f, v.detach().cpu().numpy(), allow_pickle=False)
    return f.getvalue()


def save_checkpoint(path, model, optimizer, step):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for k, v in model.state_dict().items():
            z.writestr("model/" + k + ".npy", _npy(v))
        sd = optimizer.state_dict()
        other = {}
        for i, s in sd["state"].items():
            for k, v in s.items():
                if torch.is_tensor(v):
                    z.writestr(f"opt/{i}/{k}.npy", _npy(v))
                else:
                    other.setdefault(str(i), {})[k] = v
        z.writestr(
            "info.json", json.dumps({"step": step, "groups": sd["param_groups"], "other": other})
        )


def load_checkpoint(path, model, optimizer):
    with zipfile.ZipFile(path) as z:
        info = json.loads(z.read("info.json"))
        state = {int(i): dict(s) for i, s in info["other"].items()}
        weights = {}
        for n in z.namelist():
            if not n.endswith(".npy"):
                continue
            v = torch.from_numpy(np.load(io.BytesIO(z.read(n)), allow_pickle=False))
            if n.startswith("model/"):
                weights[n[6:-4]] = v
            else:
                _, i, k = n[:-4].split("/")
                state.setdefault(int(i), {})[k] = v
    model.load_state_dict(weights, strict=True)
    optimizer.load_state_dict({"state": state, "param_groups": info["groups"]})
    return info["step"]
