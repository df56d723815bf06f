"""The live figures against torch, by their tables; by keyboard; and with their state in the address."""

import json
import re

import numpy as np
import pytest
import torch
from browsing import SIZES, violations

LARGEST = 15_000  # bytes of a figure's script
CLOSE = 1e-6


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport=SIZES[1280])
    yield context.new_page()
    context.close()


def opened(tab, address: str, page: str, figure: str, query: str = ""):
    tab.goto(f"{address}/book/{page}.html{query}")
    return tab.locator(figure)


def numbers(figure) -> np.ndarray:
    """The figure's table, opened as a reader does."""
    if figure.locator("details[open]").count() == 0:
        figure.locator("summary", has_text="As a table").click()
    rows = figure.locator("details .live-table tbody").evaluate(
        "body => [...body.rows].map(row => [...row.cells].map(cell => Number(cell.textContent)))"
    )
    return np.array(rows)


def data_of(site, page: str, figure: str) -> dict:
    html = (site / "book" / f"{page}.html").read_text(encoding="utf-8")
    after = html[html.index(f'id="{figure}"') :]
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', after, re.DOTALL)[1])


def slide(figure, label: str, value: float) -> None:
    """Move a slider as a script of the browser's own would; the keyboard has a test of its own."""
    figure.get_by_label(label).evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", str(value)
    )


@pytest.mark.parametrize("name", ["playground", "way_back", "merge"])
def test_a_figure_is_small(site, name):
    assert (site / "_js" / f"{name}.js").stat().st_size <= LARGEST


# the gate playground


@torch.no_grad()
def torch_unit(w: dict, xs: list[float], *, writes=False, before=False, r=None, z=None) -> np.ndarray:
    """r, z, n, h of one unit at each step.  Where torch has the convention, by its own cell."""
    rows = {"weight_ih": "ir iz in", "weight_hh": "hr hz hn", "bias_ih": "bir biz bin", "bias_hh": "bhr bhz bhn"}
    cell = torch.nn.GRUCell(1, 1, dtype=torch.float64)
    with torch.no_grad():
        for name, parameter in cell.named_parameters():
            parameter.copy_(torch.tensor([float(w[each]) for each in rows[name].split()]).reshape(parameter.shape))
    h, steps = torch.zeros(1, 1, dtype=torch.float64), []
    for value in xs:
        x = torch.tensor([[value]], dtype=torch.float64)
        of_x, of_h = x @ cell.weight_ih.T + cell.bias_ih, h @ cell.weight_hh.T
        gate_r, gate_z = torch.sigmoid(of_x + of_h + cell.bias_hh)[0, :2]
        gate_r = gate_r if r is None else torch.tensor(float(r))
        gate_z = gate_z if z is None else torch.tensor(float(z))
        held = gate_r * h * w["hn"] + w["bhn"] if before else gate_r * (h * w["hn"] + w["bhn"])
        n = torch.tanh(of_x[0, 2] + held)
        new = (1 - gate_z) * h + gate_z * n if writes else (1 - gate_z) * n + gate_z * h
        if not writes and not before and r is None and z is None:
            torch.testing.assert_close(new, cell(x, h))
        steps.append([float(each) for each in (gate_r, gate_z, n, new)])
        h = new
    return np.array(steps)


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", {}),
        ("?play=zmode_write", {"writes": True}),
        ("?play=reset_before", {"before": True}),
        ("?play=r_0~z_1", {"r": 0, "z": 1}),
        ("?play=r_0.5~zmode_write~reset_before", {"r": 0.5, "writes": True, "before": True}),
    ],
)
def test_the_playground_computes_what_torch_computes(tab, address, site, query, options):
    data = data_of(site, "gru_cell", "playground")
    figure = opened(tab, address, "gru_cell", "#playground", query)
    x = data["presets"][0]["x"]
    seen = numbers(figure)
    np.testing.assert_allclose(seen[:, 1], x)
    np.testing.assert_allclose(seen[:, 2:], torch_unit(data["weights"], x, **options), atol=CLOSE, rtol=0)


def test_its_sliders_and_corners_move_the_unit(tab, address, site):
    data = data_of(site, "gru_cell", "playground")
    figure = opened(tab, address, "gru_cell", "#playground")
    figure.get_by_role("button", name="pulses").click()
    x = next(each["x"] for each in data["presets"] if each["name"] == "pulses")
    slide(figure, "bias of z", 1.5)
    slide(figure, "bias of n", -0.7)
    weights = {**data["weights"], "biz": 1.5, "bin": -0.7}
    np.testing.assert_allclose(numbers(figure)[:, 2:], torch_unit(weights, x), atol=CLOSE, rtol=0)
    figure.get_by_role("button", name="r = 0, write").click()
    np.testing.assert_allclose(numbers(figure)[:, 2:], torch_unit(weights, x, r=0, z=0), atol=CLOSE, rtol=0)
    assert "feed-forward" in figure.locator(".live-said").inner_text()

    before = numbers(figure)
    tab.wait_for_function("decodeURIComponent(location.search).includes('r_0~z_0')")
    tab.reload()  # all of it stands in the address
    np.testing.assert_allclose(numbers(figure), before, atol=1e-12)


def test_its_input_is_drawn_by_keyboard_and_typed(tab, address):
    figure = opened(tab, address, "gru_cell", "#playground")
    first = numbers(figure)[:, 1]
    figure.locator(".live-draw").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowUp"):
        tab.keyboard.press(key)
    drawn = numbers(figure)[:, 1]
    assert np.flatnonzero(drawn != first).tolist() == [2]
    assert drawn[2] == pytest.approx(first[2] + 0.2)
    figure.get_by_label("or type numbers").fill("0.5 -0.25 nothing")
    figure.get_by_role("button", name="Use").click()
    assert "Numbers from" in figure.locator(".live-said").inner_text()
    figure.get_by_label("or type numbers").fill("0.5, -0.25")
    figure.get_by_role("button", name="Use").click()
    np.testing.assert_allclose(numbers(figure)[:3, 1], [0.5, -0.25, 0])
    assert not violations(tab)


# the gradient's way back


def torch_norms(data: dict, name: str, scale: float, bias: float) -> list[float]:
    """Norms of the gradient at each lag, by torch's own cell and its autograd."""
    size, x = len(data["u"]), torch.tensor(data["x"], dtype=torch.float64)
    make = {"rnn": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}[name]
    cell = make(x.shape[1], size, dtype=torch.float64)
    given = {key: torch.tensor(values, dtype=torch.float64) for key, values in data[name].items()}
    with torch.no_grad():
        cell.weight_ih.copy_(given["W_ih"].reshape(cell.weight_ih.shape))
        cell.weight_hh.copy_(scale * given["W_hh"].reshape(cell.weight_hh.shape))
        cell.bias_ih.copy_(given["b"])
        cell.bias_hh.zero_()
        if name != "rnn":
            cell.bias_ih[size : 2 * size] += bias
    zero = torch.zeros(1, size, dtype=torch.float64)
    state, states = [zero, zero] if name == "lstm" else [zero], []
    for step in x:
        state = [each.detach().requires_grad_() for each in state]
        out = cell(step[None], tuple(state) if name == "lstm" else state[0])
        states.append((state, out if name == "lstm" else (out,)))
        state = states[-1][1]
    grads = [torch.tensor(data["u"], dtype=torch.float64)[None], zero][: len(state)]
    norms = [float(torch.cat(grads).norm())]
    for before, after in reversed(states):
        grads = torch.autograd.grad(after, before, grads)
        norms.append(float(torch.cat(grads).norm()))
    return norms


@pytest.mark.parametrize(
    ("query", "scale", "gru", "lstm"), [("", 1, 0, 0), ("?back=gru_3~lstm_2.5", 1, 3, 2.5), ("?back=scale_3", 3, 0, 0)]
)
def test_the_way_back_is_that_of_torchs_autograd(tab, address, site, query, scale, gru, lstm):
    data = data_of(site, "gru_gradient", "way-back")
    figure = opened(tab, address, "gru_gradient", "#way-back", query)
    seen = numbers(figure)
    for column, (name, bias) in enumerate([("gru", gru), ("lstm", lstm), ("rnn", 0)], 1):
        np.testing.assert_allclose(seen[:, column], torch_norms(data, name, scale, bias), rtol=CLOSE)


def test_its_half_life_is_told_and_follows_the_slider(tab, address):
    figure = opened(tab, address, "gru_gradient", "#way-back")
    slider = figure.get_by_label("bias of the GRU's update gate")
    slider.focus()
    before = figure.locator(".live-said").inner_text()
    for _ in range(30):
        tab.keyboard.press("ArrowRight")
    said = figure.locator(".live-said").inner_text()
    assert said != before
    norms = numbers(figure)[:, 1]
    half = int(np.flatnonzero(norms <= norms[0] / 2)[0])
    told = float(re.search(r"GRU: half is left after ([\d.]+) steps", said)[1])
    assert half - 1 <= told <= half
    assert not violations(tab)


# the LSTM becomes a GRU


@torch.no_grad()
def torch_stage(data: dict, place: int) -> np.ndarray:
    """h and c after each step, of the cell of torch's that a stage is."""
    blocks = ["ifgo", "ffgo", "ofg", "ofg"][place]
    cell = (torch.nn.LSTMCell if place < 2 else torch.nn.GRUCell)(1, 1, dtype=torch.float64)
    for parameter, part in zip(cell.parameters(), "WUbd", strict=True):
        rows = torch.tensor([data["weights"][part][block] for block in blocks], dtype=torch.float64)
        rows[0] *= -1 if place == 1 else 1  # i = 1 - f
        parameter.copy_(rows.reshape(parameter.shape))
    if place == 2:
        cell.bias_ih[0] = 100  # no reset yet
    h = c = torch.zeros(1, 1, dtype=torch.float64)
    found = []
    for value in data["x"]:
        x = torch.tensor([[value]], dtype=torch.float64)
        h, c = cell(x, (h, c)) if place < 2 else (cell(x, h),) * 2
        found.append([h.item(), c.item()])
    return np.array(found)


def test_each_stage_of_the_merge_is_a_cell_of_torchs(tab, address, site):
    data = data_of(site, "gru_cell", "merge")
    figure = opened(tab, address, "gru_cell", "#merge")
    for place in range(4):
        assert figure.locator(".merge-step:visible").count() == 1
        np.testing.assert_allclose(numbers(figure)[:, 2:], torch_stage(data, place), atol=CLOSE, rtol=0)
        if place < 3:
            figure.get_by_role("button", name="Next").click()
    assert "This is the GRU" in figure.locator(".merge-step:visible").inner_text()
    tab.wait_for_function("location.search.includes('step_3')")
    tab.reload()
    assert figure.locator(".merge-title:visible").inner_text() == "4. Reset"
    figure.locator("button[aria-current=step]").focus()
    tab.keyboard.press("ArrowLeft")
    assert figure.locator(".merge-title:visible").inner_text() == "3. Merge"
    assert not violations(tab)


def test_without_javascript_the_figures_are_tables(browser, address):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    for page, figure in (("gru_cell", "#playground"), ("gru_gradient", "#way-back")):
        found = opened(tab, address, page, figure)
        assert found.locator(".live-static tbody tr").count() == 5
        if page == "gru_cell":
            assert tab.locator(".merge-step:visible svg").count() == 4
    context.close()
