//===- GpuSchedule.cpp - How a block computes a tile ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Target/GpuSchedule.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using namespace llvm;

namespace swath {

/// What every GPU from sm_80 on gives a block, and of it what is for lists.
static constexpr int64_t kMostShared = 99 * 1024, kLists = 3 * 1024;
/// Registers of a thread.
static constexpr int64_t kMostRegisters = 255;
/// Bytes and exp2 that a multiprocessor has in a cycle (CUDA Programming Guide,
/// "Arithmetic Instructions" and "Shared Memory": 32 banks of 4 bytes).
static constexpr double kSharedBytes = 128, kExp2 = 16;
/// Cycles until what is loaded is there; those that barriers add to the steps
/// of a block, and those in which they leave a multiprocessor idle: estimates.
static constexpr double kLoadLatency = 800, kBarriers = 500, kIdle = 100;

/// Registers of a thread whose warp has `fragments` times 16 lanes: sums and
/// scores, and what ptxas was seen to take besides (nvcc 13.0, sm_80).
static int64_t registersOf(const AttentionKind &kind, int64_t fragments,
                           int64_t keys) {
  const int64_t floats = fragments * (kind.valueDim + keys) / 2;
  const int64_t parts = kind.bits == 32 ? 66 * fragments : 0;
  return floats + parts + 36 + 20 * fragments;
}

namespace {
/// The cycles of one block of keys, for tiles of some number of lanes.
struct BlockCost {
  double tensor, shared, exp2, l2, latency;

  BlockCost(const GpuTarget &gpu, const AttentionKind &kind,
            const GpuSchedule &schedule, int64_t lanes) {
    const double keys = schedule.tile.k, dims = kind.dim + kind.valueDim;
    const double bytes = keys * dims * kind.bits / 8;
    // f32 is three products of tf32, each at half the rate of f16.
    const double slower = kind.bits == 32 ? 6 : 1;
    tensor = 2 * lanes * keys * dims * slower / gpu.tensorFlop;
    // Each warp reads all keys and values, and its queries.
    shared =
        (schedule.warps * bytes + lanes * kind.dim * kind.bits / 8 + bytes) /
        kSharedBytes;
    exp2 = lanes * keys / kExp2;
    l2 = bytes / gpu.l2Bytes;
    // The steps of a warp wait for one another.
    latency = tensor + exp2 + kBarriers;
  }

  /// Of a multiprocessor that holds so many blocks of threads.
  double cycles(const GpuSchedule &schedule) const {
    const double copies = (kLoadLatency + l2) / (schedule.stages - 1);
    return kIdle + std::max({tensor, shared, exp2, l2,
                             std::max(latency, copies) / schedule.blocks});
  }
};
} // namespace

int64_t typicalLength(const Pattern &pattern) {
  constexpr int64_t kLength = 16384;
  return std::max(pattern.leastKeys(), pattern.fixedLength().value_or(std::min(
                                           kLength, pattern.mostKeys())));
}

/// Adds the work of a cover.
static void addWork(ScheduleCost &cost, const Cover &cover,
                    const GpuTarget &gpu, const AttentionKind &kind) {
  // Of longer patterns the tiles are too many to visit: all cost alike.
  constexpr int64_t kLongest = 1 << 17;
  const int64_t n = typicalLength(kind.pattern);
  for (const RowGroup &group : cover.groups) {
    const int64_t pairs =
        n > kLongest ? n : group.computedPairs(Extent::square(n));
    cost.computedPairs += pairs;
    cost.cycles +=
        double(pairs) / (group.tileQ * group.tileK) *
        BlockCost(gpu, kind, cost.schedule, group.tileQ).cycles(cost.schedule);
    // Queries come from memory before the first block of keys, outputs go
    // there after the last.
    if (!group.rows && !group.listed)
      cost.cycles +=
          double(n) / group.tileQ * 4 * kLoadLatency / cost.schedule.blocks;
  }
}

/// The schedule of this tile, or nothing where it does not fit.
static std::optional<ScheduleCost> costOf(const GpuTarget &gpu,
                                          const AttentionKind &kind,
                                          const TileShape &tile,
                                          int64_t stages) {
  ScheduleCost cost = {};
  GpuSchedule &schedule = cost.schedule;
  schedule.tile = tile;
  schedule.stages = stages;
  cost.registers = registersOf(kind, tile.q / (16 * schedule.warps), tile.k);
  cost.sharedBytes =
      (tile.q * kind.dim + stages * tile.k * (kind.dim + kind.valueDim)) *
      kind.bits / 8;
  schedule.blocks = gpu.residentBlocks(32 * schedule.warps, cost.registers,
                                       cost.sharedBytes + kLists);
  if (cost.registers > kMostRegisters ||
      cost.sharedBytes + kLists > kMostShared || schedule.blocks == 0)
    return std::nullopt;
  const BlockCost block(gpu, kind, schedule, tile.q);
  cost.tensor = block.tensor;
  cost.shared = block.shared;
  cost.exp2 = block.exp2;
  cost.l2 = block.l2;
  cost.latency = block.latency;
  return cost;
}

Expected<std::vector<ScheduleCost>> scheduleCosts(const GpuTarget &gpu,
                                                  const AttentionKind &kind) {
  // Of an mma, in keys, and in queries of four warps.
  const int64_t step = 256 / kind.bits, lanes = 64;
  // The row of a global token walks as many keys as hundreds of others.
  constexpr int64_t kSplits = 16;
  std::vector<ScheduleCost> costs;
  TileShape tile;
  for (int64_t fragments : {2, 1})
    for (int64_t keys : {4 * step, 2 * step, step}) {
      tile = {fragments * lanes,        keys,   fragments * lanes, lanes,
              /*fillsRegisters=*/false, kSplits};
      SmallVector<ScheduleCost, 2> ofTile;
      for (int64_t stages : {2, 3})
        if (std::optional<ScheduleCost> cost = costOf(gpu, kind, tile, stages))
          ofTile.push_back(*cost);
      if (ofTile.empty())
        continue;
      Expected<Cover> cover = buildCover(kind.pattern, tile);
      if (!cover)
        return cover.takeError();
      for (ScheduleCost &cost : ofTile) {
        addWork(cost, *cover, gpu, kind);
        costs.push_back(cost);
      }
    }
  // What refuses it says how large it is.
  if (costs.empty()) {
    costs.emplace_back();
    costs.front().schedule.tile = tile;
  }
  stable_sort(costs, [](const ScheduleCost &a, const ScheduleCost &b) {
    return a.cycles < b.cycles;
  });
  return costs;
}

} // namespace swath
