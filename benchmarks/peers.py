#!/usr/bin/env python3
"""Swath's kernels beside ONNX Runtime's on the CPU, in one run.

    python3 -m venv build/peers
    build/peers/bin/pip install numpy onnx onnxruntime
    build/peers/bin/python benchmarks/peers.py

Batch 1, 12 heads of 64, float32. ONNX Runtime's GroupQueryAttention has a causal
window (local_window_size w sees w keys), its MultiHeadAttention is dense. Useful
GFLOP/s are 4 * 64 * entries * heads of the pattern, whatever is computed.
"""
import json
import pathlib
import subprocess
import time

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper

HEADS, DIM = 12, 64
SWATHC = pathlib.Path(__file__).parent.parent / "build/release/bin/swathc"


def median_ms(call):
    call()
    times, total = [], 0.0
    while len(times) < 5 or (total < 0.5 and len(times) < 1000):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
        total += times[-1]
    return sorted(times)[len(times) // 2] * 1e3


def session(node, inputs, threads):
    graph = helper.make_graph(
        [node], "attention", inputs,
        [helper.make_tensor_value_info("o", TensorProto.FLOAT, None)])
    model = helper.make_model(graph, ir_version=9, opset_imports=[
        helper.make_opsetid("", 19), helper.make_opsetid("com.microsoft", 1)])
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    return ort.InferenceSession(model.SerializeToString(), options,
                                providers=["CPUExecutionProvider"])


def array_input(name, *shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)


def onnx_window(n, window, threads):
    """GroupQueryAttention: every query sees itself and window - 1 keys before."""
    node = helper.make_node(
        "GroupQueryAttention", ["q", "k", "v", "", "", "last", "total"],
        ["o", "present_k", "present_v"], domain="com.microsoft",
        num_heads=HEADS, kv_num_heads=HEADS, local_window_size=window)
    inputs = [array_input(x, 1, n, HEADS * DIM) for x in "qkv"]
    inputs.append(helper.make_tensor_value_info("last", TensorProto.INT32, [1]))
    inputs.append(helper.make_tensor_value_info("total", TensorProto.INT32, [1]))
    random = np.random.default_rng(1)
    feed = {x: random.standard_normal((1, n, HEADS * DIM), np.float32) for x in "qkv"}
    feed["last"] = np.array([n - 1], np.int32)
    feed["total"] = np.array([n], np.int32)
    run = session(node, inputs, threads)
    return median_ms(lambda: run.run(["o"], feed))


def onnx_dense(n, threads):
    node = helper.make_node("MultiHeadAttention", ["q", "k", "v"], ["o"],
                            domain="com.microsoft", num_heads=HEADS)
    random = np.random.default_rng(1)
    feed = {x: random.standard_normal((1, n, HEADS * DIM), np.float32) for x in "qkv"}
    run = session(node, [array_input(x, 1, n, HEADS * DIM) for x in "qkv"], threads)
    return median_ms(lambda: run.run(["o"], feed))


def swath(pattern, n, threads):
    out = subprocess.run(
        [SWATHC, "run", "--pattern", pattern, "--shape", f"1x{HEADS}x{n}x{DIM}",
         "--random", "1", "--time", "--json", "--threads", str(threads)],
        check=True, capture_output=True, text=True).stdout
    report = json.loads(out)
    return report["median_ms"], report["entries"]


def main():
    print(f"ONNX Runtime {ort.__version__}, onnx {onnx.__version__}")
    print("| pattern | n | threads | Swath ms | GFLOP/s | ONNX Runtime ms | GFLOP/s |")
    print("|---|---|---|---|---|---|---|")
    cases = [("window(511, 0)", n, lambda n, t: onnx_window(n, 512, t))
             for n in (1024, 4096, 8192)]
    cases.append(("all", 2048, onnx_dense))
    for pattern, n, peer in cases:
        for threads in (1, 2):
            ours, entries = swath(pattern, n, threads)
            theirs = peer(n, threads)
            rate = [4 * DIM * entries / (ms * 1e6) for ms in (ours, theirs)]
            print(f"| `{pattern}` | {n} | {threads} | {ours:.1f} | {rate[0]:.0f} "
                  f"| {theirs:.1f} | {rate[1]:.0f} |")


if __name__ == "__main__":
    main()
