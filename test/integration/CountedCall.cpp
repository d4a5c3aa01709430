//===- CountedCall.cpp - What a call takes, counted -------------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CountedCall.h"

#include "swath/Support/Narrow.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"

#include <atomic>
#include <cerrno>
#include <csetjmp>
#include <csignal>
#include <cstring>

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace llvm;
using namespace swath;

//===----------------------------------------------------------------------===//
// Allocations
//===----------------------------------------------------------------------===//

#if __has_feature(address_sanitizer)
static constexpr bool kCountsAllocations = false;
#else
static constexpr bool kCountsAllocations = true;
#endif
static std::atomic<bool> isCounting = false;
static std::atomic<int64_t> allocations = 0;

#if !__has_feature(address_sanitizer)
static void countOne() {
  if (isCounting)
    ++allocations;
}

extern "C" {
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

void *malloc(size_t bytes) {
  countOne();
  return __libc_malloc(bytes);
}
void *calloc(size_t count, size_t bytes) {
  countOne();
  return __libc_calloc(count, bytes);
}
void *realloc(void *block, size_t bytes) {
  countOne();
  return __libc_realloc(block, bytes);
}
void *memalign(size_t alignment, size_t bytes) {
  countOne();
  return __libc_memalign(alignment, bytes);
}
void *aligned_alloc(size_t alignment, size_t bytes) {
  countOne();
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void **block, size_t alignment, size_t bytes) {
  countOne();
  *block = __libc_memalign(alignment, bytes);
  return *block ? 0 : ENOMEM;
}
void *mmap(void *at, size_t bytes, int protection, int flags, int file,
           off_t offset) {
  countOne();
  return reinterpret_cast<void *>(
      syscall(SYS_mmap, at, bytes, protection, flags, file, offset));
}
}
#endif

CountedAllocations::CountedAllocations() {
  allocations = 0;
  isCounting = true;
}
CountedAllocations::~CountedAllocations() { isCounting = false; }
int64_t CountedAllocations::calls() const { return allocations; }
bool CountedAllocations::isSupported() { return kCountsAllocations; }

//===----------------------------------------------------------------------===//
// Arrays between guards
//===----------------------------------------------------------------------===//

namespace {
class GuardedArray {
public:
  GuardedArray(const std::string &name, int64_t bytes, bool isAtEnd)
      : name(name), bytes(bytes), pages(alignTo(bytes, kPage)) {
    void *all = mmap(nullptr, pages + 2 * kGuard, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED)
      report_fatal_error("cannot map an array");
    begin = static_cast<char *>(all) + kGuard;
    if (pages != 0)
      protect(PROT_READ | PROT_WRITE);
    start = begin + (isAtEnd ? pages - bytes : 0);
  }
  GuardedArray(GuardedArray &&o)
      : name(std::move(o.name)), bytes(o.bytes), pages(o.pages),
        begin(std::exchange(o.begin, nullptr)), start(o.start) {}
  ~GuardedArray() {
    if (begin)
      munmap(begin - kGuard, pages + 2 * kGuard);
  }

  char *data() const { return start; }
  MutableArrayRef<char> contents() const {
    return {start, static_cast<size_t>(bytes)};
  }
  void makeReadOnly() const {
    if (pages != 0)
      protect(PROT_READ);
  }

  /// What touching this address is, if it is at or beside the array.
  std::optional<std::string> describe(const char *at) const {
    if (at < begin - kGuard || at >= begin + pages + kGuard)
      return std::nullopt;
    if (at < start)
      return formatv("touches byte {0} in front of {1}", start - at, name)
          .str();
    if (at >= start + bytes)
      return formatv("touches byte {0} of {1}, which has {2}", at - start, name,
                     bytes)
          .str();
    return "writes to " + name + ", which it may only read";
  }

private:
  static constexpr int64_t kPage = 4096, kGuard = 16 * kPage;
  void protect(int protection) const {
    if (mprotect(begin, pages, protection) != 0)
      report_fatal_error("cannot protect an array");
  }

  std::string name;
  int64_t bytes, pages;
  char *begin, *start;
};
} // namespace

//===----------------------------------------------------------------------===//
// Calls that may fault
//===----------------------------------------------------------------------===//

static sigjmp_buf afterFault;
static const char *volatile faultAddress;

static void onFault(int, siginfo_t *info, void *) {
  faultAddress = static_cast<const char *>(info->si_addr);
  siglongjmp(afterFault, 1);
}

/// The address that `call` may not touch, or null. What it would have destroyed
/// is not: it is a kernel.
static const char *addressOfFault(function_ref<void()> call) {
  // The stack may be what is at its end.
  static char ownStack[1 << 16];
  stack_t handlers = {}, oldStack;
  handlers.ss_sp = ownStack;
  handlers.ss_size = sizeof ownStack;
  struct sigaction action = {}, oldFault, oldBus;
  action.sa_sigaction = onFault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigaltstack(&handlers, &oldStack);
  sigaction(SIGSEGV, &action, &oldFault);
  sigaction(SIGBUS, &action, &oldBus);
  faultAddress = nullptr;
  if (sigsetjmp(afterFault, /*savemask=*/1) == 0)
    call();
  sigaction(SIGSEGV, &oldFault, nullptr);
  sigaction(SIGBUS, &oldBus, nullptr);
  sigaltstack(&oldStack, nullptr);
  return faultAddress;
}

/// Calls with the stack pointer at `top`, on machines that are known here.
static swath_status callOn(char *top, decltype(LoadedKernel::run) run,
                           const swath_attention_args *args) {
#if defined(__x86_64__)
  swath_status status;
  __asm__ volatile("movq %%rsp, %%rbx\n\t"
                   "movq %%rdx, %%rsp\n\t"
                   "callq *%%rsi\n\t"
                   "movq %%rbx, %%rsp"
                   : "=a"(status), "+D"(args), "+S"(run), "+d"(top)
                   :
                   : "rbx", "rcx", "r8", "r9", "r10", "r11", "xmm0", "xmm1",
                     "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
                     "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",
                     "xmm15", "memory", "cc");
  return status;
#else
  return run(args);
#endif
}

#if defined(__x86_64__)
static constexpr bool kKnowsStack = true;
#else
static constexpr bool kKnowsStack = false;
#endif

//===----------------------------------------------------------------------===//
// The call
//===----------------------------------------------------------------------===//

/// The values of a tensor in the kernel's type.
static void copyTo(const GuardedArray &array, const TestKernel &kernel,
                   const KernelArray &described, const swath_tensor &tensor,
                   int64_t elements) {
  if (tensor.dtype == described.dtype()) {
    std::memcpy(array.data(), tensor.data, array.contents().size());
    return;
  }
  std::vector<uint16_t> bits(elements);
  narrow(ArrayRef(static_cast<const float *>(tensor.data), elements),
         kernel.semantics(), bits);
  std::memcpy(array.data(), bits.data(), array.contents().size());
}

Expected<CountedCall> swath::countCall(const TestKernel &kernel,
                                       const Arrays &arrays,
                                       int64_t workspaceBytes,
                                       int64_t mostStack) {
  constexpr char kFillings[] = {'\xa5', '\x5a'};
  CountedCall counted;
  // Of both calls, what they write: outputs, then the workspace.
  std::vector<char> written[2][2];
  for (int round : {0, 1}) {
    const bool isAtEnd = round == 0;
    const char filling = kFillings[round];
    swath_attention_args args = arrays.args;
    std::vector<GuardedArray> guarded;
    std::vector<size_t> outputs;
    counted.inputBytes = counted.outputBytes = 0;
    for (const KernelArray &described : kernel.info().arrays) {
      swath_tensor &tensor = (&args.q)[described.index];
      if (!tensor.data)
        continue;
      const int64_t elements =
          tensor.shape[0] * tensor.shape[1] * tensor.shape[2] * tensor.shape[3];
      const int64_t bytes = elements * swath_element_bytes(described.dtype());
      const GuardedArray &array =
          guarded.emplace_back(described.name(), bytes, isAtEnd);
      if (described.isOutput()) {
        llvm::fill(array.contents(), filling);
        outputs.push_back(guarded.size() - 1);
        counted.outputBytes += bytes;
      } else {
        copyTo(array, kernel, described, tensor, elements);
        array.makeReadOnly();
        counted.inputBytes += bytes;
      }
      tensor.data = array.data();
      tensor.dtype = int32_t(described.dtype());
    }
    const GuardedArray &workspace =
        guarded.emplace_back("the workspace", workspaceBytes, isAtEnd);
    llvm::fill(workspace.contents(), filling);
    args.workspace = workspace.data();
    args.workspace_bytes = workspaceBytes;
    args.threads = 1;
    constexpr int64_t kSpare = 1 << 16;
    const GuardedArray &stack =
        guarded.emplace_back("the stack", alignTo(mostStack, 64) + kSpare,
                             /*isAtEnd=*/true);
    llvm::fill(stack.contents(), filling);
    // Frames may be aligned to more than what a call is.
    char *top = stack.contents().end() - 16 * (1 + round);

    swath_status status = SWATH_SUCCESS;
    const char *fault = addressOfFault([&] {
      const CountedAllocations count;
      status = callOn(top, kernel.entry().run, &args);
      counted.allocations = count.calls();
    });
    isCounting = false;
    if (fault) {
      for (const GuardedArray &array : guarded)
        if (std::optional<std::string> what = array.describe(fault))
          return createStringError("the kernel " + *what);
      return createStringError("the kernel touches what is not its own");
    }
    if (status != SWATH_SUCCESS)
      return createStringError("the kernel answers: %s",
                               kernel.entry().statusString(status));
    for (size_t i : outputs)
      append_range(written[round][0], guarded[i].contents());
    append_range(written[round][1], workspace.contents());
    if (kKnowsStack) {
      const char *lowest = llvm::find_if(
          stack.contents(), [&](char byte) { return byte != filling; });
      counted.stackBytes =
          std::max<int64_t>(counted.stackBytes.value_or(0), top - lowest);
    }
    if (round == 1) {
      args.threads = 2;
      kernel.entry()(args);
      const CountedAllocations count;
      kernel.entry()(args);
      counted.allocationsOfTwo = count.calls();
    }
  }
  auto idle = [&](int what) {
    int64_t bytes = 0;
    for (auto [a, b] : zip_equal(written[0][what], written[1][what]))
      bytes += a == kFillings[0] && b == kFillings[1];
    return bytes;
  };
  counted.idleOutput = idle(0);
  counted.idleWorkspace = idle(1);
  return counted;
}
