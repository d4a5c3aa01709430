//===- FlashKernel.cpp - flash.cu, compiled and run -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FlashKernel.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

#include <dlfcn.h>
#include <unistd.h>

namespace swath {

[[noreturn]] static void fail(const std::string &message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::abort();
}

std::string flashSource() {
  std::ifstream file(SWATH_FLASH_DIR "/flash.cu");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

FlashKernel::FlashKernel(const std::string &source) {
  char folder[] = "/tmp/swath-flash-XXXXXX";
  if (!mkdtemp(folder))
    fail("cannot create a temporary folder");
  const std::string path = std::string(folder) + "/flash";
  std::ofstream(path + ".cu") << source;
  // Uninitialised variables are not zero by accident.
  const std::string command =
      SWATH_CLANG " -x c++ -std=c++17 -O1 -Wno-everything -fPIC -shared "
                  "-ftrivial-auto-var-init=pattern -I" SWATH_FLASH_DIR
                  " -I" SWATH_EMULATE_DIR " -I" SWATH_RUNTIME_DIR " " +
      path + ".cu -o " + path + ".so";
  if (std::system(command.c_str()) == 0)
    library = dlopen((path + ".so").c_str(), RTLD_NOW | RTLD_LOCAL);
  for (const char *suffix : {".cu", ".so"})
    unlink((path + suffix).c_str());
  rmdir(folder);
  if (!library)
    fail("cannot compile and load " + path + ".cu");
  launched =
      reinterpret_cast<decltype(launched)>(dlsym(library, "flash_launch"));
}

FlashKernel::~FlashKernel() { dlclose(library); }

/// Rows of `head` are at `head` * n.
static double errorOf(const FlashCase &c, const std::vector<uint16_t> &q,
                      const std::vector<uint16_t> &k,
                      const std::vector<uint16_t> &v,
                      const std::vector<uint16_t> &o, double scale) {
  double worst = 0;
  for (int head = 0; head < c.heads; ++head)
    for (int i = 0; i < c.n; ++i) {
      double sum = 0, wanted[kFlashDim] = {};
      auto at = [&](const std::vector<uint16_t> &x, int row, int d) {
        return double(widen_f16(x[(head * c.n + row) * kFlashDim + d]));
      };
      for (int j = std::max(i - c.left, 0); j <= std::min(i + c.right, c.n - 1);
           ++j) {
        double score = 0;
        for (int d = 0; d < kFlashDim; ++d)
          score += at(q, i, d) * at(k, j, d);
        const double weight = std::exp(score * scale);
        sum += weight;
        for (int d = 0; d < kFlashDim; ++d)
          wanted[d] += weight * at(v, j, d);
      }
      for (int d = 0; d < kFlashDim; ++d) {
        const double error = std::abs(at(o, i, d) - wanted[d] / sum);
        if (!(error <= worst))
          worst = error;
        if (std::isnan(worst))
          return worst;
      }
    }
  return worst;
}

FlashResult FlashKernel::run(const FlashCase &c, uint64_t seed) const {
  // A few keys matter to each query, and which ones changes from row to row.
  std::mt19937 random(c.n);
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<float> uniform(-1, 1);
  auto fill = [&](auto &&next) {
    // Aligned as copies of 16 bytes want it: operator new does so.
    std::vector<uint16_t> all(c.heads * c.n * kFlashDim);
    for (uint16_t &x : all)
      x = uint16_t(pack_f16(next(random), 0));
    return all;
  };
  const std::vector<uint16_t> q = fill(normal), k = fill(normal),
                              v = fill(uniform);
  FlashResult result;
  result.output.assign(q.size(), 0xffff);
  const size_t bytes = q.size() * sizeof q[0];
  emulate::GlobalRange ofQ(q.data(), bytes, emulate::ReadOnly, "q");
  emulate::GlobalRange ofK(k.data(), bytes, emulate::ReadOnly, "k");
  emulate::GlobalRange ofV(v.data(), bytes, emulate::ReadOnly, "v");
  emulate::GlobalRange ofO(result.output.data(), bytes, emulate::ReadWrite,
                           "o");
  emulate::start(seed);
  const float scale = 0.25f;
  const flash_args args = {q.data(), k.data(), v.data(), result.output.data(),
                           c.heads,  c.n,      c.left,   c.right,
                           scale};
  if (launched(&args, nullptr) != SWATH_SUCCESS)
    fail("flash.cu was not launched");
  result.messages = emulate::messages();
  result.error = errorOf(c, q, k, v, result.output, scale);
  return result;
}

} // namespace swath
