#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor_shapes.h"

namespace clipcls {

/// One tensor of a safetensors file: its dtype as the file writes it ("F32", "BF16", …) and its bytes,
/// little-endian, row-major, at any alignment.
struct StoredTensor {
  std::string dtype;
  TensorShape shape;
  std::span<std::byte> bytes;
};

/// What a safetensors file holds.
struct Safetensors {
  std::map<std::string, StoredTensor> tensors;  ///< by name
  std::map<std::string, std::string> metadata;  ///< the texts of __metadata__
  std::string_view header;                      ///< the JSON text that says all that
};

/// Reads a safetensors file. `file` is the whole file: 8 bytes for the length of the header, the header
/// (JSON), the tensors. The header is not trusted: throws Error (kModel) without the file's name that says
/// which tensor is wrong and why, unless every dtype is known, every tensor has as many bytes as its shape
/// asks for, and together they fill the file without a gap or an overlap.
Safetensors parse_safetensors(std::span<std::byte> file);

}  // namespace clipcls
