"""Compares a footprint with what `ptxas -v` prints of the same kernels."""

import json
import re
import sys

text = sys.stdin.read()
registers = [int(x) for x in re.findall(r"Used (\d+) registers", text)]
frames = [int(x) for x in re.findall(r"(\d+) bytes stack frame", text)]
with open(sys.argv[1]) as file:
    (kernel,) = json.load(file)["kernels"]
found = {key: kernel["bytes"][key]["value"] for key in ("registers", "stack")}
expected = {"registers": max(registers), "stack": max(frames)}
if found != expected:
    sys.exit(f"expected {expected}, but found {found}")
