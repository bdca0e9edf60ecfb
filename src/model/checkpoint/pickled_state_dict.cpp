#include "pickled_state_dict.h"

#include "clipcls/error.h"
#include "model_error.h"
#include "pickle_values.h"

namespace clipcls {
namespace {

const PickleDict* find_dict(const Pickle& pickle, const PickleDict& dict, const std::string& key) {
  for (const auto& [name, value] : dict.items) {
    const auto* text = std::get_if<std::string>(&pickle.values[name]);
    if (text != nullptr && *text == key) return std::get_if<PickleDict>(&pickle.values[value]);
  }
  return nullptr;
}

/// Throws unless every element that the tensor's shape and strides reach lies in its storage.
void check_view(const std::string& name, const PickledTensor& tensor) {
  bool is_right = tensor.shape.size() == tensor.strides.size() && tensor.offset >= 0 &&
                  tensor.offset <= tensor.storage_size;
  // The largest index that is reached: the offset and (size - 1) * stride of each axis. Every step may
  // overflow.
  std::int64_t last = is_right ? tensor.offset : 0;
  bool is_empty = false;
  for (std::size_t axis = 0; is_right && axis < tensor.shape.size(); ++axis) {
    const std::int64_t size = tensor.shape[axis];
    const std::int64_t stride = tensor.strides[axis];
    std::int64_t extent = 0;
    is_right = size >= 0 && stride >= 0 &&
               !__builtin_mul_overflow(size > 0 ? size - 1 : 0, stride, &extent) &&
               !__builtin_add_overflow(last, extent, &last);
    is_empty = is_empty || size == 0;
  }
  if (!is_right || (!is_empty && last >= tensor.storage_size)) {
    fail("tensor " + name + " has shape " + to_text(tensor.shape) + ", strides " + to_text(tensor.strides) +
         " and offset " + std::to_string(tensor.offset) + ", and its storage has " +
         std::to_string(tensor.storage_size) + " numbers");
  }
}

}  // namespace

std::map<std::string, PickledTensor> parse_pickled_state_dict(std::span<const std::byte> bytes) {
  const Pickle pickle = read_pickle(bytes);
  const PickleValue& root = pickle.values[pickle.root];
  const auto* state_dict = std::get_if<PickleDict>(&root);
  if (state_dict == nullptr) {
    fail("is a pickled Python checkpoint, not a state dict: it holds " + kind_of(root) +
         ", not a dict of tensors");
  }
  // Training scripts save a dict with the optimiser and others beside the "state_dict".
  if (const PickleDict* nested = find_dict(pickle, *state_dict, "state_dict")) state_dict = nested;

  std::map<std::string, PickledTensor> tensors;
  for (const auto& [key, value] : state_dict->items) {
    const auto* name = std::get_if<std::string>(&pickle.values[key]);
    if (name == nullptr) {
      fail("is a pickled Python checkpoint, not a state dict: a key of it is " + kind_of(pickle.values[key]) +
           ", not a tensor's name");
    }
    const auto* tensor = std::get_if<PickledTensor>(&pickle.values[value]);
    if (tensor == nullptr) {
      fail("is a pickled Python checkpoint, not a state dict: its entry " + *name + " is " +
           kind_of(pickle.values[value]) + ", not a tensor");
    }
    check_view(*name, *tensor);
    tensors.insert_or_assign(*name, *tensor);
  }
  if (tensors.empty()) fail("is a pickled Python checkpoint without a tensor");
  return tensors;
}

}  // namespace clipcls
