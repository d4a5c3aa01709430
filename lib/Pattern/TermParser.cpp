//===- TermParser.cpp - The terms of patterns -------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parser.h"

using namespace llvm;

namespace swath {

/// (L, R) or (L, R, dilation = d)
Expected<Pattern> Parser::parseWindow() {
  if (Error e = expectToken("("))
    return std::move(e);
  Expected<int64_t> left = parseAtLeast("a width", 0);
  if (!left)
    return left.takeError();
  if (Error e = expectToken(","))
    return std::move(e);
  Expected<int64_t> right = parseAtLeast("a width", 0);
  if (!right)
    return right.takeError();
  int64_t dilation = 1;
  size_t start = pos;
  if (consume(",")) {
    if (Error e = expectToken("dilation"))
      return std::move(e);
    if (Error e = expectToken("="))
      return std::move(e);
    skipSpace();
    start = pos;
    Expected<int64_t> value = parseAtLeast("a dilation", 1);
    if (!value)
      return value.takeError();
    dilation = *value;
  }
  // The widths are multiplied by the dilation: their span must not overflow.
  if (std::max(*left, *right) > Pattern::kMaxConstant / dilation)
    return error("expected a window that spans at most " +
                     Twine(Pattern::kMaxConstant) + " positions to a side",
                 start);
  if (Error e = expectToken(")"))
    return std::move(e);
  return Pattern::window(*left, *right, dilation);
}

/// (m) or (m, r)
Expected<Pattern> Parser::parseStride() {
  if (Error e = expectToken("("))
    return std::move(e);
  Expected<int64_t> modulus = parseAtLeast("a stride", 1);
  if (!modulus)
    return modulus.takeError();
  int64_t residue = 0;
  if (consume(",")) {
    Expected<int64_t> value = parseBetween("a residue", 0, *modulus - 1);
    if (!value)
      return value.takeError();
    residue = *value;
  }
  if (Error e = expectToken(")"))
    return std::move(e);
  return Pattern::stride(*modulus, residue);
}

/// (m, a, b)
Expected<Pattern> Parser::parseEvery() {
  if (Error e = expectToken("("))
    return std::move(e);
  Expected<int64_t> modulus = parseAtLeast("a period", 1);
  if (!modulus)
    return modulus.takeError();
  if (Error e = expectToken(","))
    return std::move(e);
  Expected<int64_t> first = parseBetween("a remainder", 0, *modulus - 1);
  if (!first)
    return first.takeError();
  if (Error e = expectToken(","))
    return std::move(e);
  Expected<int64_t> last = parseBetween("a remainder", *first, *modulus - 1);
  if (!last)
    return last.takeError();
  if (Error e = expectToken(")"))
    return std::move(e);
  return Pattern::every(*modulus, *first, *last);
}

/// (b) or, of a window, (b, L, R)
Expected<Pattern> Parser::parseBlocks(bool isWindow) {
  if (Error e = expectToken("("))
    return std::move(e);
  Expected<int64_t> block = parseAtLeast("a block size", 1);
  if (!block)
    return block.takeError();
  int64_t widths[2] = {0, 0};
  if (isWindow)
    for (int64_t &width : widths) {
      if (Error e = expectToken(","))
        return std::move(e);
      Expected<int64_t> value =
          parseBetween("a number of blocks", 0, Pattern::kMaxConstant / *block);
      if (!value)
        return value.takeError();
      width = *value;
    }
  if (Error e = expectToken(")"))
    return std::move(e);
  return isWindow ? Pattern::blockWindow(*block, widths[0], widths[1])
                  : Pattern::blocks(*block);
}

/// (b, 1100/1110/...)
Expected<Pattern> Parser::parseBlockMap() {
  if (Error e = expectToken("("))
    return std::move(e);
  Expected<int64_t> block = parseAtLeast("a block size", 1);
  if (!block)
    return block.takeError();
  if (Error e = expectToken(","))
    return std::move(e);
  std::vector<BitVector> map;
  do {
    skipSpace();
    const size_t start = pos;
    StringRef bits = text.substr(pos).take_while(
        [](char c) { return c == '0' || c == '1'; });
    pos += bits.size();
    if (bits.empty())
      return expected("a row of 0 and 1");
    if (int64_t(bits.size()) > Pattern::kMaxBlocks)
      return error("expected at most " + Twine(Pattern::kMaxBlocks) +
                       " blocks but found " + Twine(bits.size()),
                   start);
    if (!map.empty() &&
        (bits.size() != map.front().size() || map.size() == map.front().size()))
      return error("expected a square map, " + Twine(map.front().size()) +
                       " rows of " + Twine(map.front().size()) +
                       " blocks, but found another",
                   start);
    map.emplace_back(bits.size());
    for (size_t i = 0; i < bits.size(); ++i)
      map.back()[i] = bits[i] == '1';
  } while (consume("/"));
  if (map.size() != map.front().size())
    return error("expected a square map, " + Twine(map.front().size()) +
                     " rows, but found " + Twine(map.size()),
                 pos);
  if (*block > Pattern::kMaxConstant / int64_t(map.size()))
    return error("expected a map of at most " + Twine(Pattern::kMaxConstant) +
                     " positions",
                 pos);
  if (!consume(")"))
    return expected("'/' or ')'");
  return Pattern::blockMap(*block, std::move(map));
}

/// (?, max = M) or positions.
Expected<Pattern> Parser::parseGlobal() {
  const size_t start = pos;
  if (Error e = expectToken("("))
    return std::move(e);
  if (!consume("?")) {
    pos = start;
    Expected<PositionSet> set = parsePositions();
    if (!set)
      return set.takeError();
    return Pattern::global(std::move(*set));
  }
  for (StringRef token : {",", "max", "="})
    if (Error e = expectToken(token))
      return std::move(e);
  skipSpace();
  const size_t at = pos;
  Expected<int64_t> most =
      parseBetween("a number of positions", 1, Pattern::kMaxListed);
  if (!most)
    return most.takeError();
  // One array holds the positions of all of them.
  if (mostPositions != 0 && *most != mostPositions)
    return error("expected max = " + Twine(mostPositions) +
                     ", as before, but found " + Twine(*most),
                 at);
  mostPositions = *most;
  if (Error e = expectToken(")"))
    return std::move(e);
  return Pattern::listed(*most);
}

/// (a, b..c, ...)
Expected<PositionSet> Parser::parsePositions() {
  if (Error e = expectToken("("))
    return std::move(e);
  PositionSet set;
  do {
    skipSpace();
    size_t start = pos;
    Expected<int64_t> first = parseInteger("a position");
    if (!first)
      return first.takeError();
    int64_t last = *first;
    if (consume("..")) {
      Expected<int64_t> end = parseInteger("a position");
      if (!end)
        return end.takeError();
      last = *end;
      // Ends of unlike sign can only be ordered once the length is known.
      if ((*first < 0) == (last < 0) && last < *first)
        return error("expected a range that rises but found " +
                         text.slice(start, pos),
                     start);
    }
    set.push_back({*first, last});
  } while (consume(","));
  if (!consume(")"))
    return expected("',' or ')'");
  return set;
}

Expected<SmallVector<int64_t>> Parser::parseList(StringRef what, int64_t least,
                                                 size_t size) {
  if (Error e = expectToken("["))
    return std::move(e);
  SmallVector<int64_t> values;
  do {
    skipSpace();
    if (values.size() == (size != 0 ? size : 3))
      return error("expected " + Twine(size != 0 ? "" : "at most ") +
                       Twine(values.size()) + " axes but found another",
                   pos);
    Expected<int64_t> value = parseAtLeast(what, least);
    if (!value)
      return value.takeError();
    values.push_back(*value);
  } while (consume(","));
  skipSpace();
  if (values.size() < size)
    return error("expected " + Twine(size) + " axes but found " +
                     Twine(values.size()),
                 pos);
  if (!consume("]"))
    return expected("',' or ']'");
  return values;
}

/// ([H, W], kernel = [h, w], dilation = [.., ..], causal = [.., ..])
Expected<Pattern> Parser::parseNeighborhood() {
  if (Error e = expectToken("("))
    return std::move(e);
  skipSpace();
  size_t start = pos;
  Expected<SmallVector<int64_t>> extents = parseList("an extent", 1, 0);
  if (!extents)
    return extents.takeError();
  std::vector<NeighborhoodAxis> axes;
  int64_t length = 1;
  for (int64_t extent : *extents) {
    if (extent > Pattern::kMaxConstant / length)
      return error("expected at most " + Twine(Pattern::kMaxConstant) +
                       " positions",
                   start);
    length *= extent;
    axes.push_back({extent, 0});
  }
  for (StringRef name : {"kernel", "dilation", "causal"}) {
    skipSpace();
    if (name != "kernel" && !(text.substr(pos).starts_with(",") &&
                              text.substr(pos + 1).ltrim().starts_with(name)))
      continue;
    for (StringRef token : {StringRef(","), name, StringRef("=")})
      if (Error e = expectToken(token))
        return std::move(e);
    skipSpace();
    start = pos;
    const bool isFlag = name == "causal";
    Expected<SmallVector<int64_t>> values = parseList(
        isFlag ? "0 or 1" : "a " + name.str(), isFlag ? 0 : 1, axes.size());
    if (!values)
      return values.takeError();
    for (auto [axis, value] : zip_equal(axes, *values)) {
      if (isFlag && value > 1)
        return error("expected 0 or 1 but found " + Twine(value), start);
      axis.kernel = name == "kernel" ? value : axis.kernel;
      axis.dilation = name == "dilation" ? value : axis.dilation;
      axis.isCausal = isFlag ? value == 1 : axis.isCausal;
      if (axis.kernel > axis.extent / axis.dilation)
        return error("expected a kernel that spans at most its axis of " +
                         Twine(axis.extent) + " but found " +
                         Twine(axis.kernel) + " with dilation " +
                         Twine(axis.dilation),
                     start);
    }
  }
  if (!consume(")"))
    return expected("', dilation', ', causal' or ')'");
  return Pattern::neighborhood(std::move(axes));
}

} // namespace swath
