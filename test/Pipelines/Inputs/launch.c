/*===- launch.c - A GPU that prints what it is told ---------------*- C -*-===*\
|*                                                                            *|
|* Part of the Swath project, under the Apache License v2.0 with LLVM         *|
|* Exceptions. See LICENSE for licence information. SPDX-License-Identifier:  *|
|* Apache-2.0 WITH LLVM-exception                                             *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

/* Calls the functions of embed-cubin.mlir with MLIR's CUDA runtime played by
   functions that print. */

#include "swath/Runtime/swath_kernel.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  char *base, *aligned;
  int64_t offset, size[4], stride[4];
} array4;
typedef struct {
  char *base, *aligned;
  int64_t offset, size[3], stride[3];
} array3;
typedef struct {
  char *base, *aligned;
  int64_t offset, size[1], stride[1];
} array1;

void _mlir_ciface_window(array4 *q, array4 *k, array4 *v, array4 *o,
                         array3 *lse);
void _mlir_ciface_dilations(array4 *q, array4 *k, array4 *v, array4 *o,
                            array3 *lse, array1 *workspace);

void *mgpuModuleLoad(void *data, size_t size) {
  return memcmp(data, "\177ELF", 4) == 0 && size > 1000 ? data : NULL;
}
void mgpuModuleUnload(void *module) {}
void *mgpuModuleGetFunction(void *module, const char *name) {
  return module ? (void *)name : NULL;
}
void *mgpuStreamCreate(void) { return NULL; }
void mgpuStreamSynchronize(void *stream) {}
void mgpuStreamDestroy(void *stream) {}

static void print(const char *name, const swath_tensor *x) {
  printf("  %s at %td:", name, (char *)x->data - (char *)0);
  for (int i = 0; i < 4; ++i)
    printf(" %td/%td", (ptrdiff_t)x->shape[i], (ptrdiff_t)x->stride[i]);
  printf("\n");
}

void mgpuLaunchKernel(void *function, intptr_t x, intptr_t y, intptr_t z,
                      intptr_t threads, intptr_t threadsY, intptr_t threadsZ,
                      int32_t shared, void *stream, void **params, void **extra,
                      size_t numParams) {
  const swath_attention_args *args = params[0];
  printf("%s: %td %td %td blocks of %td %td %td threads, %zu parameter\n",
         (const char *)function, x, y, z, threads, threadsY, threadsZ,
         numParams);
  print("q", &args->q);
  print("k", &args->k);
  print("v", &args->v);
  print("o", &args->o);
  print("lse", &args->lse);
  printf("  bias %p, workspace at %td\n", args->bias.data,
         (char *)args->workspace - (char *)0);
}

/* Nothing is read: addresses are numbers. */
static array4 at(size_t address, int64_t batch, int64_t length) {
  array4 x = {(char *)1,
              (char *)address,
              10,
              {batch, 2, length, 64},
              {length * 192, 64, 192, 1}};
  return x;
}

int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  array4 q = at(1000, 3, 130), k = at(2000, 3, 200), v = at(3000, 3, 200),
         o = at(4000, 3, 130);
  array3 lse = {(char *)1, (char *)5000, 1, {3, 2, 130}, {260, 130, 1}};
  _mlir_ciface_window(&q, &k, &v, &o, &lse);
  /* No rows, no launch. */
  q.size[0] = k.size[0] = v.size[0] = o.size[0] = lse.size[0] = 0;
  _mlir_ciface_window(&q, &k, &v, &o, &lse);
  q = k = v = o = at(1000, 1, 300);
  lse.size[0] = 1;
  lse.size[2] = 300;
  array1 workspace = {(char *)1, (char *)6000, 0, {158400}, {1}};
  _mlir_ciface_dilations(&q, &k, &v, &o, &lse, &workspace);
  /* More rows than positions are counted. */
  q.size[2] = k.size[2] = 100000000;
  _mlir_ciface_window(&q, &k, &v, &o, &lse);
}
