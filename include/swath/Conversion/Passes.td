//===- Passes.td - From tile operations to vectors ---------*- tablegen -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_CONVERSION_PASSES_TD
#define SWATH_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertSwathToVectorPass : Pass<"convert-swath-to-vector"> {
  let summary = "Lower the work on one tile to vectors of lanes";
  let description = [{
    Scores and the softmax have one query a lane: a score tile is outer products
    of packed queries and broadcast keys, the softmax elementwise. The
    accumulator has one query a row: outer products of broadcast weights and
    rows of values. `accumulators` vectors are kept in registers by either; a
    tile of T lanes and P keys at a time keeps P*T/vector-length.

    Arithmetic is f32. f16 and bf16 are converted where they are loaded and
    stored, by arithmetic on their bits where the machine has no instruction.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
  let options = [
    Option<"vectorLength", "vector-length", "int64_t", "16",
           "Floats of a vector register">,
    Option<"accumulators", "accumulators", "int64_t", "24",
           "Vectors to accumulate in at a time">,
    Option<"hasF16", "has-f16", "bool", "false",
           "Whether the machine converts between f16 and f32">];
}

def ConvertSwathToEmitCPass
    : Pass<"convert-swath-to-emitc", "::mlir::ModuleOp"> {
  let summary = "Lower pipelined tiles to C++ for a block of threads";
  let description = [{
    The i-th `scf.forall` of a kernel becomes a function `<name>_phase<i>` of a
    thread of 128, one block of threads a tile, and `<name>_blocks<i>`, how many
    blocks there are. Foralls up to the next one marked `swath.barrier` are a
    kernel: `<name>` the first, `<name>_round<j>` those that go on with what it
    stored. All take the arguments of a kernel. Calls are to the primitives of
    swath_cuda.h.
  }];
  let dependentDialects = ["::mlir::emitc::EmitCDialect"];
  let options = [Option<"blocks", "blocks", "int64_t", "1",
                        "Blocks that a multiprocessor has registers for">];
}

#endif // SWATH_CONVERSION_PASSES_TD
