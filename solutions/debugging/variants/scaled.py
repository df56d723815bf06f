"""Everything divided by its measure first; results written into arrays that were made before."""


def gate_of(x, h, p, gate):
    a = np.empty(h.shape)
    np.matmul(x, p[f"W_i{gate}"].T, out=a)
    a += h @ p[f"W_h{gate}"].T
    a += p[f"b_i{gate}"] + p[f"b_h{gate}"]
    return sigmoid(a)


def mended_step(x, h, p):
    result = h @ p["W_hn"].T
    result += p["b_hn"]
    result *= gate_of(x, h, p, "r")
    result += x @ p["W_in"].T + p["b_in"]
    np.tanh(result, out=result)
    z = gate_of(x, h, p, "z")
    result *= 1 - z
    result += z * h
    return result


def input_that_shows(B, D, H):
    names = [f"{kind}{gate}" for gate in "rzn" for kind in ("W_i", "W_h", "b_i", "b_h")]
    sizes = {"W_i": (H, D), "W_h": (H, H), "b_i": (H,), "b_h": (H,)}
    values = {"b_ir": -6, "b_hr": -4, "b_iz": -5, "b_hz": -5, "b_in": 1, "b_hn": -3}
    p = {name: np.full(sizes[name[:-1]], values.get(name, 0), dtype="f4") for name in names}
    return np.zeros((B, D), dtype=int), np.zeros((B, H)), p


def train_clipped(theta, x, y, max_norm, learning_rate):
    path = np.empty((len(x) + 1, 2))
    path[0] = theta
    for k, (x_k, y_k) in enumerate(zip(x, y, strict=True)):
        unit = gradient_of(path[k], x_k, y_k) / max_norm
        shorten(unit, 1.0)
        path[k + 1] = path[k] - learning_rate * max_norm * unit
    return path[-1]


def constant_error(targets):
    return np.linalg.norm(targets - np.mean(targets)) ** 2 / targets.size


def expected_error(count, low, high):
    half = (high - low) / 2
    return count * half**2 / 3


def step_like_run(x, h, p):
    n = np.tanh(x @ p["W_in"].T + h @ p["W_hn"].T + (p["b_in"] + p["b_hn"]))
    n -= h
    n *= gate_of(x, h, p, "z")
    n += h
    return n


def step_as_trained(x, h, p):
    both, W = np.hstack([x, gate_of(x, h, p, "r") * h]), np.hstack([p["W_in"], p["W_hn"]])
    n, z = np.tanh(both @ W.T + p["b_in"] + p["b_hn"]), gate_of(x, h, p, "z")
    return np.where(z < 0.5, n + z * (h - n), h + (1 - z) * (n - h))


def agrees(got, want):
    if got.shape == want.shape:
        measure = np.abs(want).max()
        worst = np.abs(got / measure - want / measure).max()
        return worst <= {np.dtype("float32"): 1e-4, np.dtype("float64"): 1e-8}[got.dtype]
    return False
