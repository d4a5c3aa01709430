//===- StackFrames.cpp - What functions take of the stack -------*- C++ -*-===//
//
// Part of the Swath project, under the Apache License v2.0 with LLVM
// Exceptions. See LICENSE for licence information. SPDX-License-Identifier:
// Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "StackFrames.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetFrameLowering.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/CodeGen/TargetRegisterInfo.h"
#include "llvm/CodeGen/TargetSubtargetInfo.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/Target/RegisterTargetPassConfigCallback.h"

#include <mutex>

using namespace llvm;

namespace swath {

using Frames = StringMap<std::optional<int64_t>>;

/// Of a function whose frame is laid out; nothing where it has no fixed size.
static std::optional<int64_t> frameOf(const MachineFunction &function) {
  const TargetSubtargetInfo &subtarget = function.getSubtarget();
  const TargetFrameLowering &lowering = *subtarget.getFrameLowering();
  const MachineFrameInfo &frame = function.getFrameInfo();
  if (frame.hasVarSizedObjects())
    return std::nullopt;
  // Where a call pushes its return address, locals start below it.
  int64_t bytes = frame.getStackSize() - lowering.getOffsetOfLocalArea();
  // The first byte may be anywhere in the alignment, and the size is rounded up
  // to it.
  const int64_t aligned = lowering.getStackAlign().value();
  if (subtarget.getRegisterInfo()->hasStackRealignment(function))
    bytes += 2 * (int64_t(frame.getMaxAlign().value()) - aligned / 2);
  // Arguments are pushed call by call.
  if (!lowering.hasReservedCallFrame(function) && frame.hasCalls())
    bytes += alignTo(frame.getMaxCallFrameSize(), aligned) + aligned / 2;
  return bytes;
}

namespace {
class RecordFrames final : public MachineFunctionPass {
public:
  explicit RecordFrames(Frames &frames)
      : MachineFunctionPass(ID), frames(frames) {}
  StringRef getPassName() const override { return "Record stack frames"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }
  bool runOnMachineFunction(MachineFunction &function) override {
    frames[function.getName()] = frameOf(function);
    return false;
  }

private:
  static char ID;
  Frames &frames;
};

/// Walks the calls of a module.
class Calls {
public:
  explicit Calls(const Frames &frames) : frames(frames) {}

  std::optional<int64_t> depth(const Function &function) {
    if (function.isDeclaration())
      return 0;
    auto [found, isNew] = depths.try_emplace(&function, std::nullopt);
    // Of one that is being walked, nothing yet: it calls itself.
    if (!isNew)
      return found->second;
    const auto frame = frames.find(function.getName());
    if (frame == frames.end() || !frame->second)
      return std::nullopt;
    int64_t deepest = 0;
    for (const Function *callee : calleesOf(function)) {
      const std::optional<int64_t> below = depth(*callee);
      if (!below)
        return std::nullopt;
      deepest = std::max(deepest, *below);
    }
    return depths[&function] = *frame->second + deepest;
  }

private:
  /// Those that it calls or hands to what it calls; through a pointer, whatever
  /// is of the type.
  static SetVector<const Function *> calleesOf(const Function &function) {
    SetVector<const Function *> callees;
    for (const Instruction &instruction : instructions(function)) {
      const auto *call = dyn_cast<CallBase>(&instruction);
      if (!call)
        continue;
      for (const Value *operand : call->operands())
        if (const auto *callee = dyn_cast<Function>(operand))
          callees.insert(callee);
      if (call->isIndirectCall())
        for (const Function &any : *function.getParent())
          if (any.hasAddressTaken() &&
              any.getFunctionType() == call->getFunctionType())
            callees.insert(&any);
    }
    return callees;
  }

  const Frames &frames;
  DenseMap<const Function *, std::optional<int64_t>> depths;
};
} // namespace

char RecordFrames::ID = 0;

bool StackFrames::record(const TargetMachine &machine,
                         function_ref<bool()> addPasses) {
  // LLVM's list of callbacks is one for all threads.
  static std::mutex mutex;
  const std::lock_guard<std::mutex> guard(mutex);
  const RegisterTargetPassConfigCallback callback(
      [&](TargetMachine &of, PassManagerBase &, TargetPassConfig *config) {
        if (&of == &machine)
          config->insertPass(&PrologEpilogCodeInserterID,
                             new RecordFrames(frames));
      });
  return addPasses();
}

std::optional<int64_t> StackFrames::depth(const Function &entry) const {
  return Calls(frames).depth(entry);
}

} // namespace swath
