//===- device.h - What the tests of a GPU share ---------------- -*- C++
//-*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef SWATH_GPU_SUITE_DEVICE_H
#define SWATH_GPU_SUITE_DEVICE_H

#include <cuda_runtime.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

/// Results are lines: "pass NAME", "FAIL NAME: why", "skipped NAME: why".
struct Results {
  int failed = 0;
  /// `wrong` says what is wrong, nothing where all is well.
  void add(const std::string &name, const std::string &wrong) {
    if (wrong.empty())
      std::printf("pass %s\n", name.c_str());
    else
      std::printf("FAIL %s: %s\n", name.c_str(), wrong.c_str());
    std::fflush(stdout);
    failed += !wrong.empty();
  }
  void skip(const std::string &name, const char *why) {
    std::printf("skipped %s: %s\n", name.c_str(), why);
  }
};

/// Ends the program where the runtime fails: what comes after means nothing.
inline void require(cudaError_t error, const char *what) {
  if (error == cudaSuccess)
    return;
  std::printf("FAIL %s: %s\n", what, cudaGetErrorString(error));
  std::exit(1);
}

/// The current device; ends the program with a message where there is none.
inline cudaDeviceProp requireDevice() {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess || count == 0) {
    std::fprintf(stderr, "error: expected a CUDA device, found none\n");
    std::exit(1);
  }
  int device = 0;
  cudaDeviceProp properties = {};
  require(cudaGetDevice(&device), "cudaGetDevice");
  require(cudaGetDeviceProperties(&properties, device),
          "cudaGetDeviceProperties");
  return properties;
}

/// The tests of these programs run on an emulator, too, which has no version,
/// no launches and no graphs.
inline bool isEmulated(const cudaDeviceProp &device) {
  return device.major == 0;
}

/// An array on the host and its copy on the device.
template <class T> class Array {
public:
  explicit Array(size_t size, T value = T()) : host(size, value) {
    require(cudaMalloc(&data, bytes()), "cudaMalloc");
    upload();
  }
  Array(const Array &) = delete;
  ~Array() { cudaFree(data); }

  void upload() {
    require(cudaMemcpy(data, host.data(), bytes(), cudaMemcpyHostToDevice),
            "copy to the device");
  }
  void download() {
    require(cudaMemcpy(host.data(), data, bytes(), cudaMemcpyDeviceToHost),
            "copy from the device");
  }
  size_t bytes() const { return host.size() * sizeof(T); }

  std::vector<T> host;
  void *data = nullptr;
};

#endif // SWATH_GPU_SUITE_DEVICE_H
