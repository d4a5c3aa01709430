//===- gpu-oracle.cpp - What a kernel is expected to compute ----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// gpu-oracle FILE.mlir PREFIX writes, for the kernel of a file and the inputs
// of swath_input.h,
//
//   PREFIX.rows.npy   int32 [rows, 3]: a row, how many keys head 0 sees from
//   it,
//                     and their sum
//   PREFIX.o.npy      float32 [batch, heads, rows, value dim], by the oracle
//   PREFIX.lse.npy    float32 [batch, heads, rows], where the kernel returns it
//
// and prints the case's line of cases.txt, but for its names. Exits with 2
// where the kernel takes what there are no inputs for. All rows of up to 512,
// else a sample.

#include "swath/Analysis/KernelInfo.h"
#include "swath/Analysis/ScoreFunction.h"
#include "swath/Pattern/Count.h"
#include "swath/Pipelines/Compile.h"
#include "swath/Reference/Attention.h"
#include "swath/Support/Npy.h"
#include "swath_input.h"

#include "mlir/Parser/Parser.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

#include <numeric>

using namespace llvm;
using namespace swath;

static int fail(const Twine &message) {
  WithColor::error(errs(), "gpu-oracle") << message << '\n';
  return 1;
}

/// Others have no inputs here.
static bool isKnown(const KernelArray &array) {
  return array.index <= unsigned(ArrayRole::Sinks);
}

static bool hasOpenSizes(AttentionOp op) {
  return any_of(kernelArrays(op), [](const KernelArray &array) {
    return any_of(array.shape, [](int64_t size) { return size < 0; });
  });
}

static std::vector<float> makeInput(uint64_t seed, ArrayRef<int64_t> shape,
                                    int bits) {
  std::vector<float> values(std::accumulate(shape.begin(), shape.end(),
                                            int64_t(1), std::multiplies<>()));
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = swath_input(seed, i, bits);
  return values;
}

static Error write(const Twine &path, ArrayRef<int64_t> shape,
                   ArrayRef<double> values) {
  Expected<NpyArray> array = NpyArray::create(NpyArray::Type::F32, shape);
  if (!array)
    return array.takeError();
  copy(values, array->floats().begin());
  return writeNpy(path.str(), *array);
}

static Error writeRows(const Twine &path, const Pattern &pattern,
                       const Extent &extent, ArrayRef<int64_t> rows) {
  Expected<NpyArray> array =
      NpyArray::create(NpyArray::Type::I32, {int64_t(rows.size()), 3});
  if (!array)
    return array.takeError();
  int32_t *to = array->ints().data();
  for (int64_t row : rows) {
    int64_t count = 0, sum = 0;
    for (int64_t j = 0; j < extent.nk; ++j)
      if (reference::sees(pattern.forHead(0), extent.p0 + row, j, extent)) {
        ++count;
        sum += j;
      }
    *to++ = int32_t(row);
    *to++ = int32_t(count);
    *to++ = int32_t(sum);
  }
  return writeNpy(path.str(), *array);
}

static int run(AttentionOp op, StringRef prefix) {
  const Pattern &pattern = op.getPattern().getPattern();
  const SmallVector<KernelArray> arrays = kernelArrays(op);
  ArrayRef<int64_t> q = arrays[unsigned(ArrayRole::Q)].shape;
  ArrayRef<int64_t> k = arrays[unsigned(ArrayRole::K)].shape;
  ArrayRef<int64_t> v = arrays[unsigned(ArrayRole::V)].shape;
  const mlir::Type element = arrays.front().element;
  const int bits = element.isF16()    ? SWATH_BITS_F16
                   : element.isBF16() ? SWATH_BITS_BF16
                                      : SWATH_BITS_F32;
  const std::vector<float> inputs[] = {makeInput(SWATH_SEED_Q, q, bits),
                                       makeInput(SWATH_SEED_K, k, bits),
                                       makeInput(SWATH_SEED_V, v, bits)};
  reference::Problem problem = {
      q[0],        q[1],      k[1],      q[2],
      k[2],        q[3],      v[3],      op.getScaleFactor(),
      k[2] - q[2], inputs[0], inputs[1], inputs[2]};
  problem.element = &mlir::cast<mlir::FloatType>(element).getFloatSemantics();
  std::vector<float> sinks, bias;
  std::vector<uint8_t> seen;
  for (const KernelArray &array : arrays) {
    if (array.index == unsigned(ArrayRole::Sinks))
      problem.sinks = sinks =
          makeInput(SWATH_SEED_SINKS, array.shape, SWATH_BITS_F32);
    if (array.index != unsigned(ArrayRole::Bias))
      continue;
    bias = makeInput(SWATH_SEED_BIAS, array.shape, bits);
    problem.biasBatch = array.shape[0];
    problem.biasHeads = array.shape[1];
    for (float x : bias)
      seen.push_back(x > 0);
    if (array.element.isInteger())
      problem.seen = seen;
    else
      problem.bias = bias;
  }
  const ScoreFunction score(op);
  if (score)
    problem.score = [&](double s, int64_t b, int64_t h, int64_t p, int64_t j) {
      return score(s, b, h, p, j, {});
    };
  problem.hasSoftCap = score.hasSoftCap();

  std::vector<int64_t> rows(q[2]);
  std::iota(rows.begin(), rows.end(), 0);
  if (q[2] > 512)
    rows = reference::sampleRows(pattern, problem, /*count=*/64, /*seed=*/1);
  const reference::Expectation expected =
      reference::expect(pattern, problem, rows);
  const Extent extent = problem.extentOf(0);
  const int64_t count = rows.size();
  Error error = writeRows(prefix + ".rows.npy", pattern, extent, rows);
  if (!error)
    error =
        write(prefix + ".o.npy", {q[0], q[1], count, v[3]}, expected.oracle.o);
  if (!error && op.hasLse())
    error =
        write(prefix + ".lse.npy", {q[0], q[1], count}, expected.oracle.lse);
  if (error)
    return fail(toString(std::move(error)));

  int64_t entries = 0;
  for (int64_t head = 0; head < pattern.numHeads(); ++head)
    entries += countEntries(pattern.forHead(head), extent);
  entries *= q[0] * (q[1] / pattern.numHeads());
  outs() << formatv("{0} {1} {2} {3} {4} {5} {6} {7} {8} {9} {10} {11} "
                    "{12:e6} {13:e6} {14:e6}\n",
                    element, q[0], q[1], k[1], q[2], k[2], q[3], v[3],
                    int(op.hasLse()), int(!sinks.empty()),
                    bias.empty()           ? "none"
                    : problem.bias.empty() ? "bool"
                                           : "float",
                    entries, expected.bound, expected.normBound,
                    expected.lseBound);
  return 0;
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  if (argc != 4)
    return fail("expected FILE.mlir KERNEL PREFIX");
  const std::string file = argv[1], name = argv[2];
  mlir::DialectRegistry registry;
  registerKernelDialects(registry);
  mlir::MLIRContext context(registry);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(file, &context);
  if (!module)
    return 1;
  auto func = module->lookupSymbol<mlir::func::FuncOp>(name);
  if (!func || func.getOps<AttentionOp>().empty())
    return fail("'" + file + "': expected a kernel '" + name +
                "', but found none");
  AttentionOp op = *func.getOps<AttentionOp>().begin();
  if (!op.getOrigins().empty() || !all_of(kernelArrays(op), isKnown)) {
    fail("'" + file + "': the suite has no inputs but q, k, v, bias and sinks");
    return 2;
  }
  if (hasOpenSizes(op))
    return fail("'" + file + "': expected sizes that are known");
  return run(op, argv[3]);
}
