#pragma once

#include <torch/script.h>

#include <filesystem>

namespace clipcls {

/// Saves `encoder` as a TorchScript archive without its debug records, which nothing but error messages
/// reads. Throws Error (kOutput) that names the file.
void save_encoder(const torch::jit::Module& encoder, const std::filesystem::path& file);

}  // namespace clipcls
