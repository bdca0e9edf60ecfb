// open_clip's and transformers' configurations.
#include "fuzzer.h"
#include "model/checkpoint/checkpoint_config.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(checkpoint_config) {
  const std::string file = as_file("open_clip_config.json", {data, size});
  accepts(ErrorKind::kModel, [&] {
    const ClipArchitecture architecture = read_checkpoint_config(file).architecture;
    require(architecture.text.num_heads > 0 && architecture.image_size > 0, "sizes are above zero");
    // A tower of 1000 layers has 12 tensors in each: more are for no good.
    require(expected_shapes(architecture).size() < 100'000, "the tensors can be listed");
  });
  return 0;
}

}  // namespace clipcls
