#!/usr/bin/env python3
"""What other implementations of attention allocate, next to what Swath predicts.

    python3 -m venv build/memory
    build/memory/bin/pip install numpy torch transformers
    build/memory/bin/python benchmarks/memory/measure_attention.py [NAME...]

On the CPU. Forward: the most bytes that PyTorch's allocator had out at once in a
pass without gradients, q, k, v and o among them, from its profiler; hidden states
and weights of layers exist before. Saved: bytes of the distinct storages that
autograd keeps, from its hooks for saved tensors. Neither counts numbers of 8 bytes.
RSS is what the process grew by, a check that nothing large is elsewhere.

Dropout is PyTorch's native_dropout, which keeps a mask of bytes as on a GPU;
oneDNN is off, since it allocates working memory of its own for 16-bit types.
Prints a line of a table for each case; exits with 2 if one differs from what Swath
predicts, as those do whose CPU kernels have working memory (flash, flex).
"""
import argparse
import ctypes
import json
import pathlib
import platform
import random
import subprocess
import sys

import torch
import transformers
from torch.nn import functional as F
from torch.nn.attention import flex_attention as flex
from torch.profiler import ProfilerActivity, profile
from transformers.models.bert import modeling_bert
from transformers.models.longformer.modeling_longformer import (
    LongformerSelfAttention)

from authors_attention import AuthorsAttention

SWATHC = pathlib.Path(__file__).parents[2] / "build/release/bin/swathc"
TYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}
NUMBER = 8
LIBC = ctypes.CDLL(None)


def native_dropout(x, p=0.5, training=True, inplace=False):
    return torch.native_dropout(x, p, True)[0] if training and p > 0 else x


def status(key):
    for line in open("/proc/self/status"):
        if line.startswith(key):
            return int(line.split()[1]) * 1024


def forward_peak(call):
    """Bytes at the peak above those before, and how far RSS rose."""
    with torch.no_grad():
        call()
        LIBC.malloc_trim(0)
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
        before = status("VmRSS")
        call()
        rss = status("VmHWM") - before
        with profile(activities=[ProfilerActivity.CPU],
                     profile_memory=True) as prof:
            call()
    events = [e for e in prof.profiler.kineto_results.events()
              if e.name() == "[memory]" and abs(e.nbytes()) > NUMBER]
    live = peak = 0
    for event in sorted(events, key=lambda e: e.start_ns()):
        live += event.nbytes()
        peak = max(peak, live)
    return peak, rss


def saved_bytes(call, before):
    """Of storages that are not those of tensors that were there before."""
    known = {x.untyped_storage().data_ptr() for x in before}
    kept = {}

    def pack(x):
        storage = x.untyped_storage()
        if storage.data_ptr() not in known and storage.nbytes() > NUMBER:
            kept[storage.data_ptr()] = storage
        return x

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda x: x):
        out = call()
    del out
    return sum(x.nbytes() for x in kept.values())


class Case:
    """Attention of `heads` of `dim` over n tokens, `w` on each side, the first `s`
    of them global."""

    def __init__(self, n, w, s=0, batch=1, heads=12, dim=64, dtype="f32",
                 dropout=0.0):
        self.__dict__.update({k: x for k, x in locals().items() if k != "self"})
        self.type = TYPES[dtype]

    def __str__(self):
        globals_ = {0: "", 1: " \\| global(0)"}.get(
            self.s, f" \\| global(0..{self.s - 1})")
        return (f"window({self.w}, {self.w}){globals_} | "
                f"{self.batch}x{self.heads}x{self.n}x{self.dim} | {self.dtype} | "
                f"{self.dropout:g}")

    def predicted(self, name):
        pattern = f"window({self.w}, {self.w})"
        if self.s:
            pattern += f" | global(0..{self.s - 1})"
        shape = f"{self.batch}x{self.heads}x{self.n}x{self.dim}"
        out = subprocess.run(
            [SWATHC, "footprint", "--pattern", pattern, "--shape", shape,
             "--dtype", self.dtype, "--json"],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for other in json.loads(out.stdout)["kernels"][0]["alternatives"]:
            if other["name"] == name:
                saved = "saved_with_dropout" if self.dropout else "saved"
                return other["bytes"], other[saved]

    def hidden(self, multiple):
        """As layers get it: [batch, n, heads * dim], n padded."""
        n = -(-self.n // multiple) * multiple
        x = torch.randn(n, self.batch, self.heads * self.dim, dtype=self.type)
        mask = torch.zeros(self.batch, n, dtype=self.type)
        mask[:, :self.s] = 10000.0
        return x.transpose(0, 1), mask

    def qkv(self):
        return [torch.randn(self.batch, self.heads, self.n, self.dim,
                            dtype=self.type) for _ in range(3)]

    def measure_module(self, module, args, before):
        module.to(self.type)
        call = lambda: module(*args)
        module.eval()
        peak, rss = forward_peak(call)
        module.train(self.dropout > 0)
        args[0].requires_grad_()
        before = [*before, *args[:2], *module.parameters()]
        return peak, rss, saved_bytes(call, before)

    def measure_function(self, call, has_gradients=True):
        """Of q, k and v, which exist before the call."""
        qkv = self.qkv()
        size = sum(x.nbytes for x in qkv)
        peak, rss = forward_peak(lambda: call(*qkv))
        if not has_gradients:
            return peak + size, rss, None
        for x in qkv:
            x.requires_grad_()
        return peak + size, rss, saved_bytes(lambda: call(*qkv), [])


def dense(case):
    """Scores once, in place, without gradients; kept as BERT's code does."""
    def in_place(q, k, v):
        scores = torch.matmul(q, k.transpose(2, 3))
        scores *= case.dim ** -0.5
        torch.softmax(scores, dim=-1, out=scores)
        return torch.matmul(scores, v)

    peak, rss, _ = case.measure_function(in_place, has_gradients=False)
    return peak, rss, bert(case)[2]


def bert(case):
    """transformers' eager_attention_forward."""
    module = torch.nn.Module()

    def call(q, k, v):
        return modeling_bert.eager_attention_forward(
            module, q, k, v, None, dropout=case.dropout)
    module.eval()
    peak, rss, _ = case.measure_function(call, has_gradients=False)
    module.train()
    return peak, rss, case.measure_function(call)[2]


def flash(case):
    return case.measure_function(
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v))


def chunks(case):
    config = transformers.LongformerConfig(
        attention_window=[2 * case.w], hidden_size=case.heads * case.dim,
        num_attention_heads=case.heads, num_hidden_layers=1,
        attention_probs_dropout_prob=case.dropout)
    x, mask = case.hidden(2 * case.w)
    is_masked, is_global = mask < 0, mask > 0
    args = (x, mask, is_masked, is_global, case.s > 0)
    return case.measure_module(LongformerSelfAttention(config, 0), args,
                               [is_masked, is_global])


def authors(mode, side, multiple):
    def measure(case):
        module = AuthorsAttention(case.heads, case.dim, side(case.w),
                                  case.dropout, mode)
        return case.measure_module(module, case.hidden(multiple(case.w)), [])
    return measure


def block_mask(case):
    w, s = case.w, case.s
    return lambda b, h, q, k: (((k >= q - w) & (k <= q + w))
                               | (q < s) | (k < s))


def flex_forward(is_eager):
    """The mask and, from it, attention compiled for the CPU, which knows no
    gradients."""
    create = flex.create_block_mask
    if not is_eager:
        create = torch.compile(create)
    attend = torch.compile(flex.flex_attention)

    def measure(case):
        def call(q, k, v):
            mask = create(block_mask(case), None, None, case.n, case.n,
                          device="cpu")
            return attend(q, k, v, block_mask=mask)
        return case.measure_function(call, has_gradients=False)
    return measure


MEASURES = {
    "dense": dense,
    "bert": bert,
    "flash": flash,
    "longformer-chunks": chunks,
    "longformer-no-overlap": authors("no-overlap", lambda w: 2 * w // 3,
                                     lambda w: 2 * w // 3),
    "longformer-tvm": authors("tvm", lambda w: w, lambda w: 1),
    "flex": flex_forward(is_eager=False),
    "flex-eager": flex_forward(is_eager=True),
}

WINDOWS = [
    Case(1024, 256), Case(2048, 256), Case(4096, 256, dropout=0.1),
    Case(4096, 256, s=1, dropout=0.1), Case(4096, 256, s=64, dropout=0.1),
    Case(2048, 256, s=16), Case(1000, 100, s=3, batch=2, heads=4),
    Case(1000, 100, s=3, batch=2, heads=4, dropout=0.1),
    Case(512, 256, heads=4, dropout=0.1), Case(300, 256, s=2, heads=4),
    Case(1024, 16, s=128, heads=4, dim=32), Case(600, 50, heads=1, dim=32),
    Case(1024, 128, heads=4, dim=128, dtype="bf16"),
    Case(1024, 128, heads=4, dtype="bf16", dropout=0.1),
    Case(1024, 64, s=16, batch=2, heads=4, dtype="bf16", dropout=0.1),
    Case(1024, 64, s=16, batch=2, heads=4, dtype="f16", dropout=0.1),
]
CASES = {
    "dense": [Case(1024, 256), Case(2048, 256, dropout=0.1),
              Case(4096, 256), Case(1000, 256, batch=2, heads=4, dropout=0.1)],
    "bert": [Case(1024, 256), Case(2048, 256, dropout=0.1),
             Case(1024, 256, heads=4, dtype="bf16", dropout=0.1)],
    "flash": [Case(1024, 256), Case(4096, 256),
              Case(1024, 256, heads=4, dtype="bf16")],
    "flex": [Case(1024, 256), Case(4096, 256)],
    "flex-eager": [Case(1000, 100, heads=1, dim=16),
                   Case(4096, 256, s=1, heads=1), Case(4096, 256, heads=12)],
}


def random_cases(count):
    """Small and odd ones of Longformer's."""
    random.seed(count)
    pick = random.choice
    for _ in range(count):
        n = pick([40, 100, 128, 256, 300, 500, 777])
        yield Case(n, pick([3, 5, 8, 20, 33, 64, 150]),
                   s=min(n, pick([0, 0, 1, 2, 7, 40, 200])),
                   batch=pick([1, 1, 2, 3]), heads=pick([1, 2, 3, 4]),
                   dim=pick([8, 16, 64]), dtype=pick(["f32", "f32", "bf16", "f16"]),
                   dropout=pick([0.0, 0.1]))


def shown(value):
    return "-" if value is None else f"{value:,}".replace(",", " ")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help=f"of {', '.join(MEASURES)}; all")
    parser.add_argument("--random", type=int, metavar="COUNT",
                        help="so many random cases of windows, each for all")
    args = parser.parse_args()
    windows = list(random_cases(args.random)) if args.random else WINDOWS
    names = args.names or [x for x in MEASURES
                           if not args.random or x not in CASES]
    for name in names:
        if name not in MEASURES:
            parser.error(f"expected one of {', '.join(MEASURES)}, but found "
                         f"'{name}'")
    F.dropout = native_dropout
    torch.backends.mkldnn.set_flags(False)
    torch.set_num_threads(1)
    # Arrays past 64 KiB are given back when they are freed: M_MMAP_THRESHOLD.
    LIBC.mallopt(-3, 1 << 16)
    print(f"PyTorch {torch.__version__}, transformers "
          f"{transformers.__version__}, {platform.machine()}\n")
    print("| implementation | pattern | shape | type | dropout | forward | "
          "less predicted | RSS | saved | less predicted |")
    print("|---" * 10 + "|")
    is_good = True
    for name in names:
        for case in CASES.get(name, windows):
            peak, rss, saved = MEASURES[name](case)
            # `dense` is in place; what BERT's code keeps is its saved.
            predicted = (case.predicted(name) if name != "bert" else
                         (None, case.predicted("dense")[1]))
            cells = []
            for measured, expected in zip((peak, saved), predicted):
                difference = None
                if measured is not None and expected is not None:
                    difference = measured - expected
                    is_good &= difference == 0
                cells.append([shown(measured), shown(difference)])
            row = [name, str(case), *cells[0], shown(rss), *cells[1]]
            print("| " + " | ".join(row) + " |", flush=True)
    return 0 if is_good else 2


if __name__ == "__main__":
    sys.exit(main())
