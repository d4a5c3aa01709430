//===- check-kernel.cpp - A kernel against expected rows --------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// check-kernel KERNEL runs build/KERNEL.so on each of the kernel's cases in
// cases.txt; check-kernel --once KERNEL runs each once, for profilers. In the
// folder of the suite.

#include "device.h"
#include "swath_input.h"
#include "swath_kernel.h"

#include <dlfcn.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>

//===----------------------------------------------------------------------===//
// Cases
//===----------------------------------------------------------------------===//

/// A line of cases.txt.
struct Case {
  std::string name, kernel, dtype;
  int64_t batch, heads, kvHeads, queries, keys, dim, valueDim;
  bool hasLse;
  /// "index:dtype:shape" of further inputs, with commas, or "-".
  std::string extras;
  int64_t entries;
  double bound, normBound, lseBound;

  bool read(std::istream &line) {
    return bool(line >> name >> kernel >> dtype >> batch >> heads >> kvHeads >>
                queries >> keys >> dim >> valueDim >> hasLse >> extras >>
                entries >> bound >> normBound >> lseBound);
  }
  int32_t type() const {
    return dtype == "f16"    ? SWATH_F16
           : dtype == "bf16" ? SWATH_BF16
                             : SWATH_F32;
  }
};

static std::vector<Case> casesOf(const std::string &kernel) {
  std::vector<Case> cases;
  std::ifstream file("cases.txt");
  std::string text;
  while (std::getline(file, text)) {
    std::istringstream line(text);
    Case x;
    if (x.read(line) && x.kernel == kernel)
      cases.push_back(x);
  }
  return cases;
}

/// The elements of a .npy file of version 1, of 4 bytes each.
template <class T> std::vector<T> readNpy(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  if (bytes.size() < 10) {
    std::fprintf(stderr, "error: cannot read '%s'\n", path.c_str());
    std::exit(1);
  }
  const size_t header =
      10 + (unsigned char)bytes[8] + 256 * (unsigned char)bytes[9];
  std::vector<T> values((bytes.size() - header) / sizeof(T));
  std::memcpy(values.data(), bytes.data() + header, values.size() * sizeof(T));
  return values;
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

/// The bits of a value of swath_input.h: no subnormal, and exact.
static uint32_t encode(int32_t type, float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, 4);
  if (type == SWATH_F32)
    return bits;
  if (type == SWATH_BOOL)
    return x > 0;
  if (type == SWATH_BF16)
    return bits >> 16;
  const uint32_t sign = bits >> 16 & 0x8000;
  return x == 0 ? sign : sign | ((bits & 0x7fffffff) - (112u << 23)) >> 13;
}

static float decode(int32_t type, uint32_t bits) {
  if (type == SWATH_F16) {
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const float size = exponent == 31 ? (fraction ? NAN : INFINITY)
                       : exponent == 0
                           ? std::ldexp(float(fraction), -24)
                           : std::ldexp(float(1024 + fraction), exponent - 25);
    return bits & 0x8000 ? -size : size;
  }
  if (type == SWATH_BF16)
    bits <<= 16;
  float x;
  std::memcpy(&x, &bits, 4);
  return x;
}

static bool isNaN(int32_t type, uint32_t bits) {
  const uint32_t infinity = type == SWATH_F16    ? 0x7c00
                            : type == SWATH_BF16 ? 0x7f80
                                                 : 0x7f800000;
  const uint32_t sign = type == SWATH_F32 ? 0x80000000 : 0x8000;
  return (bits & ~sign) > infinity;
}

/// Rows behind each head's, which nobody may read into a result or write: all
/// their bits are 1, a NaN of each type.
constexpr int64_t kGap = 3;

/// An array of four dimensions with gaps.
class Tensor {
public:
  Tensor(int32_t type, int64_t batch, int64_t heads, int64_t rows,
         int64_t columns)
      : type(type), bytesEach(type == SWATH_BOOL                        ? 1
                              : type == SWATH_F16 || type == SWATH_BF16 ? 2
                                                                        : 4),
        batch(batch), heads(heads), rows(rows), columns(columns),
        array(batch * heads * (rows + kGap) * columns * bytesEach, 0xff) {}

  swath_tensor argument() const {
    const int64_t head = (rows + kGap) * columns;
    return {array.data,
            type,
            0,
            {batch, heads, rows, columns},
            {heads * head, head, columns, 1}};
  }
  /// Calls f(dense index or -1 in a gap, bits) for each element.
  template <class F> void forEach(F f) {
    int64_t dense = 0;
    unsigned char *at = array.host.data();
    for (int64_t head = 0; head < batch * heads; ++head)
      for (int64_t i = 0; i < (rows + kGap) * columns; ++i, at += bytesEach) {
        uint32_t bits = 0;
        std::memcpy(&bits, at, bytesEach);
        f(i < rows * columns ? dense++ : -1, bits);
        std::memcpy(at, &bits, bytesEach);
      }
  }
  /// With the inputs of an array that is counted so and has rows of `size`.
  void fill(int index, int64_t size, int64_t keys) {
    const int significant = type == SWATH_F16    ? SWATH_BITS_F16
                            : type == SWATH_BF16 ? SWATH_BITS_BF16
                                                 : SWATH_BITS_F32;
    forEach([&](int64_t i, uint32_t &bits) {
      if (i >= 0)
        bits = type == SWATH_I32
                   ? uint32_t(swath_input_int(index, i, size, keys))
                   : encode(type, swath_input(index, i, significant));
    });
    array.upload();
  }
  void poison() {
    std::fill(array.host.begin(), array.host.end(), 0xff);
    array.upload();
  }

  const int32_t type;
  const int bytesEach;
  const int64_t batch, heads, rows, columns;
  Array<unsigned char> array;
};

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

using Launch = swath_status (*)(const swath_attention_args *, cudaStream_t);
using WorkspaceBytes = uint64_t (*)(const swath_attention_args *);

static void *load(const std::string &kernel, const char *suffix) {
  const std::string path = "build/" + kernel + ".so";
  void *library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void *found = library ? dlsym(library, (kernel + suffix).c_str()) : nullptr;
  if (!found) {
    std::fprintf(stderr, "error: %s\n", dlerror());
    std::exit(1);
  }
  return found;
}

static std::string number(double x) {
  char text[40];
  std::snprintf(text, sizeof text, "%.3g", x);
  return text;
}

class Checker {
public:
  explicit Checker(const Case &x)
      : x(x), q(x.type(), x.batch, x.heads, x.queries, x.dim),
        k(x.type(), x.batch, x.kvHeads, x.keys, x.dim),
        v(x.type(), x.batch, x.kvHeads, x.keys, x.valueDim),
        o(x.type(), x.batch, x.heads, x.queries, x.valueDim),
        lse(SWATH_F32, x.batch, x.heads, x.queries, 1),
        launch(Launch(load(x.kernel, "_launch"))) {
    q.fill(0, q.columns, x.keys);
    k.fill(1, k.columns, x.keys);
    v.fill(2, v.columns, x.keys);
    args.size = sizeof args;
    args.q = q.argument();
    args.k = k.argument();
    args.v = v.argument();
    args.o = o.argument();
    if (x.hasLse)
      args.lse = lse.argument();
    addExtras();
    args.workspace_bytes =
        WorkspaceBytes(load(x.kernel, "_workspace_bytes"))(&args);
    if (args.workspace_bytes != 0)
      require(cudaMalloc(&args.workspace, args.workspace_bytes), "workspace");
    require(cudaStreamCreate(&stream), "cudaStreamCreate");
  }
  ~Checker() {
    cudaFree(args.workspace);
    cudaStreamDestroy(stream);
  }

  void addExtras() {
    std::istringstream list(x.extras);
    std::string text;
    while (x.extras != "-" && std::getline(list, text, ',')) {
      int index = 0, type = 0;
      long long shape[4] = {1, 1, 1, 1};
      const int found =
          std::sscanf(text.c_str(), "%d:%d:%lldx%lldx%lldx%lld", &index, &type,
                      &shape[0], &shape[1], &shape[2], &shape[3]);
      require(found >= 3 ? cudaSuccess : cudaErrorUnknown, "cases.txt");
      extras.push_back(std::make_unique<Tensor>(type, shape[0], shape[1],
                                                shape[2], shape[3]));
      extras.back()->fill(index, shape[found - 3], x.keys);
      (&args.q)[index] = extras.back()->argument();
    }
  }

  /// Runs the kernel on poisoned outputs; what went wrong.
  std::string run() {
    o.poison();
    lse.poison();
    if (swath_status status = launch(&args, stream))
      return "status " + std::to_string(status);
    return finish();
  }
  /// Waits, and brings the outputs back.
  std::string finish() {
    cudaError_t error = cudaStreamSynchronize(stream);
    if (error != cudaSuccess)
      return cudaGetErrorString(error);
    o.array.download();
    lse.array.download();
    return "";
  }

  /// Every element is written, and none beside them.
  std::string checkWritten() {
    int64_t unwritten = 0, beside = 0;
    for (Tensor *output : {&o, &lse}) {
      const bool isUsed = output == &o || x.hasLse;
      output->forEach([&](int64_t i, uint32_t &bits) {
        // lse may be -inf, no output is NaN.
        if (i >= 0 && isUsed)
          unwritten += isNaN(output->type, bits);
        else
          beside += bits != (output->bytesEach == 4 ? 0xffffffff : 0xffff);
      });
    }
    if (unwritten + beside == 0)
      return "";
    return std::to_string(unwritten) + " elements are NaN, " +
           std::to_string(beside) + " were written beside the outputs";
  }

  /// The rows of an output that are expected, by the error rule.
  std::string checkNumbers(Tensor &output, const char *file, double bound,
                           double normBound) {
    const std::string path = "expected/" + x.name;
    const std::vector<int32_t> rows = readNpy<int32_t>(path + ".rows.npy");
    const std::vector<float> wanted = readNpy<float>(path + file);
    const int64_t count = rows.size() / 3, columns = output.columns;
    if (count == 0 ||
        wanted.size() != size_t(x.batch * x.heads * count * columns))
      return "'" + path + file + "' is not of this case";
    double worst = 0, squares = 0, norm = 0;
    const std::vector<unsigned char> &bytes = output.array.host;
    for (size_t i = 0; i < wanted.size(); ++i) {
      const int64_t head = i / columns / count;
      const int64_t row = rows[3 * (i / columns % count)];
      const int64_t at =
          (head * (output.rows + kGap) + row) * columns + i % columns;
      uint32_t bits = 0;
      std::memcpy(&bits, &bytes[at * output.bytesEach], output.bytesEach);
      const double found = decode(output.type, bits);
      // Of a row that sees nothing, lse is -inf.
      const double error =
          found == wanted[i] ? 0 : std::fabs(found - wanted[i]);
      worst = std::isnan(error) ? INFINITY : std::fmax(worst, error);
      squares += error * error;
      norm += double(wanted[i]) * wanted[i];
    }
    if (!(worst <= bound))
      return "error " + number(worst) + ", allowed " + number(bound);
    const double relative = norm == 0 ? 0 : std::sqrt(squares / norm);
    if (!(relative <= normBound))
      return "relative error " + number(relative) + ", allowed " +
             number(normBound);
    return "";
  }

  /// The same bits once more.
  std::string checkAgain() {
    const auto before = std::pair(o.array.host, lse.array.host);
    if (std::string wrong = run(); !wrong.empty())
      return wrong;
    return before == std::pair(o.array.host, lse.array.host) ? ""
                                                             : "other bits";
  }

  /// A captured launch, replayed twice, gives the same bits.
  std::string checkGraph() {
    const auto before = std::pair(o.array.host, lse.array.host);
    o.poison();
    lse.poison();
    cudaGraph_t graph;
    cudaGraphExec_t executable;
    require(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal),
            "cudaStreamBeginCapture");
    const swath_status status = launch(&args, stream);
    cudaError_t error = cudaStreamEndCapture(stream, &graph);
    if (status != SWATH_SUCCESS || error != cudaSuccess)
      return "status " + std::to_string(status) + ", " +
             cudaGetErrorString(error);
    require(cudaGraphInstantiate(&executable, graph, 0),
            "cudaGraphInstantiate");
    std::string wrong = finish();
    for (unsigned char byte : o.array.host)
      if (byte != 0xff)
        return "the kernel ran when it was captured";
    for (int replay = 0; replay < 2 && wrong.empty(); ++replay) {
      o.poison();
      lse.poison();
      require(cudaGraphLaunch(executable, stream), "cudaGraphLaunch");
      wrong = finish();
      if (before != std::pair(o.array.host, lse.array.host))
        wrong = "other bits";
    }
    cudaGraphExecDestroy(executable);
    cudaGraphDestroy(graph);
    return wrong;
  }

  /// Arguments that are wrong give their status, and nothing is written.
  std::string checkArguments() {
    o.poison();
    std::string wrong;
    auto expect = [&](swath_status expected, const char *what, auto change) {
      swath_attention_args bad = args;
      change(bad);
      const swath_status status = launch(&bad, stream);
      if (status != expected && wrong.empty())
        wrong = std::string(what) + ": expected status " +
                std::to_string(expected) + ", found " + std::to_string(status);
    };
    using Args = swath_attention_args;
    if (launch(nullptr, stream) != SWATH_NULL_POINTER)
      wrong = "no arguments";
    expect(SWATH_BAD_SIZE, "size", [](Args &a) { a.size -= 8; });
    expect(SWATH_NULL_POINTER, "k", [](Args &a) { a.k.data = nullptr; });
    expect(SWATH_BAD_DTYPE, "dtype", [](Args &a) { a.v.dtype = SWATH_I32; });
    expect(SWATH_BAD_SHAPE, "heads", [](Args &a) { ++a.o.shape[1]; });
    expect(SWATH_BAD_STRIDE, "stride", [](Args &a) { a.k.stride[3] = 2; });
    expect(SWATH_BAD_ALIGNMENT, "alignment",
           [](Args &a) { a.q.data = (char *)a.q.data + 8; });
    expect(SWATH_UNSUPPORTED_ARGUMENT, "tables",
           [](Args &a) { a.score_operands[0] = a.q; });
    if (args.workspace_bytes != 0)
      expect(SWATH_BAD_WORKSPACE, "workspace",
             [](Args &a) { a.workspace = nullptr; });
    const std::string failure = finish();
    for (unsigned char byte : o.array.host)
      if (byte != 0xff)
        return "something was written";
    return failure.empty() ? wrong : failure;
  }

  const Case &x;
  Tensor q, k, v, o, lse;
  std::vector<std::unique_ptr<Tensor>> extras;
  Launch launch;
  swath_attention_args args = {};
  cudaStream_t stream = nullptr;
};

static void check(const Case &x, bool isEmulated, Results &results) {
  Checker checker(x);
  std::string wrong = checker.run();
  results.add(x.name + ": runs", wrong);
  if (!wrong.empty())
    return;
  results.add(x.name + ": all is written, and no more", checker.checkWritten());
  results.add(x.name + ": numbers",
              checker.checkNumbers(checker.o, ".o.npy", x.bound, x.normBound));
  if (x.hasLse)
    results.add(x.name + ": lse", checker.checkNumbers(checker.lse, ".lse.npy",
                                                       x.lseBound, INFINITY));
  results.add(x.name + ": the same bits again", checker.checkAgain());
  if (isEmulated)
    results.skip(x.name + ": graph", "an emulator has none");
  else
    results.add(x.name + ": the same bits from a graph", checker.checkGraph());
  results.add(x.name + ": bad arguments", checker.checkArguments());
}

int main(int argc, char **argv) {
  const cudaDeviceProp device = requireDevice();
  const bool runsOnce = argc == 3 && std::strcmp(argv[1], "--once") == 0;
  if (argc != 2 && !runsOnce) {
    std::fprintf(stderr, "error: expected KERNEL or --once KERNEL\n");
    return 1;
  }
  const std::vector<Case> cases = casesOf(argv[argc - 1]);
  if (cases.empty()) {
    std::fprintf(stderr, "error: expected cases of '%s' in cases.txt\n",
                 argv[argc - 1]);
    return 1;
  }
  Results results;
  for (const Case &x : cases)
    if (runsOnce)
      results.add(x.name + ": runs", Checker(x).run());
    else
      check(x, isEmulated(device), results);
  return results.failed == 0 ? 0 : 1;
}
