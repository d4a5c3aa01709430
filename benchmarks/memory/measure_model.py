#!/usr/bin/env python3
"""`swathc footprint --model` beside transformers: parameters, saved bytes, caches.

    python3 -m venv build/peers
    build/peers/bin/pip install torch transformers
    build/peers/bin/python benchmarks/memory/measure_model.py [--peak]

No GPU and no download: models are made from configs. Parameters are counted on the
`meta` device. Bytes kept for the backward pass are those of a model for CUDA whose
tensors have shapes and no data (FakeTensorMode): every operation is dispatched as on
a GPU, so masks of dropout are bytes and statistics of norms f32. Hooks on saved
tensors count each storage once, without weights and buffers. Some small models run
on the CPU with data too, with torch.native_dropout, whose masks are bytes there.

--peak tracks instead, for some twenty minutes, all live storages of a forward pass and
of two training steps, whose gradients add up, and holds the predicted total without
optimiser states against their most. These are tensors without data too, of the CPU: a
backward pass on CUDA needs a driver.

Exits with 1 where parameters or saved bytes differ, or a total is too small.
"""
import argparse
import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile

import torch
import torch.nn.functional as F
import transformers
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.distributed._tools.mem_tracker import MemTracker
from transformers.models.longformer import modeling_longformer

ROOT = pathlib.Path(__file__).parents[2]
SWATHC = ROOT / "build/release/bin/swathc"
SAMPLES = ROOT / "examples/models"
DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}

# Odd sizes; other keys are absent.
TINY = {
    "bert": dict(vocab_size=51, hidden_size=24, num_hidden_layers=3,
                 num_attention_heads=3, intermediate_size=40,
                 max_position_embeddings=64),
    "longformer": dict(vocab_size=51, hidden_size=24, num_hidden_layers=2,
                       num_attention_heads=3, intermediate_size=40,
                       attention_window=8, max_position_embeddings=66),
    "llama": dict(vocab_size=51, hidden_size=24, num_hidden_layers=3,
                  num_attention_heads=6, num_key_value_heads=2, head_dim=10,
                  intermediate_size=40),
    "gpt_oss": dict(vocab_size=51, hidden_size=32, num_hidden_layers=3,
                    num_attention_heads=6, num_key_value_heads=2, head_dim=8,
                    intermediate_size=48, num_local_experts=5,
                    num_experts_per_tok=3, sliding_window=4),
}
TINY["roberta"] = TINY["bert"] | dict(max_position_embeddings=66)
TINY["mistral"] = TINY["llama"] | dict(sliding_window=4)
TINY["gemma2"] = TINY["mistral"]
TINY["gemma3_text"] = TINY["mistral"] | dict(sliding_window_pattern=2)


def tiny(model_type, architecture=None, **changes):
    config = TINY[model_type] | {"model_type": model_type} | changes
    if architecture:
        config["architectures"] = [architecture]
    return config


def sample(name, **changes):
    return json.loads((SAMPLES / f"{name}.json").read_text()) | changes


def make_model(config, attention="eager"):
    """The class that `architectures` names, or the base model."""
    config = dict(config)
    names = config.pop("architectures", None)
    hf = transformers.AutoConfig.for_model(**config)
    hf._attn_implementation = attention
    if names:
        return getattr(transformers, names[0])._from_config(hf)
    return transformers.AutoModel.from_config(hf)


def footprint(config, n, batch, *options):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(config, file)
        file.flush()
        return json.loads(subprocess.check_output(
            [SWATHC, "footprint", "--json", "--model", file.name, "--seq", str(n),
             "--batch", str(batch), *options]))


def native_dropout(x, p=0.5, training=True, inplace=False):
    return torch.native_dropout(x, p, True)[0] if training and p > 0 else x


def known_globals(count):
    """LongformerSelfAttention's indices of `count` global tokens a row, which
    without data cannot be found; the same storages."""
    def indices(mask):
        def table(rows):
            return torch.zeros(rows, 2, dtype=torch.long,
                               device=mask.device).unbind(1)
        rows = mask.shape[0] * count
        return count, table(rows), table(rows), table(0)
    return staticmethod(indices)


@contextlib.contextmanager
def without_data(num_globals, device="cuda"):
    attention = modeling_longformer.LongformerSelfAttention
    kept = attention.__dict__["_get_global_attn_indices"], torch.Tensor.item
    attention._get_global_attn_indices = known_globals(num_globals)
    torch.Tensor.item = lambda x: num_globals > 0
    try:
        with FakeTensorMode(allow_non_fake_inputs=True), torch.device(device):
            yield
    finally:
        attention._get_global_attn_indices, torch.Tensor.item = kept


@contextlib.contextmanager
def on_the_cpu():
    kept = F.dropout
    F.dropout = native_dropout
    try:
        yield
    finally:
        F.dropout = kept


def storage(tensor):
    return tensor.untyped_storage()


def measure(config, n, batch, dtype, num_globals=0, peak=None,
            attention="eager"):
    """Bytes saved by a forward pass with a loss where the head has one; the most
    live bytes of a step, if asked for."""
    torch.set_default_dtype(dtype)
    model = make_model(config, attention).train()
    torch.set_default_dtype(torch.float32)
    inputs = {"input_ids": torch.full((batch, n), 5)}
    if config.get("architectures"):
        inputs["labels"] = torch.full((batch, n), 7)
    if config["model_type"] == "longformer":
        mask = torch.zeros(batch, n, dtype=torch.long)
        mask[:, :num_globals] = 1
        inputs["global_attention_mask"] = mask
    elif config["model_type"] not in ("bert", "roberta"):
        inputs["use_cache"] = False
    weights = {storage(x)._cdata
               for x in [*model.parameters(), *model.buffers()]}
    if peak:
        return measure_peak(model, inputs, peak)
    kept = {}

    def pack(tensor):
        if storage(tensor)._cdata not in weights:
            kept[storage(tensor)._cdata] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda x: x):
        output = model(**inputs)
    del output
    return sum(storage(x).nbytes() for x in kept.values())


def measure_peak(model, inputs, peak):
    """Of a pass: "forward", "training" or "checkpointing"."""
    if peak == "checkpointing":
        model.gradient_checkpointing_enable()
    tracker = MemTracker()
    tracker.track_external(
        model, *(x for x in inputs.values() if isinstance(x, torch.Tensor)))
    if peak == "forward":
        inputs.pop("labels", None)
        with tracker, torch.no_grad():
            model.eval()(**inputs)
    else:
        train_twice(model, inputs, tracker)
    total = tracker.get_tracker_snapshot("peak")
    return max(device["Total"] for device in total.values())


def train_twice(model, inputs, tracker):
    with tracker:
        # Gradients are there from the second step on, as where they accumulate.
        for _ in range(2):
            output = model(**inputs)
            loss = output.loss if "labels" in inputs else output[0].sum()
            loss.backward()
            del output, loss
            tracker.reset_mod_stats()


def parameter_cases():
    for path in sorted(SAMPLES.glob("*.json")):
        yield path.stem, sample(path.stem)
    yield "roberta-base without head", sample("roberta-base", architectures=None)
    yield "longformer-base-4096, masked LM", sample(
        "longformer-base-4096", architectures=["LongformerForMaskedLM"])
    for model_type in TINY:
        yield f"tiny {model_type}", tiny(model_type)
    yield "tiny bert, untied", tiny("bert", "BertForMaskedLM",
                                    tie_word_embeddings=False)
    yield "tiny llama, biases", tiny("llama", "LlamaForCausalLM",
                                     attention_bias=True, mlp_bias=True)
    for model_type in TINY:
        yield f"defaults of {model_type}", {"model_type": model_type}


def saved_cases():
    """Name, config, n, batch, dtype, globals, whether on the CPU with data."""
    lm = {"bert": "BertForMaskedLM", "roberta": "RobertaForMaskedLM",
          "longformer": "LongformerForMaskedLM", "llama": "LlamaForCausalLM",
          "mistral": "MistralForCausalLM", "gemma2": "Gemma2ForCausalLM",
          "gemma3_text": "Gemma3ForCausalLM", "gpt_oss": "GptOssForCausalLM"}
    for model_type, head in lm.items():
        s = 3 if model_type == "longformer" else 0
        # Shapes alone do not tell whether a GPU has grouped products.
        only_cpu = model_type == "gpt_oss"
        for on_cpu in (True,) if only_cpu else (True, False):
            yield f"tiny {model_type}", tiny(model_type), 13, 3, "f32", s, on_cpu
            yield (f"tiny {model_type}, head", tiny(model_type, head), 13, 3,
                   "f32", s, on_cpu)
        yield (f"tiny {model_type}, head", tiny(model_type, head), 7, 1, "bf16", s,
               only_cpu)
        yield (f"tiny {model_type}, head", tiny(model_type, head), 16, 2, "bf16", 0,
               only_cpu)
        if model_type not in ("bert", "roberta", "longformer"):
            yield (f"tiny {model_type}, dropout",
                   tiny(model_type, head, attention_dropout=0.2), 16, 2, "bf16", 0,
                   only_cpu)
    no_dropout = dict(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
    for dtype in ("f32", "bf16"):
        yield ("tiny bert, no dropout", tiny("bert", lm["bert"], **no_dropout), 13,
               3, dtype, 0, False)
        yield ("tiny longformer, no dropout",
               tiny("longformer", lm["longformer"], **no_dropout), 13, 3, dtype, 2,
               False)
    for act in ("relu", "gelu_new", "gelu_pytorch_tanh", "silu"):
        yield (f"tiny bert, {act}", tiny("bert", lm["bert"], hidden_act=act), 13, 3,
               "f32", 0, True)
    yield ("tiny longformer, two windows",
           tiny("longformer", attention_window=[4, 16]), 29, 2, "f32", 1, True)
    for s in (0, 1, 64):
        yield (f"longformer-base-4096, {s} global", sample("longformer-base-4096"),
               4096, 1, "f32", s, False)
    yield ("longformer-base-4096, 1 global", sample("longformer-base-4096"), 4096, 4,
           "f16", 1, False)
    yield "roberta-base", sample("roberta-base"), 512, 8, "f32", 0, False
    yield "bert-base-uncased", sample("bert-base-uncased"), 384, 16, "f16", 0, False
    for name in ("mistral-7b", "llama-3.1-8b", "gemma-2-9b", "gemma-3-1b"):
        yield name, sample(name), 2048, 1, "bf16", 0, False


def show(good, name, detail):
    print(f"{'good' if good else 'BAD '}  {name:52} {detail}")
    return good


def check_parameters():
    good = True
    for name, config in parameter_cases():
        with torch.device("meta"):
            measured = sum(x.numel() for x in make_model(config).parameters())
        predicted = footprint(config, 16, 1)["parameters"]
        good &= show(predicted == measured, name,
                     f"{predicted} parameters, transformers {measured}")
    return good


def options_of(config, dtype, num_globals):
    is_longformer = config["model_type"] == "longformer"
    options = ["--training", "--dtype", dtype, "--attention",
               "longformer-chunks" if is_longformer else "dense"]
    if is_longformer:
        options += ["--globals", f"0..{num_globals - 1}" if num_globals else "none"]
    return options


def check_saved():
    good = True
    for name, config, n, batch, dtype, s, on_cpu in saved_cases():
        with on_the_cpu() if on_cpu else without_data(s):
            measured = measure(config, n, batch, DTYPES[dtype], s)
        predicted = footprint(config, n, batch, *options_of(config, dtype, s)
                              )["bytes"]["saved"]
        good &= show(predicted == measured,
                     f"{name}, n={n}, batch {batch}, {dtype}"
                     + (", CPU" if on_cpu else ""),
                     f"{predicted} bytes saved, torch {measured}")
    return good


def check_fused():
    """By attn_implementation="sdpa", which on the CPU keeps what flash attention
    does where there is neither dropout nor a mask of its own."""
    cases = (("bert", "BertForMaskedLM", dict(attention_probs_dropout_prob=0.0)),
             ("roberta", None, dict(attention_probs_dropout_prob=0.0)),
             ("llama", "LlamaForCausalLM", {}),
             ("llama", "LlamaForCausalLM", dict(num_key_value_heads=6)),
             ("mistral", "MistralForCausalLM", dict(sliding_window=None)))
    good = True
    for model_type, head, changes in cases:
        config = tiny(model_type, head, **changes)
        with on_the_cpu():
            measured = measure(config, 13, 3, torch.float32, attention="sdpa")
        predicted = footprint(config, 13, 3, "--training", "--attention", "flash"
                              )["bytes"]["saved"]
        good &= show(predicted == measured,
                     f"tiny {model_type} {changes}, fused, n=13, batch 3, f32, CPU",
                     f"{predicted} bytes saved, torch {measured}")
    return good


def check_caches():
    """Storages of the cache after a prompt of n - 1 tokens and one token more. Right
    after the prompt a window's is a part of an array of all tokens."""
    good = True
    for model_type in ("llama", "mistral", "gemma2", "gemma3_text", "gpt_oss"):
        n, batch = 14, 3
        model = make_model(tiny(model_type)).eval()
        with torch.no_grad():
            cache = model(input_ids=torch.full((batch, n - 1), 5), use_cache=True).cache
            model(input_ids=torch.full((batch, 1), 5), cache=cache, use_cache=True)
        measured = sum(storage(x).nbytes() for layer in cache.layers
                       for x in (layer.keys, layer.values))
        predicted = footprint(tiny(model_type), n, batch, "--decode"
                              )["bytes"]["kv_cache"]
        good &= show(predicted == measured, f"tiny {model_type}, n={n}, batch {batch}",
                     f"{predicted} bytes in the cache, transformers {measured}")
    return good


def peak_cases():
    """As saved_cases; few layers, as tracking takes long."""
    yield "longformer-base-4096", sample("longformer-base-4096"), 4096, 1, "f32", 1
    yield "longformer-base-4096", sample("longformer-base-4096"), 4096, 4, "f16", 1
    yield "roberta-base", sample("roberta-base"), 512, 8, "f32", 0
    yield "bert-base-uncased", sample("bert-base-uncased"), 384, 16, "f16", 0
    for name in ("mistral-7b", "llama-3.1-8b", "gemma-2-9b", "gemma-3-1b"):
        yield (f"{name}, 3 layers", sample(name, num_hidden_layers=3), 2048, 1,
               "bf16", 0)


def check_peaks():
    good = True
    for peak in ("forward", "training", "checkpointing"):
        for name, config, n, batch, dtype, s in peak_cases():
            # Backward passes on CUDA need a driver.
            with without_data(s, "cpu"), on_the_cpu():
                measured = measure(config, n, batch, DTYPES[dtype], s, peak)
            options = options_of(config, dtype, s)
            if peak == "forward":
                options.remove("--training")
            else:
                options += ["--optimizer", "none"]
            if peak == "checkpointing":
                options.append("--checkpointing")
            predicted = footprint(config, n, batch, *options)["bytes"]["total"]
            good &= show(predicted >= measured,
                         f"{name}, n={n}, batch {batch}, {dtype}, {peak}",
                         f"{predicted} bytes in all, torch {measured}, "
                         f"{100 * (predicted / measured - 1):+.1f}%")
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peak", action="store_true")
    arguments = parser.parse_args()
    transformers.logging.set_verbosity_error()
    print(f"torch {torch.__version__}, transformers {transformers.__version__}")
    good = (check_peaks() if arguments.peak
            else check_parameters() & check_saved() & check_fused()
            & check_caches())
    sys.exit(not good)


if __name__ == "__main__":
    main()
