#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "tensor_shapes.h"

namespace clipcls {

/// One tensor of a torch.save file: a view into a storage, which is a record of the zip file.
struct PickledTensor {
  std::string storage_type;  ///< "FloatStorage", "HalfStorage", …
  std::string storage_key;   ///< the record is data/KEY
  std::int64_t storage_size = 0;
  std::int64_t offset = 0;  ///< in elements
  TensorShape shape;
  TensorShape strides;  ///< in elements
};

/// The state dict in the data.pkl of a torch.save file: the root itself, or what a training checkpoint has
/// under "state_dict". `bytes` is a program for a stack machine; here it is read, not run: no class is
/// looked up and nothing is called. (libtorch's own reader returns nothing for an OrderedDict with
/// attributes, which is what Module.state_dict() is.) Throws Error (kModel) without the file's name when it
/// names anything but what a state dict is made of (the class is in the message), or has another structure.
std::map<std::string, PickledTensor> parse_pickled_state_dict(std::span<const std::byte> bytes);

}  // namespace clipcls
