// RUN: swath-opt %s --swath-cover --swath-footprint -o /dev/null | FileCheck %s
// RUN: swath-opt %s --swath-cover --swath-footprint=json=true -o /dev/null | FileCheck %s --check-prefix=JSON
// RUN: not swath-opt %s --swath-footprint -o /dev/null 2>&1 | FileCheck %s --check-prefix=NOCOVER

// CHECK: window for
// CHECK: entries(n) 513*n - 65792 for n >= 256
// CHECK: entries 2 035 456 a head, 24 425 472 in all
// CHECK: input 36.00 MiB 37 748 736
// CHECK: workspace 0 B 0

// JSON: "per_head": 2035456
// NOCOVER: expected a cover; run swath-cover first
func.func @window(%q: tensor<1x12x4096x64xf32>) -> tensor<1x12x4096x64xf32> {
  %o = swath.attention #swath.pattern<"window(256, 256)"> q(%q) k(%q) v(%q)
    : (tensor<1x12x4096x64xf32>, tensor<1x12x4096x64xf32>, tensor<1x12x4096x64xf32>) -> tensor<1x12x4096x64xf32>
  return %o : tensor<1x12x4096x64xf32>
}

// The state between two tilings is workspace.
// CHECK: open_sizes for
// CHECK: input batch*(256*nq + 512*nk) bytes
// CHECK: workspace batch*264*nq bytes
func.func @open_sizes(%q: tensor<?x1x?x64xf32>) -> tensor<?x1x?x64xf32> {
  %o = swath.attention #swath.pattern<"window(9, 9, dilation = 2) | window(9, 9, dilation = 3)"> q(%q) k(%q) v(%q)
    : (tensor<?x1x?x64xf32>, tensor<?x1x?x64xf32>, tensor<?x1x?x64xf32>) -> tensor<?x1x?x64xf32>
  return %o : tensor<?x1x?x64xf32>
}

// RUN: swath-opt %s --swath-cover '--swath-footprint=remarks=true annotate=true' 2>&1 | FileCheck %s --check-prefix=REMARK
// REMARK: remark: 24 425 472 entries, {{1.[0-9]+}} computed pairs for each, 50 331 648 bytes: input 37 748 736, output 12 582 912, workspace 0, index 0
// REMARK: remark: {{.*}} entries a head, batch*{{.*}} bytes: input batch*(256*nq + 512*nk), output batch*256*nq, workspace batch*264*nq, index 0
// REMARK: swath.footprint = {entries = 24425472 : i64, index = 0 : i64, input = 37748736 : i64, output = 12582912 : i64, saved = 50528256 : i64, total = 50331648 : i64, waste = {{.*}} : f64, workspace = 0 : i64}
// REMARK: swath.footprint = {entries_per_head = "{{.*}}", index = 0 : i64, input = "batch*(256*nq + 512*nk)",
