#include "mapped_storage.h"

#include <utility>

namespace clipcls {
namespace {

struct MappedPart {
  std::shared_ptr<MappedFile> file;
  std::span<std::byte> bytes;
};

void release(void* context) {
  const std::unique_ptr<MappedPart> part(static_cast<MappedPart*>(context));
  MappedFile::discard(part->bytes);
}

}  // namespace

c10::Storage mapped_storage(std::shared_ptr<MappedFile> file, std::span<std::byte> bytes) {
  auto part = std::make_unique<MappedPart>(MappedPart{std::move(file), bytes});
  c10::DataPtr data(bytes.data(), part.release(), &release, c10::kCPU);
  return {c10::Storage::use_byte_size_t(), bytes.size(), std::move(data), /*allocator=*/nullptr,
          /*resizable=*/false};
}

void give_pages_back(const at::Tensor& tensor) {
  // The function that releases a storage says whose memory it is: that of others must not be emptied.
  if (!tensor.device().is_cpu() || tensor.storage().data_ptr().get_deleter() != &release) return;
  if (!tensor.is_non_overlapping_and_dense()) return;
  auto* const begin = static_cast<std::byte*>(tensor.storage().mutable_data()) +
                      static_cast<std::size_t>(tensor.storage_offset()) * tensor.element_size();
  MappedFile::discard({begin, tensor.nbytes()});
}

}  // namespace clipcls
