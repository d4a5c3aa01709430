//===- KernelInfo.cpp - What a kernel is, in numbers ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Analysis/KernelInfo.h"

#include "llvm/ADT/STLExtras.h"

#include <array>

using namespace llvm;

namespace swath {

static_assert(unsigned(ArrayRole::ScoreOperand) + 4 == SWATH_NUM_ARRAYS);

/// What the sizes of an array are where they are open.
static std::array<int64_t, 4> openSizes(ArrayRole role) {
  switch (role) {
  case ArrayRole::Q:
  case ArrayRole::O:
  case ArrayRole::Lse:
    return {SWATH_BATCH_SIZE, SWATH_ANY_SIZE, SWATH_QUERIES_SIZE,
            SWATH_ANY_SIZE};
  case ArrayRole::K:
  case ArrayRole::V:
  case ArrayRole::GlobalK:
  case ArrayRole::GlobalV:
    return {SWATH_BATCH_SIZE, SWATH_ANY_SIZE, SWATH_KEYS_SIZE, SWATH_ANY_SIZE};
  case ArrayRole::Bias:
    return {SWATH_BATCH_SIZE, SWATH_ANY_SIZE, SWATH_QUERIES_SIZE,
            SWATH_KEYS_SIZE};
  case ArrayRole::GlobalQ:
  case ArrayRole::Positions:
  case ArrayRole::Lengths:
    return {SWATH_BATCH_SIZE, SWATH_ANY_SIZE, SWATH_ANY_SIZE, SWATH_ANY_SIZE};
  default:
    return {SWATH_ANY_SIZE, SWATH_ANY_SIZE, SWATH_ANY_SIZE, SWATH_ANY_SIZE};
  }
}

static ArrayRole roleOf(unsigned index) {
  return ArrayRole(std::min(index, unsigned(ArrayRole::ScoreOperand)));
}

int64_t KernelArray::dtype() const {
  if (element.isInteger())
    return element.isInteger(1) ? SWATH_BOOL : SWATH_I32;
  return element.isF32() ? SWATH_F32 : element.isF16() ? SWATH_F16 : SWATH_BF16;
}

std::string KernelArray::name() const {
  static constexpr const char *names[] = {
      "q",         "k",       "v",        "o",        "lse",
      "bias",      "sinks",   "global_q", "global_k", "global_v",
      "positions", "lengths", "offsets"};
  const unsigned first = unsigned(ArrayRole::ScoreOperand);
  return index < first ? names[index] : "score" + std::to_string(index - first);
}

static KernelArray describeArray(unsigned index, mlir::ShapedType type,
                                 mlir::OpOperand *operand) {
  const ArrayRole role = roleOf(index);
  KernelArray array = {index, type.getElementType(), {}, operand};
  for (auto [dim, size] : enumerate(type.getShape()))
    array.shape.push_back(
        mlir::ShapedType::isDynamic(size) ? openSizes(role)[dim] : size);
  return array;
}

SmallVector<KernelArray> kernelArrays(AttentionOp op) {
  SmallVector<KernelArray> arrays;
  auto add = [&](unsigned index, mlir::OpOperand &operand) {
    arrays.push_back(describeArray(
        index, mlir::cast<mlir::ShapedType>(operand.get().getType()),
        &operand));
  };
  add(unsigned(ArrayRole::Q), op.getQMutable());
  add(unsigned(ArrayRole::K), op.getKMutable());
  add(unsigned(ArrayRole::V), op.getVMutable());
  auto o = mlir::cast<mlir::ShapedType>(
      op.isOnTensors() ? op.getResultTypes()[0] : op.getOuts()[0].getType());
  auto lse = mlir::RankedTensorType::get(
      o.getShape().drop_back(), mlir::Float32Type::get(op.getContext()));
  arrays.push_back(describeArray(unsigned(ArrayRole::O), o, nullptr));
  arrays.push_back(describeArray(unsigned(ArrayRole::Lse), lse, nullptr));
  const std::pair<ArrayRole, mlir::MutableOperandRange> others[] = {
      {ArrayRole::Bias, op.getBiasMutable()},
      {ArrayRole::Sinks, op.getSinksMutable()},
      {ArrayRole::GlobalQ, op.getGlobalQMutable()},
      {ArrayRole::GlobalK, op.getGlobalKMutable()},
      {ArrayRole::GlobalV, op.getGlobalVMutable()},
      {ArrayRole::Positions, op.getPositionsMutable()},
      {ArrayRole::Lengths, op.getLengthsMutable()},
      {ArrayRole::Offsets, op.getOffsetsMutable()},
      {ArrayRole::ScoreOperand, op.getScoreOperandsMutable()}};
  for (auto &[role, operands] : others)
    for (auto [i, operand] : enumerate(operands))
      add(unsigned(role) + i, operand);

  // A size that one array fixes is fixed for all. One batch row of bias is that
  // of any.
  for (int64_t open : {SWATH_BATCH_SIZE, SWATH_QUERIES_SIZE, SWATH_KEYS_SIZE}) {
    int64_t fixed = open;
    for (const KernelArray &array : arrays)
      for (auto [dim, size] : enumerate(array.shape))
        if (size >= 0 && openSizes(roleOf(array.index))[dim] == open &&
            !(roleOf(array.index) == ArrayRole::Bias && dim == 0 && size == 1))
          fixed = size;
    for (KernelArray &array : arrays)
      for (int64_t &size : array.shape)
        size = size == open ? fixed : size;
  }
  const int64_t keys = arrays[unsigned(ArrayRole::K)].shape[2];
  for (KernelArray &array : arrays) {
    const ArrayRole role = roleOf(array.index);
    // Heads and dimensions are those of q, k or v.
    const ArrayRole like = role == ArrayRole::GlobalK   ? ArrayRole::K
                           : role == ArrayRole::GlobalV ? ArrayRole::V
                                                        : ArrayRole::Q;
    if (array.shape.size() == 4 && role < ArrayRole::ScoreOperand)
      for (unsigned dim : {1u, 3u})
        if (array.shape[dim] == SWATH_ANY_SIZE)
          array.shape[dim] = arrays[unsigned(like)].shape[dim];
    if (role == ArrayRole::Sinks)
      array.shape[0] = arrays[unsigned(ArrayRole::Q)].shape[1];
    if (role == ArrayRole::GlobalQ && array.shape[2] < 0 && keys >= 0 &&
        !op.getAllKeys())
      array.shape[2] =
          countPositions(op.getPattern().getPattern().globalRows(), keys);
  }
  return arrays;
}

KernelInfo KernelInfo::withSizes(int64_t batch, int64_t queries,
                                 int64_t keys) const {
  KernelInfo result = *this;
  result.batch = batch;
  result.queries = queries;
  result.keys = keys;
  for (KernelArray &array : result.arrays) {
    const ArrayRole role = roleOf(array.index);
    for (auto [dim, size] : enumerate(array.shape)) {
      const int64_t open = openSizes(role)[dim];
      if (role == ArrayRole::Bias && dim == 0 && size == 1)
        continue;
      if (open == SWATH_BATCH_SIZE)
        size = batch;
      else if (open == SWATH_QUERIES_SIZE)
        size = queries;
      else if (open == SWATH_KEYS_SIZE)
        size = keys;
      else if (role == ArrayRole::GlobalQ && dim == 2 && size >= 0)
        size = countPositions(pattern.globalRows(), keys);
    }
  }
  return result;
}

bool KernelInfo::takes(ArrayRole role) const {
  return any_of(arrays,
                [&](auto &array) { return array.index == unsigned(role); });
}

WorkspaceWords KernelInfo::workspace() const {
  WorkspaceWords words;
  // acc, m and l of a query, from one tiling to the next.
  if (any_of(cover.groups,
             [](const RowGroup &g) { return g.tilings.size() > 1; }))
    words.perQuery += heads * (valueDim + 2);
  // And of each row whose keys are split, one of each part.
  for (const RowGroup &group : cover.groups)
    if (group.splits > 1)
      words.perRow += heads * group.splits * group.mostRows * (valueDim + 2);
  const RuntimeTerms terms = pattern.runtimeTerms();
  if (terms.mostPositions != 0) {
    // Positions in rising order and how many they are; for each key whether it
    // is one.
    words.perRow += terms.mostPositions + 1;
    words.perKey += 1;
  }
  // First and last position of the document of each position, and of none.
  if (terms.hasDocuments) {
    words.perRow += 2;
    words.perKey += 2;
  }
  return words;
}

KernelInfo describeKernel(mlir::func::FuncOp func) {
  AttentionOp op = *func.getOps<AttentionOp>().begin();
  SmallVector<KernelArray> arrays = kernelArrays(op);
  auto size = [&](ArrayRole role, unsigned dim) {
    return std::max<int64_t>(arrays[unsigned(role)].shape[dim], -1);
  };
  const bool takesOrigin = any_of(op.getOrigins(), [](mlir::Value origin) {
    return isa<mlir::BlockArgument>(origin);
  });
  return KernelInfo{func.getName().str(),
                    op.getPattern().getPattern(),
                    op.getCoverAttr().getCover(),
                    size(ArrayRole::Q, 0),
                    size(ArrayRole::Q, 1),
                    size(ArrayRole::K, 1),
                    size(ArrayRole::Q, 2),
                    size(ArrayRole::K, 2),
                    size(ArrayRole::Q, 3),
                    size(ArrayRole::V, 3),
                    op.getScaleFactor(),
                    op.hasLse(),
                    takesOrigin ? int64_t(op.getOrigins().size()) : 0,
                    std::move(arrays)};
}

} // namespace swath
