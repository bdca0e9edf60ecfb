#pragma once

#include <cstddef>
#include <memory>

namespace clipcls {

struct UnmapPages {
  std::size_t num_bytes = 0;
  void operator()(void* memory) const;
};

/// Memory in pages of its own: it is given back at once, and large pages are asked for, which processors find
/// sooner.
class PageMemory {
 public:
  PageMemory() = default;
  /// Zeros. Throws std::bad_alloc.
  explicit PageMemory(std::size_t num_bytes);

  void* data() { return memory_.get(); }
  const void* data() const { return memory_.get(); }

 private:
  std::unique_ptr<void, UnmapPages> memory_;
};

}  // namespace clipcls
