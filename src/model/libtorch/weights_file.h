#pragma once

#include <filesystem>

#include "state_dict.h"

namespace clipcls {

/// What a file is by its content.
enum class WeightsFile {
  kSafetensors,
  kTorchScript,  ///< a zip file of torch.jit.save
  kPickle,       ///< a zip file of torch.save
  kOldPickle,    ///< torch.save before torch 1.6
  kOtherZip,     ///< truncated, or with something else in it
  kOther,
};

/// Throws Error (kModel) without the file's name when it cannot be read.
WeightsFile recognize_weights_file(const std::filesystem::path& path);

/// Puts the tensors of a safetensors file or of torch.save's into `state_dict`; those of the former stay in
/// the file's pages until they are used. Throws Error (kModel) without the file's name, and says in one line
/// what is wrong with the file or which tensor.
void read_weights_file(const std::filesystem::path& path, StateDict& state_dict);

/// The same of a safetensors file alone.
void read_safetensors_file(const std::filesystem::path& path, StateDict& state_dict);

}  // namespace clipcls
