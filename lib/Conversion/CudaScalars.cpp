//===- CudaScalars.cpp - Scalars and parts of arrays ------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaLowering.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace swath;

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

LogicalResult CudaLowering::lowerScalar(Operation &op) {
  auto binary = [&](auto build) {
    values[op.getResult(0)] =
        build(get(op.getOperand(0)), get(op.getOperand(1)));
    return success();
  };
  auto callTo = [&](StringRef callee) {
    return binary([&](Value x, Value y) {
      return b.call(callee, b.indexType(), {x, y});
    });
  };
  LogicalResult result =
      llvm::TypeSwitch<Operation *, LogicalResult>(&op)
          .Case([&](arith::ConstantOp x) {
            if (!isa<IntegerAttr>(x.getValue()))
              return failure();
            Type type = x.getType().isInteger(1) ? b.boolType() : b.indexType();
            values[x] =
                b.number(cast<IntegerAttr>(x.getValue()).getInt(), type);
            return success();
          })
          .Case([&](arith::AddIOp) {
            return binary([&](Value x, Value y) { return b.add(x, y); });
          })
          .Case([&](arith::SubIOp) {
            return binary([&](Value x, Value y) { return b.sub(x, y); });
          })
          .Case([&](arith::MulIOp) {
            return binary([&](Value x, Value y) { return b.mul(x, y); });
          })
          .Case([&](arith::RemUIOp) {
            return binary([&](Value x, Value y) {
              return emitc::RemOp::create(b, x.getType(), x, y);
            });
          })
          .Case([&](arith::MinSIOp) { return callTo("min"); })
          .Case([&](arith::MaxSIOp) { return callTo("max"); })
          .Case([&](arith::AndIOp) {
            return binary([&](Value x, Value y) { return b.both(x, y); });
          })
          .Case([&](arith::CmpIOp x) {
            std::optional<CBuilder::Predicate> predicate =
                llvm::StringSwitch<std::optional<CBuilder::Predicate>>(
                    arith::stringifyCmpIPredicate(x.getPredicate()))
                    .Case("eq", CBuilder::Predicate::eq)
                    .Case("ne", CBuilder::Predicate::ne)
                    .Case("slt", CBuilder::Predicate::lt)
                    .Case("sle", CBuilder::Predicate::le)
                    .Case("sgt", CBuilder::Predicate::gt)
                    .Case("sge", CBuilder::Predicate::ge)
                    .Default(std::nullopt);
            if (!predicate)
              return failure();
            return binary(
                [&](Value x, Value y) { return b.compare(*predicate, x, y); });
          })
          .Case([&](arith::SelectOp x) {
            values[x] = b.select(get(x.getCondition()), get(x.getTrueValue()),
                                 get(x.getFalseValue()));
            return success();
          })
          .Case([&](arith::IndexCastUIOp x) {
            values[x] = b.convert(get(x.getIn()), b.indexType());
            return success();
          })
          .Case([&](affine::AffineApplyOp x) {
            AffineMap map = x.getAffineMap();
            SmallVector<Value> operands = get(x.getMapOperands());
            values[x] =
                b.evaluate(map.getResult(0),
                           ValueRange(operands).take_front(map.getNumDims()),
                           ValueRange(operands).drop_front(map.getNumDims()));
            return success();
          })
          .Case([&](memref::DimOp x) {
            auto it = arrays.find(x.getSource());
            std::optional<int64_t> dim = x.getConstantIndex();
            if (it == arrays.end() || !dim)
              return failure();
            values[x] = it->second.sizes[*dim];
            return success();
          })
          .Case([&](memref::LoadOp x) {
            auto it = arrays.find(x.getMemRef());
            if (it == arrays.end())
              return failure();
            values[x] = loadFrom(it->second, get(x.getIndices()));
            return success();
          })
          .Case([&](arith::IndexCastOp x) {
            values[x] = b.convert(get(x.getIn()), b.indexType());
            return success();
          })
          .Default([](Operation *) { return failure(); });
  if (failed(result))
    return failure();
  if (StringRef name = nameOf(op.getLoc()); !name.empty())
    b.named(name, values[op.getResult(0)]);
  return success();
}

Value CudaLowering::sizeOf(OpFoldResult bound) {
  if (auto attr = dyn_cast<Attribute>(bound))
    return b.number(cast<IntegerAttr>(attr).getInt(), b.indexType());
  return get(cast<Value>(bound));
}

//===----------------------------------------------------------------------===//
// Arrays
//===----------------------------------------------------------------------===//

LogicalResult CudaLowering::lowerView(memref::SubViewOp op) {
  SmallVector<OpFoldResult> offsets = op.getMixedOffsets();
  // A stage of a ring.
  if (auto it = tiles.find(op.getSource()); it != tiles.end()) {
    SharedTile stage = it->second;
    Value offset =
        b.mul(b.convert(sizeOf(offsets[0]), b.intType()), stage.stageBytes);
    stage.address = b.advance(stage.address, offset);
    if (StringRef name = nameOf(op.getLoc()); !name.empty())
      b.named(name, stage.address);
    tiles[op] = stage;
    return success();
  }
  auto it = arrays.find(op.getSource());
  if (it == arrays.end())
    return failure();
  GlobalArray part = it->second;
  for (auto [stride, offset] : llvm::zip(it->second.strides, offsets)) {
    if (isConstantIntValue(offset, 0))
      continue;
    Value term = b.mul(sizeOf(offset), stride);
    part.offset = part.offset ? b.add(part.offset, term) : term;
  }
  const int64_t dropped = op.getSourceType().getRank() - op.getType().getRank();
  part.strides.erase(part.strides.begin(), part.strides.begin() + dropped);
  part.sizes.erase(part.sizes.begin(), part.sizes.begin() + dropped);
  auto [strides, offset] = op.getType().getStridesAndOffset();
  if (strides.back() == 1)
    part.strides.back() = b.number(1, b.wideType());
  // A whole table is called what its array is.
  part.pointer = pointerTo(part);
  if (part.offset || !part.isConstant)
    b.named(part.isConstant               ? "table_row"
            : op.getType().getRank() == 1 ? part.name
                                          : part.name + "_rows",
            part.pointer);
  part.offset = nullptr;
  arrays[op] = part;
  return success();
}

LogicalResult CudaLowering::lowerWorkspace(memref::AllocOp op) {
  MemRefType type = op.getType();
  GlobalArray array;
  array.name = nameOf(op.getLoc());
  array.base = "args.workspace";
  array.element = type.getElementType();
  array.isOutput = true;
  auto next = op.getDynamicSizes().begin();
  for (int64_t size : type.getShape())
    array.sizes.push_back(ShapedType::isDynamic(size)
                              ? get(*next++)
                              : b.number(size, b.indexType()));
  Value words = b.number(1, b.wideType());
  for (Value size : llvm::reverse(array.sizes)) {
    array.strides.insert(array.strides.begin(), words);
    words = b.mul(words, b.convert(size, b.wideType()));
  }
  // Elements are words.
  array.offset = workspaceWords;
  workspaceWords = workspaceWords ? b.add(workspaceWords, words) : words;
  arrays[op] = array;
  return success();
}

LogicalResult CudaLowering::lowerTable(memref::GetGlobalOp op) {
  auto type = cast<MemRefType>(op.getType());
  GlobalArray array;
  array.name = array.base = op.getName().str();
  array.element = type.getElementType();
  array.isConstant = true;
  int64_t words = 1;
  for (int64_t size : llvm::reverse(type.getShape())) {
    array.strides.insert(array.strides.begin(), b.number(words, b.wideType()));
    array.sizes.insert(array.sizes.begin(), b.number(size, b.indexType()));
    words *= size;
  }
  arrays[op] = array;
  return success();
}

void CudaLowering::allocate(memref::AllocaOp op) {
  MemRefType type = op.getType();
  auto space = cast<gpu::AddressSpaceAttr>(type.getMemorySpace());
  // Registers are declared where they are first written.
  if (space.getValue() != gpu::AddressSpace::Workgroup)
    return;
  SharedTile tile;
  ArrayRef<int64_t> shape = type.getShape();
  int64_t bytes;
  if (isa<FloatType>(type.getElementType())) {
    tile.element = type.getElementType();
    tile.dim = shape.back();
    tile.rows = shape[shape.size() - 2];
    tile.chunks =
        llvm::alignTo(tile.dim * type.getElementTypeBitWidth() / 8, 32) / 16;
    // Of queries, all lanes that warps have.
    if (shape.size() == 2)
      tile.rows = 16 * kWarps * fragments(tile.rows);
    bytes = tile.rows * tile.chunks * 16;
    tile.stageBytes = bytes;
    if (shape.size() == 3)
      bytes *= shape[0];
  } else {
    tile.rows = shape.back();
    if (shape.size() == 1)
      tile.rows = 16 * kWarps * fragments(tile.rows);
    bytes = tile.rows * 4;
    tile.stageBytes = bytes;
    if (shape.size() == 2)
      bytes *= shape[0];
  }
  Value base = b.call("shared_memory", b.sharedType(), {});
  if (sharedBytes != 0)
    base = b.advance(base, b.integer(sharedBytes));
  StringRef name = nameOf(op.getLoc());
  tile.address = b.named(name.empty() ? "table" : name, base);
  tiles[op] = tile;
  sharedBytes += llvm::alignTo(bytes, 128);
}
