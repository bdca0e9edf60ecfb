#include "tensor_shapes.h"

#include "clipcls/error.h"

namespace clipcls {

std::string to_text(const TensorShape& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

void check_shapes(const TensorShapes& actual, const TensorShapes& expected, const std::string& missing_words,
                  const std::string& unknown_words) {
  for (const auto& [name, shape] : expected) {
    const auto found = actual.find(name);
    if (found == actual.end()) {
      // A counter of training, which some exporters leave out.
      if (name.ends_with(".num_batches_tracked")) continue;
      throw Error(ErrorKind::kModel, std::string("has no tensor ").append(name).append(", ") + missing_words);
    }
    if (found->second != shape) {
      throw Error(ErrorKind::kModel,
                  "tensor " + name + " has shape " + to_text(found->second) + ", expected " + to_text(shape));
    }
  }
  for (const auto& [name, shape] : actual) {
    if (!expected.contains(name)) {
      throw Error(ErrorKind::kModel, std::string("has a tensor ").append(name).append(", ") + unknown_words);
    }
  }
}

}  // namespace clipcls
