//===- Variations.cpp - A pattern with one number moved ---------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "swath/Estimate/Variations.h"

using namespace llvm;

namespace swath {

using Kind = Pattern::Kind;

/// The pattern with its parts, of any depth, as `visit` has them: heads one by
/// one, then operands.
static Pattern rebuild(const Pattern &pattern,
                       function_ref<Pattern(const Pattern &)> visit) {
  if (pattern.kind() == Kind::Heads) {
    std::vector<HeadCase> cases(pattern.headCases());
    for (HeadCase &x : cases)
      x.pattern = visit(x.pattern);
    return Pattern::heads(std::move(cases));
  }
  return Pattern::binary(pattern.kind(), visit(pattern.lhs()),
                         visit(pattern.rhs()));
}

static bool isLeaf(const Pattern &pattern) {
  switch (pattern.kind()) {
  case Kind::Union:
  case Kind::Intersection:
  case Kind::Difference:
  case Kind::Heads:
    return false;
  default:
    return true;
  }
}

std::optional<Pattern> withWindow(const Pattern &pattern, int64_t w) {
  bool hasWindow = false;
  auto visit = [&](const Pattern &part, auto &&self) -> Pattern {
    if (!isLeaf(part))
      return rebuild(part, [&](const Pattern &x) { return self(x, self); });
    if (part.kind() != Kind::Window)
      return part;
    hasWindow = true;
    const bool isPoint = part.left() == 0 && part.right() == 0;
    return Pattern::window(isPoint || part.left() != 0 ? w : 0,
                           isPoint || part.right() != 0 ? w : 0,
                           part.dilation());
  };
  Pattern result = visit(pattern, visit);
  if (!hasWindow)
    return std::nullopt;
  return result;
}

/// The terms of a union but for global ones; nothing where that is all.
static std::optional<Pattern> withoutGlobals(const Pattern &pattern) {
  if (pattern.kind() == Kind::Global)
    return std::nullopt;
  if (pattern.kind() != Kind::Union)
    return pattern;
  std::optional<Pattern> lhs = withoutGlobals(pattern.lhs()),
                         rhs = withoutGlobals(pattern.rhs());
  if (!lhs || !rhs)
    return lhs ? lhs : rhs;
  return Pattern::binary(Kind::Union, *lhs, *rhs);
}

Pattern withGlobals(const Pattern &pattern, int64_t count) {
  if (pattern.kind() == Kind::Heads)
    return rebuild(pattern,
                   [&](const Pattern &x) { return withGlobals(x, count); });
  // `& padding` and `& documents` stay around the union.
  if (pattern.kind() == Kind::Intersection)
    for (bool isLhs : {false, true}) {
      const Pattern &told = isLhs ? pattern.lhs() : pattern.rhs();
      const Pattern &rest = isLhs ? pattern.rhs() : pattern.lhs();
      if (told.kind() == Kind::Padding || told.kind() == Kind::Documents)
        return Pattern::binary(Kind::Intersection, withGlobals(rest, count),
                               told);
    }
  std::optional<Pattern> rest = withoutGlobals(pattern);
  if (count == 0)
    return rest ? *rest
                : Pattern::binary(Kind::Difference, Pattern::all(),
                                  Pattern::all());
  Pattern globals = Pattern::global({{0, count - 1}});
  return rest ? Pattern::binary(Kind::Union, *rest, globals) : globals;
}

} // namespace swath
