//===- SetParser.cpp - The affine sets of patterns --------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parser.h"

#include "llvm/Support/SaveAndRestore.h"

using namespace llvm;

namespace swath {

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

} // namespace swath
