//===- LongFootprintTest.cpp - Footprints of a billion keys -----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Numbers of lengths up to 10^9 and of many heads are those of closed forms in
// 128 bits, or there are none: nothing wraps. And nothing takes long.

#include "TestKernel.h"
#include "swath/Analysis/Footprint.h"

#include "gtest/gtest.h"

#include <chrono>

using namespace llvm;
using namespace swath;

static constexpr int64_t kBillion = 1000000000;

/// Nothing where it is no 64-bit number.
static std::optional<int64_t> narrow(__int128 value) {
  return value == int64_t(value) ? std::optional(int64_t(value)) : std::nullopt;
}

static std::string decimal(__int128 value) {
  return value < 10 ? std::string(1, char('0' + int(value)))
                    : decimal(value / 10) + char('0' + int(value % 10));
}

namespace {
struct Case {
  StringRef pattern;
  /// Entries of a head for nq = nk = n.
  __int128 (*entries)(__int128 n);
  /// Tilings that serve a query.
  int64_t tilings = 1;
  bool hasBias = false;
};
} // namespace

/// Of 0 <= p - j < w.
static __int128 ofWindow(__int128 n, __int128 w) {
  return n * w - w * (w - 1) / 2;
}

static const Case kCases[] = {
    {"all", [](__int128 n) { return n * n; }},
    {"causal", [](__int128 n) { return n * (n + 1) / 2; }},
    {"window(4095, 0)", [](__int128 n) { return ofWindow(n, 4096); }},
    {"window(256, 256)", [](__int128 n) { return 513 * n - 256 * 257; }},
    {"window(20, 0, dilation = 4)",
     [](__int128 n) { return 21 * n - 4 * 20 * 21 / 2; }},
    {"blocks(64)", [](__int128 n) { return 64 * n; }},
    {"blocks(8000) & causal", [](__int128 n) { return n * 8001 / 2; }},
    {"stride(100)", [](__int128 n) { return n * (n / 100); }},
    {"columns(0..3)", [](__int128 n) { return 4 * n; }},
    {"window(4, 4) | global(0)",
     [](__int128 n) { return 9 * n - 20 + 2 * (n - 5); }},
    {"window(1, 0) | window(2, 0, dilation = 4)",
     [](__int128 n) { return (2 * n - 1) + (n - 4) + (n - 8); }, 2},
    {"causal", [](__int128 n) { return n * (n + 1) / 2; }, 1, true},
    {"all", [](__int128 n) { return n * n; }, 1, true},
};

/// A kernel of open batch and lengths, as its cover has it.
static KernelInfo describe(StringRef pattern, const Sizes &x, StringRef target,
                           const KernelOptions &options) {
  mlir::DialectRegistry registry;
  registerKernelDialects(registry);
  // Types of a kernel's arrays are the context's.
  static mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  const int64_t open = mlir::ShapedType::kDynamic;
  KernelShape shape = {{open, x.heads, open, x.dim},
                       {open, x.kvHeads, open, x.dim},
                       {open, x.kvHeads, open, x.valueDim},
                       mlir::Float16Type::get(&context)};
  auto module = buildKernel(mlir::UnknownLoc::get(&context), "kernel", pattern,
                            shape, options);
  const std::optional<GpuTarget> gpu = getGpuTarget(target);
  Compilation compilation =
      gpu ? Compilation(std::move(module), *gpu, *gpu)
          : Compilation(std::move(module), cantFail(getCpuTarget(target)));
  if (failed(compilation.cover()))
    report_fatal_error("the kernel has no cover");
  return compilation.getKernel();
}

static void expectQuantity(const Quantity &found, __int128 expected,
                           StringRef what) {
  EXPECT_EQ(found.value, narrow(expected)) << what.str();
  EXPECT_EQ(found.form, decimal(expected)) << what.str();
}

static void check(const Case &x, StringRef target, int64_t n, int64_t batch,
                  int64_t heads) {
  SCOPED_TRACE(x.pattern.str() + " for " + target.str() +
               ", n = " + std::to_string(n) + ", " + std::to_string(batch) +
               " rows of " + std::to_string(heads) + " heads");
  Sizes sizes;
  sizes.heads = heads;
  sizes.kvHeads = heads / 2;
  sizes.valueDim = 40;
  KernelOptions options;
  if (x.hasBias)
    options.bias = KernelOptions::Bias::Additive;
  const KernelInfo kernel = describe(x.pattern, sizes, target, options);
  CodeResources code;
  if (getGpuTarget(target))
    code.shared = 0;
  const auto start = std::chrono::steady_clock::now();
  const Footprint found =
      computeFootprint(kernel.withSizes(batch, n, n), target, code);
  const std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - start;
  // Under a second and a half; machines are busy at times.
  EXPECT_LT(seconds.count(), 20);

  const __int128 rows = __int128(batch) * heads * n;
  const __int128 bias = x.hasBias ? 2 * rows * n : 0;
  const __int128 input = 2 * rows * 64 + 2 * rows / 2 * (64 + 40) + bias;
  const __int128 output = 2 * rows * 40 + 4 * rows;
  expectQuantity(found.bytes.input, input, "input");
  expectQuantity(found.bytes.output, output, "output");
  expectQuantity(found.bytes.saved, input - bias + output, "saved");
  const __int128 states = x.tilings > 1 ? 4 * rows * (40 + 2) : 0;
  if (!code.shared)
    expectQuantity(found.bytes.workspace, states, "workspace");
  EXPECT_EQ(found.entriesPerHead.front(), int64_t(x.entries(n)));
  EXPECT_EQ(found.entriesTotal, narrow(x.entries(n) * batch * heads));
  // No lane is an entry twice, and none is left out.
  ASSERT_EQ(found.computedPairs.size(), 1u);
  EXPECT_GE(found.computedPairs.front(), found.entriesPerHead.front());
  EXPECT_GE(*found.waste, 1);
  EXPECT_LT(*found.waste, 100);
  if (code.shared && found.moved)
    EXPECT_GE(*found.moved, int64_t(output) + int64_t(2 * rows * 64));
  if (found.cache.fullBytes)
    EXPECT_EQ(found.cache.fullBytes, narrow(rows / 2 * 2 * (64 + 40)));
}

TEST(LongFootprint, ABillionKeys) {
  for (const Case &x : kCases)
    for (auto [batch, heads] :
         {std::pair<int64_t, int64_t>{1, 2}, {8, 12}, {1 << 20, 128}})
      check(x, "x86-64-v3", kBillion, batch, heads);
}

// A GPU's kernels take positions of less than 2^28.
TEST(LongFootprint, ManyKeysOfGpus) {
  for (const Case &x : kCases)
    for (int64_t batch : {1, 1 << 20})
      check(x, "sm_80", 200000000, batch, 12);
}
