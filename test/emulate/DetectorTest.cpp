//===- DetectorTest.cpp - What the emulator reports -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// Each thing that is reported, in the smallest kernel that does it, next to the
// nearest one that is right.

#include "swath_cuda.h"

#include "gtest/gtest.h"

#include <functional>

using namespace swath;
using emulate::GlobalRange;

using Messages = std::vector<std::string>;

/// What is reported when each thread runs `body`.
static Messages run(const std::function<void()> &body, int64_t blocks = 1,
                    int threads = 64, uint64_t seed = 1) {
  struct Call {
    const std::function<void()> *body;
  };
  emulate::start(seed);
  EXPECT_EQ(launch<Call>([](Call call) { (*call.body)(); }, blocks, threads,
                         1024, {&body}, nullptr),
            SWATH_SUCCESS);
  return emulate::messages();
}

/// How a message of this kind about this line of this file begins.
static std::string at(int line, const std::string &kind) {
  return "DetectorTest.cpp:" + std::to_string(line) + ": " + kind + ": ";
}

static bool has(const std::string &message, const std::string &part) {
  return message.find(part) != std::string::npos;
}

/// One message for each part, in this order, that has it.
static void expectMessages(const Messages &messages, const Messages &parts) {
  ASSERT_EQ(messages.size(), parts.size()) << testing::PrintToString(messages);
  for (size_t i = 0; i < parts.size(); ++i)
    EXPECT_TRUE(has(messages[i], parts[i]))
        << messages[i] << "\nexpected: " << parts[i];
}

static bool isThread(int thread) { return thread_index() == thread; }

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

TEST(SharedMemory, StartsAsNaNOfEveryType) {
  Messages messages = run([] {
    const shared own = shared_memory() + 4 * thread_index();
    EXPECT_TRUE(std::isnan(load_shared<float>(own)));
    const auto word = uint32_t(load_shared<int>(own));
    for (uint16_t half : {uint16_t(word), uint16_t(word >> 16)}) {
      EXPECT_TRUE(std::isnan(widen_f16(half)));
      EXPECT_TRUE(std::isnan(widen_bf16(half)));
    }
  });
  expectMessages(messages, {});
}

TEST(SharedMemory, StartsAsNaNInEachBlock) {
  Messages messages = run(
      [] {
        const shared own = shared_memory() + 4 * thread_index();
        EXPECT_TRUE(std::isnan(load_shared<float>(own)));
        store_shared(own, 1);
        EXPECT_EQ(load_shared<int>(own), 1);
      },
      3);
  expectMessages(messages, {});
}

TEST(SharedMemory, Bounds) {
  int line = 0;
  const Messages messages = run([&] {
    if (!isThread(3))
      return;
    line = __LINE__;
    store_shared(shared_memory() + 1024, 1);
    EXPECT_TRUE(std::isnan(load_shared<float>(shared_memory() + -4)));
    load_shared<float>(shared_memory() + 1020);
  });
  expectMessages(messages, {at(line + 1, "bounds") +
                                "thread 3 of block 0 writes 4 bytes at byte "
                                "1024 of the 1024 of shared memory",
                            at(line + 2, "bounds")});
}

TEST(SharedMemory, Alignment) {
  int line = 0;
  Messages messages = run([&] {
    if (!isThread(0))
      return;
    line = __LINE__;
    store_shared(shared_memory() + 9, 1);
    load_shared<float>(shared_memory() + 2);
  });
  expectMessages(messages,
                 {at(line + 1, "alignment"), at(line + 2, "alignment")});
}

TEST(SharedMemory, BeginsElsewhereEachTime) {
  std::vector<uint32_t> starts;
  for (uint64_t seed = 0; seed < 8; ++seed)
    run(
        [&] {
          if (isThread(0))
            starts.push_back(shared_memory().byte);
        },
        1, 32, seed);
  EXPECT_NE(std::count(starts.begin(), starts.end(), starts[0]), 8);
  for (uint32_t start : starts)
    EXPECT_EQ(start % 128, 0u);
}

//===----------------------------------------------------------------------===//
// Races
//===----------------------------------------------------------------------===//

/// Thread 0 does `first`, thread `other` does `second`, `between` is in
/// between; in every order that some seeds give.
static void expectRace(int other, const std::function<void()> &first,
                       const std::function<void()> &between,
                       const std::function<void()> &second, bool isRace) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Messages messages = run(
        [&] {
          if (isThread(0))
            first();
          between();
          if (isThread(other))
            second();
        },
        1, 64, seed);
    if (isRace)
      EXPECT_TRUE(std::any_of(
          messages.begin(), messages.end(),
          [](const std::string &message) { return has(message, ": race: "); }))
          << seed;
    else
      expectMessages(messages, {});
  }
}

static void writeFirst() { store_shared(shared_memory(), 1); }
static void readFirst() { load_shared<float>(shared_memory()); }
static void nothing() {}

TEST(Races, NoBarrier) {
  expectRace(1, writeFirst, nothing, readFirst, true);
  expectRace(1, writeFirst, nothing, writeFirst, true);
  expectRace(1, readFirst, nothing, writeFirst, true);
  expectRace(1, readFirst, nothing, readFirst, false);
  expectRace(0, writeFirst, nothing, writeFirst, false);
}

TEST(Races, BlockBarrier) {
  auto barrier = [] { sync_block(); };
  for (int other : {1, 33}) {
    expectRace(other, writeFirst, barrier, readFirst, false);
    expectRace(other, writeFirst, barrier, writeFirst, false);
    expectRace(other, readFirst, barrier, writeFirst, false);
  }
}

TEST(Races, WarpBarrierIsOfOneWarp) {
  auto barrier = [] { sync_warp(); };
  expectRace(1, writeFirst, barrier, readFirst, false);
  expectRace(1, readFirst, barrier, writeFirst, false);
  expectRace(33, writeFirst, barrier, readFirst, true);
  expectRace(33, readFirst, barrier, writeFirst, true);
}

TEST(Races, ExchangeOrdersNoMemory) {
  expectRace(
      1, writeFirst, [] { shuffle_xor(1.0f, 1); }, readFirst, true);
  expectRace(
      1, writeFirst, [] { any_of_warp(true); }, readFirst, true);
  expectRace(
      1, writeFirst, [] { mma_f16({}, {}, 0, 0); }, readFirst, true);
  expectRace(
      1, writeFirst, [] { ldmatrix_x4(shared_memory() + 512); }, readFirst,
      true);
}

TEST(Races, OrderIsTransitive) {
  // From warp 0 by a barrier of the block, within warp 1 by one of the warp.
  Messages messages = run([] {
    if (isThread(0))
      writeFirst();
    sync_block();
    if (isThread(33))
      writeFirst();
    sync_warp();
    if (isThread(40))
      readFirst();
  });
  expectMessages(messages, {});
}

TEST(Races, EachReaderCounts) {
  // The barrier orders thread 1, the other reader, and not thread 40.
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Messages messages = run(
        [] {
          if (isThread(40) || isThread(1))
            readFirst();
          sync_warp();
          if (isThread(0))
            writeFirst();
        },
        1, 64, seed);
    expectMessages(messages, {": race: "});
    EXPECT_TRUE(has(messages[0], "thread 40 ")) << messages[0];
  }
}

TEST(Races, LdmatrixReadsItsRow) {
  int line = 0;
  auto kernel = [&] {
    if (isThread(5))
      store_shared(shared_memory() + 16 * 6 + 12, 1);
    line = __LINE__ + 1;
    ldmatrix_x4(shared_memory() + 16 * thread_index());
  };
  // One or the other, by the order in which they ran.
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Messages messages = run(kernel, 1, 32, seed);
    ASSERT_EQ(messages.size(), 1u) << testing::PrintToString(messages);
    EXPECT_TRUE(has(messages[0], at(line, "race")) ||
                has(messages[0], at(line - 2, "race")))
        << messages[0];
  }
}

//===----------------------------------------------------------------------===//
// Asynchronous copies
//===----------------------------------------------------------------------===//

namespace {
class Copies : public testing::Test {
protected:
  alignas(16) float data[64] = {1, 2, 3, 4, 5, 6, 7, 8};
  GlobalRange range{data, sizeof data, emulate::ReadOnly, "data"};

  void copy(int chunk) const {
    copy_async(shared_memory() + 16 * chunk, data + 4 * chunk, true);
  }
  void copyAndWait(int chunk) const {
    copy(chunk);
    copy_async_commit();
    copy_async_wait<0>();
  }
};
} // namespace

TEST_F(Copies, ArriveAtTheWait) {
  Messages messages = run([&] {
    if (!isThread(0))
      return;
    copy(1);
    copy_async(shared_memory(), nullptr, false);
    copy_async_commit();
    copy_async_wait<0>();
    EXPECT_EQ(load_shared<float>(shared_memory() + 20), 6);
    EXPECT_EQ(load_shared<float>(shared_memory()), 0);
  });
  expectMessages(messages, {});
}

TEST_F(Copies, AreNotThereBefore) {
  int line = 0;
  Messages messages = run([&] {
    if (!isThread(0))
      return;
    store_shared(shared_memory(), 1);
    copy(0);
    copy_async_commit();
    line = __LINE__ + 1;
    EXPECT_TRUE(std::isnan(load_shared<float>(shared_memory())));
    store_shared(shared_memory() + 4, 1);
    copy_async_wait<0>();
  });
  expectMessages(messages,
                 {at(line, "copy in flight"), at(line + 1, "copy in flight")});
}

TEST_F(Copies, GroupsOfOneThread) {
  int line = 0;
  Messages messages = run([&] {
    if (!isThread(0))
      return;
    copy(0);
    copy_async_commit();
    copy(1);
    copy_async_commit();
    copy_async_commit(); // An empty group counts.
    copy_async_wait<2>();
    EXPECT_EQ(load_shared<float>(shared_memory()), 1);
    line = __LINE__ + 1;
    load_shared<float>(shared_memory() + 16);
    copy_async_wait<1>();
    EXPECT_EQ(load_shared<float>(shared_memory() + 16), 5);
  });
  expectMessages(messages, {at(line, "copy in flight")});
}

TEST_F(Copies, WithoutACommitAreNotWaitedFor) {
  int line = 0;
  Messages messages = run([&] {
    if (!isThread(0))
      return;
    copy(0);
    copy_async_wait<0>();
    line = __LINE__ + 1;
    load_shared<float>(shared_memory());
    copy_async_commit();
    copy_async_wait<0>();
  });
  expectMessages(messages, {at(line, "copy in flight")});
}

TEST_F(Copies, OutliveTheirThread) {
  int line = 0;
  const Messages messages = run([&] {
    if (!isThread(9))
      return;
    copyAndWait(1);
    line = __LINE__ + 1;
    copy_async(shared_memory(), data, true);
  });
  expectMessages(messages, {at(line, "copy in flight") +
                            "thread 9 of block 0 ends before"});
}

TEST_F(Copies, FromNowhereBringNaN) {
  Messages messages = run([&] {
    if (!isThread(0))
      return;
    store_shared(shared_memory(), 0);
    copy_async(shared_memory(), data + 64, true);
    copy_async_commit();
    copy_async_wait<0>();
    EXPECT_TRUE(std::isnan(load_shared<float>(shared_memory())));
  });
  expectMessages(messages, {": bounds: "});
}

TEST_F(Copies, AreOfTheirThreadUntilABarrier) {
  auto copyFirst = [&] { copyAndWait(0); };
  expectRace(1, copyFirst, nothing, readFirst, true);
  expectRace(
      1, copyFirst, [] { sync_warp(); }, readFirst, false);
  expectRace(
      33, copyFirst, [] { sync_warp(); }, readFirst, true);
  expectRace(
      33, copyFirst, [] { sync_block(); }, readFirst, false);
}

TEST_F(Copies, OverwriteWhatOthersMayStillRead) {
  auto copyFirst = [&] { copyAndWait(0); };
  expectRace(1, readFirst, nothing, copyFirst, true);
  expectRace(
      1, readFirst, [] { sync_block(); }, copyFirst, false);
}

TEST_F(Copies, ThatWaitsBehindTheBarrier) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Messages messages = run(
        [&] {
          if (isThread(0)) {
            copy(0);
            copy_async_commit();
          }
          sync_block();
          if (isThread(0))
            copy_async_wait<0>();
          if (isThread(1))
            readFirst();
        },
        1, 64, seed);
    // One or the other, by the order in which they ran.
    ASSERT_EQ(messages.size(), 1u) << testing::PrintToString(messages);
    EXPECT_TRUE(has(messages[0], ": race: ") ||
                has(messages[0], ": copy in flight: "))
        << messages[0];
  }
}

TEST_F(Copies, BoundsAndAlignment) {
  int line = 0;
  Messages messages = run([&] {
    if (!isThread(0))
      return;
    line = __LINE__;
    copy_async(shared_memory(), data + 64, true);
    copy_async(shared_memory() + 16, data + 1, true);
    copy_async(shared_memory() + 4, data, true);
    copy_async(shared_memory() + 1024, data, true);
    copy_async_commit();
    copy_async_wait<0>();
  });
  expectMessages(messages, {at(line + 1, "bounds"), at(line + 2, "alignment"),
                            at(line + 3, "alignment"), at(line + 4, "bounds")});
}

//===----------------------------------------------------------------------===//
// Global memory
//===----------------------------------------------------------------------===//

TEST(GlobalMemory, Bounds) {
  alignas(16) float in[8] = {}, out[8] = {};
  int line = 0;
  GlobalRange a(in, sizeof in, emulate::ReadOnly, "in");
  Messages messages;
  {
    GlobalRange b(out, sizeof(float) * 7, emulate::ReadWrite, "out");
    messages = run([&] {
      if (!isThread(0))
        return;
      line = __LINE__;
      store_global(out + 7, 1.0f);
      store_global(in, 1.0f);
      load_global(reinterpret_cast<const words4 *>(out + 4));
      EXPECT_TRUE(std::isnan(load_global(out + 7)));
      store_global(out + 6, load_global(in + 7));
    });
    EXPECT_EQ(out[7], 0);
    EXPECT_EQ(in[0], 0);
  }
  expectMessages(messages,
                 {at(line + 1, "bounds") +
                      "thread 0 of block 0 writes byte 28 of out, which has 28",
                  at(line + 2, "bounds") +
                      "thread 0 of block 0 writes byte 0 of in, "
                      "which has 32 and is read-only",
                  at(line + 3, "bounds"), at(line + 4, "bounds")});
  // A range is known for as long as it lives.
  messages = run([&] { load_global(out); });
  expectMessages(messages, {": bounds: "});
}

TEST(GlobalMemory, Alignment) {
  alignas(16) uint16_t out[8] = {};
  GlobalRange range(out, sizeof out, emulate::ReadWrite, "out");
  int line = 0;
  Messages messages = run([&] {
    if (!isThread(0))
      return;
    line = __LINE__ + 1;
    store_pair(out + 1, 1);
  });
  expectMessages(messages, {at(line, "alignment")});
}

TEST(GlobalMemory, ArraysThatOverlap) {
  // As q and o that share rows of one buffer.
  float buffer[64] = {};
  GlobalRange q(buffer, sizeof(float) * 48, emulate::ReadOnly, "q");
  GlobalRange o(buffer + 16, sizeof(float) * 48, emulate::ReadWrite, "o");
  Messages messages = run([&] {
    if (isThread(0))
      store_global(buffer + 20, load_global(buffer + 5));
  });
  expectMessages(messages, {});
  messages = run([&] {
    if (isThread(0))
      store_global(buffer + 5, 1.0f);
  });
  expectMessages(messages, {": bounds: "});
}

TEST(GlobalMemory, BlocksThatMeet) {
  float out[4] = {};
  GlobalRange range(out, sizeof out, emulate::ReadWrite, "out");
  int line = 0;
  auto own = [&] {
    if (isThread(0)) {
      store_global(out + block_index(), 1.0f);
      load_global(out + block_index());
    }
  };
  Messages messages = run(own, 4);
  expectMessages(messages, {});
  // Grids come one after the other.
  messages = run(own, 4);
  expectMessages(messages, {});
  messages = run(
      [&] {
        line = __LINE__ + 2;
        if (isThread(0))
          store_global(out + block_index() / 2, 1.0f);
      },
      4);
  expectMessages(messages, {at(line, "race of blocks")});
  messages = run(
      [&] {
        own();
        line = __LINE__ + 2;
        if (isThread(0))
          load_global(out + block_index() / 2);
      },
      4);
  expectMessages(messages, {at(line, "race of blocks")});
  messages = run(
      [&] {
        if (isThread(0) && block_index() < 2)
          load_global(out);
        line = __LINE__ + 2;
        if (isThread(0) && block_index() == 1)
          store_global(out, 1.0f);
      },
      2);
  expectMessages(messages, {at(line, "race of blocks")});
}

TEST(GlobalMemory, BytesAreCounted) {
  alignas(16) static float in[8], out[8], other[8];
  GlobalRange a(in, sizeof in, emulate::ReadOnly, "in"),
      b(out, sizeof out, emulate::ReadWrite, "out"),
      c(other, sizeof other, emulate::ReadOnly, "other");
  for (int launch = 1; launch <= 2; ++launch) {
    // Of 3 blocks.
    run(
        [] {
          // All 64 threads load one float, and threads 0 to 7 one each.
          load_global(in + 4);
          if (thread_index() < 8)
            load_global(in + thread_index());
          // Two threads copy the same 16 bytes; a third one's copy is of none.
          if (thread_index() < 3)
            copy_async(shared_memory() + 16 * thread_index(), in,
                       thread_index() < 2);
          copy_async_commit();
          copy_async_wait<0>();
          // Each block stores two floats, one of them twice, and loads one.
          if (isThread(0)) {
            for (int i : {0, 1, 1})
              store_global(out + 2 * block_index() + i, 1.0f);
            load_global(out + 2 * block_index());
            load_global(out + 2 * block_index());
          }
          // What may not be touched is not.
          store_global(other, 1.0f);
        },
        3);
    EXPECT_EQ(a.traffic().read, launch * 3 * (32 + 2 * 16));
    EXPECT_EQ(a.traffic().written, 0);
    EXPECT_EQ(b.traffic().read, launch * 3 * 4);
    EXPECT_EQ(b.traffic().written, launch * 3 * 3 * 4);
    EXPECT_EQ(c.traffic().read + c.traffic().written, 0);
  }
}

//===----------------------------------------------------------------------===//
// Collectives
//===----------------------------------------------------------------------===//

TEST(Collectives, AtDifferentLines) {
  int line = 0;
  const Messages messages = run([&] {
    line = __LINE__ + 2;
    if (thread_index() % 32 < 5)
      shuffle_xor(1.0f, 1);
    else
      shuffle_xor(1.0f, 1);
  });
  expectMessages(messages, {": collective: "});
  for (int each : {line, line + 2})
    EXPECT_TRUE(
        has(messages[0], "in shuffle_xor at line " + std::to_string(each)))
        << messages[0];
}

TEST(Collectives, LanesThatAskNot) {
  int line = 0;
  Messages messages = run([&] {
    line = __LINE__ + 2;
    if (thread_index() % 32 != 3)
      any_of_warp(true);
  });
  expectMessages(messages, {at(line, "deadlock")});
  EXPECT_TRUE(has(messages[0], "in any_of_warp")) << messages[0];
}

TEST(Collectives, BarriersOfTheBlockAtDifferentLines) {
  Messages messages = run([] {
    if (thread_index() < 32)
      sync_block();
    else
      sync_block();
  });
  expectMessages(messages, {": collective: "});
}

TEST(Collectives, LanesThatEnd) {
  int line = 0;
  Messages messages = run([&] {
    if (thread_index() >= 60)
      return;
    line = __LINE__ + 1;
    sync_warp();
  });
  expectMessages(messages, {at(line, "deadlock")});
  EXPECT_TRUE(
      has(messages[0],
          "threads 0-31 have ended; threads 32-59 in sync_warp at line " +
              std::to_string(line) + "; threads 60-63 have ended"))
      << messages[0];
}

TEST(Collectives, LanesThatWaitForTheBlock) {
  Messages messages = run([] {
    if (thread_index() % 2)
      sync_block();
    else
      shuffle_xor(1.0f, 1);
  });
  expectMessages(messages, {": deadlock: "});
  EXPECT_TRUE(has(messages[0], "in sync_block")) << messages[0];
  EXPECT_TRUE(has(messages[0], "in shuffle_xor")) << messages[0];
}

TEST(Collectives, OtherBlocksGoOn) {
  int ended = 0;
  Messages messages = run(
      [&] {
        if (block_index() != 1 || thread_index() != 7)
          sync_block();
        ++ended;
      },
      3);
  expectMessages(messages, {" of block 1 waits for ever: "});
  EXPECT_EQ(ended, 64 + 1 + 64);
}

//===----------------------------------------------------------------------===//
// Launches and reports
//===----------------------------------------------------------------------===//

static swath_status launchOf(int64_t blocks, int threads, int bytes) {
  return launch<int>([](int) {}, blocks, threads, bytes, 0, nullptr);
}

TEST(Launches, Limits) {
  EXPECT_EQ(launchOf(0, 64, 0), SWATH_SUCCESS);
  EXPECT_EQ(launchOf(1, 1024, 99 << 10), SWATH_SUCCESS);
  EXPECT_EQ(launchOf(int64_t(1) << 31, 64, 0), SWATH_BAD_SHAPE);
  EXPECT_EQ(launchOf(1, 1056, 0), SWATH_LAUNCH_FAILED);
  EXPECT_EQ(launchOf(1, 40, 0), SWATH_LAUNCH_FAILED);
  EXPECT_EQ(launchOf(1, 64, (99 << 10) + 1), SWATH_LAUNCH_FAILED);
}

TEST(Reports, EachLineOnceAndTwentyAtMost) {
  EXPECT_EQ(run([] { load_shared<float>(shared_memory() + 2000); }).size(), 1u);
  emulate::start(1);
  auto lines = [](int) {
    float x;
    for (int line = 1; line <= 30; ++line)
      emulate::loadShared(&x, shared{0}, 4, {"a.cu", line});
  };
  launch<int>(lines, 1, 32, 0, 0, nullptr);
  EXPECT_EQ(emulate::messages().size(), 20u);
}

TEST(Reports, FollowFromTheSeed) {
  // Which of two threads is told about depends on the order.
  auto race = [] { store_shared(shared_memory(), thread_index()); };
  std::vector<Messages> first, second;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    first.push_back(run(race, 1, 64, seed));
    second.push_back(run(race, 1, 64, seed));
    expectMessages(first.back(), {"(seed " + std::to_string(seed) + ")"});
  }
  EXPECT_EQ(first, second);
  auto text = [](const Messages &messages) {
    return messages[0].substr(0, messages[0].find("(seed"));
  };
  EXPECT_TRUE(std::any_of(first.begin(), first.end(), [&](const Messages &x) {
    return text(x) != text(first[0]);
  }));
}
