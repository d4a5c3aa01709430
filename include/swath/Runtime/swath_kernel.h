/*===- swath_kernel.h - How to call a generated kernel ------------*- C -*-===*\
|*                                                                            *|
|* Part of the Swath project, under the Apache License v2.0 with LLVM         *|
|* Exceptions. See LICENSE for licence information. SPDX-License-Identifier:  *|
|* Apache-2.0 WITH LLVM-exception                                             *|
|*                                                                            *|
|*===----------------------------------------------------------------------===*|
|*                                                                            *|
|* Every kernel has the same signature, whatever its pattern:                 *|
|*                                                                            *|
|*   swath_status NAME(const swath_attention_args *args);                     *|
|*   uint64_t NAME_workspace_bytes(const swath_attention_args *args);         *|
|*                                                                            *|
|* Zero the arguments, set size, fill in q, k, v and o, and what else the     *|
|* kernel takes:                                                              *|
|*                                                                            *|
|*   swath_attention_args args = {.size = sizeof args};                       *|
|*   args.q = swath_contiguous(q, 1, 12, 4096, 64);                           *|
|*   ...                                                                      *|
|*   swath_status status = longformer(&args);                                 *|
|*   if (status != SWATH_SUCCESS)                                             *|
|*     puts(swath_status_string(status));                                     *|
|*                                                                            *|
|* A kernel allocates nothing, keeps no state and may be called from many     *|
|* threads. All arguments are checked before anything is written.             *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#ifndef SWATH_KERNEL_H
#define SWATH_KERNEL_H

#ifdef __CUDACC_RTC__
/* NVRTC has no headers. */
typedef int int32_t;
typedef long long int64_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned int uint32_t;
typedef unsigned long long uint64_t;
#else
#include <stdint.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define SWATH_ABI_VERSION 1

enum {
  SWATH_F32 = 1,
  SWATH_F16 = 2,
  SWATH_BF16 = 3,
  SWATH_I32 = 4,
  SWATH_BOOL = 5 /* a byte, 0 or 1 */
};

/* Four dimensions, strides in elements. Arrays of fewer have sizes of 1 behind
   their own. The last of four strides is 1; inputs may repeat rows with stride
   0. */
typedef struct {
  void *data;
  int32_t dtype;
  int32_t reserved;
  int64_t shape[4];
  int64_t stride[4];
} swath_tensor;

/* Of the kernel's type, float, f16 (IEEE binary16) or bf16, are q, k, v and o,
   the global arrays, and a bias that is no boolean. */
typedef struct {
  uint64_t size;  /* sizeof(swath_attention_args) */
  swath_tensor q; /* [batch, heads, queries, dim] */
  swath_tensor k; /* [batch, key/value heads, keys, dim] */
  swath_tensor v; /* [batch, key/value heads, keys, value dim] */
  swath_tensor o; /* [batch, heads, queries, value dim]; overlaps nothing */
  /* [batch, heads, queries, 1], float, natural logarithm, overlaps nothing;
     data may be NULL. */
  swath_tensor lse;
  /* For kernels that say so; else data is NULL. */
  /* [batch or 1, heads or 1, queries, keys]: floats of q's type are added to the
     scores, -inf hides a key; of SWATH_BOOL, 0 hides one. */
  swath_tensor bias;
  /* [heads], float: a logit that takes part in the softmax without a value; -inf
     is none. */
  swath_tensor sinks;
  /* [batch, heads, global rows, dim]: q of the rows that the pattern's top-level
     global terms name, each position once, in rising order. */
  swath_tensor global_q;
  swath_tensor global_k; /* as k, for those rows */
  swath_tensor global_v; /* as v, for those rows */
  swath_tensor positions; /* [batch, max], int32; negative ones are unused */
  swath_tensor lengths;   /* [batch], int32 */
  swath_tensor offsets;   /* [documents + 1], int32, rising from 0 to keys */
  /* Tables of the score region: float, int32 or SWATH_BOOL. */
  swath_tensor score_operands[4];
  /* Of a slice: position of query 0, first key, first query head, and the keys
     of the whole, each at most 2^40 in magnitude, for kernels that take them;
     else 0. */
  int64_t origin[4];
  /* NAME_workspace_bytes bytes, aligned to 4; NULL where that is 0. */
  void *workspace;
  uint64_t workspace_bytes;
  /* <= 0: as many as OpenMP gives; 1 enters no OpenMP; 1024 at most. Outputs
     are the same bits for any number. */
  int32_t threads;
} swath_attention_args;

typedef enum {
  SWATH_SUCCESS = 0,
  SWATH_NULL_POINTER = 1,
  SWATH_BAD_SIZE = 2,
  SWATH_BAD_DTYPE = 3,
  SWATH_BAD_SHAPE = 4,
  SWATH_BAD_STRIDE = 5,
  SWATH_BAD_ALIGNMENT = 6,
  SWATH_BAD_WORKSPACE = 7,
  SWATH_BAD_POSITION = 8,
  SWATH_UNSUPPORTED_ARGUMENT = 9,
  SWATH_UNSUPPORTED_CPU = 10,
  SWATH_BAD_VALUE = 11,
  SWATH_LAUNCH_FAILED = 12
} swath_status;

#ifndef __CUDACC_RTC__
/* What a status means; never NULL. */
const char *swath_status_string(swath_status status);

/* A dense float array of four dimensions. Strides count elements: one of
   another type needs its dtype set afterwards and no more. */
static inline swath_tensor swath_contiguous(void *data, int64_t d0, int64_t d1,
                                            int64_t d2, int64_t d3) {
  swath_tensor t = {
      data, SWATH_F32, 0, {d0, d1, d2, d3}, {d1 * d2 * d3, d2 * d3, d3, 1}};
  return t;
}
#endif

#ifdef __cplusplus
}
#endif

#endif /* SWATH_KERNEL_H */
