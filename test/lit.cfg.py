# The FileCheck suite: IR in, IR or messages out.
import os
import shutil
import sys

import lit.formats

config.name = "Swath"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["unit", "integration", "Inputs"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.swath_build, "test")

tools = os.path.join(config.swath_build, "bin")
for tool in ["swath-opt", "swathc", "swath-lsp-server"]:
    config.substitutions.append((r"\b" + tool + r"\b(?!\.)", os.path.join(tools, tool)))
for tool in ["FileCheck", "not", "mlir-opt", "mlir-translate", "split-file"]:
    config.substitutions.append((r"\b" + tool + r"\b(?!-)", os.path.join(config.llvm_tools_dir, tool)))
config.substitutions.append(("%python", sys.executable))
config.substitutions.append(("%plugin", os.path.join(config.swath_build, "lib", "libSwathPlugin.so")))
config.substitutions.append(("%include", os.path.join(config.swath_source, "include")))
config.substitutions.append(("%examples", os.path.join(config.swath_source, "examples")))
config.substitutions.append(("%tools", os.path.join(config.swath_source, "tools")))
config.substitutions.append(("%zoo", os.path.join(config.swath_source, "kernels-gen", "zoo")))
config.substitutions.append(("%docs", os.path.join(config.swath_source, "docs")))
config.substitutions.append(("%golden", os.path.join(config.swath_source, "kernels-gen", "golden")))

# Headers of kernels for GPUs, for the emulator and for devices.
kernels_gen = os.path.join(config.swath_source, "kernels-gen")
runtime = " -I" + os.path.join(config.swath_source, "include", "swath", "Runtime")
config.substitutions.append(("%emulator-includes", "-I" + os.path.join(kernels_gen, "emulate") + runtime))
config.substitutions.append(("%device-includes", "-I" + os.path.join(kernels_gen, "cuda") + runtime))

# A CUDA toolkit is optional. Where there is one, its compilers must be there.
nvcc = shutil.which("nvcc") or "/usr/local/cuda/bin/nvcc"
toolkit = os.path.dirname(os.path.dirname(nvcc))
nvrtc = os.path.join(toolkit, "lib64", "libnvrtc.so")
if os.path.exists(toolkit):
    config.available_features.add("nvcc")
else:
    lit_config.note("no CUDA toolkit: kernels for GPUs are not compiled for devices")
config.substitutions.append(("%nvcc", nvcc + " -std=c++17 -Werror all-warnings -Xptxas -v"))
config.substitutions.append(("%nvrtc", " ".join([
    sys.executable, os.path.join(config.test_source_root, "emulate", "Inputs", "nvrtc.py"),
    nvrtc if os.path.exists(nvrtc) else "libnvrtc.so"])))
# With an nvcc that compiles for the emulator.
inputs = os.path.join(config.test_source_root, "gpu-suite", "Inputs")
config.substitutions.append(("%emulated", "env PATH=" + inputs + os.pathsep + config.environment["PATH"]))
# What tools/gpu-export and the tests' nvcc for the emulator need.
config.environment["SWATH_SOURCE"] = config.swath_source
config.environment["SWATH_BUILD"] = config.swath_build
config.environment["SWATH_CXX_FLAGS"] = config.cxx_flags
