//===- PatternParser.cpp - Text form of patterns ----------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Pattern/Pattern.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SaveAndRestore.h"

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
///   pattern := 'heads' '(' case (',' case)* ')' | sum
///   case    := integer ['..' integer] ':' sum
///   sum     := product (('|' | '-') product)*
///   product := atom ('&' atom)*
///   atom    := '(' sum ')' | name ['(' arguments ')']
/// The first error stops the parse.
class Parser {
public:
  explicit Parser(StringRef text) : text(text) {}

  Expected<Pattern> parse() {
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
    return pattern;
  }

private:
  Expected<Pattern> parseHeads();
  Expected<Pattern> parseSum();
  Expected<Pattern> parseProduct();
  Expected<Pattern> parseAtom();
  Expected<Pattern> parseWindow();
  Expected<Pattern> parseStride();
  Expected<Pattern> parseEvery();
  Expected<Pattern> parseBlocks(bool isWindow);
  Expected<Pattern> parseNeighborhood();
  /// [a, b, ...] of `size` integers, or of one to three where that is 0.
  Expected<SmallVector<int64_t>> parseList(StringRef what, int64_t least,
                                           size_t size);
  Expected<PositionSet> parsePositions();

  // The affine set of set(...):
  //   set     := '(' p ',' j ')' ['[' nq ',' nk ']'] ':' '(' test (',' test)*
  //   ')' test    := affine ('>=' | '<=' | '==') affine affine  := product
  //   (('+' | '-') product)* product := factor (('*' | 'floordiv' | 'ceildiv' |
  //   'mod') factor)* factor  := integer | name | '-' factor | '(' affine ')'
  Expected<Pattern> parseSet();
  Expected<SetConstraint> parseTest();
  Expected<Form> parseAffine();
  Expected<Form> parseAffineProduct();
  Expected<Form> parseAffineFactor();
  /// Coefficients that may be multiplied with positions, and so many quotients.
  Error checkSize(const Form &form, size_t at);
  Error parseNames(StringRef open, StringRef close, Variable first,
                   Variable second);

  Expected<int64_t> parseInteger(StringRef what);
  /// An integer of at least `least`.
  Expected<int64_t> parseAtLeast(StringRef what, int64_t least);
  /// An integer in [least, most].
  Expected<int64_t> parseBetween(StringRef what, int64_t least, int64_t most);
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
  /// Of one head's pattern.
  unsigned terms = 0;
  /// The names of a set's variables.
  SmallVector<std::pair<StringRef, Variable>, 4> names;
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

//===----------------------------------------------------------------------===//
// Sets
//===----------------------------------------------------------------------===//

/// open NAME , NAME close
Error Parser::parseNames(StringRef open, StringRef close, Variable first,
                         Variable second) {
  for (auto [token, variable] : {std::pair(open, first), {",", second}}) {
    if (Error e = expectToken(token))
      return e;
    skipSpace();
    size_t start = pos;
    StringRef name = parseName();
    if (name.empty() || isDigit(name.front())) {
      pos = start;
      return expected("a name");
    }
    if (any_of(names, [&](auto &known) { return known.first == name; }))
      return error("expected a name of its own but found '" + name + "' again",
                   start);
    names.push_back({name, variable});
  }
  return expectToken(close);
}

Expected<Pattern> Parser::parseSet() {
  names.clear();
  // Its own nesting, so that the text of quotients has room at any depth.
  SaveAndRestore nesting(depth, 0u);
  if (Error e = expectToken("("))
    return std::move(e);
  if (Error e = parseNames("(", ")", VarP, VarJ))
    return std::move(e);
  skipSpace();
  if (text.substr(pos).starts_with("["))
    if (Error e = parseNames("[", "]", VarNq, VarNk))
      return std::move(e);
  if (Error e = expectToken(":"))
    return std::move(e);
  if (Error e = expectToken("("))
    return std::move(e);
  std::vector<SetConstraint> constraints;
  do {
    Expected<SetConstraint> test = parseTest();
    if (!test)
      return test.takeError();
    constraints.push_back(*test);
  } while (consume(","));
  for (int i = 0; i < 2; ++i)
    if (!consume(")"))
      return expected(i == 0 ? "',' or ')'" : "')'");
  return Pattern::set(std::move(constraints));
}

Expected<SetConstraint> Parser::parseTest() {
  Expected<Form> lhs = parseAffine();
  if (!lhs)
    return lhs.takeError();
  const bool isGreater = consume(">="), isLess = !isGreater && consume("<=");
  if (!isGreater && !isLess && !consume("=="))
    return expected("'>=', '<=' or '=='");
  skipSpace();
  size_t start = pos;
  Expected<Form> rhs = parseAffine();
  if (!rhs)
    return rhs.takeError();
  SetConstraint test = {isLess ? *rhs - *lhs : *lhs - *rhs,
                        !isGreater && !isLess};
  if (Error e = checkSize(test.form, start))
    return std::move(e);
  return test;
}

Expected<Form> Parser::parseAffine() {
  Expected<Form> lhs = parseAffineProduct();
  while (lhs) {
    skipSpace();
    size_t start = pos;
    const bool isSum = consume("+");
    if (!isSum && !consume("-"))
      break;
    Expected<Form> rhs = parseAffineProduct();
    if (!rhs)
      return rhs;
    lhs = isSum ? *lhs + *rhs : *lhs - *rhs;
    if (Error e = checkSize(*lhs, start))
      return std::move(e);
  }
  return lhs;
}

Expected<Form> Parser::parseAffineProduct() {
  Expected<Form> lhs = parseAffineFactor();
  while (lhs) {
    skipSpace();
    size_t start = pos;
    StringRef op = consume("*") ? "*" : parseName();
    if (op != "*" && op != "floordiv" && op != "ceildiv" && op != "mod") {
      pos = start;
      break;
    }
    skipSpace();
    size_t at = pos;
    Expected<Form> rhs = parseAffineFactor();
    if (!rhs)
      return rhs;
    if (op == "*") {
      if (!lhs->isConstant() && !rhs->isConstant())
        return error("expected a product with a constant", start);
      const int64_t factor = lhs->isConstant() ? lhs->constant : rhs->constant;
      Form form = lhs->isConstant() ? *rhs : *lhs;
      if (std::abs(factor) > Pattern::kMaxCoefficient ||
          std::abs(form.constant) > Pattern::kMaxCoefficient)
        return error("expected factors of at most " +
                         Twine(Pattern::kMaxCoefficient) + " in magnitude",
                     at);
      lhs = form * factor;
    } else {
      if (!rhs->isConstant() || rhs->constant < 1 ||
          rhs->constant > Pattern::kMaxCoefficient)
        return error("expected a divisor from 1 to " +
                         Twine(Pattern::kMaxCoefficient),
                     at);
      const int64_t divisor = rhs->constant;
      lhs = op == "mod"       ? lhs->mod(divisor)
            : op == "ceildiv" ? lhs->ceilDiv(divisor)
                              : lhs->floorDiv(divisor);
    }
    if (Error e = checkSize(*lhs, start))
      return std::move(e);
  }
  return lhs;
}

Error Parser::checkSize(const Form &form, size_t at) {
  if (form.largestCoefficient() > Pattern::kMaxCoefficient)
    return error("expected coefficients and divisors of at most " +
                     Twine(Pattern::kMaxCoefficient) + " in magnitude",
                 at);
  if (std::abs(form.constant) > Pattern::kMaxConstant)
    return error("expected constants of at most " +
                     Twine(Pattern::kMaxConstant) + " in magnitude",
                 at);
  if (form.numQuotients() > Pattern::kMaxQuotients)
    return error(
        "expected at most " + Twine(Pattern::kMaxQuotients) + " quotients", at);
  return Error::success();
}

Expected<Form> Parser::parseAffineFactor() {
  skipSpace();
  size_t start = pos;
  if (consume("-") || consume("(")) {
    const bool isNegative = text[start] == '-';
    if (++depth > Pattern::kMaxDepth)
      return error("expected at most " + Twine(Pattern::kMaxDepth) +
                       " nested parentheses",
                   start);
    Expected<Form> inner = isNegative ? parseAffineFactor() : parseAffine();
    --depth;
    if (!inner)
      return inner;
    if (isNegative)
      return -*inner;
    if (Error e = expectToken(")"))
      return std::move(e);
    return inner;
  }
  if (pos < text.size() && isDigit(text[pos])) {
    Expected<int64_t> value = parseInteger("a number");
    if (!value)
      return value.takeError();
    return Form(*value);
  }
  StringRef name = parseName();
  for (auto &[known, variable] : names)
    if (known == name)
      return Form(variable);
  pos = start;
  std::string known;
  for (auto &[name, variable] : names)
    known += name.str() + ", ";
  return expected(known + "a number or '('");
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
  if (name == "neighborhood")
    return parseNeighborhood();
  if (name == "set")
    return parseSet();
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
  if (name == "heads")
    return error("expected heads(...) to be the whole pattern", start);
  return expected("a term (all, causal, window, stride, every, blocks, "
                  "block_window, neighborhood, columns, rows, global, set) or "
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
