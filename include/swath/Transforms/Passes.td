//===- Passes.td - From attention to loops over tiles ------*- tablegen -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_TRANSFORMS_PASSES_TD
#define SWATH_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def SwathCoverPass : Pass<"swath-cover"> {
  let summary = "Attach the cover of its pattern to each attention";
  let description = [{
    Computes the tilings and sweeps of each `swath.attention` that has no cover
    yet, for every length, and remarks where more than four pairs are computed
    for each entry at the operation's static lengths.
  }];
  let options = [
    Option<"queries", "queries", "int64_t", "48",
           "Queries of a tile where no pattern asks for others">,
    Option<"keys", "keys", "int64_t", "8", "Keys computed at a time with them">,
    Option<"unit", "unit", "int64_t", "16",
           "What the queries of a tile are a multiple of">,
    Option<"least", "least", "int64_t", "4", "The fewest queries of a tile">,
    Option<"fixedKeys", "fixed-keys", "bool", "false",
           "Whether smaller tiles compute no more keys at a time">,
    Option<"splits", "splits", "int64_t", "1",
           "Parts that the keys of few rows are split into">];
}

def SwathVerifyCoverPass : Pass<"swath-verify-cover"> {
  let summary = "Prove that each cover is its pattern";
  let description = [{
    Compares the cover of each `swath.attention` with its pattern: no pair
    missing, none computed twice, none besides. An error names a pair that tells
    them apart. Where the proof would take too long, the pass remarks "not
    proven" and compares pair by pair at a few lengths instead, unless the
    pattern names positions past 2000: then it remarks that it did neither.
  }];
  let dependentDialects = ["::swath::SwathDialect"];
}

def SwathFootprintPass : Pass<"swath-footprint", "::mlir::ModuleOp"> {
  let summary = "Say what each kernel takes in memory";
  let description = [{
    For each function with a `swath.attention` that has a cover: its entries, as
    a closed form and a number, the pairs its cover computes, and the bytes of
    its arrays and workspace, as forms of the open sizes and as numbers. As text
    on the standard output, as one JSON object, documented in docs/footprint.md,
    as remarks of one line, or as a dictionary `swath.footprint` on the
    attention, whose items are i64 where all sizes are known, else forms.
  }];
  let options = [
    Option<"json", "json", "bool", "false", "One JSON object">,
    Option<"remarks", "remarks", "bool", "false", "Remarks instead of text">,
    Option<"annotate", "annotate", "bool", "false",
           "Attributes instead of text">,
    Option<"target", "target", "std::string", "\"\"", "Name to print">];
}

def SwathCheckFootprintPass
    : Pass<"swath-check-footprint", "::mlir::ModuleOp"> {
  let summary = "Fail where a kernel takes more memory than a limit";
  let description = [{
    For each function with a `swath.attention` that has a cover: an error where
    its arrays and workspace are more than `limit` together, or where an open
    size leaves that unknown. The error names the largest of them.
  }];
  let options = [
    Option<"limit", "limit", "std::string", "\"\"",
           "Bytes, as 16GiB, 512MB or 1000000">];
}

def SwathKernelFormPass : Pass<"swath-kernel-form", "::mlir::ModuleOp"> {
  let summary = "Give functions with one attention the form of a kernel";
  let description = [{
    A function of one `swath.attention` and constants becomes

    ```mlir
    func.func @name(%q, %k, %v, %o: memref<[batch, heads, length, dim]>,
                    %lse: memref<[batch, heads, length]>, ...)
    ```

    on memrefs with unit last stride, whatever the order of its arguments was:
    the arrays that the attention takes in the order of `swath_attention_args`,
    then its origins where they are arguments. `lse` is there for every kernel
    and written by those that return it.
    Functions without attention stay as they are; one that computes anything
    else besides is an error.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
}

def SwathTilePass : Pass<"swath-tile", "::mlir::ModuleOp"> {
  let summary = "Turn attention on memrefs into loops over tiles and sweeps";
  let description = [{
    Each tiling of the cover becomes an `scf.forall` over (batch, head, residue
    class, query tile), each sweep in it an `scf.for` over blocks of keys that
    runs `swath.tile_scores`, `swath.softmax_update` and
    `swath.tile_accumulate`. A query that several tilings serve keeps its state
    between them in an allocation. Foralls of one attention touch different
    rows; one marked `swath.barrier` and those behind it continue what the ones
    before it stored. Where tiles at the end of a sequence walk more keys than
    those at its start, they come first. Tables become globals of the module.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
  let options = [Option<"blockKeys", "block-keys", "int64_t", "64",
                        "Keys of a softmax step">];
}

def SwathDistributeTilesPass : Pass<"swath-distribute-tiles", "::mlir::ModuleOp"> {
  let summary = "Make each loop over tiles a function of a thread";
  let description = [{
    The i-th top-level `scf.forall` of a kernel becomes a function

    ```mlir
    func.func @name_phase<i>(<arguments>, %workspace: memref<?xi8>,
                             %thread: index, %threads: index)
    ```

    that computes the items `thread`, `thread + threads`, ... in row-major
    order: a static assignment, the same on every run. The kernel's top-level
    allocations lie in `workspace`, one behind the other; its stack allocations
    move to the entry of the function. The kernel itself is gone afterwards.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect"];
}

def SwathPipelineTilesPass : Pass<"swath-pipeline-tiles"> {
  let summary = "Give each tile the schedule of a block of threads";
  let description = [{
    The loops over a tile's sweeps become one loop over blocks of keys, sweep
    after sweep. Queries, keys and values are copied to shared memory; the copies
    of a block start `stages` - 1 blocks before it is computed.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::gpu::GPUDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect"];
  let options = [Option<"stages", "stages", "int64_t", "2",
                        "Blocks of keys and values in shared memory">];
}

#endif // SWATH_TRANSFORMS_PASSES_TD
