//===- conformance-launch.cu - Launches ------------------------ -*- C++
//-*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "conformance.h"

using namespace swath;

// The first and the last word of shared memory, and that the block ran.
SWATH_KERNEL(128)
touch_ends(const SWATH_GRID_CONSTANT swath_attention_args args) {
  int *out = (int *)args.o.data + 2 * block_index();
  const shared memory = shared_memory();
  const shared last = memory + (int(args.origin[0]) - 4);
  if (thread_index() == 0) {
    store_shared(memory, 5);
    store_shared(last, 7 + block_index());
  }
  sync_block();
  if (thread_index() == 127) {
    out[0] = load_shared<int>(memory);
    out[1] = load_shared<int>(last);
  }
}

static swath_status launchEnds(int64_t blocks, int bytes, Array<int> &out) {
  swath_attention_args args = {};
  args.o.data = out.data;
  args.origin[0] = bytes;
  return launch(touch_ends, blocks, 128, bytes, args, nullptr);
}

static std::string checkEnds(int blocks, int bytes) {
  Array<int> out(2 * blocks, -1);
  if (swath_status status = launchEnds(blocks, bytes, out))
    return "status " + std::to_string(status);
  require(cudaDeviceSynchronize(), "kernel of a test");
  out.download();
  return compare(
      "word", out.host.size(),
      [](size_t i) { return i % 2 == 0 ? 5 : int(7 + i / 2); },
      [&](size_t i) { return out.host[i]; });
}

static std::string expectStatus(int64_t blocks, int bytes,
                                swath_status expected) {
  Array<int> out(2, -1);
  const swath_status status = launchEnds(blocks, bytes, out);
  require(cudaDeviceSynchronize(), "a launch that is none");
  out.download();
  if (out.host[0] != -1)
    return "it ran";
  return status == expected ? "" : "status " + std::to_string(status);
}

static std::string testAfterFailure() {
  Array<int> out(2);
  launchEnds(1, 1 << 24, out);
  // An error of the caller's own.
  cudaSetDevice(-1);
  return checkEnds(1, 1024);
}

static const Test kTests[] = {
    {"launch with 1 KiB", [] { return checkEnds(3, 1024); }},
    {"launch with 48 KiB", [] { return checkEnds(3, 48 << 10); }},
    {"launch with 99 KiB", [] { return checkEnds(1000, 99 << 10); }},
    {"launch of no blocks", [] { return expectStatus(0, 64, SWATH_SUCCESS); }},
    {"launch of too many blocks",
     [] { return expectStatus(int64_t(1) << 31, 64, SWATH_BAD_SHAPE); }},
    {"launch with too much shared memory",
     [] { return expectStatus(1, 1 << 24, SWATH_LAUNCH_FAILED); }},
    {"launch after one that failed", testAfterFailure},
};

int main() {
  Results results;
  if (isEmulated(requireDevice())) {
    results.skip("launch", "an emulator has none");
    return 0;
  }
  int failed = runTests(kTests), devices = 0;
  require(cudaGetDeviceCount(&devices), "cudaGetDeviceCount");
  if (devices == 1) {
    results.skip("launch on the current device", "there is one");
    return failed;
  }
  require(cudaSetDevice(devices - 1), "cudaSetDevice");
  results.add("launch on the current device", checkEnds(3, 99 << 10));
  return failed + results.failed;
}
