"""Longformer's attention in the two modes that transformers does not ship, written
from their description: to be measured, not to be used.

Chunks without overlap: queries in chunks of w, each with the keys of its chunk and
of both neighbours. Diagonals: a kernel that takes q and k and returns the 2w + 1
diagonals of the band, and weights of diagonals and v and returns o; what stands for
it here allocates and keeps what it does, and computes nothing.

Arrays live as long as in the authors' module, whose names keep them to its end.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F


class Diagonals(torch.autograd.Function):
    @staticmethod
    def forward(ctx, left, right, width):
        ctx.save_for_backward(left, right)
        return left.new_zeros(*left.shape[:3], width)


def with_neighbours(x):
    """[batch, chunks, w, heads, dim] -> [..., 3]: the chunk before, itself, after."""
    before = F.pad(x[:, :-1], (0, 0) * 3 + (1, 0))
    after = F.pad(x[:, 1:], (0, 0) * 3 + (0, 1))
    return torch.stack((before, x, after), dim=-1)


def chunk_scores(q, k, w):
    batch, n, heads, dim = q.shape
    q, k = (x.reshape(batch, n // w, w, heads, dim) for x in (q, k))
    k = with_neighbours(k)
    return torch.einsum("bcxhd,bcyhde->bcxhey", (q, k)).reshape(
        batch, n, heads, 3 * w)


def chunk_values(weights, v, w):
    batch, n, heads, dim = v.shape
    weights = weights.view(batch, n // w, w, heads, 3, w)
    v = with_neighbours(v.reshape(batch, n // w, w, heads, dim))
    return torch.einsum("bcxhey,bcyhde->bcxhd", (weights, v)).reshape(
        batch, n, heads, dim)


class AuthorsAttention(nn.Module):
    def __init__(self, heads, dim, window, dropout, mode):
        super().__init__()
        for name in ("query", "key", "value"):
            setattr(self, name, nn.Linear(heads * dim, heads * dim))
            setattr(self, name + "_global", nn.Linear(heads * dim, heads * dim))
        self.heads, self.dim, self.window = heads, dim, window
        self.dropout, self.is_tvm = dropout, mode == "tvm"

    def scores(self, q, k):
        if self.is_tvm:
            return Diagonals.apply(q, k, 2 * self.window + 1)
        return chunk_scores(q, k, self.window)

    def values(self, weights, v):
        if self.is_tvm:
            return Diagonals.apply(weights, v, self.dim)
        return chunk_values(weights, v, self.window)

    def forward(self, hidden, mask):
        """hidden [batch, n, heads * dim]; mask [batch, n]: < 0 padding, > 0 global."""
        batch, heads, dim = len(hidden), self.heads, self.dim
        padding, is_global, removed = mask < 0, mask > 0, mask != 0
        s = int(is_global.sum(dim=1).max())
        if s:
            positions = is_global.nonzero(as_tuple=True)
            places = (torch.arange(s) < is_global.sum(dim=1)[:, None]).nonzero(
                as_tuple=True)
        hidden = hidden.transpose(0, 1)
        n = len(hidden)
        by_head = lambda x: x.view(n, batch, heads, dim).transpose(0, 1)
        q, k, v = self.query(hidden), self.key(hidden), self.value(hidden)
        q /= math.sqrt(dim)
        q, k, v = by_head(q), by_head(k), by_head(v)
        if self.is_tvm:
            q = q.float().contiguous()
            k = k.float().contiguous()
        scores = self.scores(q, k)
        bias = removed[:, :, None, None].type_as(q).masked_fill(
            removed[:, :, None, None], -10000.0)
        ones = torch.ones_like(bias)
        band_bias = self.scores(ones, bias)
        scores += band_bias
        if s:
            global_k = k.new_zeros(batch, s, heads, dim)
            global_k[places] = k[positions]
            global_scores = torch.einsum("bnhd,bshd->bnhs", (q, global_k))
            scores = torch.cat((global_scores, scores), dim=-1)
        in_float = F.softmax(scores, dim=-1, dtype=torch.float32)
        in_float = in_float.masked_fill(padding[:, :, None, None], 0.0)
        scores = in_float.type_as(scores)
        weights = F.dropout(in_float.type_as(scores), p=self.dropout,
                            training=self.training)
        o = 0
        if s:
            of_globals = weights.narrow(-1, 0, s)
            global_v = v.new_zeros(batch, s, heads, dim)
            global_v[places] = v[positions]
            o = torch.matmul(of_globals.transpose(1, 2), global_v.transpose(
                1, 2).type_as(of_globals)).transpose(1, 2)
            weights = weights.narrow(-1, s, weights.size(-1) - s).contiguous()
        if self.is_tvm:
            v = v.float().contiguous()
        o += self.values(weights, v)
        o = o.type_as(hidden)
        o = o.transpose(0, 1).reshape(n, batch, heads * dim)
        if s:
            # Rows of global tokens, under the same names.
            chosen = hidden.new_zeros(s, batch, heads * dim)
            chosen[places[::-1]] = hidden[positions[::-1]]
            rows = batch * heads
            of_rows = lambda x: x.view(-1, rows, dim).transpose(0, 1)
            q = self.query_global(chosen)
            q = of_rows(q.div_(math.sqrt(dim)))
            k = of_rows(self.key_global(hidden))
            v = of_rows(self.value_global(hidden))
            scores = torch.bmm(q, k.transpose(1, 2)).view(batch, heads, s, n)
            scores = scores.masked_fill(padding[:, None, None], -10000.0)
            in_float = F.softmax(scores.view(rows, s, n), dim=-1,
                                 dtype=torch.float32)
            weights = F.dropout(in_float.type_as(scores), p=self.dropout,
                                training=self.training)
            chosen_o = torch.bmm(weights, v).view(batch, heads, s, dim)
            chosen_o = chosen_o[places[0], :, places[1]].view(
                len(places[0]), -1)
            o[positions[::-1]] = chosen_o
        return o.transpose(0, 1)
