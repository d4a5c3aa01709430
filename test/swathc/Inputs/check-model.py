"""Holds the JSON of a model, on stdin, against the bytes it should save: they are
given, and are the sum of what it lists."""
import json
import sys

model = json.load(sys.stdin)


def total(items):
    return sum(item["bytes"] for item in items)


saved = total(model["embeddings"]) + total(model["head_saved"])
parameters = sum(x["elements"] * x["copies"] for x in model["outer_parameters"])
for group in model["layers"]:
    count = len(group["layers"])
    attention = {x["name"]: x["saved"] for x in group["attention"]}
    saved += count * (total(group["saved"]) + attention[model["attention"]])
    parameters += count * sum(x["elements"] * x["copies"]
                              for x in group["parameters"])
numbers = model["bytes"]
assert model["schema"] == 1
assert saved == numbers["saved"] == int(sys.argv[1]), (saved, numbers["saved"])
assert parameters == model["parameters"]
assert numbers["total"] == sum(
    numbers[x] for x in ("weights", "gradients", "optimizer", "saved", "working"))
