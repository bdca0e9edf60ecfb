#include "fuzzer.h"
#include "pipeline/npy_file.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(npy) {
  const std::string file = as_file("image_features.npy", {data, size});
  accepts(ErrorKind::kFeatures, [&] {
    const NpyMatrix matrix(file);
    std::size_t num_zeros = 0;  // all of it is there
    for (const float value : matrix.block(0, matrix.rows())) num_zeros += value == 0.0F ? 1 : 0;
    require(num_zeros <= size / sizeof(float), "no more values than bytes");
  });
  return 0;
}

}  // namespace clipcls
