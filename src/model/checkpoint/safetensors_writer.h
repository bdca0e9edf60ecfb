#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>

#include "tensor_shapes.h"

namespace clipcls {

/// What the header of a safetensors file says of a tensor.
struct TensorForm {
  std::string dtype;  ///< "F32", "F16", …
  std::size_t element_size = 0;
  TensorShape shape;
};

/// Writes a safetensors file with checksums (tensor_checksums.h). The tensors begin at a multiple of 64
/// bytes, those first whose size is a multiple of 64, so that weights can be used where the file is mapped.
/// `bytes_of` gives a tensor's bytes when they are due; they are read until its next call. Throws Error
/// (kOutput) that names the file.
void write_safetensors(const std::filesystem::path& path, const std::map<std::string, TensorForm>& tensors,
                       const std::function<std::span<const std::byte>(const std::string& name)>& bytes_of);

}  // namespace clipcls
