//===- Pattern.h - Attention patterns as values -----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A pattern says which keys each query sees: a set of (query, key) pairs.
//
// Queries sit at positions p, keys at columns j, 0 <= j < nk. Query row i of nq
// has position p = p0 + i, and p0 is nk - nq unless given, so that the last
// query lines up with the last key. A pair counts once, however many terms name
// it. With nq = nk = 8 (rows are queries, columns are keys):
//
//    window(2, 0)       window(2, 0) | global(0)   window(2, 2, dilation = 2)
//    x . . . . . . .    x x x x x x x x            x . x . x . . .
//    x x . . . . . .    x x . . . . . .            . x . x . x . .
//    x x x . . . . .    x x x . . . . .            x . x . x . x .
//    . x x x . . . .    x x x x . . . .            . x . x . x . x
//    . . x x x . . .    x . x x x . . .            x . x . x . x .
//    . . . x x x . .    x . . x x x . .            . x . x . x . x
//    . . . . x x x .    x . . . x x x .            . . x . x . x .
//    . . . . . x x x    x . . . . x x x            . . . x . x . x
//
// Intervals are closed: window(256, 256) is 513 keys, which Longformer calls
// W = 512. `|` is union, `&` intersection, `-` difference; `&` binds tighter
// than the other two, which associate to the left.
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_PATTERN_PATTERN_H
#define SWATH_PATTERN_PATTERN_H

#include "swath/Pattern/Form.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace swath {

/// How many queries and keys there are, and where the first query stands; and
/// what is known at run time only. Of a batch row: with padding, nk is the
/// row's length.
struct Extent {
  int64_t nq = 0;
  int64_t nk = 0;
  /// Position of query row 0.
  int64_t p0 = 0;
  /// What global(?) stands for; negative ones are unused.
  llvm::ArrayRef<int32_t> positions = {};
  /// Where documents start, and nk: rising from 0.
  llvm::ArrayRef<int32_t> offsets = {};

  /// The default alignment: the last query at the last key.
  static Extent aligned(int64_t nq, int64_t nk) { return {nq, nk, nk - nq}; }
  static Extent square(int64_t n) { return aligned(n, n); }
  /// Of a batch row of `length` keys, in arrays of nk: with as many queries as
  /// keys, both stand at the start of their arrays.
  static Extent padded(int64_t nq, int64_t nk, int64_t length) {
    return {nq, length, nq == nk ? 0 : length - nq};
  }

  /// NQ and NK, and those of a pair.
  Values values() const {
    Values values = {};
    values[VarNq] = nq;
    values[VarNk] = nk;
    return values;
  }
};

/// A closed interval of positions; a negative one counts from the end of the
/// keys (-1 is nk - 1).
struct PositionRange {
  int64_t first = 0;
  int64_t last = 0;

  bool isSingle() const { return first == last; }
  bool operator==(const PositionRange &o) const {
    return first == o.first && last == o.last;
  }
};

/// A set of positions as written: `0, 4..7, -1`.
using PositionSet = llvm::SmallVector<PositionRange, 2>;

/// The disjoint rising intervals of [0, nk) that `set` names. Ranges are cut to
/// [0, nk); single positions outside are dropped here and are the subject of
/// Pattern::checkPositions.
llvm::SmallVector<PositionRange, 2> resolve(const PositionSet &set, int64_t nk);
/// How many positions of [0, nk) they are.
int64_t countPositions(const PositionSet &set, int64_t nk);

/// form >= 0, or form = 0, over P, J, NQ and NK.
struct SetConstraint {
  Form form;
  bool isEquality = false;

  bool operator==(const SetConstraint &o) const {
    return form == o.form && isEquality == o.isEquality;
  }
};

/// One axis of a neighborhood.
struct NeighborhoodAxis {
  int64_t extent;
  int64_t kernel;
  int64_t dilation = 1;
  bool isCausal = false;

  /// Neighbours before and after, away from the ends of the axis.
  int64_t left() const { return isCausal ? kernel - 1 : kernel / 2; }
  int64_t right() const { return isCausal ? 0 : (kernel - 1) / 2; }
  /// From the first to past the last neighbour.
  int64_t span() const { return kernel * dilation; }
  bool operator==(const NeighborhoodAxis &o) const {
    return extent == o.extent && kernel == o.kernel && dilation == o.dilation &&
           isCausal == o.isCausal;
  }
};

struct HeadCase;

/// What a pattern is told at run time.
struct RuntimeTerms {
  /// The most positions of global(?); 0 without one.
  int64_t mostPositions = 0;
  bool hasDocuments = false;
  bool hasPadding = false;

  bool any() const { return mostPositions != 0 || hasDocuments || hasPadding; }
};

/// An attention pattern: an immutable expression, cheap to copy.
class Pattern {
public:
  enum class Kind {
    All,          ///< every pair
    Causal,       ///< j <= p
    Window,       ///< -left*dilation <= j-p <= right*dilation, dilation | j-p
    Stride,       ///< (p - j) mod modulus = residue
    Every,        ///< left <= j mod modulus <= right
    Blocks,       ///< floor(p/modulus) = floor(j/modulus)
    BlockWindow,  ///< -left <= floor(j/modulus) - floor(p/modulus) <= right
    BlockMap,     ///< bit (floor(p/modulus), floor(j/modulus)) of a map
    Neighborhood, ///< on each axis the nearest `kernel` in the query's class
                  ///< of j mod dilation; causal: the last up to the query
    Set,          ///< quasi-affine constraints
    Columns,      ///< j in S
    Rows,         ///< p in S
    Global,       ///< p in S or j in S
    Listed,       ///< p or j in the run-time positions, at most `right`; with
                  ///< positions, in those
    Documents,    ///< p and j in one document; an operand of a top-level & only
    Padding,      ///< p is no padded query; an operand of a top-level & only
    Union,        ///< lhs | rhs
    Intersection, ///< lhs & rhs
    Difference,   ///< lhs - rhs
    Heads         ///< a pattern for each query head; never an operand
  };

  /// Positions, widths and dilations are at most this in magnitude, so that
  /// sums and products of two of them never overflow.
  static constexpr int64_t kMaxConstant = int64_t(1) << 40;
  /// Coefficients and divisors of a set are at most this: they are multiplied
  /// by positions.
  static constexpr int64_t kMaxCoefficient = int64_t(1) << 20;
  /// Block rows of a map, and run-time positions.
  static constexpr int64_t kMaxBlocks = int64_t(1) << 12;
  static constexpr int64_t kMaxListed = int64_t(1) << 16;
  /// Heads that heads(...) may name.
  static constexpr int64_t kMaxHeads = int64_t(1) << 16;
  /// Deeper nesting and more terms of a head than these are refused, so that
  /// recursion is bounded.
  static constexpr unsigned kMaxDepth = 200;
  static constexpr unsigned kMaxTerms = 1000;
  /// Quotients of one constraint of a set, nested ones included: x mod m holds
  /// x twice, so that a chain of them would double with each.
  static constexpr unsigned kMaxQuotients = 64;

  /// Parses the text form. The error is a PatternParseError.
  static llvm::Expected<Pattern> parse(llvm::StringRef text);

  static Pattern all();
  static Pattern causal();
  /// left, right >= 0; dilation >= 1.
  static Pattern window(int64_t left, int64_t right, int64_t dilation = 1);
  /// 0 <= residue < modulus.
  static Pattern stride(int64_t modulus, int64_t residue = 0);
  /// 0 <= first <= last < modulus.
  static Pattern every(int64_t modulus, int64_t first, int64_t last);
  /// block >= 1; left, right >= 0.
  static Pattern blocks(int64_t block);
  static Pattern blockWindow(int64_t block, int64_t left, int64_t right);
  /// Square; row r says which blocks the queries of block r see.
  static Pattern blockMap(int64_t block, std::vector<llvm::BitVector> map);
  /// One to three axes, row-major, the last one fastest; 1 <= span <= extent.
  static Pattern neighborhood(std::vector<NeighborhoodAxis> axes);
  static Pattern set(std::vector<SetConstraint> constraints);
  static Pattern columns(PositionSet positions);
  static Pattern rows(PositionSet positions);
  static Pattern global(PositionSet positions);
  /// Of at most `most` run-time positions.
  static Pattern listed(int64_t most);
  /// Of these, single ones from 0 on in rising order.
  static Pattern listed(PositionSet positions);
  static Pattern documents();
  static Pattern padding();
  static Pattern binary(Kind kind, Pattern lhs, Pattern rhs);
  /// The cases hold each of the heads 0, 1, ... once, and no Heads.
  static Pattern heads(std::vector<HeadCase> cases);

  Kind kind() const;
  /// Window, Every, BlockWindow; 0 of Blocks. Listed: 0 and the most positions.
  int64_t left() const;
  int64_t right() const;
  /// Window only.
  int64_t dilation() const;
  /// Stride, Every, Blocks, BlockWindow and BlockMap.
  int64_t modulus() const;
  /// BlockMap only.
  llvm::ArrayRef<llvm::BitVector> map() const;
  /// Stride only.
  int64_t residue() const;
  /// Neighborhood only.
  llvm::ArrayRef<NeighborhoodAxis> axes() const;
  /// Set only.
  llvm::ArrayRef<SetConstraint> constraints() const;
  /// Columns, Rows, Global and Listed only.
  const PositionSet &positions() const;
  /// Union, Intersection and Difference only.
  const Pattern &lhs() const;
  const Pattern &rhs() const;

  /// Heads only.
  llvm::ArrayRef<HeadCase> headCases() const;

  /// The number of heads that the pattern tells apart: 1 but for Heads.
  int64_t numHeads() const;
  /// The pattern of one query head; what follows is of such patterns, unless it
  /// says otherwise.
  const Pattern &forHead(int64_t head) const;

  /// Whether the query at position p sees key j, of the extent's.
  bool contains(int64_t p, int64_t j, const Extent &extent) const;

  /// Whether the meaning of a pair depends on NQ.
  bool dependsOnQueries() const;

  /// Of any pattern: the length that neighborhoods fix, of queries and of keys.
  std::optional<int64_t> fixedLength() const;

  /// Of any pattern: what it is told at run time.
  RuntimeTerms runtimeTerms() const;

  /// Of any pattern: fails where a single position lies outside [0, nk), or a
  /// block map is not of nk: such a pattern has no meaning at that length.
  llvm::Error checkPositions(int64_t nk) const;
  /// Of any pattern: the least nk at which every single position and every
  /// block of a map exists, and the most that its maps reach.
  int64_t leastKeys() const;
  int64_t mostKeys() const;

  /// What the global terms at the top level of `|` name, as written: the rows
  /// that may have projections of their own. `& padding` and `& documents`
  /// change nothing in that; Heads have none.
  PositionSet globalRows() const;
  /// Whether global(?) stands there too.
  bool hasListedRows() const;

  /// The canonical text; parse(str()) gives an equal pattern.
  void print(llvm::raw_ostream &os) const;
  std::string str() const;

  bool operator==(const Pattern &other) const;
  bool operator!=(const Pattern &other) const { return !(*this == other); }

private:
  struct Node;
  static Pattern make(Node node);
  explicit Pattern(std::shared_ptr<const Node> node) : node(std::move(node)) {}
  std::shared_ptr<const Node> node;
};

/// The pattern of the query heads first to last.
struct HeadCase {
  int64_t first;
  int64_t last;
  Pattern pattern;

  bool operator==(const HeadCase &o) const {
    return first == o.first && last == o.last && pattern == o.pattern;
  }
};

/// An equal pattern with no operand that changes nothing: `all` and repeated
/// operands are absorbed, windows that another contains are dropped, position
/// sets are sorted and joined.
Pattern simplify(const Pattern &pattern);

/// An equal pattern for covers, in which a global term of many single positions
/// lists them: each would be a group of rows and a sweep of its own.
Pattern listScattered(const Pattern &pattern);
/// The positions that such a pattern lists; none where it lists none, or those
/// told at run time.
std::vector<int32_t> listedConstants(const Pattern &pattern);

/// A syntax or range error in a pattern's text, at a 1-based column.
class PatternParseError : public llvm::ErrorInfo<PatternParseError> {
public:
  static char ID;
  PatternParseError(std::string message, unsigned column)
      : message(std::move(message)), column(column) {}

  /// "column 8: expected ..."
  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override;
  const std::string &getMessage() const { return message; }
  unsigned getColumn() const { return column; }

private:
  std::string message;
  unsigned column;
};

} // namespace swath

#endif // SWATH_PATTERN_PATTERN_H
