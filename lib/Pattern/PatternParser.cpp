//===- PatternParser.cpp - Text form of patterns -*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/Pattern.h"

#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace swath {

char PatternParseError::ID;

void PatternParseError::log(raw_ostream &os) const {
  os << "column " << column << ": " << message;
}

std::error_code PatternParseError::convertToErrorCode() const {
  return std::make_error_code(std::errc::invalid_argument);
}

namespace {

/// Recursive descent over
///   sum     := product (('|' | '-') product)*
///   product := atom ('&' atom)*
///   atom    := '(' sum ')' | name ['(' arguments ')']
/// The first error stops the parse.
class Parser {
public:
  explicit Parser(StringRef text) : text(text) {}

  Expected<Pattern> parse() {
    Expected<Pattern> pattern = parseSum();
    if (!pattern)
      return pattern;
    skipSpace();
    if (pos != text.size())
      return expected("'|', '&', '-' or the end of the pattern");
    return pattern;
  }

private:
  Expected<Pattern> parseSum();
  Expected<Pattern> parseProduct();
  Expected<Pattern> parseAtom();
  Expected<Pattern> parseWindow();
  Expected<PositionSet> parsePositions();

  Expected<int64_t> parseInteger(StringRef what);
  /// An integer of at least `least`.
  Expected<int64_t> parseAtLeast(StringRef what, int64_t least);
  Error expectToken(StringRef token);

  void skipSpace() {
    while (pos < text.size() && isSpace(text[pos]))
      ++pos;
  }
  bool consume(StringRef token) {
    skipSpace();
    if (!text.substr(pos).starts_with(token))
      return false;
    pos += token.size();
    return true;
  }
  StringRef parseName() {
    skipSpace();
    StringRef name = text.substr(pos).take_while(
        [](char c) { return isAlnum(c) || c == '_'; });
    pos += name.size();
    return name;
  }

  Error error(const Twine &message, size_t at) {
    return make_error<PatternParseError>(message.str(), at + 1);
  }
  /// "expected X but found Y" at the next token.
  Error expected(const Twine &what) {
    skipSpace();
    if (pos == text.size())
      return error("expected " + what + " but the pattern ends", pos);
    StringRef rest = text.substr(pos);
    StringRef word =
        rest.take_while([](char c) { return isAlnum(c) || c == '_'; });
    return error("expected " + what + " but found '" +
                     (word.empty() ? rest.take_front(1) : word) + "'",
                 pos);
  }

  StringRef text;
  size_t pos = 0;
  unsigned depth = 0;
};

} // namespace

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

  StringRef name = parseName();
  if (name == "all")
    return Pattern::all();
  if (name == "causal")
    return Pattern::causal();
  if (name == "window")
    return parseWindow();
  if (name == "columns" || name == "rows" || name == "global") {
    Expected<PositionSet> set = parsePositions();
    if (!set)
      return set.takeError();
    if (name == "columns")
      return Pattern::columns(std::move(*set));
    if (name == "rows")
      return Pattern::rows(std::move(*set));
    return Pattern::global(std::move(*set));
  }
  pos = start;
  return expected("a term (all, causal, window, columns, rows, global) or '('");
}

Expected<Pattern> Parser::parseProduct() {
  Expected<Pattern> lhs = parseAtom();
  unsigned operands = 1;
  while (lhs && consume("&")) {
    if (++operands > Pattern::kMaxDepth)
      return error("expected at most " + Twine(Pattern::kMaxDepth) +
                       " operands",
                   pos - 1);
    Expected<Pattern> rhs = parseAtom();
    if (!rhs)
      return rhs;
    lhs = Pattern::binary(Pattern::Kind::Intersection, *lhs, *rhs);
  }
  return lhs;
}

Expected<Pattern> Parser::parseSum() {
  Expected<Pattern> lhs = parseProduct();
  unsigned operands = 1;
  while (lhs) {
    skipSpace();
    Pattern::Kind kind;
    if (consume("|"))
      kind = Pattern::Kind::Union;
    else if (consume("-"))
      kind = Pattern::Kind::Difference;
    else
      break;
    if (++operands > Pattern::kMaxDepth)
      return error("expected at most " + Twine(Pattern::kMaxDepth) +
                       " operands",
                   pos - 1);
    Expected<Pattern> rhs = parseProduct();
    if (!rhs)
      return rhs;
    lhs = Pattern::binary(kind, *lhs, *rhs);
  }
  return lhs;
}

Expected<Pattern> Pattern::parse(StringRef text) {
  return Parser(text).parse();
}

} // namespace swath
