"""Number by number, with the math module."""

import math


def gate(x, h, p, name, b, unit):
    total = p[f"b_i{name}"][unit] + p[f"b_h{name}"][unit]
    total += sum(p[f"W_i{name}"][unit, d] * x[b, d] for d in range(x.shape[1]))
    return total + sum(p[f"W_h{name}"][unit, k] * h[b, k] for k in range(h.shape[1]))


def each(h, number):
    result = np.zeros(h.shape)
    for b in range(h.shape[0]):
        for unit in range(h.shape[1]):
            result[b, unit] = number(b, unit)
    return result


def logistic(a):
    return 1 / (1 + math.exp(-a))


def mended_step(x, h, p):
    def number(b, unit):
        r, z = logistic(gate(x, h, p, "r", b, unit)), logistic(gate(x, h, p, "z", b, unit))
        from_h = p["b_hn"][unit]
        for k in range(h.shape[1]):
            from_h += p["W_hn"][unit, k] * h[b, k]
        from_x = p["b_in"][unit]
        for d in range(x.shape[1]):
            from_x += p["W_in"][unit, d] * x[b, d]
        return (1 - z) * math.tanh(from_x + r * from_h) + z * h[b, unit]

    return each(h, number)


def input_that_shows(B, D, H):
    x, h, p = [[0] * D] * B, [[3] * H] * B, {}
    for name in "rzn":
        p[f"W_i{name}"] = [[0] * D for _ in range(H)]
        p[f"W_h{name}"] = [[float(row == column) for column in range(H)] for row in range(H)]
        p[f"b_i{name}"] = [-9 if name in "rz" else 0] * H
        p[f"b_h{name}"] = [0] * H
    return x, h, p


def train_clipped(theta, x, y, max_norm, learning_rate):
    w, v = theta
    for k in range(len(x)):
        g_w, g_v = gradient_of((w, v), x[k], y[k])
        norm = math.sqrt(g_w * g_w + g_v * g_v)
        if norm > max_norm:
            g_w, g_v = g_w * max_norm / norm, g_v * max_norm / norm
        w, v = w - learning_rate * g_w, v - learning_rate * g_v
    return np.array([w, v])


def constant_error(targets):
    mean = sum(targets) / len(targets)
    return sum((target - mean) ** 2 for target in targets) / len(targets)


def expected_error(count, low, high):
    total = 0.0
    for _ in range(count):
        total += (high - low) * (high - low) / 12
    return total


def step_like_run(x, h, p):
    def number(b, unit):
        z, n = logistic(gate(x, h, p, "z", b, unit)), math.tanh(gate(x, h, p, "n", b, unit))
        return h[b, unit] - z * h[b, unit] + z * n

    return each(h, number)


def step_as_trained(x, h, p):
    reset = each(h, lambda b, unit: logistic(gate(x, h, p, "r", b, unit)) * h[b, unit])

    def number(b, unit):
        z, n = logistic(gate(x, h, p, "z", b, unit)), math.tanh(gate(x, reset, p, "n", b, unit))
        return (1 - z) * n + z * h[b, unit]

    return each(h, number)


def agrees(got, want):
    if np.shape(got) != np.shape(want):
        return False
    most = max(abs(number) for number in want.ravel())
    limit = most * (1e-4 if got.dtype == "float32" else 1e-9)
    for one, other in zip(got.ravel(), want.ravel(), strict=True):
        if not math.isfinite(one) or abs(float(one) - float(other)) > limit:
            return False
    return True
