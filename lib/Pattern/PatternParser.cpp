//===- PatternParser.cpp - Text form of patterns ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parser.h"

using namespace llvm;

namespace swath {

char PatternParseError::ID;

void PatternParseError::log(raw_ostream &os) const {
  os << "column " << column << ": " << message;
}

std::error_code PatternParseError::convertToErrorCode() const {
  return std::make_error_code(std::errc::invalid_argument);
}

Expected<Pattern> Parser::parse() {
  const bool hasHeads = parseName() == "heads";
  if (!hasHeads)
    pos = 0;
  Expected<Pattern> pattern = hasHeads ? parseHeads() : parseSum();
  if (!pattern)
    return pattern;
  skipSpace();
  if (pos != text.size())
    return expected(hasHeads ? "the end of the pattern after heads(...)"
                             : "'|', '&', '-' or the end of the pattern");
  if (Error e = checkRuntimeTerms(*pattern))
    return std::move(e);
  return pattern;
}

/// Whether documents and padding are operands of a top-level & only.
static bool hasFiltersOnTop(const Pattern &pattern) {
  if (pattern.kind() == Pattern::Kind::Intersection)
    for (const Pattern &operand : {pattern.lhs(), pattern.rhs()}) {
      const bool isFilter = operand.kind() == Pattern::Kind::Documents ||
                            operand.kind() == Pattern::Kind::Padding;
      if (!isFilter && !hasFiltersOnTop(operand))
        return false;
    }
  const RuntimeTerms terms = pattern.runtimeTerms();
  return pattern.kind() == Pattern::Kind::Intersection ||
         !(terms.hasDocuments || terms.hasPadding);
}

Error Parser::checkRuntimeTerms(const Pattern &pattern) {
  const RuntimeTerms terms = pattern.runtimeTerms();
  auto isGood = [&](const Pattern &ofHead) {
    return hasFiltersOnTop(ofHead) &&
           ofHead.runtimeTerms().hasPadding == terms.hasPadding;
  };
  if (pattern.kind() == Pattern::Kind::Heads
          ? all_of(pattern.headCases(),
                   [&](const HeadCase &x) { return isGood(x.pattern); })
          : isGood(pattern))
    return Error::success();
  return error("expected documents and padding as operands of a top-level & "
               "only, and padding of every head or of none",
               *firstFilter);
}

Error Parser::expectToken(StringRef token) {
  if (!consume(token))
    return expected("'" + token + "'");
  return Error::success();
}

Expected<int64_t> Parser::parseInteger(StringRef what) {
  skipSpace();
  size_t start = pos;
  bool negative = consume("-");
  StringRef digits = text.substr(pos).take_while(isDigit);
  if (digits.empty()) {
    pos = start;
    return expected(what);
  }
  pos += digits.size();
  uint64_t magnitude;
  if (digits.getAsInteger(10, magnitude) ||
      magnitude > uint64_t(Pattern::kMaxConstant))
    return error("expected " + what + " of at most " +
                     Twine(Pattern::kMaxConstant) + " in magnitude but found " +
                     text.slice(start, pos),
                 start);
  return negative ? -int64_t(magnitude) : int64_t(magnitude);
}

Expected<int64_t> Parser::parseAtLeast(StringRef what, int64_t least) {
  skipSpace();
  size_t start = pos;
  Expected<int64_t> value = parseInteger(what);
  if (value && *value < least)
    return error("expected " + what + " of at least " + Twine(least) +
                     " but found " + Twine(*value),
                 start);
  return value;
}

Expected<int64_t> Parser::parseBetween(StringRef what, int64_t least,
                                       int64_t most) {
  skipSpace();
  size_t start = pos;
  Expected<int64_t> value = parseAtLeast(what, least);
  if (value && *value > most)
    return error("expected " + what + " of at most " + Twine(most) +
                     " but found " + Twine(*value),
                 start);
  return value;
}

//===----------------------------------------------------------------------===//
// Expressions
//===----------------------------------------------------------------------===//

Expected<Pattern> Parser::parseAtom() {
  skipSpace();
  size_t start = pos;
  if (consume("(")) {
    if (++depth > Pattern::kMaxDepth)
      return error("expected at most " + Twine(Pattern::kMaxDepth) +
                       " nested parentheses",
                   start);
    Expected<Pattern> inner = parseSum();
    if (!inner)
      return inner;
    --depth;
    if (Error e = expectToken(")"))
      return std::move(e);
    return inner;
  }

  if (++terms > Pattern::kMaxTerms)
    return error("expected at most " + Twine(Pattern::kMaxTerms) + " terms",
                 start);
  StringRef name = parseName();
  if (name == "all")
    return Pattern::all();
  if (name == "causal")
    return Pattern::causal();
  if (name == "window")
    return parseWindow();
  if (name == "stride")
    return parseStride();
  if (name == "every")
    return parseEvery();
  if (name == "blocks" || name == "block_window")
    return parseBlocks(name == "block_window");
  if (name == "block_map")
    return parseBlockMap();
  if (name == "neighborhood")
    return parseNeighborhood();
  if (name == "global")
    return parseGlobal();
  if (name == "documents" || name == "padding") {
    if (!firstFilter)
      firstFilter = start;
    return name == "padding" ? Pattern::padding() : Pattern::documents();
  }
  if (name == "set")
    return parseSet();
  if (name == "columns" || name == "rows") {
    Expected<PositionSet> set = parsePositions();
    if (!set)
      return set.takeError();
    if (name == "columns")
      return Pattern::columns(std::move(*set));
    return Pattern::rows(std::move(*set));
  }
  pos = start;
  if (name == "heads")
    return error("expected heads(...) to be the whole pattern", start);
  return expected(
      "a term (all, causal, window, stride, every, blocks, "
      "block_window, block_map, neighborhood, columns, rows, global, "
      "set, documents, padding) or "
      "'('");
}

Expected<Pattern> Parser::parseProduct() {
  Expected<Pattern> lhs = parseAtom();
  while (lhs && consume("&")) {
    Expected<Pattern> rhs = parseAtom();
    if (!rhs)
      return rhs;
    lhs = Pattern::binary(Pattern::Kind::Intersection, *lhs, *rhs);
  }
  return lhs;
}

Expected<Pattern> Parser::parseSum() {
  Expected<Pattern> lhs = parseProduct();
  while (lhs) {
    skipSpace();
    Pattern::Kind kind;
    if (consume("|"))
      kind = Pattern::Kind::Union;
    else if (consume("-"))
      kind = Pattern::Kind::Difference;
    else
      break;
    Expected<Pattern> rhs = parseProduct();
    if (!rhs)
      return rhs;
    lhs = Pattern::binary(kind, *lhs, *rhs);
  }
  return lhs;
}

Expected<Pattern> Parser::parseHeads() {
  if (Error e = expectToken("("))
    return std::move(e);
  std::vector<HeadCase> cases;
  do {
    skipSpace();
    size_t start = pos;
    Expected<int64_t> first = parseBetween("a head", 0, Pattern::kMaxHeads - 1);
    if (!first)
      return first.takeError();
    int64_t last = *first;
    if (consume("..")) {
      Expected<int64_t> end =
          parseBetween("a head", *first, Pattern::kMaxHeads - 1);
      if (!end)
        return end.takeError();
      last = *end;
    }
    for (const HeadCase &other : cases)
      if (other.first <= last && *first <= other.last)
        return error("expected each head once but found head " +
                         Twine(std::max(*first, other.first)) + " again",
                     start);
    if (Error e = expectToken(":"))
      return std::move(e);
    terms = 0;
    Expected<Pattern> pattern = parseSum();
    if (!pattern)
      return pattern;
    cases.push_back({*first, last, *pattern});
  } while (consume(","));
  size_t end = pos;
  if (!consume(")"))
    return expected("',' or ')'");
  Pattern heads = Pattern::heads(std::move(cases));
  for (int64_t head = 0; head < heads.numHeads(); ++head)
    if (none_of(heads.headCases(), [&](const HeadCase &x) {
          return x.first <= head && head <= x.last;
        }))
      return error("expected each head from 0 to " +
                       Twine(heads.numHeads() - 1) + " but found no head " +
                       Twine(head),
                   end);
  return heads;
}

Expected<Pattern> Pattern::parse(StringRef text) {
  return Parser(text).parse();
}

} // namespace swath
