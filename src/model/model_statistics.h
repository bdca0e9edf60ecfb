#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace clipcls {

struct EncoderStatistics {
  std::uint64_t num_parameters = 0;  ///< trained numbers; a tensor that is used twice counts once
  std::string dtype;                 ///< as stored: "float16", "float32", or both with a comma between
};

struct ModelStatistics {
  EncoderStatistics image;
  EncoderStatistics text;
};

/// What the archives of a model hold: those of a model folder, or one that OpenAI published, whose
/// logit_scale belongs to neither encoder. Throws Error (kModel) when one cannot be loaded.
ModelStatistics read_model_statistics(const std::filesystem::path& model);

}  // namespace clipcls
