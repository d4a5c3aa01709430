//===- CudaLowering.h - Tiles as the work of a thread -----------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// SwathToEmitC.cpp holds the kernel, CudaScalars.cpp its scalars and arrays,
// CudaCopies.cpp what goes from and to global memory, CudaLists.cpp lists of
// rows and columns, CudaIndexes.cpp what is known at run time only,
// CudaTiles.cpp matrix products and the softmax, CudaMasks.cpp the masks,
// CudaScores.cpp score regions and biases.
//
// A block of 4 warps computes a tile. Warp w has the lanes from 16*M*w on, M
// times 16 of them, as fragments of mma.m16n8k16, or of m16n8k8 for f32: of 16
// lanes and 8 columns, a thread holds
//
//   e[0], e[1]   lane `thread % 32 / 4`, columns `thread % 4 * 2` and the next
//   e[2], e[3]   8 lanes on, the same columns
//
// Columns are keys of a score tile, dimensions of an accumulator. Rows of f32
// in shared memory are fragments as they are: ldmatrix gives a thread one word
// of 4 in the place of two halves.

#ifndef SWATH_LIB_CONVERSION_CUDALOWERING_H
#define SWATH_LIB_CONVERSION_CUDALOWERING_H

#include "CBuilder.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <optional>

namespace swath {

/// Lowers the kernels of one function.
class CudaLowering {
public:
  using Value = mlir::Value;
  using Type = mlir::Type;

  CudaLowering(mlir::func::FuncOp func, int64_t residentBlocks)
      : func(func), residentBlocks(residentBlocks), b(func) {}

  mlir::LogicalResult run();

private:
  static constexpr int64_t kThreads = 128, kWarps = 4;
  /// What all GPUs from sm_80 on give a block.
  static constexpr int64_t kMostSharedBytes = 99 * 1024;

  /// An array in global memory, or a part of one.
  struct GlobalArray {
    std::string name;
    Type element;
    /// Where it starts, as C++, or as a pointer.
    std::string base;
    Value pointer;
    /// Elements from there on, or nothing.
    Value offset;
    /// Elements between neighbours, and sizes, of each dimension.
    llvm::SmallVector<Value, 4> strides, sizes;
    bool isOutput = false;
    /// Of a table that is part of the kernel.
    bool isConstant = false;
  };
  /// A table, or rows of 16-byte chunks, in shared memory.
  struct SharedTile {
    Value address;
    int64_t rows = 0, chunks = 0;
    /// Of the rows' elements.
    Type element;
    /// Bytes of a stage of a ring.
    int64_t stageBytes = 0;
    int64_t dim = 0;
  };

  //===--------------------------------------------------------------------===//
  // Kernels (SwathToEmitC.cpp), scalars and arrays (CudaScalars.cpp)
  //===--------------------------------------------------------------------===//

  /// Starts a function of the kernel's arguments, and of `more`.
  mlir::emitc::FuncOp start(const llvm::Twine &name, mlir::TypeRange more,
                            mlir::TypeRange results);
  /// A block's work on one tile, and the number of tiles.
  mlir::FailureOr<mlir::emitc::FuncOp> lowerPhase(mlir::scf::ForallOp forall,
                                                  unsigned index);
  mlir::FailureOr<mlir::emitc::FuncOp>
  lowerBlockCount(mlir::scf::ForallOp forall, unsigned index);
  /// What comes before the forall as far as its bounds, and for a phase its
  /// tiles, need it.
  mlir::LogicalResult lowerAbove(mlir::scf::ForallOp forall, bool isPhase);
  struct Phase {
    mlir::emitc::FuncOp tile, blocks;
  };
  /// The kernel of these, the blocks of one behind those of the other.
  void buildKernel(llvm::StringRef name, llvm::ArrayRef<Phase> phases);
  mlir::LogicalResult lower(mlir::Block &block);
  mlir::LogicalResult lower(mlir::Operation &op);
  mlir::LogicalResult lowerScalar(mlir::Operation &op);
  Value sizeOf(mlir::OpFoldResult bound);
  mlir::LogicalResult lowerView(mlir::memref::SubViewOp op);
  void allocate(mlir::memref::AllocaOp op);
  /// The kernel's workspace: allocations one behind the other.
  mlir::LogicalResult lowerWorkspace(mlir::memref::AllocOp op);
  mlir::LogicalResult lowerTable(mlir::memref::GetGlobalOp op);

  Value get(Value x) { return values.lookup(x); }
  llvm::SmallVector<Value> get(mlir::ValueRange range) {
    return llvm::map_to_vector(range, [&](Value x) { return get(x); });
  }

  //===--------------------------------------------------------------------===//
  // Global memory (CudaCopies.cpp)
  //===--------------------------------------------------------------------===//

  /// The first element, T *.
  Value pointerTo(const GlobalArray &array);
  Value elementOf(const GlobalArray &array, mlir::ValueRange at);
  /// A copy in registers.
  Value loadFrom(const GlobalArray &array, mlir::ValueRange at);
  /// Whether two copies are of the same rows of arrays of one shape.
  bool shareRows(CopyRowsOp x, CopyRowsOp y);
  /// Those of the same rows.
  void lower(llvm::ArrayRef<CopyRowsOp> copies);
  /// Element i of a state.
  Value loadFloat(Value from, Value i);
  void lower(FinishOp op);
  void lower(LoadStateOp op);
  void lower(StoreStateOp op);
  void lower(MergeStateOp op);
  /// For each lane of this thread: its row in the arrays, -1 for none.
  void
  forEachRow(Value rows, int64_t lanes,
             llvm::function_ref<void(Value row, Value f, Value half)> body);
  /// For each weighted value of a lane that this thread has: it and its column.
  void forEachValue(Value acc, int64_t dim, Value f, Value half,
                    llvm::function_ref<void(Value value, Value column)> body);
  /// The sum over all columns of a lane.
  Value wholeSum(Value l, Value f, Value half);

  //===--------------------------------------------------------------------===//
  // Lists of rows and columns (CudaLists.cpp)
  //===--------------------------------------------------------------------===//

  void lower(ListLanesOp op);
  void lower(ListPositionsOp op);
  void lower(ListKeysOp op);
  void lower(ListPatchOp op);
  void lower(ListTableOp op);
  void lower(FindKeysOp op);
  /// Thread i writes word i.
  void list(const SharedTile &table, llvm::function_ref<Value()> word);
  Value wordOf(const SharedTile &table, Value i);

  //===--------------------------------------------------------------------===//
  // What is known at run time only (CudaIndexes.cpp)
  //===--------------------------------------------------------------------===//

  void lower(IndexPositionsOp op);
  void lower(IndexDocumentsOp op);
  void lower(ListDocumentsOp op);
  void lower(ListSlotsOp op);
  /// For i from `first` to before `end`.
  void loop(llvm::StringRef name, Value first, Value end, int64_t step,
            llvm::function_ref<void(Value i)> body);

  //===--------------------------------------------------------------------===//
  // Fragments (CudaTiles.cpp)
  //===--------------------------------------------------------------------===//

  void lower(InitOp op);
  /// Registers of a state that has seen no key.
  void declareState(Value m, Value l, Value acc);
  void forEachHalf(int64_t f,
                   llvm::function_ref<void(Value f, Value half)> body);
  void lower(DotRowsOp op);
  void lower(ScaledSoftmaxOp op);
  void lower(AccumulateRowsOp op);
  void accumulateFloats(const SharedTile &v, Value s, Value acc, int64_t f,
                        int64_t keys);
  Value chunk(const SharedTile &tile, Value row, Value chunk);
  /// From the first or second chunk of a row, `turn` times so many rows on, a
  /// multiple of 8, and an even number of chunks.
  Value alongRow(const SharedTile &tile, Value at, Value turn, int64_t rows,
                 Value step);
  /// The first lane of this thread, and the one of fragment m, half h.
  Value laneOf(Value m, Value half);
  /// Fragments of 16 lanes that a warp has, of so many lanes in all.
  static int64_t fragments(int64_t lanes) {
    return std::max<int64_t>(1, llvm::divideCeil(lanes, 16 * kWarps));
  }

  //===--------------------------------------------------------------------===//
  // Masks (CudaMasks.cpp)
  //===--------------------------------------------------------------------===//

  void lower(MaskScoresOp op);
  Value contains(MaskAttr mask, mlir::ValueRange dims,
                 mlir::ValueRange symbols);
  /// The coordinates of lane t and of column j on the axes of a tile.
  llvm::SmallVector<Value> coordinates(MaskScoresOp op, Value t, Value j);
  /// What masks may ask for beside them.
  llvm::SmallVector<Value> symbolsOf(MaskScoresOp op, Value t, Value j);

  //===--------------------------------------------------------------------===//
  // Score regions and biases (CudaScores.cpp)
  //===--------------------------------------------------------------------===//

  mlir::LogicalResult lower(MapScoresOp op);
  mlir::LogicalResult lower(AddBiasOp op);
  /// For each score of this thread that is not masked: the score, its row in
  /// the arrays and its column.
  template <class Op>
  void mapScores(Op op,
                 llvm::function_ref<void(Value score, Value row, Value j)> map);
  /// Column i of a block: of a list, or of those a step apart.
  Value columnOf(Value list, Value first, Value step, Value i);

  mlir::func::FuncOp func;
  int64_t residentBlocks;
  CBuilder b;
  llvm::DenseMap<Value, Value> values;
  llvm::DenseMap<Value, GlobalArray> arrays;
  llvm::DenseMap<Value, SharedTile> tiles;
  /// Arrays of fragments, or of the two numbers that a thread has of its lanes
  /// in each.
  llvm::DenseMap<Value, Value> registers;
  /// Rows of global_q, where there is one.
  Value globalRows;
  int64_t sharedBytes = 0;
  /// Words of the workspace that are given away, or nothing.
  Value workspaceWords;
  /// Of this thread.
  Value thread, warp, lane, firstLane;
};

} // namespace swath

#endif // SWATH_LIB_CONVERSION_CUDALOWERING_H
