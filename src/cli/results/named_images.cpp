#include "cli/results/named_images.h"

#include <deque>
#include <utility>

namespace clipcls {
namespace {

class NamedSource final : public ImageSource {
 public:
  explicit NamedSource(std::deque<ImageInput> inputs) : inputs_(std::move(inputs)) {}

  std::optional<ImageInput> next() override {
    if (inputs_.empty()) return std::nullopt;
    std::optional<ImageInput> input = std::move(inputs_.front());
    inputs_.pop_front();
    return input;
  }
  bool is_at_end() const override { return inputs_.empty(); }

 private:
  std::deque<ImageInput> inputs_;
};

}  // namespace

NamedImages read_names(std::unique_ptr<ImageSource> images) {
  NamedImages named;
  std::deque<ImageInput> inputs;
  for (;;) {
    if (std::optional<ImageInput> input = images->next()) {
      named.paths.insert(input->path);
      inputs.push_back(std::move(*input));
    } else if (images->is_at_end()) {
      break;
    } else {
      images->wait({});
    }
  }
  named.images = std::make_unique<NamedSource>(std::move(inputs));
  return named;
}

}  // namespace clipcls
