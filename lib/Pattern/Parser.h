//===- Parser.h - Recursive descent over patterns ---------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_LIB_PATTERN_PARSER_H
#define SWATH_LIB_PATTERN_PARSER_H

#include "swath/Pattern/Pattern.h"

#include "llvm/ADT/StringExtras.h"

namespace swath {

/// Recursive descent over
///   pattern := 'heads' '(' case (',' case)* ')' | sum
///   case    := integer ['..' integer] ':' sum
///   sum     := product (('|' | '-') product)*
///   product := atom ('&' atom)*
///   atom    := '(' sum ')' | name ['(' arguments ')']
/// The first error stops the parse.
class Parser {
public:
  explicit Parser(llvm::StringRef text) : text(text) {}

  llvm::Expected<Pattern> parse();

private:
  llvm::Expected<Pattern> parseHeads();
  llvm::Expected<Pattern> parseSum();
  llvm::Expected<Pattern> parseProduct();
  llvm::Expected<Pattern> parseAtom();
  llvm::Expected<Pattern> parseWindow();
  llvm::Expected<Pattern> parseStride();
  llvm::Expected<Pattern> parseEvery();
  llvm::Expected<Pattern> parseBlocks(bool isWindow);
  llvm::Expected<Pattern> parseNeighborhood();
  /// [a, b, ...] of `size` integers, or of one to three where that is 0.
  llvm::Expected<llvm::SmallVector<int64_t>>
  parseList(llvm::StringRef what, int64_t least, size_t size);
  llvm::Expected<Pattern> parseBlockMap();
  /// (S), or (?, max = M) where that may stand.
  llvm::Expected<Pattern> parseGlobal();
  llvm::Expected<PositionSet> parsePositions();
  /// Fails where run-time terms stand in the wrong places.
  llvm::Error checkRuntimeTerms(const Pattern &pattern);

  // The affine set of set(...):
  //   set     := '(' p ',' j ')' ['[' nq ',' nk ']'] ':' '(' test (',' test)*
  //   ')' test    := affine ('>=' | '<=' | '==') affine affine  := product
  //   (('+' | '-') product)* product := factor (('*' | 'floordiv' | 'ceildiv' |
  //   'mod') factor)* factor  := integer | name | '-' factor | '(' affine ')'
  llvm::Expected<Pattern> parseSet();
  llvm::Expected<SetConstraint> parseTest();
  llvm::Expected<Form> parseAffine();
  llvm::Expected<Form> parseAffineProduct();
  llvm::Expected<Form> parseAffineFactor();
  /// Coefficients that may be multiplied with positions, and so many quotients.
  llvm::Error checkSize(const Form &form, size_t at);
  llvm::Error parseNames(llvm::StringRef open, llvm::StringRef close,
                         Variable first, Variable second);

  llvm::Expected<int64_t> parseInteger(llvm::StringRef what);
  /// An integer of at least `least`.
  llvm::Expected<int64_t> parseAtLeast(llvm::StringRef what, int64_t least);
  /// An integer in [least, most].
  llvm::Expected<int64_t> parseBetween(llvm::StringRef what, int64_t least,
                                       int64_t most);
  llvm::Error expectToken(llvm::StringRef token);

  void skipSpace() {
    while (pos < text.size() && llvm::isSpace(text[pos]))
      ++pos;
  }
  bool consume(llvm::StringRef token) {
    skipSpace();
    if (!text.substr(pos).starts_with(token))
      return false;
    pos += token.size();
    return true;
  }
  llvm::StringRef parseName() {
    skipSpace();
    llvm::StringRef name = text.substr(pos).take_while(
        [](char c) { return llvm::isAlnum(c) || c == '_'; });
    pos += name.size();
    return name;
  }

  llvm::Error error(const llvm::Twine &message, size_t at) {
    return llvm::make_error<PatternParseError>(message.str(), at + 1);
  }
  /// "expected X but found Y" at the next token.
  llvm::Error expected(const llvm::Twine &what) {
    skipSpace();
    if (pos == text.size())
      return error("expected " + what + " but the pattern ends", pos);
    llvm::StringRef rest = text.substr(pos);
    llvm::StringRef word =
        rest.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
    return error("expected " + what + " but found '" +
                     (word.empty() ? rest.take_front(1) : word) + "'",
                 pos);
  }

  llvm::StringRef text;
  size_t pos = 0;
  unsigned depth = 0;
  /// Of one head's pattern.
  unsigned terms = 0;
  /// Where the first of documents and padding stands.
  std::optional<size_t> firstFilter;
  /// Of the global(?) before.
  int64_t mostPositions = 0;
  /// The names of a set's variables.
  llvm::SmallVector<std::pair<llvm::StringRef, Variable>, 4> names;
};

} // namespace swath

#endif // SWATH_LIB_PATTERN_PARSER_H
