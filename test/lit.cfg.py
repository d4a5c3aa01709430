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
for tool in ["FileCheck", "not", "mlir-opt", "split-file"]:
    config.substitutions.append((r"\b" + tool + r"\b(?!-)", os.path.join(config.llvm_tools_dir, tool)))
config.substitutions.append(("%python", sys.executable))
config.substitutions.append(("%plugin", os.path.join(config.swath_build, "lib", "libSwathPlugin.so")))
config.substitutions.append(("%examples", os.path.join(config.swath_source, "examples")))
config.substitutions.append(("%tools", os.path.join(config.swath_source, "tools")))
config.substitutions.append(("%zoo", os.path.join(config.swath_source, "kernels-gen", "zoo")))

# Optional: kernels for GPUs are compiled where it is.
if shutil.which("nvcc"):
    config.available_features.add("nvcc")
# With an nvcc that compiles for the emulator.
inputs = os.path.join(config.test_source_root, "gpu-suite", "Inputs")
config.substitutions.append(("%emulated", "env PATH=" + inputs + os.pathsep + config.environment["PATH"]))
# What tools/gpu-export and the tests' nvcc for the emulator need.
config.environment["SWATH_SOURCE"] = config.swath_source
config.environment["SWATH_BUILD"] = config.swath_build
config.environment["SWATH_CXX_FLAGS"] = config.cxx_flags
