//===- CudaPrinter.cpp - C++ that people read -------------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CudaPrinter.h"
#include "swath/IR/ValueNames.h"

#include "mlir/Dialect/EmitC/IR/EmitC.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace llvm;
using mlir::Attribute;
using mlir::Block;
using mlir::Operation;
using mlir::Type;
using mlir::Value;
namespace emitc = mlir::emitc;

namespace swath {

namespace {

/// How tightly C++ binds, from loose to tight.
enum Precedence {
  Conditional,
  Or,
  And,
  Bitwise,
  Equality,
  Relation,
  Sum,
  Product,
  Unary,
  Primary
};

struct Expression {
  std::string text;
  Precedence precedence = Primary;
};

class Printer {
public:
  explicit Printer(raw_ostream &os) : os(os) {}

  void print(emitc::FuncOp function);

private:
  void print(Block &block);
  void print(Operation &op);
  void printLoop(emitc::ForOp op);
  void printVariable(emitc::VariableOp op);
  void printAssignment(emitc::AssignOp op);
  raw_ostream &line() { return os.indent(2 * depth); }

  /// Whether a value is printed inside the expressions that use it.
  bool isInline(Operation &op);
  Expression expressionOf(Value value);
  /// In parentheses where it binds less tightly.
  std::string operand(Value value, Precedence least);
  Expression binary(Operation *op, StringRef sign, Precedence precedence);
  Expression bitwise(Operation *op, StringRef sign);
  std::string callOf(emitc::CallOpaqueOp op);
  std::string constantOf(Attribute value);
  static std::string typeOf(Type type);
  /// "const int64_t x"
  std::string declare(Value value);
  /// A name that no other value in sight has.
  std::string nameOf(Value value, StringRef fallback);

  raw_ostream &os;
  unsigned depth = 0;
  DenseMap<Value, std::string> names;
  /// Assignments that are printed with their variable.
  DenseSet<Operation *> initial;
  StringSet<> taken;
};

} // namespace

std::string Printer::typeOf(Type type) {
  return TypeSwitch<Type, std::string>(type)
      .Case([](emitc::OpaqueType x) { return x.getValue().str(); })
      .Case([](emitc::PointerType x) { return typeOf(x.getPointee()) + " *"; })
      .Case([](emitc::LValueType x) { return typeOf(x.getValueType()); })
      .Case([](emitc::ArrayType x) { return typeOf(x.getElementType()); })
      .Case([](mlir::IntegerType x) {
        const unsigned width = x.getWidth();
        if (width == 1)
          return std::string("bool");
        if (width == 32 && !x.isUnsigned())
          return std::string("int");
        return (x.isUnsigned() ? "uint" : "int") + std::to_string(width) + "_t";
      })
      .Default([](Type) { return "float"; });
}

std::string Printer::constantOf(Attribute value) {
  if (auto text = dyn_cast<emitc::OpaqueAttr>(value))
    return text.getValue().str();
  if (auto integer = dyn_cast<mlir::IntegerAttr>(value))
    return integer.getType().isInteger(1)
               ? (integer.getValue().isZero() ? "false" : "true")
               : std::to_string(integer.getValue().getSExtValue());
  const APFloat &x = cast<mlir::FloatAttr>(value).getValue();
  SmallString<32> text;
  x.toString(text, /*FormatPrecision=*/9, /*FormatMaxPadding=*/5);
  if (text.str().find_first_of(".eE") == StringRef::npos)
    text += ".0";
  text += 'f';
  return std::string(text);
}

/// Whether an operation computes a value from its operands alone.
static bool isPure(Operation &op) {
  if (isa<emitc::CallOpaqueOp>(op))
    return op.hasAttr(kPureAttr);
  return isa<emitc::ConstantOp, emitc::LiteralOp, emitc::SubscriptOp,
             emitc::MemberOp>(op) ||
         (isa<emitc::CExpressionInterface>(op) && !isa<emitc::LoadOp>(op));
}

/// Whether an operation is printed as an expression at all.
static bool isExpression(Operation &op) {
  return op.getNumResults() == 1 &&
         (isPure(op) || isa<emitc::LoadOp, emitc::CallOpaqueOp>(op));
}

/// Whether what is printed needs it.
static bool isUsed(Operation &op) {
  const bool doesNothing =
      isPure(op) || isa<emitc::LoadOp>(op) || op.hasAttr(kReadsAttr);
  return !doesNothing ||
         any_of(op.getUsers(), [](Operation *user) { return isUsed(*user); });
}

/// How many names and numbers an expression has, when its parts without names
/// are inside.
static unsigned countLeaves(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op || op->getNumOperands() == 0 || !isPure(*op) ||
      !swath::nameOf(op->getLoc()).empty())
    return 1;
  unsigned sum = 0;
  for (Value operand : op->getOperands())
    sum += countLeaves(operand);
  return sum;
}

/// A longer expression is not written twice.
static constexpr unsigned kMostLeaves = 4;

bool Printer::isInline(Operation &op) {
  if (!isExpression(op))
    return false;
  if (isa<emitc::ConstantOp, emitc::SubscriptOp, emitc::MemberOp>(op))
    return true;
  // A variable is where its value is.
  if (!swath::nameOf(op.getLoc()).empty())
    return false;
  if (isPure(op) && countLeaves(op.getResult(0)) <= kMostLeaves)
    return true;
  auto users = make_filter_range(op.getUsers(),
                                 [](Operation *user) { return isUsed(*user); });
  if (!hasSingleElement(users))
    return false;
  Operation *user = *users.begin();
  if (user->getBlock() != op.getBlock())
    return false;
  if (isPure(op))
    return true;
  // What it reads must not change before it is used.
  for (Operation *next = op.getNextNode(); next != user;
       next = next->getNextNode())
    if (!isPure(*next) && !isa<emitc::LoadOp, emitc::VariableOp>(next) &&
        !(isa<emitc::CallOpaqueOp>(next) && isExpression(*next) &&
          isa<emitc::LoadOp>(op) && isInline(*next)))
      return false;
  return true;
}

std::string Printer::operand(Value value, Precedence least) {
  Expression x = expressionOf(value);
  return x.precedence < least ? "(" + x.text + ")" : x.text;
}

Expression Printer::binary(Operation *op, StringRef sign,
                           Precedence precedence) {
  // All associate to the left; of some it makes no difference.
  const bool isEither =
      isa<emitc::LogicalAndOp, emitc::LogicalOrOp>(op) ||
      (isa<emitc::AddOp>(op) && !op->getResult(0).getType().isF32());
  return {operand(op->getOperand(0), precedence) + " " + sign.str() + " " +
              operand(op->getOperand(1),
                      isEither ? precedence : Precedence(precedence + 1)),
          precedence};
}

Expression Printer::bitwise(Operation *op, StringRef sign) {
  // In parentheses among one another: few know which binds tighter.
  return {operand(op->getOperand(0), Equality) + " " + sign.str() + " " +
              operand(op->getOperand(1), Equality),
          Bitwise};
}

std::string Printer::callOf(emitc::CallOpaqueOp op) {
  std::string text = op.getCallee().str();
  if (std::optional<mlir::ArrayAttr> arguments = op.getTemplateArgs())
    text +=
        "<" +
        join(map_range(*arguments, [&](Attribute x) { return constantOf(x); }),
             ", ") +
        ">";
  auto argument = [&](Value x) {
    // Templates tell int and int64_t apart.
    const bool isWide =
        x.getType().isInteger(64) && x.getDefiningOp<emitc::ConstantOp>();
    return (isWide ? "int64_t(" : "") + expressionOf(x).text +
           (isWide ? ")" : "");
  };
  return text + "(" + join(map_range(op.getOperands(), argument), ", ") + ")";
}

Expression Printer::expressionOf(Value value) {
  if (auto it = names.find(value); it != names.end())
    return {it->second};
  Operation *op = value.getDefiningOp();
  return TypeSwitch<Operation *, Expression>(op)
      .Case([&](emitc::ConstantOp x) {
        std::string text = constantOf(x.getValue());
        return Expression{text, text[0] == '-' ? Unary : Primary};
      })
      .Case([&](emitc::LiteralOp x) {
        StringRef text = x.getValue();
        return Expression{text.str(),
                          text.contains(' ') ? Equality
                          : text.starts_with("-") || text.starts_with("(")
                              ? Unary
                              : Primary};
      })
      .Case([&](emitc::AddOp) { return binary(op, "+", Sum); })
      .Case([&](emitc::SubOp) { return binary(op, "-", Sum); })
      .Case([&](emitc::MulOp) { return binary(op, "*", Product); })
      .Case([&](emitc::DivOp) { return binary(op, "/", Product); })
      .Case([&](emitc::RemOp) { return binary(op, "%", Product); })
      .Case([&](emitc::LogicalAndOp) { return binary(op, "&&", And); })
      .Case([&](emitc::LogicalOrOp) { return binary(op, "||", Or); })
      .Case([&](emitc::BitwiseAndOp) { return bitwise(op, "&"); })
      .Case([&](emitc::BitwiseOrOp) { return bitwise(op, "|"); })
      .Case([&](emitc::BitwiseXorOp) { return bitwise(op, "^"); })
      .Case([&](emitc::LogicalNotOp) {
        return Expression{"!" + operand(op->getOperand(0), Unary), Unary};
      })
      .Case([&](emitc::UnaryMinusOp) {
        return Expression{"-" + operand(op->getOperand(0), Primary), Unary};
      })
      .Case([&](emitc::CmpOp x) {
        using P = emitc::CmpPredicate;
        const P p = x.getPredicate();
        StringRef sign = p == P::eq   ? "=="
                         : p == P::ne ? "!="
                         : p == P::lt ? "<"
                         : p == P::le ? "<="
                         : p == P::gt ? ">"
                                      : ">=";
        return binary(op, sign, p == P::eq || p == P::ne ? Equality : Relation);
      })
      .Case([&](emitc::ConditionalOp x) {
        return Expression{operand(x.getCondition(), Or) + " ? " +
                              operand(x.getTrueValue(), Or) + " : " +
                              operand(x.getFalseValue(), Conditional),
                          Conditional};
      })
      .Case([&](emitc::CastOp x) {
        return Expression{"(" + typeOf(x.getType()) + ")" +
                              operand(x.getSource(), Unary),
                          Unary};
      })
      .Case([&](emitc::LoadOp x) { return expressionOf(x.getOperand()); })
      .Case([&](emitc::MemberOp x) {
        return Expression{operand(x.getOperand(), Primary) + "." +
                          x.getMember().str()};
      })
      .Case([&](emitc::SubscriptOp x) {
        std::string text = operand(x.getValue(), Primary);
        for (Value index : x.getIndices())
          text += "[" + expressionOf(index).text + "]";
        return Expression{text};
      })
      .Case([&](emitc::CallOpaqueOp x) { return Expression{callOf(x)}; })
      .Default([](Operation *x) {
        x->emitError("is no expression");
        return Expression{"?"};
      });
}

std::string Printer::nameOf(Value value, StringRef fallback) {
  const StringRef given = swath::nameOf(value.getLoc());
  const std::string base = (given.empty() ? fallback : given).str();
  std::string name = base;
  for (unsigned i = 1; !taken.insert(name).second; ++i)
    name = base + std::to_string(i);
  return names[value] = name;
}

void Printer::printLoop(emitc::ForOp op) {
  if (Attribute unroll = op->getAttr(kUnrollAttr)) {
    auto turns = dyn_cast<mlir::IntegerAttr>(unroll);
    line() << "#pragma unroll"
           << (turns ? " " + std::to_string(turns.getInt()) : "") << '\n';
  }
  const std::string first = expressionOf(op.getLowerBound()).text,
                    end = operand(op.getUpperBound(), Sum),
                    step = expressionOf(op.getStep()).text;
  // Its name goes out of scope with the loop.
  const StringSet<> outside = taken;
  const std::string i = nameOf(op.getInductionVar(), "i");
  line() << "for (" << typeOf(op.getInductionVar().getType()) << ' ' << i
         << " = " << first << "; " << i << " < " << end << "; "
         << (step == "1" ? "++" + i : i + " += " + step) << ") {\n";
  print(*op.getBody());
  line() << "}\n";
  taken = outside;
}

void Printer::printVariable(emitc::VariableOp op) {
  std::string init = constantOf(op.getValue());
  // The assignment behind it is its first value.
  Operation *next = op->getNextNode();
  while (next && isInline(*next))
    next = next->getNextNode();
  auto assign = dyn_cast_or_null<emitc::AssignOp>(next);
  if (init.empty() && assign && assign.getVar() == op.getResult()) {
    init = expressionOf(assign.getValue()).text;
    initial.insert(assign);
  }
  line() << typeOf(op.getType()) << ' ' << nameOf(op.getResult(), "x");
  if (auto array = dyn_cast<emitc::ArrayType>(op.getType()))
    for (int64_t size : array.getShape())
      os << '[' << size << ']';
  os << (init.empty() ? "" : " = " + init) << ";\n";
}

void Printer::printAssignment(emitc::AssignOp op) {
  const std::string target = expressionOf(op.getVar()).text;
  // x = x + y
  Operation *value = op.getValue().getDefiningOp();
  StringRef sign = isa_and_present<emitc::AddOp>(value)   ? "+"
                   : isa_and_present<emitc::MulOp>(value) ? "*"
                                                          : "";
  if (!sign.empty() && isInline(*value) &&
      expressionOf(value->getOperand(0)).text == target) {
    line() << target << ' ' << sign << "= "
           << expressionOf(value->getOperand(1)).text << ";\n";
    return;
  }
  line() << target << " = " << expressionOf(op.getValue()).text << ";\n";
}

std::string Printer::declare(Value value) {
  std::string type = typeOf(value.getType());
  // Pointers say themselves whether what they point to is constant.
  if (isa<emitc::PointerType>(value.getType()))
    return type + nameOf(value, "x");
  // What nobody has named is a part of a range of keys.
  return "const " + type + " " +
         nameOf(value, type == "int"    ? "bound"
                       : type == "bool" ? "holds"
                                        : "x");
}

void Printer::print(Operation &op) {
  if (isInline(op))
    return;
  if (isExpression(op)) {
    if (!isUsed(op))
      return;
    Value value = op.getResult(0);
    const std::string text = expressionOf(value).text;
    line() << declare(value) << " = " << text << ";\n";
    return;
  }
  TypeSwitch<Operation *>(&op)
      .Case([&](emitc::ForOp x) { printLoop(x); })
      .Case([&](emitc::IfOp x) {
        line() << "if (" << expressionOf(x.getCondition()).text << ") {\n";
        print(x.getThenRegion().front());
        if (!x.getElseRegion().empty()) {
          line() << "} else {\n";
          print(x.getElseRegion().front());
        }
        line() << "}\n";
      })
      .Case([&](emitc::SwitchOp x) {
        line() << "switch (" << expressionOf(x.getArg()).text << ") {\n";
        for (auto [value, region] : zip(x.getCases(), x.getCaseRegions())) {
          line() << "case " << value << ": {\n";
          print(region.front());
          line() << "} break;\n";
        }
        line() << "default: {\n";
        print(x.getDefaultRegion().front());
        line() << "}\n";
        line() << "}\n";
      })
      .Case([&](emitc::VariableOp x) { printVariable(x); })
      .Case([&](emitc::AssignOp x) {
        if (!initial.contains(x))
          printAssignment(x);
      })
      .Case([&](emitc::CallOpaqueOp x) { line() << callOf(x) << ";\n"; })
      .Case([&](emitc::VerbatimOp x) { line() << x.getValue() << '\n'; })
      .Case([&](emitc::ReturnOp x) {
        if (x.getOperand())
          line() << "return " << expressionOf(x.getOperand()).text << ";\n";
      })
      .Case([](emitc::YieldOp) {})
      .Default([](Operation *x) { x->emitError("cannot print as C++"); });
}

void Printer::print(Block &block) {
  ++depth;
  // Names go out of scope with the block.
  const StringSet<> outside = taken;
  for (Operation &op : block)
    print(op);
  taken = outside;
  --depth;
}

void Printer::print(emitc::FuncOp function) {
  names.clear();
  taken.clear();
  auto threads = function->getAttrOfType<mlir::IntegerAttr>(kThreadsAttr);
  if (threads) {
    auto resident = function->getAttrOfType<mlir::IntegerAttr>(kResidentAttr);
    os << "SWATH_KERNEL(" << threads.getInt() << ", " << resident.getInt()
       << ") ";
  } else {
    os << (function.getNumResults() == 0 ? "SWATH_DEVICE void "
                                         : "SWATH_ANYWHERE int64_t ");
  }
  os << function.getName() << "("
     << (threads ? "const SWATH_GRID_CONSTANT " : "const ")
     << "swath_attention_args " << (threads ? "" : "&")
     << nameOf(function.getArgument(0), "args");
  for (Value argument : drop_begin(function.getArguments()))
    os << ", " << typeOf(argument.getType()) << " "
       << nameOf(argument, "argument");
  os << ") {\n";
  print(function.getBody().front());
  os << "}\n";
}

/// A table of integers.
static void printTable(emitc::GlobalOp global, raw_ostream &os) {
  auto words = cast<mlir::DenseElementsAttr>(*global.getInitialValue());
  os << "SWATH_TABLE int " << global.getSymName() << "["
     << words.getNumElements() << "] = {";
  for (auto [i, word] : enumerate(words.getValues<int32_t>()))
    os << (i == 0 ? "" : i % 16 == 0 ? ",\n    " : ", ") << word;
  os << "};\n\n";
}

void printCuda(mlir::ModuleOp module, raw_ostream &os) {
  for (auto global : module.getOps<emitc::GlobalOp>())
    printTable(global, os);
  for (auto function : module.getOps<emitc::FuncOp>()) {
    Printer(os).print(function);
    os << '\n';
  }
}

} // namespace swath
