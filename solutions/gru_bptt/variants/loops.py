"""One number at a time, with plain loops; a lost way is found by its distance."""

import numpy as np


def gru_gates(x, h, W_ih, W_hh, b_ih, b_hh):
    B, H = h.shape
    r, z, n, u = (np.zeros((B, H)) for _ in range(4))
    for b in range(B):
        for i in range(H):
            from_x = [W_ih[k * H + i] @ x[b] + b_ih[k * H + i] for k in range(3)]
            from_h = [W_hh[k * H + i] @ h[b] + b_hh[k * H + i] for k in range(3)]
            r[b, i] = sigmoid(from_x[0] + from_h[0])
            z[b, i] = sigmoid(from_x[1] + from_h[1])
            u[b, i] = from_h[2]
            n[b, i] = np.tanh(from_x[2] + r[b, i] * u[b, i])
    return r, z, n, u


def gru_cell_backward(dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    B, H = h.shape
    D = x.shape[1]
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    dx, dh = np.zeros((B, D)), np.zeros((B, H))
    dW_ih, dW_hh, db_ih, db_hh = (np.zeros(a.shape) for a in (W_ih, W_hh, b_ih, b_hh))
    for b in range(B):
        for i in range(H):
            up = dh_next[b, i]
            dh[b, i] += up * z[b, i]
            to_n = up * (1 - z[b, i]) * (1 - n[b, i] * n[b, i])
            to_z = up * (h[b, i] - n[b, i]) * z[b, i] * (1 - z[b, i])
            to_r = to_n * u[b, i] * r[b, i] * (1 - r[b, i])
            for k, (for_x, for_h) in enumerate([(to_r, to_r), (to_z, to_z), (to_n, to_n * r[b, i])]):
                row = k * H + i
                db_ih[row] += for_x
                db_hh[row] += for_h
                for d in range(D):
                    dx[b, d] += for_x * W_ih[row, d]
                    dW_ih[row, d] += for_x * x[b, d]
                for j in range(H):
                    dh[b, j] += for_h * W_hh[row, j]
                    dW_hh[row, j] += for_h * h[b, j]
    return {"db_hh": db_hh, "db_ih": db_ih, "dW_hh": dW_hh, "dW_ih": dW_ih, "dh": dh, "dx": dx}


def gru_backward(x, h0, dhs, W_ih, W_hh, b_ih, b_hh):
    T = len(x)
    started = [h0]
    for t in range(T - 1):
        _, z, n, _ = gru_gates(x[t], started[t], W_ih, W_hh, b_ih, b_hh)
        started.append(n + z * (started[t] - n))
    total = {"dW_ih": 0.0, "dW_hh": 0.0, "db_ih": 0.0, "db_hh": 0.0}
    dx, dh = np.zeros_like(x), np.zeros_like(h0)
    for t in range(T - 1, -1, -1):
        step = gru_cell_backward(dhs[t] + dh, x[t], started[t], W_ih, W_hh, b_ih, b_hh)
        dh = step["dh"]
        dx[t] = step["dx"]
        total = {name: so_far + step[name] for name, so_far in total.items()}
    total["dx"], total["dh0"] = dx, dh
    return total


def dropped_path(dh, dh_next, x, h, W_ih, W_hh, b_ih, b_hh):
    B, H = h.shape
    r, z, n, u = gru_gates(x, h, W_ih, W_hh, b_ih, b_hh)
    ways = {name: np.zeros((B, H)) for name in ["keep", "candidate", "update", "reset"]}
    for b in range(B):
        for i in range(H):
            up = dh_next[b, i]
            to_n = up * (1 - z[b, i]) * (1 - n[b, i] ** 2)
            ways["keep"][b, i] += up * z[b, i]
            for j in range(H):
                ways["reset"][b, j] += to_n * u[b, i] * r[b, i] * (1 - r[b, i]) * W_hh[i, j]
                ways["update"][b, j] += up * (h[b, i] - n[b, i]) * z[b, i] * (1 - z[b, i]) * W_hh[H + i, j]
                ways["candidate"][b, j] += to_n * r[b, i] * W_hh[2 * H + i, j]
    whole = ways["keep"] + ways["candidate"] + ways["update"] + ways["reset"]
    distance = {name: np.linalg.norm(whole - way - dh) for name, way in ways.items()}
    distance[None] = np.linalg.norm(whole - dh)
    lost = min(distance, key=distance.get)
    return {name: name == lost for name in ways}
