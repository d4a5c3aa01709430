//===- Flex.cpp - FlexAttention and its block mask --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// torch/nn/attention/flex_attention.py: create_block_mask, then the kernel. Its
// tables list the blocks of 128 x 128 pairs that a block of queries sees in
// part and in full, and the same of keys. Each row of a table has room for all
// blocks, so that sizes do not depend on the pattern.
//
//===----------------------------------------------------------------------===//

#include "Implementations.h"

#include "llvm/Support/MathExtras.h"

using namespace llvm;

namespace swath {

Implementation flex(const Pattern &pattern, const AttentionShape &s,
                    bool isEager) {
  constexpr uint64_t kBlock = 128;
  const uint64_t queries = s.queries, keys = s.keys, dim = s.dim;
  const uint64_t queryBlocks = divideCeil(queries, kBlock),
                 keyBlocks = divideCeil(keys, kBlock);
  const uint64_t e = s.elementBytes, batch = s.batch, heads = s.heads,
                 kvHeads = s.kvHeads, valueDim = s.valueDim;
  // A mask is shared by rows and heads that it does not tell apart.
  const uint64_t maskRows = pattern.runtimeTerms().any() ? batch : 1;
  const uint64_t maskHeads = pattern.numHeads() > 1 ? heads : 1;
  auto ofMask = [&](uint64_t bytes, uint64_t rows, uint64_t columns) {
    return arrayBytes(bytes, {maskRows, maskHeads, rows, columns});
  };
  auto allocate = [&](MemoryTrace &trace, bool hasEagerMask) {
    trace.allocate("q", arrayBytes(e, {batch, heads, queries, dim}));
    trace.allocate("k", arrayBytes(e, {batch, kvHeads, keys, dim}));
    trace.allocate("v", arrayBytes(e, {batch, kvHeads, keys, valueDim}));
    if (hasEagerMask) {
      // The mask is padded to whole blocks and summed as int64. A mask_mod that
      // computes with positions of pairs, as q_idx - kv_idx, makes arrays of as
      // many int64 before.
      const uint64_t rows = kBlock * queryBlocks, columns = kBlock * keyBlocks;
      trace.allocate("mask of pairs", ofMask(1, queries, keys));
      trace.allocate("padded mask", ofMask(1, rows, columns));
      trace.allocate("pairs of blocks", ofMask(8, queryBlocks, keyBlocks));
      trace.allocate("mask in int64", ofMask(8, rows, columns));
      for (StringRef x :
           {"mask in int64", "pairs of blocks", "padded mask", "mask of pairs"})
        trace.release(x);
    }
    // In part and in full, by queries and by keys: int32.
    trace.allocate("numbers of blocks", ofMask(8, queryBlocks, 1));
    trace.allocate("numbers of blocks of keys", ofMask(8, keyBlocks, 1));
    trace.allocate("lists of blocks", ofMask(16, queryBlocks, keyBlocks));
    trace.allocate("o", arrayBytes(e, {batch, heads, queries, valueDim}));
    trace.allocate("lse", arrayBytes(4, {batch, heads, queries}));
  };
  Implementation result;
  allocate(result.forward.emplace(), isEager);
  if (s.hasDropout)
    result.reason = "it drops no weights out";
  else
    allocate(result.kept.emplace(), false);
  return result;
}

} // namespace swath
