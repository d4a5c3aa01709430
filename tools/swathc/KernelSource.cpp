//===- KernelSource.cpp - The kernel that a command works on ----*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/WithColor.h"

#include <cfloat>

using namespace llvm;
using namespace swath;

namespace swathc {

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

#define ON_KERNELS                                                             \
  cl::sub(compileCommand), cl::sub(runCommand), cl::sub(footprintCommand),     \
      cl::sub(explainCommand), cl::sub(plotCommand)

static cl::opt<std::string> file(cl::Positional, cl::desc("FILE.mlir"),
                                 ON_KERNELS);
static cl::opt<std::string>
    patternText("pattern", cl::desc("The pattern, instead of a file"),
                cl::value_desc("text"), ON_KERNELS);
static cl::opt<std::string>
    shapeText("shape",
              cl::desc("Shape of q; with a file, binds its open sizes"),
              cl::value_desc("BxHxNxD"), ON_KERNELS, cl::sub(diffCommand));
static cl::opt<std::string>
    dtype("dtype",
          cl::desc("Element type of q, k, v and o: f32 (default), f16 or bf16; "
                   ".npy files are float32 all the same"),
          cl::value_desc("type"), cl::init("f32"), ON_KERNELS);
static cl::opt<int64_t> kvHeads("kv-heads",
                                cl::desc("Key/value heads, H unless given"),
                                cl::value_desc("n"), ON_KERNELS);
static cl::opt<int64_t> kvSeq("kv-seq", cl::desc("Keys, N unless given"),
                              cl::value_desc("n"), ON_KERNELS,
                              cl::sub(diffCommand));
static cl::opt<int64_t> valueDim("value-dim",
                                 cl::desc("Value dimension, D unless given"),
                                 cl::value_desc("n"), ON_KERNELS);
static cl::opt<double> scale("scale",
                             cl::desc("Factor on scores, 1/sqrt(D) unless "
                                      "given"),
                             ON_KERNELS);
static cl::opt<double> softcap("softcap",
                               cl::desc("Scores become C*tanh(score/C)"),
                               cl::value_desc("C"), ON_KERNELS);
static cl::opt<bool>
    alibi("alibi",
          cl::desc("Subtracts slope*|p - j| from the scores, with the "
                   "slopes of ALiBi; after a soft cap"),
          ON_KERNELS);
using Bias = KernelOptions::Bias;
static cl::opt<Bias>
    bias("bias", cl::desc("Takes a bias [B, H, Nq, Nk]:"), ON_KERNELS,
         cl::values(clEnumValN(Bias::Additive, "additive", "of floats"),
                    clEnumValN(Bias::Boolean, "boolean",
                               "where false, a key is not seen")));
static cl::opt<bool> sinks("sinks", cl::desc("Takes a sink logit per head"),
                           ON_KERNELS);
static cl::opt<std::string> name("name", cl::desc("Name of the kernel"),
                                 cl::init("attention"), ON_KERNELS);
static cl::opt<std::string>
    kernelName("kernel",
               cl::desc("Which kernel, of several in a file; compile and "
                        "footprint take all unless given"),
               cl::value_desc("name"), ON_KERNELS);
static cl::opt<int64_t> seq("seq", cl::desc("Binds open lengths"),
                            cl::value_desc("N"), ON_KERNELS);
static cl::opt<int64_t> batch("batch", cl::desc("Binds an open batch"),
                              cl::value_desc("B"), ON_KERNELS);
static cl::list<std::string>
    targetNames("target", cl::CommaSeparated,
                cl::desc("host (default), x86-64, x86-64-v3, x86-64-v4 or an "
                         "LLVM triple; compile takes several"),
                cl::value_desc("T[,T...]"), ON_KERNELS);
static cl::opt<int> threads("threads", cl::desc("Threads, all unless given"),
                            cl::value_desc("n"), ON_KERNELS);

int getThreads() { return threads; }

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

/// "1x12x4096x64"; "?" is an open batch or length.
static Expected<SmallVector<int64_t>> parseShape(StringRef text) {
  SmallVector<int64_t> shape;
  SmallVector<StringRef> parts;
  text.split(parts, 'x');
  for (auto [i, part] : enumerate(parts)) {
    int64_t size;
    if (part == "?" && (i == 0 || i == 2))
      size = mlir::ShapedType::kDynamic;
    else if (part.getAsInteger(10, size) || size < 0 ||
             size > Pattern::kMaxConstant)
      return createStringError("--shape " + text +
                               ": expected a size, but "
                               "found '" +
                               part + "'");
    shape.push_back(size);
  }
  if (shape.size() != 4)
    return createStringError(
        "--shape " + text +
        ": expected four sizes, batch x heads x length x dim, but found " +
        Twine(shape.size()));
  return shape;
}

/// An option that was given and names no size.
static Error checkSizes() {
  for (auto *option : {&kvHeads, &kvSeq, &valueDim, &seq, &batch})
    if (option->getNumOccurrences() != 0 &&
        (*option < 0 || *option > Pattern::kMaxConstant))
      return createStringError("--" + option->ArgStr +
                               ": expected a size of at least 0, but found " +
                               Twine(int64_t(*option)));
  if (!is_contained<StringRef>({"f32", "f16", "bf16"}, dtype))
    return createStringError("--dtype: expected f32, f16 or bf16, but found '" +
                             dtype + "'");
  return Error::success();
}

Expected<Extent> getExtent() {
  if (shapeText.empty())
    return createStringError("expected --shape");
  if (Error error = checkSizes())
    return std::move(error);
  Expected<SmallVector<int64_t>> shape = parseShape(shapeText);
  if (!shape)
    return shape.takeError();
  int64_t queries = (*shape)[2];
  if (queries < 0)
    return createStringError("--shape " + shapeText +
                             ": expected a length, but it is open");
  return Extent::aligned(
      queries, kvSeq.getNumOccurrences() != 0 ? int64_t(kvSeq) : queries);
}

/// Binds one open size of an array; a fixed one must be what is given.
static Error bind(int64_t &size, const cl::opt<int64_t> &option,
                  StringRef array) {
  if (option.getNumOccurrences() == 0)
    return Error::success();
  if (!mlir::ShapedType::isDynamic(size) && size != option)
    return createStringError("--" + option.ArgStr + " " +
                             Twine(int64_t(option)) + ": that size of " +
                             array + " is fixed, " + Twine(size));
  size = option;
  return Error::success();
}

/// Options that say what a file says already, or the other way round.
static Error checkSource() {
  if (file.empty() == patternText.empty())
    return createStringError(
        file.empty() ? "expected FILE.mlir, or --pattern and --shape"
                     : "expected FILE.mlir or --pattern, but found both");
  for (cl::Option *option : std::initializer_list<cl::Option *>{
           &dtype, &kvHeads, &valueDim, &scale, &softcap, &alibi, &bias, &sinks,
           &name})
    if (!file.empty() && option->getNumOccurrences() != 0)
      return createStringError("--" + option->ArgStr +
                               ": expected it with --pattern only; the file "
                               "says what its kernel is");
  if (file.empty() && kernelName.getNumOccurrences() != 0)
    return createStringError("--kernel: expected it with a file only");
  return Error::success();
}

/// A kernel's name is that of a C function.
static bool isIdentifier(StringRef text) {
  return !text.empty() && !isDigit(text[0]) &&
         all_of(text, [](char c) { return isAlnum(c) || c == '_'; });
}

//===----------------------------------------------------------------------===//
// From --pattern
//===----------------------------------------------------------------------===//

static mlir::OwningOpRef<mlir::ModuleOp>
fromPattern(mlir::MLIRContext &context) {
  auto reported = [](const Twine &message) {
    fail(message);
    return nullptr;
  };
  Expected<Pattern> pattern = Pattern::parse(patternText);
  if (!pattern) {
    unsigned column = 0;
    std::string message;
    handleAllErrors(pattern.takeError(), [&](const PatternParseError &error) {
      column = error.getColumn();
      raw_string_ostream os(message);
      error.log(os);
    });
    return reported("--pattern, " + message + "\n  " + patternText + "\n  " +
                    std::string(column - 1, ' ') + "^");
  }
  if (shapeText.empty())
    return reported("--pattern: expected --shape with it");
  Expected<SmallVector<int64_t>> shape = parseShape(shapeText);
  if (!shape)
    return reported(toString(shape.takeError()));
  if (!isIdentifier(name))
    return reported("--name: expected a C identifier, but found '" + name +
                    "'");

  KernelShape shapes;
  shapes.q.assign(shape->begin(), shape->end());
  if (Error error = joinErrors(bind(shapes.q[0], batch, "q"),
                               bind(shapes.q[2], seq, "q")))
    return reported(toString(std::move(error)));
  shapes.k = shapes.q;
  if (kvHeads.getNumOccurrences() != 0)
    shapes.k[1] = kvHeads;
  if (kvSeq.getNumOccurrences() != 0)
    shapes.k[2] = kvSeq;
  shapes.v = shapes.k;
  if (valueDim.getNumOccurrences() != 0)
    shapes.v[3] = valueDim;
  shapes.element =
      mlir::cast<mlir::FloatType>(mlir::parseType(dtype, &context));
  KernelOptions options;
  if (scale.getNumOccurrences() != 0)
    options.scale = scale;
  if (softcap.getNumOccurrences() != 0) {
    // Both C and 1/C are numbers that float32 holds.
    if (!(softcap >= FLT_MIN && softcap <= FLT_MAX))
      return reported("--softcap: expected a number above 0 that float32 "
                      "holds, but found " +
                      Twine(std::to_string(softcap)));
    options.softcap = softcap;
  }
  options.alibi = alibi;
  options.bias = bias;
  options.sinks = sinks;
  auto loc = mlir::NameLoc::get(mlir::StringAttr::get(&context, "--pattern"));
  return buildKernel(loc, name, patternText, shapes, options);
}

//===----------------------------------------------------------------------===//
// From a file
//===----------------------------------------------------------------------===//

static bool isKernel(mlir::func::FuncOp func) {
  return func.walk([](AttentionOp) { return mlir::WalkResult::interrupt(); })
      .wasInterrupted();
}

KernelModules splitKernels(mlir::ModuleOp module) {
  KernelModules kernels;
  for (auto func : module.getOps<mlir::func::FuncOp>()) {
    if (!isKernel(func))
      continue;
    kernels.push_back(mlir::ModuleOp::create(module.getLoc()));
    kernels.back()->getBody()->push_back(func->clone());
  }
  return kernels;
}

static mlir::func::FuncOp getFunction(mlir::ModuleOp kernel) {
  return *kernel.getOps<mlir::func::FuncOp>().begin();
}

/// Those of a file's kernels that --kernel asks for.
static Expected<KernelModules> chooseKernels(KernelModules kernels,
                                             bool wantsOne) {
  if (kernels.empty())
    return createStringError("'" + file +
                             "': expected a function with a "
                             "swath.attention, but found none");
  std::string names;
  for (auto &kernel : kernels)
    names += (names.empty() ? "" : ", ") + getFunction(*kernel).getName().str();
  if (!kernelName.empty())
    erase_if(kernels, [](auto &kernel) {
      return getFunction(*kernel).getName() != kernelName;
    });
  if (kernels.empty() || (wantsOne && kernels.size() > 1))
    return createStringError("'" + file + "': expected " +
                             (kernelName.empty()
                                  ? "--kernel with one of several kernels"
                                  : "--kernel to name one of the kernels") +
                             ": " + names);
  return kernels;
}

/// Binds the open sizes of q, k or v.
static Error bindSizes(mlir::Value input, StringRef array,
                       ArrayRef<int64_t> shape) {
  auto type = mlir::cast<mlir::ShapedType>(input.getType());
  SmallVector<int64_t> sizes(type.getShape());
  if (array == "q" && !shape.empty())
    for (unsigned dim : {0u, 1u, 2u, 3u})
      if (!type.isDynamicDim(dim) && sizes[dim] != shape[dim] &&
          !mlir::ShapedType::isDynamic(shape[dim]))
        return createStringError("--shape " + shapeText + ": q has size " +
                                 Twine(sizes[dim]) + " in dimension " +
                                 Twine(dim));
  const bool isKeys = array != "q";
  if (isKeys && kvSeq.getNumOccurrences() != 0)
    if (Error error = bind(sizes[2], kvSeq, array))
      return error;
  for (unsigned dim : {0u, 2u})
    if (!shape.empty() && mlir::ShapedType::isDynamic(sizes[dim]))
      sizes[dim] = shape[dim];
  if (Error error = bind(sizes[0], batch, array))
    return error;
  // With --kv-seq, --seq is the queries' alone.
  if (!isKeys || kvSeq.getNumOccurrences() == 0)
    if (Error error = bind(sizes[2], seq, array))
      return error;
  input.setType(type.clone(sizes));
  return Error::success();
}

/// Binds the open sizes of a kernel, those of its results with them.
static Error bindSizes(mlir::func::FuncOp func) {
  SmallVector<int64_t> shape;
  if (!shapeText.empty()) {
    Expected<SmallVector<int64_t>> given = parseShape(shapeText);
    if (!given)
      return given.takeError();
    shape = *given;
  }
  AttentionOp op = *func.getOps<AttentionOp>().begin();
  const std::pair<StringRef, mlir::Value> inputs[] = {
      {"q", op.getQ()}, {"k", op.getK()}, {"v", op.getV()}};
  for (auto [array, input] : inputs)
    if (mlir::isa<mlir::BlockArgument>(input))
      if (Error error = bindSizes(input, array, shape))
        return error;
  // What else there is follows from these.
  for (const KernelArray &array : kernelArrays(op)) {
    if (!array.operand || !mlir::isa<mlir::BlockArgument>(array.operand->get()))
      continue;
    SmallVector<int64_t> sizes;
    for (int64_t size : array.shape)
      sizes.push_back(size < 0 ? mlir::ShapedType::kDynamic : size);
    mlir::Value input = array.operand->get();
    input.setType(mlir::cast<mlir::ShapedType>(input.getType()).clone(sizes));
  }
  for (mlir::Value result : op.getResults()) {
    auto type = mlir::cast<mlir::ShapedType>(result.getType());
    SmallVector<int64_t> sizes(type.getShape());
    for (unsigned dim : {0u, 2u})
      sizes[dim] = op.getQType().getDimSize(dim);
    result.setType(type.clone(sizes));
  }
  func.setFunctionType(mlir::FunctionType::get(
      func.getContext(), func.getBody().getArgumentTypes(),
      func.getBody().front().getTerminator()->getOperandTypes()));
  return Error::success();
}

/// Makes a function of a file a kernel with the sizes that are asked for. What
/// is wrong with it is reported.
static mlir::LogicalResult prepare(mlir::func::FuncOp func) {
  if (!isIdentifier(func.getName())) {
    fail("'" + file +
         "': expected a kernel with the name of a C function, but "
         "found '" +
         func.getName() + "'");
    return mlir::failure();
  }
  if (func.getOps<AttentionOp>().empty())
    return func.emitError("expected swath.attention in the body of the kernel");
  if (Error error = bindSizes(func)) {
    fail("kernel '" + func.getName() + "': " + toString(std::move(error)));
    return mlir::failure();
  }
  return mlir::verify(func);
}

static KernelModules fromFile(mlir::MLIRContext &context, bool wantsOne) {
  std::string error;
  std::unique_ptr<MemoryBuffer> buffer = mlir::openInputFile(file, &error);
  if (!buffer) {
    fail(error);
    return {};
  }
  SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(buffer), SMLoc());
  mlir::SourceMgrDiagnosticHandler handler(sources, &context);
  auto module = mlir::parseSourceFile<mlir::ModuleOp>(sources, &context);
  if (!module)
    return {};
  Expected<KernelModules> kernels =
      chooseKernels(splitKernels(*module), wantsOne);
  if (!kernels) {
    fail(kernels.takeError());
    return {};
  }
  for (auto &kernel : *kernels)
    if (failed(prepare(getFunction(*kernel))))
      return {};
  return std::move(*kernels);
}

/// Modules of the kernels that a command works on; none when what is wrong with
/// them was reported.
static KernelModules loadKernels(mlir::MLIRContext &context, bool wantsOne) {
  mlir::DialectRegistry registry;
  registerKernelDialects(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
  context.printOpOnDiagnostic(false);
  // What has no place in a file is about the command line.
  context.getDiagEngine().registerHandler([](mlir::Diagnostic &diagnostic) {
    if (mlir::isa<mlir::FileLineColLoc>(diagnostic.getLocation()))
      return mlir::failure();
    bool isError = diagnostic.getSeverity() == mlir::DiagnosticSeverity::Error;
    (isError ? WithColor::error(errs(), "swathc")
             : WithColor::remark(errs(), "swathc"))
        << diagnostic.str() << '\n';
    return mlir::success();
  });
  if (Error error = joinErrors(checkSizes(), checkSource())) {
    fail(std::move(error));
    return {};
  }
  if (!file.empty())
    return fromFile(context, wantsOne);
  KernelModules kernels;
  if (auto kernel = fromPattern(context))
    kernels.push_back(std::move(kernel));
  return kernels;
}

/// The CPUs of --target, those that ask for most first.
static Expected<SmallVector<CpuTarget>> getTargets() {
  SmallVector<CpuTarget> targets;
  SmallVector<StringRef> names(targetNames.begin(), targetNames.end());
  if (names.empty())
    names.push_back("host");
  for (StringRef name : names) {
    Expected<CpuTarget> target = getCpuTarget(name);
    if (!target)
      return createStringError("--target: " + toString(target.takeError()));
    if (!targets.empty() && target->triple != targets.front().triple)
      return createStringError("--target: expected CPUs of one triple, but "
                               "found " +
                               targets.front().triple + " and " +
                               target->triple);
    targets.push_back(*target);
  }
  llvm::sort(targets, [](const CpuTarget &a, const CpuTarget &b) {
    return a.isa > b.isa;
  });
  targets.erase(std::unique(targets.begin(), targets.end(),
                            [](const CpuTarget &a, const CpuTarget &b) {
                              return a.name == b.name;
                            }),
                targets.end());
  return targets;
}

std::string variantSuffix(const CpuTarget &target) {
  std::string suffix = "_" + target.name;
  for (char &c : suffix)
    c = isAlnum(c) ? c : '_';
  return suffix;
}

std::vector<Compilations> openKernels(mlir::MLIRContext &context, Takes takes) {
  Expected<SmallVector<CpuTarget>> targets = getTargets();
  if (!targets) {
    fail(targets.takeError());
    return {};
  }
  if (takes != Takes::KernelsAndTargets && targetNames.size() > 1) {
    fail("--target: expected one target, but found " +
         Twine(targetNames.size()));
    return {};
  }
  const bool isVariant = targets->size() > 1;
  std::vector<Compilations> kernels;
  for (auto &kernel : loadKernels(context, takes == Takes::OneKernel)) {
    Compilations &compilations = kernels.emplace_back();
    for (const CpuTarget &target : *targets) {
      mlir::OwningOpRef<mlir::ModuleOp> copy = kernel->clone();
      mlir::func::FuncOp func = getFunction(*copy);
      if (isVariant)
        func.setName((func.getName() + variantSuffix(target)).str());
      compilations.push_back(
          std::make_unique<Compilation>(std::move(copy), target, isVariant));
    }
  }
  return kernels;
}

std::unique_ptr<Compilation> openKernel(mlir::MLIRContext &context) {
  std::vector<Compilations> kernels = openKernels(context, Takes::OneKernel);
  return kernels.empty() ? nullptr : std::move(kernels.front().front());
}

} // namespace swathc
