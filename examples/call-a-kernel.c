// Calls a generated kernel from C:
//
//   swathc compile kernels-gen/zoo/longformer-cls.mlir -o out
//   cc -Iout examples/call-a-kernel.c -Lout -llongformer_cls -Wl,-rpath,out
//
#include "longformer_cls.h"

#include <stdio.h>
#include <stdlib.h>

int main(void) {
  const int64_t heads = 12, n = 4096, d = 64;
  float *data[4];
  for (int i = 0; i < 4; ++i) {
    data[i] = malloc(heads * n * d * sizeof(float));
    for (int64_t x = 0; x < heads * n * d; ++x)
      data[i][x] = (float)(x * (i + 1) % 17) / 17;
  }
  swath_attention_args args = {.size = sizeof args};
  args.q = swath_contiguous(data[0], 1, heads, n, d);
  args.k = swath_contiguous(data[1], 1, heads, n, d);
  args.v = swath_contiguous(data[2], 1, heads, n, d);
  args.o = swath_contiguous(data[3], 1, heads, n, d);

  swath_status status = longformer_cls(&args);
  printf("%s; workspace: %llu bytes\n", swath_status_string(status),
         (unsigned long long)longformer_cls_workspace_bytes(&args));

  args.k.shape[2] = n - 1;
  printf("%s\n", swath_status_string(longformer_cls(&args)));
  for (int i = 0; i < 4; ++i)
    free(data[i]);
  return status;
}
