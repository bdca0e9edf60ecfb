#include <filesystem>

#include "fuzzer.h"
#include "model/model_config.h"

namespace clipcls {

CLIPCLS_FUZZ_TARGET(model_config) {
  const std::filesystem::path file = as_file("config.json", {data, size});
  accepts(ErrorKind::kModel, [&] {
    const ModelConfig config = read_model_config(file.parent_path());
    require(config.embed_dim > 0 && config.logit_scale > 0, "sizes and scale are above zero");
    require(config.image.image_size > 0 && config.text.context_length >= 2, "inputs have a size");
    require(config.text.eot_token_id < config.text.vocab_size, "tokens are in the vocabulary");
    require(!config.prompt_templates.empty(), "there is a template");
    const ModelArchitecture& built = config.architecture;
    if (built.builds_image_encoder)
      require(expected_image_shapes(built.clip).size() < 100'000, "the tensors can be listed");
    if (built.builds_text_encoder)
      require(expected_text_shapes(built.clip).size() < 100'000, "the tensors can be listed");
  });
  return 0;
}

}  // namespace clipcls
