#map = affine_map<()[s0] -> (0, 0)>
#map1 = affine_map<(d0, d1)[s0, s1] -> (0)>
#map2 = affine_map<(d0, d1)[s0, s1] -> (s1 - 1)>
#map3 = affine_map<(d0, d1)[s0, s1] -> (0, d0 - 256)>
#map4 = affine_map<(d0, d1)[s0, s1] -> (s1 - 1, d0 + 319)>
#map5 = affine_map<(d0, d1)[s0, s1] -> (d0 - 193)>
#map6 = affine_map<(d0, d1)[s0, s1] -> (d0 + 256)>
#map7 = affine_map<(d0, d1)[s0, s1] -> (-d0 + d1 + 256, d0 - d1 + 256)>
#map8 = affine_map<(d0, d1)[s0, s1] -> (s1 - 1, 0, d0 - 194)>
#map9 = affine_map<(d0, d1)[s0, s1] -> (0, d0 - 257)>
#map10 = affine_map<(d0, d1)[s0, s1] -> (-d1, d0 - d1 - 257)>
#map11 = affine_map<(d0, d1)[s0, s1] -> (0, d0 + 257)>
#map12 = affine_map<(d0, d1)[s0, s1] -> (s1 - 1, 0)>
#map13 = affine_map<(d0, d1)[s0, s1] -> (d0 + 320)>
#map14 = affine_map<(d0, d1)[s0, s1] -> (-d1, -d0 + d1 - 257)>
module {
  func.func @attention(%arg0: tensor<1x12x?x64xf16>, %arg1: tensor<1x12x?x64xf16>, %arg2: tensor<1x12x?x64xf16>) -> (tensor<1x12x?x64xf16>, tensor<1x12x?xf32>) {
    %0:2 = swath.attention #swath.pattern<"window(256, 256) | global(0)"> q(%arg0) k(%arg1) v(%arg2) cover(#swath.cover<groups = [<tile = 64 keys = 64 splits = 16 most_rows = 1 rows = #map tilings = [<stride = 1, sweeps = [<keys = <lower = #map1, upper = #map2>, full = <lower = #map1, upper = #map2>, mask = <>>]>]>, <tile = 64 keys = 64 except = [#map] tilings = [<stride = 1, sweeps = [<keys = <lower = #map3, upper = #map4>, full = <lower = #map5, upper = #map6>, mask = <in = #map7>>, <keys = <lower = #map1, upper = #map8>, full = <lower = #map1, upper = #map9>, mask = <in = #map10>>, <keys = <lower = #map11, upper = #map12>, full = <lower = #map13, upper = #map1>, mask = <in = #map14>>]>]>]>) : (tensor<1x12x?x64xf16>, tensor<1x12x?x64xf16>, tensor<1x12x?x64xf16>) -> (tensor<1x12x?x64xf16>, tensor<1x12x?xf32>)
    return %0#0, %0#1 : tensor<1x12x?x64xf16>, tensor<1x12x?xf32>
  }
}

