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

/// Tables of a score region have no inputs here.
static bool isKnown(const KernelArray &array) {
  return array.index < unsigned(ArrayRole::ScoreOperand);
}

static bool hasOpenSizes(AttentionOp op) {
  return any_of(kernelArrays(op), [](const KernelArray &array) {
    return any_of(array.shape, [](int64_t size) { return size < 0; });
  });
}

static int64_t sizeOf(ArrayRef<int64_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t(1),
                         std::multiplies<>());
}

/// Significant bits; booleans are made of floats.
static int bitsOf(mlir::Type element) {
  return element.isF16()    ? SWATH_BITS_F16
         : element.isBF16() ? SWATH_BITS_BF16
                            : SWATH_BITS_F32;
}

namespace {
/// Inputs by their index; none of o and lse.
struct Inputs {
  std::vector<float> floats[SWATH_NUM_ARRAYS];
  std::vector<int32_t> ints[SWATH_NUM_ARRAYS];
  std::vector<uint8_t> seen;

  Inputs(ArrayRef<KernelArray> arrays, int64_t keys) {
    for (const KernelArray &array : arrays) {
      if (array.isOutput())
        continue;
      const int64_t size = sizeOf(array.shape);
      for (int64_t i = 0; i < size; ++i)
        if (array.element.isInteger(32))
          ints[array.index].push_back(
              swath_input_int(array.index, i, array.shape.back(), keys));
        else if (array.element.isInteger(1))
          seen.push_back(swath_input(array.index, i, SWATH_BITS_F32) > 0);
        else
          floats[array.index].push_back(
              swath_input(array.index, i, bitsOf(array.element)));
    }
  }
  ArrayRef<float> operator[](ArrayRole role) const {
    return floats[unsigned(role)];
  }
  ArrayRef<int32_t> told(ArrayRole role) const { return ints[unsigned(role)]; }
};
} // namespace

/// "index:dtype:shape" of the arrays behind lse, with commas; "-" for none.
static std::string describeExtras(ArrayRef<KernelArray> arrays) {
  std::string text;
  for (const KernelArray &array :
       arrays.drop_front(unsigned(ArrayRole::Lse) + 1))
    text += (text.empty() ? "" : ",") + formatv("{0}:{1}:{2}", array.index,
                                                array.dtype(),
                                                formatShape(array.shape))
                                            .str();
  return text.empty() ? "-" : text;
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
  const Inputs inputs(arrays, k[2]);
  reference::Problem problem = {q[0],
                                q[1],
                                k[1],
                                q[2],
                                k[2],
                                q[3],
                                v[3],
                                op.getScaleFactor(),
                                k[2] - q[2],
                                inputs[ArrayRole::Q],
                                inputs[ArrayRole::K],
                                inputs[ArrayRole::V]};
  problem.element = &mlir::cast<mlir::FloatType>(element).getFloatSemantics();
  problem.bias = inputs[ArrayRole::Bias];
  problem.seen = inputs.seen;
  if (op.getBias()) {
    ArrayRef<int64_t> bias = arrays[unsigned(ArrayRole::Bias)].shape;
    problem.biasBatch = bias[0];
    problem.biasHeads = bias[1];
  }
  problem.sinks = inputs[ArrayRole::Sinks];
  problem.globalQ = inputs[ArrayRole::GlobalQ];
  problem.globalK = inputs[ArrayRole::GlobalK];
  problem.globalV = inputs[ArrayRole::GlobalV];
  problem.positions = inputs.told(ArrayRole::Positions);
  problem.lengths = inputs.told(ArrayRole::Lengths);
  problem.offsets = inputs.told(ArrayRole::Offsets);
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
  for (int64_t b = 0; b < q[0]; ++b)
    for (int64_t head = 0; head < pattern.numHeads(); ++head)
      entries += countEntries(pattern.forHead(head), problem.extentOf(b));
  entries *= q[1] / pattern.numHeads();
  outs() << formatv("{0} {1} {2} {3} {4} {5} {6} {7} {8} {9} {10} {11:e6} "
                    "{12:e6} {13:e6}\n",
                    element, q[0], q[1], k[1], q[2], k[2], q[3], v[3],
                    int(op.hasLse()), describeExtras(arrays), entries,
                    expected.bound, expected.normBound, expected.lseBound);
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
    fail("'" + file +
         "': the suite has no origins and no tables of score regions");
    return 2;
  }
  if (hasOpenSizes(op))
    return fail("'" + file + "': expected sizes that are known");
  return run(op, argv[3]);
}
