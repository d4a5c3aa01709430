//===- conformance-memory.cu - Memory, copies, shuffles -------- -*- C++
//-*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "conformance.h"

using namespace swath;

constexpr int kThreads = 128;

//===----------------------------------------------------------------------===//
// Geometry, global and shared memory
//===----------------------------------------------------------------------===//

SWATH_KERNEL(kThreads)
say_where(const SWATH_GRID_CONSTANT swath_attention_args args) {
  int *out = (int *)args.o.data;
  out[block_index() * kThreads + thread_index()] =
      1000 * block_index() + thread_index();
}

static std::string testGeometry() {
  Array<int> in(1), out(5 * kThreads, -1);
  runKernel(say_where, 5, kThreads, 0, in, out);
  return compare(
      "thread", out.host.size(),
      [](size_t i) { return int(1000 * (i / kThreads) + i % kThreads); },
      [&](size_t i) { return out.host[i]; });
}

SWATH_KERNEL(kThreads)
pass_global(const SWATH_GRID_CONSTANT swath_attention_args args) {
  const int *in = (const int *)args.q.data;
  float *out = (float *)args.o.data;
  const int thread = thread_index();
  // Thirds of the output: floats, ints as pairs, constants as pairs.
  store_global(out + thread, load_global((const float *)in + thread));
  store_pair((uint16_t *)(out + kThreads + thread), load_global(in + thread));
  store_pair((uint16_t *)(out + 2 * kThreads + thread),
             load_constant(in + thread));
}

static std::string testGlobal() {
  Array<int> in(kThreads), out(3 * kThreads);
  for (int i = 0; i < kThreads; ++i)
    in.host[i] = 0x3f801234 + 0x10001 * i;
  runKernel(pass_global, 1, kThreads, 0, in, out);
  return compare(
      "word", out.host.size(), [&](size_t i) { return in.host[i % kThreads]; },
      [&](size_t i) { return out.host[i]; });
}

// Of every second of the numbers, and of none.
SWATH_KERNEL(kThreads)
find_last(const SWATH_GRID_CONSTANT swath_attention_args args) {
  const int *in = (const int *)args.q.data;
  int *out = (int *)args.o.data;
  const int thread = thread_index();
  for (int count = 0; count < 4; ++count)
    store_global(out + 4 * thread + count,
                 last_at_most(in, 2, 20 * count, thread - 10));
}

static std::string testFindLast() {
  Array<int> in(128), out(4 * kThreads, -2);
  for (int i = 0; i < 128; ++i)
    in.host[i] = i % 2 == 0 ? i / 4 * 4 : -100;
  runKernel(find_last, 1, kThreads, 0, in, out);
  return compare(
      "number", out.host.size(),
      [&](size_t i) {
        int last = 0;
        for (int at = 0; at < 20 * int(i % 4); ++at)
          if (in.host[2 * at] <= int(i / 4) - 10)
            last = at;
        return last;
      },
      [&](size_t i) { return out.host[i]; });
}

// Each thread reads what another has written: as an int, then as a float.
SWATH_KERNEL(kThreads)
pass_shared(const SWATH_GRID_CONSTANT swath_attention_args args) {
  const int *in = (const int *)args.q.data;
  int *out = (int *)args.o.data;
  const int thread = thread_index();
  const shared memory = shared_memory();
  const int other = (thread * 7 + 3) % kThreads;
  out[2 * kThreads + thread] = int(memory.byte);
  for (int turn = 0; turn < 2; ++turn) {
    store_shared(memory + 4 * thread, in[thread] + turn);
    sync_block();
    out[turn * kThreads + thread] =
        turn == 0 ? load_shared<int>(memory + 4 * other)
                  : int(float_bits(load_shared<float>(memory + 4 * other)));
    sync_block();
  }
}

static std::string testShared() {
  Array<int> in(kThreads), out(3 * kThreads);
  for (int i = 0; i < kThreads; ++i)
    in.host[i] = 0x40001234 + 77 * i;
  runKernel(pass_shared, 1, kThreads, 4 * kThreads, in, out);
  for (int i = 0; i < kThreads; ++i)
    if (out.host[2 * kThreads + i] % 128 != 0)
      return "shared memory starts at no multiple of 128";
  return compare(
      "word", 2 * kThreads,
      [&](size_t i) {
        return in.host[(i % kThreads * 7 + 3) % kThreads] + int(i / kThreads);
      },
      [&](size_t i) { return out.host[i]; });
}

//===----------------------------------------------------------------------===//
// Asynchronous copies
//===----------------------------------------------------------------------===//

// Every second copy has nothing to copy, from nowhere.
SWATH_KERNEL(kThreads)
copy_some(const SWATH_GRID_CONSTANT swath_attention_args args) {
  int *out = (int *)args.o.data;
  const int thread = thread_index();
  const shared chunk = shared_memory() + 16 * thread;
  for (int w = 0; w < 4; ++w)
    store_shared(chunk + 4 * w, -1);
  sync_block();
  const bool exists = thread % 2 == 0;
  copy_async(chunk, exists ? (const int *)args.q.data + 4 * thread : nullptr,
             exists);
  copy_async_commit();
  copy_async_wait<0>();
  for (int w = 0; w < 4; ++w)
    out[4 * thread + w] = load_shared<int>(chunk + 4 * w);
}

static std::string testCopies() {
  Array<int> in(4 * kThreads), out(4 * kThreads, -2);
  for (size_t i = 0; i < in.host.size(); ++i)
    in.host[i] = 1 + int(i);
  runKernel(copy_some, 1, kThreads, 16 * kThreads, in, out);
  return compare(
      "word", out.host.size(),
      [](size_t i) { return i / 4 % 2 == 0 ? 1 + int(i) : 0; },
      [&](size_t i) { return out.host[i]; });
}

constexpr int kTurns = 64;

// Groups land in their order; one without copies is a group.
SWATH_KERNEL(kThreads)
copy_groups(const SWATH_GRID_CONSTANT swath_attention_args args) {
  int *out = (int *)args.o.data + kTurns * 3 * thread_index();
  const shared place = shared_memory() + 48 * thread_index();
  for (int turn = 0; turn < kTurns; ++turn) {
    const int *from =
        (const int *)args.q.data + 12 * (turn * kThreads + thread_index());
    for (int group = 0; group < 3; ++group) {
      copy_async(place + 16 * group, from + 4 * group, true);
      copy_async_commit();
    }
    copy_async_wait<2>();
    out[3 * turn] = load_shared<int>(place);
    copy_async_commit();
    copy_async_wait<2>();
    out[3 * turn + 1] = load_shared<int>(place + 20);
    copy_async_wait<0>();
    out[3 * turn + 2] = load_shared<int>(place + 40);
  }
}

static std::string testGroups() {
  Array<int> in(12 * kTurns * kThreads), out(3 * kTurns * kThreads, -1);
  for (size_t i = 0; i < in.host.size(); ++i)
    in.host[i] = 1 + int(i);
  runKernel(copy_groups, 1, kThreads, 48 * kThreads, in, out);
  return compare(
      "word", out.host.size(),
      [](size_t i) {
        const size_t group = i % 3, turn = i / 3 % kTurns;
        const size_t thread = i / 3 / kTurns;
        return int(1 + 12 * (turn * kThreads + thread) + 5 * group);
      },
      [&](size_t i) { return out.host[i]; });
}

// Other threads see a copy behind a barrier.
SWATH_KERNEL(kThreads)
copy_for_others(const SWATH_GRID_CONSTANT swath_attention_args args) {
  int *out = (int *)args.o.data;
  const int thread = thread_index();
  copy_async(shared_memory() + 16 * thread,
             (const int *)args.q.data + 4 * thread, true);
  copy_async_commit();
  copy_async_wait<0>();
  sync_block();
  out[thread] =
      load_shared<int>(shared_memory() + 16 * ((thread + 37) % kThreads));
}

static std::string testVisibility() {
  Array<int> in(4 * kThreads), out(kThreads, -1);
  for (size_t i = 0; i < in.host.size(); ++i)
    in.host[i] = int(i);
  runKernel(copy_for_others, 1, kThreads, 16 * kThreads, in, out);
  return compare(
      "thread", out.host.size(),
      [](size_t i) { return int(4 * ((i + 37) % kThreads)); },
      [&](size_t i) { return out.host[i]; });
}

//===----------------------------------------------------------------------===//
// Shuffles
//===----------------------------------------------------------------------===//

SWATH_KERNEL(kThreads)
shuffle(const SWATH_GRID_CONSTANT swath_attention_args args) {
  float *out = (float *)args.o.data;
  const int thread = thread_index();
  for (int bit = 0; bit < 5; ++bit)
    out[bit * kThreads + thread] = shuffle_xor(float(thread), 1 << bit);
}

static std::string testShuffles() {
  Array<int> in(1);
  Array<float> out(5 * kThreads);
  runKernel(shuffle, 1, kThreads, 0, in, out);
  return compare(
      "lane", out.host.size(),
      [](size_t i) { return float((i % kThreads) ^ (1 << (i / kThreads))); },
      [&](size_t i) { return out.host[i]; });
}

/// Turn t asks whether any lane is lane t; lanes of warp 1 say never.
SWATH_KERNEL(kThreads)
ask_warp(const SWATH_GRID_CONSTANT swath_attention_args args) {
  int *out = (int *)args.o.data;
  const int thread = thread_index();
  for (int turn = 0; turn < 32; ++turn)
    out[turn * kThreads + thread] =
        any_of_warp(thread % 32 == turn && thread / 32 != 1);
}

static std::string testAnyOfWarp() {
  Array<int> in(1), out(32 * kThreads, -1);
  runKernel(ask_warp, 1, kThreads, 0, in, out);
  return compare(
      "lane", out.host.size(),
      [](size_t i) { return int(i % kThreads / 32 != 1); },
      [&](size_t i) { return out.host[i]; });
}

static const Test kTests[] = {
    {"thread_index and block_index", testGeometry},
    {"load_global, store_global, store_pair and load_constant", testGlobal},
    {"last_at_most", testFindLast},
    {"store_shared, load_shared and sync_block", testShared},
    {"copy_async, with and without a source", testCopies},
    {"copy_async_commit and copy_async_wait", testGroups},
    {"copy_async seen by other threads", testVisibility},
    {"shuffle_xor", testShuffles},
    {"any_of_warp", testAnyOfWarp},
};

int main() {
  requireDevice();
  return runTests(kTests);
}
