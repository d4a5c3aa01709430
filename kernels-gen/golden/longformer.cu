// Attention over window(256, 256) | global(0), for sm_80 and later.
//
// A block of 128 threads computes a tile of queries; copies of the next keys and
// values are under way meanwhile.

#include "longformer.h"

#include "swath_check.h"
#include "swath_cuda.h"

namespace swath {

SWATH_DEVICE void longformer_phase0(const swath_attention_args &args, int item) {
  const int nq = (int)args.q.shape[2];
  const int nk = (int)args.k.shape[2];
  const int origin = nk - nq;
  const int first_p = max(origin, 0);
  const int last_p = min(origin + nq - 1, min(nk - 1, 0));
  const int tiles = max(ceil_div(last_p - first_p + 1, 64), 0);
  const int thread = thread_index();
  const int warp = thread / 32;
  const int lane = thread % 32;
  const int split = item % 16;
  const int tile = item / 16 % tiles;
  const int head = item / 16 / tiles % 12;
  const int q0 = max(tile * 64 + first_p, first_p);
  const int last_q = min(last_p, tile * 64 + first_p + 63);
  const shared rows = shared_memory();
  // The rows of the tile's lanes, -1 for lanes that are none.
  if (thread < 64) {
    const int p = q0 + thread;
    store_shared(rows + thread * 4, first_p <= p && p <= last_q ? p - origin : -1);
  }
  const uint16_t *q_rows = (const uint16_t *)args.q.data + head * args.q.stride[1];
  const shared queries = shared_memory() + 256;
  const shared keys = shared_memory() + 8448;
  const shared values = shared_memory() + 33024;
  sync_block();
  #pragma unroll 2
  for (int i = 0; i < 4; ++i) {
    const int c = i * 128 + thread;
    const int row = c / 8;
    const int chunk = c % 8;
    const int source = load_shared<int>(rows + row * 4);
    copy_async(at_chunk<8>(queries, row, chunk), q_rows + source * args.q.stride[2] + chunk * 8,
        source >= 0);
  }
  const int first_lane = warp * 16 + lane / 4;
  // Maxima, sums of this thread's columns, and weighted values.
  float m[2] = {kLowest, kLowest};
  float l[2] = {};
  floats4 acc[8] = {};
  const uint16_t *k_rows = (const uint16_t *)args.k.data + head * args.k.stride[1];
  const uint16_t *v_rows = (const uint16_t *)args.v.data + head * args.v.stride[1];
  const int keys_per_split = ceil_div(nk, 1024) * 64;
  const int end_key = min(nk, split * keys_per_split + keys_per_split);
  const int end = max(ceil_div(end_key - split * keys_per_split, 64), 0);
  for (int block = -2; block < end; ++block) {
    copy_async_wait<1>();
    sync_block();
    const int next = block + 2;
    if (next < end) {
      const int key = split * keys_per_split + next * 64;
      const int count = min(end_key - key, 64);
      const shared k_stage = keys + next % 3 * 8192;
      const shared v_stage = values + next % 3 * 8192;
      #pragma unroll 1
      for (int i = 0; i < 4; ++i) {
        const int c = i * 128 + thread;
        const int row = c / 8;
        const int chunk = c % 8;
        copy_async(at_chunk<8>(k_stage, row, chunk),
            k_rows + (key + row) * args.k.stride[2] + chunk * 8, row < count);
        copy_async(at_chunk<8>(v_stage, row, chunk),
            v_rows + (key + row) * args.v.stride[2] + chunk * 8, row < count);
      }
    }
    copy_async_commit();
    if (block >= 0) {
      const int key = split * keys_per_split + block * 64;
      const int count = min(end_key - key, 64);
      const shared k_stage = keys + block % 3 * 8192;
      // Scores
      floats4 s[8] = {};
      const shared q_at = at_chunk<8>(queries, warp * 16 + lane % 16, lane / 16);
      const shared k_at = at_chunk<8>(k_stage, lane % 8 + lane / 16 * 8, lane / 8 % 2);
      #pragma unroll
      for (int d = 0; d < 4; ++d) {
        words4 q = ldmatrix_x4(along_row<8>(q_at, d * 2));
        #pragma unroll
        for (int n = 0; n < 4; ++n) {
          words4 k = ldmatrix_x4(along_row<8>(k_at + n * 2048, d * 2));
          s[n * 2] = mma_f16(s[n * 2], q, k.w[0], k.w[1]);
          s[n * 2 + 1] = mma_f16(s[n * 2 + 1], q, k.w[2], k.w[3]);
        }
      }
      // All keys that there are, unless every query sees the whole block.
      if (!(count == 64 && 0 <= key && key + 63 <= nk - 1)) {
        #pragma unroll
        for (int e = 0; e < 32; ++e) {
          const int i = e / 4 * 8 + lane % 4 * 2 + e % 2;
          if (!(i < count)) {
            s[e / 4].e[e % 4] = -kInfinity;
          }
        }
      }
      // Softmax: s becomes exp2(factor*s - m). The maximum m is kept until a score is more than 8
      // above it, so that few blocks scale the sums anew; weights are at most 2^8.
      float alpha[2];
      #pragma unroll
      for (int half = 0; half < 2; ++half) {
        float most = -kInfinity;
        #pragma unroll
        for (int n = 0; n < 8; ++n) {
          most = fmaxf(most, fmaxf(s[n].e[half * 2], s[n].e[half * 2 + 1]));
        }
        most = fmaxf(most, shuffle_xor(most, 1));
        most = fmaxf(most, shuffle_xor(most, 2));
        const float found = most * 0.180336878f;
        const float old = m[half];
        const float now = found - old > 8.0f ? found : old;
        m[half] = now;
        alpha[half] = exp2_approx(old - now);
        float sum = 0.0f;
        #pragma unroll
        for (int n = 0; n < 8; ++n) {
          s[n].e[half * 2] = exp2_approx(fmaf(s[n].e[half * 2], 0.180336878f, -now));
          sum += s[n].e[half * 2];
          s[n].e[half * 2 + 1] = exp2_approx(fmaf(s[n].e[half * 2 + 1], 0.180336878f, -now));
          sum += s[n].e[half * 2 + 1];
        }
        l[half] = fmaf(l[half], alpha[half], sum);
      }
      const shared v_stage = values + block % 3 * 8192;
      // Weighted values
      if (any_of_warp(alpha[0] != 1.0f || alpha[1] != 1.0f)) {
        #pragma unroll
        for (int n = 0; n < 8; ++n) {
          acc[n] = scale_rows(acc[n], alpha[0], alpha[1]);
        }
      }
      const shared v_at = at_chunk<8>(v_stage, lane % 16, lane / 16);
      #pragma unroll
      for (int j = 0; j < 4; ++j) {
        words4 p = make_words4(pack_f16(s[j * 2].e[0], s[j * 2].e[1]),
            pack_f16(s[j * 2].e[2], s[j * 2].e[3]), pack_f16(s[j * 2 + 1].e[0], s[j * 2 + 1].e[1]),
            pack_f16(s[j * 2 + 1].e[2], s[j * 2 + 1].e[3]));
        #pragma unroll
        for (int n = 0; n < 4; ++n) {
          words4 v = ldmatrix_x4_transposed(along_row<8>(v_at + j * 2048, n * 2));
          acc[n * 2] = mma_f16(acc[n * 2], p, v.w[0], v.w[1]);
          acc[n * 2 + 1] = mma_f16(acc[n * 2 + 1], p, v.w[2], v.w[3]);
        }
      }
    }
  }
  copy_async_wait<0>();
  float *part_rows = (float *)args.workspace + (int64_t)head * 1056 + (int64_t)split * 66;
  // The state, for the kernel that goes on with these rows.
  #pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = load_shared<int>(rows + (first_lane + half * 8) * 4);
    float sum = l[half];
    sum += shuffle_xor(sum, 1);
    sum += shuffle_xor(sum, 2);
    if (row >= 0) {
      float *to = part_rows + (int64_t)(first_lane + half * 8) * 66;
      #pragma unroll
      for (int n = 0; n < 8; ++n) {
        store_global(to + n * 8 + lane % 4 * 2, acc[n].e[half * 2]);
        store_global(to + n * 8 + lane % 4 * 2 + 1, acc[n].e[half * 2 + 1]);
      }
      if (lane % 4 == 0) {
        store_global(to + 64, m[half]);
        store_global(to + 65, sum);
      }
    }
  }
}

SWATH_ANYWHERE int64_t longformer_blocks0(const swath_attention_args &args) {
  const int nq = (int)args.q.shape[2];
  const int nk = (int)args.k.shape[2];
  const int origin = nk - nq;
  const int first_p = max(origin, 0);
  const int last_p = min(origin + nq - 1, min(nk - 1, 0));
  const int tiles = max(ceil_div(last_p - first_p + 1, 64), 0);
  return 12 * (int64_t)tiles * 16;
}

SWATH_DEVICE void longformer_phase1(const swath_attention_args &args, int item) {
  const int nq = (int)args.q.shape[2];
  const int nk = (int)args.k.shape[2];
  const int origin = nk - nq;
  const int tiles = max(floor_div(origin + nq - 1, 128) - floor_div(origin, 128) + 1, 0);
  const int thread = thread_index();
  const int warp = thread / 32;
  const int lane = thread % 32;
  const int tile_from_end = item % tiles;
  const int head = item / tiles % 12;
  const int tile = tiles - 1 - tile_from_end;
  const int q0 = max(tile * 128 + floor_div(origin, 128) * 128, origin);
  const int last_q = min(origin + nq - 1, tile * 128 + floor_div(origin, 128) * 128 + 127);
  const shared rows = shared_memory();
  // The rows of the tile's lanes, -1 for lanes that are none.
  if (thread < 128) {
    const int p = q0 + thread;
    store_shared(rows + thread * 4,
        origin <= p && p <= last_q && !(0 <= p && p <= min(nk - 1, 0)) ? p - origin : -1);
  }
  const uint16_t *q_rows = (const uint16_t *)args.q.data + head * args.q.stride[1];
  const shared queries = shared_memory() + 512;
  const shared keys = shared_memory() + 16896;
  const shared values = shared_memory() + 41472;
  sync_block();
  #pragma unroll 2
  for (int i = 0; i < 8; ++i) {
    const int c = i * 128 + thread;
    const int row = c / 8;
    const int chunk = c % 8;
    const int source = load_shared<int>(rows + row * 4);
    copy_async(at_chunk<8>(queries, row, chunk), q_rows + source * args.q.stride[2] + chunk * 8,
        source >= 0);
  }
  const int first_lane = warp * 32 + lane / 4;
  // Maxima, sums of this thread's columns, and weighted values.
  float m[2][2] = {{kLowest, kLowest}, {kLowest, kLowest}};
  float l[2][2] = {};
  floats4 acc[2][8] = {};
  const uint16_t *k_rows = (const uint16_t *)args.k.data + head * args.k.stride[1];
  const uint16_t *v_rows = (const uint16_t *)args.v.data + head * args.v.stride[1];
  const int first_key0 = max(q0 - 256, 0);
  const int last_key0 = min(nk - 1, q0 + 383);
  const int full_first0 = q0 - 129;
  const int full_last0 = q0 + 256;
  const int last_key1 = min(min(nk - 1, 0), q0 - 130);
  const int full_last1 = min(q0 - 257, 0);
  const int first_key2 = max(q0 + 257, 0);
  const int full_first2 = q0 + 384;
  const int end0 = max(ceil_div(last_key0 - first_key0 + 1, 64), 0);
  const int end1 = end0 + max(ceil_div(last_key1 + 1, 64), 0);
  const int end2 = end1 + max(ceil_div(min(nk - 1, 0) - first_key2 + 1, 64), 0);
  for (int block = -2; block < end2; ++block) {
    copy_async_wait<1>();
    sync_block();
    const int next = block + 2;
    if (next < end2) {
      const bool is_past0 = next >= end0;
      const bool is_past1 = next >= end1;
      const int key = is_past1 ? first_key2 + (next - end1) * 64 : is_past0 ? (next - end0) * 64 :
          first_key0 + next * 64;
      const int count = min((is_past1 ? min(nk - 1, 0) + 1 : is_past0 ? last_key1 + 1 :
          last_key0 + 1) - key, 64);
      const shared k_stage = keys + next % 3 * 8192;
      const shared v_stage = values + next % 3 * 8192;
      #pragma unroll 1
      for (int i = 0; i < 4; ++i) {
        const int c = i * 128 + thread;
        const int row = c / 8;
        const int chunk = c % 8;
        copy_async(at_chunk<8>(k_stage, row, chunk),
            k_rows + (key + row) * args.k.stride[2] + chunk * 8, row < count);
        copy_async(at_chunk<8>(v_stage, row, chunk),
            v_rows + (key + row) * args.v.stride[2] + chunk * 8, row < count);
      }
    }
    copy_async_commit();
    if (block >= 0) {
      const bool is_past0 = block >= end0;
      const bool is_past1 = block >= end1;
      const int key = is_past1 ? first_key2 + (block - end1) * 64 :
          is_past0 ? (block - end0) * 64 : first_key0 + block * 64;
      const int count = min((is_past1 ? min(nk - 1, 0) + 1 : is_past0 ? last_key1 + 1 :
          last_key0 + 1) - key, 64);
      const shared k_stage = keys + block % 3 * 8192;
      // Scores
      floats4 s[2][8] = {};
      const shared q_at = at_chunk<8>(queries, warp * 32 + lane % 16, lane / 16);
      const shared k_at = at_chunk<8>(k_stage, lane % 8 + lane / 16 * 8, lane / 8 % 2);
      #pragma unroll
      for (int d = 0; d < 4; ++d) {
        words4 q[2];
        #pragma unroll
        for (int f = 0; f < 2; ++f) {
          q[f] = ldmatrix_x4(along_row<8>(q_at + f * 2048, d * 2));
        }
        #pragma unroll
        for (int n = 0; n < 4; ++n) {
          words4 k = ldmatrix_x4(along_row<8>(k_at + n * 2048, d * 2));
          #pragma unroll
          for (int f = 0; f < 2; ++f) {
            s[f][n * 2] = mma_f16(s[f][n * 2], q[f], k.w[0], k.w[1]);
            s[f][n * 2 + 1] = mma_f16(s[f][n * 2 + 1], q[f], k.w[2], k.w[3]);
          }
        }
      }
      switch (is_past1 ? 2 : is_past0 ? 1 : 0) {
      case 0: {
        // Keys with p - 256 <= j <= p + 256, unless every query sees the whole block.
        if (!(count == 64 && full_first0 <= key && key + 63 <= full_last0)) {
          #pragma unroll
          for (int f = 0; f < 2; ++f) {
            #pragma unroll
            for (int e = 0; e < 32; ++e) {
              const int i = e / 4 * 8 + lane % 4 * 2 + e % 2;
              const int j = key + i;
              const int p = q0 + first_lane + f * 16 + e % 4 / 2 * 8;
              if (!(i < count && j - p + 256 >= 0 && p - j + 256 >= 0)) {
                s[f][e / 4].e[e % 4] = -kInfinity;
              }
            }
          }
        }
      } break;
      case 1: {
        // Keys with j <= min(0, p - 257), unless every query sees the whole block.
        if (!(count == 64 && 0 <= key && key + 63 <= full_last1)) {
          #pragma unroll
          for (int f = 0; f < 2; ++f) {
            #pragma unroll
            for (int e = 0; e < 32; ++e) {
              const int i = e / 4 * 8 + lane % 4 * 2 + e % 2;
              const int j = key + i;
              const int p = q0 + first_lane + f * 16 + e % 4 / 2 * 8;
              if (!(i < count && -j >= 0 && p - j - 257 >= 0)) {
                s[f][e / 4].e[e % 4] = -kInfinity;
              }
            }
          }
        }
      } break;
      default: {
        // Keys with p + 257 <= j <= 0, unless every query sees the whole block.
        if (!(count == 64 && full_first2 <= key && key + 63 <= 0)) {
          #pragma unroll
          for (int f = 0; f < 2; ++f) {
            #pragma unroll
            for (int e = 0; e < 32; ++e) {
              const int i = e / 4 * 8 + lane % 4 * 2 + e % 2;
              const int j = key + i;
              const int p = q0 + first_lane + f * 16 + e % 4 / 2 * 8;
              if (!(i < count && -j >= 0 && j - p - 257 >= 0)) {
                s[f][e / 4].e[e % 4] = -kInfinity;
              }
            }
          }
        }
      }
      }
      // Softmax: s becomes exp2(factor*s - m). The maximum m is kept until a score is more than 8
      // above it, so that few blocks scale the sums anew; weights are at most 2^8.
      float alpha[2][2];
      #pragma unroll
      for (int f = 0; f < 2; ++f) {
        #pragma unroll
        for (int half = 0; half < 2; ++half) {
          float most = -kInfinity;
          #pragma unroll
          for (int n = 0; n < 8; ++n) {
            most = fmaxf(most, fmaxf(s[f][n].e[half * 2], s[f][n].e[half * 2 + 1]));
          }
          most = fmaxf(most, shuffle_xor(most, 1));
          most = fmaxf(most, shuffle_xor(most, 2));
          const float found = most * 0.180336878f;
          const float old = m[f][half];
          const float now = found - old > 8.0f ? found : old;
          m[f][half] = now;
          alpha[f][half] = exp2_approx(old - now);
          float sum = 0.0f;
          #pragma unroll
          for (int n = 0; n < 8; ++n) {
            s[f][n].e[half * 2] = exp2_approx(fmaf(s[f][n].e[half * 2], 0.180336878f, -now));
            sum += s[f][n].e[half * 2];
            s[f][n].e[half * 2 + 1] =
                exp2_approx(fmaf(s[f][n].e[half * 2 + 1], 0.180336878f, -now));
            sum += s[f][n].e[half * 2 + 1];
          }
          l[f][half] = fmaf(l[f][half], alpha[f][half], sum);
        }
      }
      const shared v_stage = values + block % 3 * 8192;
      // Weighted values
      #pragma unroll
      for (int f = 0; f < 2; ++f) {
        if (any_of_warp(alpha[f][0] != 1.0f || alpha[f][1] != 1.0f)) {
          #pragma unroll
          for (int n = 0; n < 8; ++n) {
            acc[f][n] = scale_rows(acc[f][n], alpha[f][0], alpha[f][1]);
          }
        }
      }
      const shared v_at = at_chunk<8>(v_stage, lane % 16, lane / 16);
      #pragma unroll
      for (int j = 0; j < 4; ++j) {
        words4 p[2];
        #pragma unroll
        for (int f = 0; f < 2; ++f) {
          p[f] = make_words4(pack_f16(s[f][j * 2].e[0], s[f][j * 2].e[1]),
              pack_f16(s[f][j * 2].e[2], s[f][j * 2].e[3]),
              pack_f16(s[f][j * 2 + 1].e[0], s[f][j * 2 + 1].e[1]),
              pack_f16(s[f][j * 2 + 1].e[2], s[f][j * 2 + 1].e[3]));
        }
        #pragma unroll
        for (int n = 0; n < 4; ++n) {
          words4 v = ldmatrix_x4_transposed(along_row<8>(v_at + j * 2048, n * 2));
          #pragma unroll
          for (int f = 0; f < 2; ++f) {
            acc[f][n * 2] = mma_f16(acc[f][n * 2], p[f], v.w[0], v.w[1]);
            acc[f][n * 2 + 1] = mma_f16(acc[f][n * 2 + 1], p[f], v.w[2], v.w[3]);
          }
        }
      }
    }
  }
  copy_async_wait<0>();
  uint16_t *o_rows = (uint16_t *)args.o.data + head * args.o.stride[1];
  float *lse = (float *)args.lse.data + head * args.lse.stride[1];
  // Outputs
  #pragma unroll
  for (int f = 0; f < 2; ++f) {
    #pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = load_shared<int>(rows + (first_lane + f * 16 + half * 8) * 4);
      float sum = l[f][half];
      sum += shuffle_xor(sum, 1);
      sum += shuffle_xor(sum, 2);
      if (row >= 0) {
        const bool is_none = sum == 0.0f;
        const float factor = is_none ? 0.0f : 1.0f / sum;
        uint16_t *to = o_rows + row * args.o.stride[2] + lane % 4 * 2;
        #pragma unroll
        for (int n = 0; n < 8; ++n) {
          store_pair(to + n * 8,
              pack_f16(acc[f][n].e[half * 2] * factor, acc[f][n].e[half * 2 + 1] * factor));
        }
        if (args.lse.data != nullptr && lane % 4 == 0) {
          store_global(lse + row * args.lse.stride[2],
              is_none ? -kInfinity : m[f][half] * 0.693147182f + natural_log(sum));
        }
      }
    }
  }
}

SWATH_ANYWHERE int64_t longformer_blocks1(const swath_attention_args &args) {
  const int nq = (int)args.q.shape[2];
  const int nk = (int)args.k.shape[2];
  const int origin = nk - nq;
  const int tiles = max(floor_div(origin + nq - 1, 128) - floor_div(origin, 128) + 1, 0);
  return 12 * (int64_t)tiles;
}

SWATH_KERNEL(128, 2) longformer(const SWATH_GRID_CONSTANT swath_attention_args args) {
  const int item = block_index();
  const int end = (int)longformer_blocks0(args);
  if (item < end) {
    longformer_phase0(args, item);
  } else {
    longformer_phase1(args, item - end);
  }
}

SWATH_DEVICE void longformer_phase2(const swath_attention_args &args, int item) {
  const int nq = (int)args.q.shape[2];
  const int nk = (int)args.k.shape[2];
  const int origin = nk - nq;
  const int first_p = max(origin, 0);
  const int last_p = min(origin + nq - 1, min(nk - 1, 0));
  const int tiles = max(ceil_div(last_p - first_p + 1, 64), 0);
  const int thread = thread_index();
  const int warp = thread / 32;
  const int lane = thread % 32;
  const int tile = item % tiles;
  const int head = item / tiles % 12;
  const int q0 = max(tile * 64 + first_p, first_p);
  const int last_q = min(last_p, tile * 64 + first_p + 63);
  const shared rows = shared_memory();
  // The rows of the tile's lanes, -1 for lanes that are none.
  if (thread < 64) {
    const int p = q0 + thread;
    store_shared(rows + thread * 4, first_p <= p && p <= last_q ? p - origin : -1);
  }
  const int first_lane = warp * 16 + lane / 4;
  // Maxima, sums of this thread's columns, and weighted values.
  float m[2] = {kLowest, kLowest};
  float l[2] = {};
  floats4 acc[8] = {};
  sync_block();
  for (int split = 0; split < 16; ++split) {
    float *part_rows = (float *)args.workspace + (int64_t)head * 1056 + (int64_t)split * 66;
    #pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = load_shared<int>(rows + (first_lane + half * 8) * 4);
      if (row >= 0) {
        float *from = part_rows + (int64_t)(first_lane + half * 8) * 66;
        const float old = m[half];
        const float other = load_global<float>(from + 64);
        const float most = fmaxf(old, other);
        const float keep = exp2_approx(old - most);
        const float add = exp2_approx(other - most);
        #pragma unroll
        for (int n = 0; n < 8; ++n) {
          acc[n].e[half * 2] = fmaf(add, load_global<float>(from + n * 8 + lane % 4 * 2),
              keep * acc[n].e[half * 2]);
          acc[n].e[half * 2 + 1] = fmaf(add, load_global<float>(from + n * 8 + lane % 4 * 2 + 1),
              keep * acc[n].e[half * 2 + 1]);
        }
        m[half] = most;
        const float sum = load_global<float>(from + 65);
        l[half] = fmaf(add, lane % 4 == 0 ? sum : 0.0f, keep * l[half]);
      }
    }
  }
  uint16_t *o_rows = (uint16_t *)args.o.data + head * args.o.stride[1];
  float *lse = (float *)args.lse.data + head * args.lse.stride[1];
  // Outputs
  #pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = load_shared<int>(rows + (first_lane + half * 8) * 4);
    float sum = l[half];
    sum += shuffle_xor(sum, 1);
    sum += shuffle_xor(sum, 2);
    if (row >= 0) {
      const bool is_none = sum == 0.0f;
      const float factor = is_none ? 0.0f : 1.0f / sum;
      uint16_t *to = o_rows + row * args.o.stride[2] + lane % 4 * 2;
      #pragma unroll
      for (int n = 0; n < 8; ++n) {
        store_pair(to + n * 8,
            pack_f16(acc[n].e[half * 2] * factor, acc[n].e[half * 2 + 1] * factor));
      }
      if (args.lse.data != nullptr && lane % 4 == 0) {
        store_global(lse + row * args.lse.stride[2],
            is_none ? -kInfinity : m[half] * 0.693147182f + natural_log(sum));
      }
    }
  }
}

SWATH_ANYWHERE int64_t longformer_blocks2(const swath_attention_args &args) {
  const int nq = (int)args.q.shape[2];
  const int nk = (int)args.k.shape[2];
  const int origin = nk - nq;
  const int first_p = max(origin, 0);
  const int last_p = min(origin + nq - 1, min(nk - 1, 0));
  const int tiles = max(ceil_div(last_p - first_p + 1, 64), 0);
  return 12 * (int64_t)tiles;
}

SWATH_KERNEL(128, 2) longformer_round1(const SWATH_GRID_CONSTANT swath_attention_args args) {
  const int item = block_index();
  longformer_phase2(args, item);
}

static const swath_signature longformer_signature = {
    // dtype, rank and shape of each array; -2, -3 and -4 are the batch and the
    // numbers of queries and keys, -1 is any size.
    {{2, 4, {1, 12, -3, 64}},  // q
     {2, 4, {1, 12, -4, 64}},  // k
     {2, 4, {1, 12, -4, 64}},  // v
     {2, 4, {1, 12, -3, 64}},  // o
     {1, 3, {1, 12, -3, 0}},  // lse
    },
    /*num_origins=*/0, /*least_keys=*/1, /*most_keys=*/67108864, /*writes_lse=*/1,
    /*words_per_row=*/12672, /*words_per_query=*/0, /*words_per_key=*/0,
    /*on_device=*/1, /*num_global_ranges=*/0, /*global_ranges=*/nullptr};

extern "C" uint64_t longformer_workspace_bytes(const swath_attention_args *args) {
  return swath_count_workspace(&longformer_signature, args);
}

extern "C" swath_status longformer_launch(const swath_attention_args *args, cudaStream_t stream) {
  swath_status status = swath_check(&longformer_signature, args);
  const int64_t most = 67108864;
  if (status == SWATH_SUCCESS && (args->q.shape[2] > most || args->k.shape[2] > most))
    status = SWATH_BAD_SHAPE;
  if (status == SWATH_SUCCESS)
    status = launch(longformer, longformer_blocks0(*args) + longformer_blocks1(*args), 128, 66048,
        *args, stream);
  if (status == SWATH_SUCCESS)
    status = launch(longformer_round1, longformer_blocks2(*args), 128, 256, *args, stream);
  return status;
}

} // namespace swath
