"""The three cells forwards and backwards through time, for many seeds at once.

Written out by hand because NumPy is all that the package needs. Arrays are time-major,
(T, S, B, ...): T words, S seeds trained side by side, B reviews, H units, G·H stacked
gates in the order of the shipped files (LSTM f i g o, GRU r z n, RNN h). Each pair of
functions takes the input's share of the pre-activations and gives back its gradient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Tape:
    """What a forward pass leaves behind for the backward pass.

    `acts` holds the activated gates (T, S, B, G·H); `h` (T+1, S, B, H) begins with the
    initial state; `c` likewise for the LSTM; `past` is R_n h + rb_n of the GRU.
    """

    acts: Array
    h: Array
    c: Array | None = None
    past: Array | None = None


def sigmoid(a: Array) -> Array:
    """Return the logistic function of `a`, without overflow."""
    half: Array = np.tanh(0.5 * a)
    half *= 0.5
    half += 0.5
    return half


def rnn_forward(a_in: Array, R: Array, rb: Array) -> Tape:
    """Run h = tanh(a_in + R h)."""
    T, S, B, H = a_in.shape
    h = np.zeros((T + 1, S, B, H))
    Rt = R.swapaxes(1, 2)
    for k in range(T):
        np.tanh(a_in[k] + h[k] @ Rt, out=h[k + 1])
    return Tape(h[1:], h)


def rnn_backward(
    tape: Tape, R: Array, dh_out: Array, da_extra: Array
) -> tuple[Array, Array, Array]:
    """Return the gradients of a_in, R and rb, given those of every h and pre-activation."""
    h = tape.h
    da = np.empty_like(tape.acts)
    back = np.zeros_like(h[0])
    for k in reversed(range(len(da))):
        da[k] = (dh_out[k] + back) * (1 - h[k + 1] ** 2) + da_extra[k]
        back = da[k] @ R
    return da, _over_time(da, h[:-1]), np.zeros((len(R), R.shape[1]))


def lstm_forward(a_in: Array, R: Array, rb: Array) -> Tape:
    """Run c = f c + i g, h = o tanh(c)."""
    T, S, B, GH = a_in.shape
    H = GH // 4
    h, c = np.zeros((T + 1, S, B, H)), np.zeros((T + 1, S, B, H))
    acts = np.empty_like(a_in)
    Rt = R.swapaxes(1, 2)
    for k in range(T):
        a = a_in[k] + h[k] @ Rt
        act = acts[k]
        act[:] = sigmoid(a)
        act[..., 2 * H : 3 * H] = np.tanh(a[..., 2 * H : 3 * H])
        f, i, g, o = (act[..., n * H : (n + 1) * H] for n in range(4))
        c[k + 1] = f * c[k] + i * g
        h[k + 1] = o * np.tanh(c[k + 1])
    return Tape(acts, h, c)


def lstm_backward(
    tape: Tape, R: Array, dh_out: Array, da_extra: Array
) -> tuple[Array, Array, Array]:
    """Return the gradients of a_in, R and rb, given those of every h and pre-activation."""
    assert tape.c is not None
    h, c, H = tape.h, tape.c, R.shape[2]
    da = np.empty_like(tape.acts)
    back_h, back_c = np.zeros_like(h[0]), np.zeros_like(h[0])
    for k in reversed(range(len(da))):
        f, i, g, o = (tape.acts[k][..., n * H : (n + 1) * H] for n in range(4))
        shown = np.tanh(c[k + 1])
        dh = dh_out[k] + back_h
        dc = dh * o * (1 - shown**2) + back_c
        d = da[k]
        d[..., :H] = dc * c[k] * f * (1 - f)
        d[..., H : 2 * H] = dc * g * i * (1 - i)
        d[..., 2 * H : 3 * H] = dc * i * (1 - g * g)
        d[..., 3 * H :] = dh * shown * o * (1 - o)
        d += da_extra[k]
        back_c = dc * f
        back_h = d @ R
    return da, _over_time(da, h[:-1]), np.zeros((len(R), R.shape[1]))


def gru_forward(a_in: Array, R: Array, rb: Array) -> Tape:
    """Run n = tanh(a_n + r (R_n h + rb_n)), h = (1 - z) n + z h."""
    T, S, B, GH = a_in.shape
    H = GH // 3
    h, past = np.zeros((T + 1, S, B, H)), np.empty((T, S, B, H))
    acts = np.empty_like(a_in)
    Rt, rb_n = R.swapaxes(1, 2), rb[:, None, 2 * H :]
    for k in range(T):
        rec = h[k] @ Rt
        act = acts[k]
        act[..., : 2 * H] = sigmoid(a_in[k][..., : 2 * H] + rec[..., : 2 * H])
        r, z = act[..., :H], act[..., H : 2 * H]
        past[k] = rec[..., 2 * H :] + rb_n
        n = np.tanh(a_in[k][..., 2 * H :] + r * past[k])
        act[..., 2 * H :] = n
        h[k + 1] = n + z * (h[k] - n)
    return Tape(acts, h, past=past)


def gru_backward(
    tape: Tape, R: Array, dh_out: Array, da_extra: Array
) -> tuple[Array, Array, Array]:
    """Return the gradients of a_in, R and rb, given those of every h and pre-activation."""
    assert tape.past is not None
    h, H = tape.h, R.shape[2]
    da, drec = np.empty_like(tape.acts), np.empty_like(tape.acts)
    back = np.zeros_like(h[0])
    for k in reversed(range(len(da))):
        r, z, n = (tape.acts[k][..., m * H : (m + 1) * H] for m in range(3))
        dh = dh_out[k] + back
        d = da[k]
        dn = dh * (1 - z) * (1 - n * n) + da_extra[k][..., 2 * H :]
        d[..., :H] = dn * tape.past[k] * r * (1 - r) + da_extra[k][..., :H]
        d[..., H : 2 * H] = dh * (h[k] - n) * z * (1 - z) + da_extra[k][..., H : 2 * H]
        d[..., 2 * H :] = dn
        drec[k] = d
        drec[k][..., 2 * H :] = dn * r
        back = dh * z + drec[k] @ R
    drb = drec.sum(axis=(0, 2))
    drb[:, : 2 * H] = 0  # r and z need one bias only: it is the input's
    return da, _over_time(drec, h[:-1]), drb


def _over_time(da: Array, h_prev: Array) -> Array:
    """Sum the outer products of gradients and earlier states: (S, G·H, H)."""
    product: Array = (da.swapaxes(2, 3) @ h_prev).sum(axis=0)
    return product


@dataclass(frozen=True)
class Core:
    """A cell as training sees it: its stacked gates and its two directions."""

    gates: str
    forward: Callable[[Array, Array, Array], Tape]
    backward: Callable[[Tape, Array, Array, Array], tuple[Array, Array, Array]]


CORES: Final = {
    "rnn": Core("h", rnn_forward, rnn_backward),
    "lstm": Core("figo", lstm_forward, lstm_backward),
    "gru": Core("rzn", gru_forward, gru_backward),
}
