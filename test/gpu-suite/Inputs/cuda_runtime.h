//===- cuda_runtime.h - CUDA's runtime over the emulator --------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// As much of the runtime as tools/gpu-suite calls, where a device's memory is the
// host's: the suite's programs run without a GPU.

#ifndef SWATH_TEST_CUDA_RUNTIME_H
#define SWATH_TEST_CUDA_RUNTIME_H

#include "emulate.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

using cudaStream_t = struct CUstream_st *;
using cudaGraph_t = void *;
using cudaGraphExec_t = void *;
enum cudaError_t {
  cudaSuccess,
  cudaErrorUnknown,
  cudaErrorNotSupported,
  cudaErrorLaunchFailure
};
enum cudaMemcpyKind { cudaMemcpyHostToDevice, cudaMemcpyDeviceToHost };
enum { cudaStreamCaptureModeGlobal };
struct cudaDeviceProp {
  int major;
};

inline const char *cudaGetErrorString(cudaError_t) {
  return "an error of the emulator";
}
inline cudaError_t cudaGetDeviceCount(int *count) {
  *count = 1;
  return cudaSuccess;
}
inline cudaError_t cudaGetDevice(int *device) {
  *device = 0;
  return cudaSuccess;
}
inline cudaError_t cudaSetDevice(int) { return cudaSuccess; }
inline cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int) {
  *properties = {0};
  return cudaSuccess;
}

// Memory is not given back: an address means one array for good.
template <class T> cudaError_t cudaMalloc(T **data, size_t bytes) {
  *data = static_cast<T *>(std::aligned_alloc(256, (bytes + 255) / 256 * 256));
  new swath::emulate::GlobalRange(*data, bytes, swath::emulate::ReadWrite,
                                  "an array");
  return cudaSuccess;
}
inline cudaError_t cudaFree(void *) { return cudaSuccess; }
inline cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes,
                              cudaMemcpyKind) {
  std::memcpy(to, from, bytes);
  return cudaSuccess;
}

/// What the emulator has to report is an error.
inline cudaError_t cudaDeviceSynchronize() {
  for (const std::string &message : swath::emulate::messages())
    std::fprintf(stderr, "emulator: %s\n", message.c_str());
  return swath::emulate::messages().empty() ? cudaSuccess
                                            : cudaErrorLaunchFailure;
}
inline cudaError_t cudaStreamCreate(cudaStream_t *) { return cudaSuccess; }
inline cudaError_t cudaStreamDestroy(cudaStream_t) { return cudaSuccess; }
inline cudaError_t cudaStreamSynchronize(cudaStream_t) {
  return cudaDeviceSynchronize();
}

// Not there.
inline cudaError_t cudaStreamBeginCapture(cudaStream_t, int) {
  return cudaErrorNotSupported;
}
inline cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t *) {
  return cudaErrorNotSupported;
}
inline cudaError_t cudaGraphInstantiate(cudaGraphExec_t *, cudaGraph_t, int) {
  return cudaErrorNotSupported;
}
inline cudaError_t cudaGraphLaunch(cudaGraphExec_t, cudaStream_t) {
  return cudaErrorNotSupported;
}
inline cudaError_t cudaGraphExecDestroy(cudaGraphExec_t) { return cudaSuccess; }
inline cudaError_t cudaGraphDestroy(cudaGraph_t) { return cudaSuccess; }

#endif // SWATH_TEST_CUDA_RUNTIME_H
