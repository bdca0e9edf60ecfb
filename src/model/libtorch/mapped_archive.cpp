// torch.save writes a zip file without compression and aligns each record, so that weights can be used where
// the file is mapped: nothing is copied, pages are read when they are needed, and processes share them.
#include "mapped_archive.h"

#include <caffe2/serialize/read_adapter_interface.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "clipcls/error.h"
#include "mapped_storage.h"
#include "zip_directory.h"

namespace clipcls {
namespace {

constexpr std::size_t kAlignment = 64;  // torch's own; its kernels read whole cache lines

/// Lets torch's reader read from the mapping.
class MappedReader final : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit MappedReader(std::shared_ptr<MappedFile> file) : file_(std::move(file)) {}

  std::size_t size() const override { return file_->bytes().size(); }

  std::size_t read(std::uint64_t position, void* buffer, std::size_t size,
                   const char* /*what*/) const override {
    const std::span<const std::byte> bytes = file_->bytes();
    if (position >= bytes.size()) return 0;
    const std::size_t num_bytes = std::min(size, bytes.size() - static_cast<std::size_t>(position));
    std::memcpy(buffer, bytes.data() + position, num_bytes);
    return num_bytes;
  }

 private:
  std::shared_ptr<MappedFile> file_;
};

/// Whether the record holds numbers of tensors. Its name begins with that of the archive.
bool is_storage(std::string_view name) {
  name.remove_prefix(std::min(name.find('/'), name.size()));
  return name.starts_with("/data/") || name.starts_with("/constants/");
}

/// libtorch's reader, once it is known how much memory it can take: it takes what the directory claims, for
/// its own small records ("version") as soon as it is made.
std::shared_ptr<MappedReader> bounded_reader(const std::shared_ptr<MappedFile>& file) {
  // A few bytes may be compressed a thousand times; weights cannot be, and text hardly as far as the weights
  // beside it are large.
  constexpr std::uint64_t kMaxRatio = 16;
  constexpr std::uint64_t kSmall = 1 << 20;
  const std::uint64_t file_size = file->bytes().size();
  // Our own reader of directories looks first; libtorch's would allocate what the file claims.
  const auto directory = find_zip_directory(file->bytes());
  const auto records = directory ? read_zip_records(*directory) : std::nullopt;
  TORCH_CHECK(records, "the file is cut off, or its zip directory is damaged");
  // Budgets for all records together, as many small ones could also fill the memory.
  std::uint64_t storages_left = kMaxRatio * file_size;
  std::uint64_t others_left = std::max(file_size, kSmall);
  for (const ZipRecord& record : *records) {
    std::uint64_t& left = is_storage(record.name) ? storages_left : others_left;
    if (record.size > left || (!record.is_compressed && record.size != record.compressed_size)) {
      throw Error(ErrorKind::kModel, "its record " + std::string(record.name) + " claims " +
                                         std::to_string(record.size) + " bytes, more than a file of " +
                                         std::to_string(file_size) + " can have");
    }
    left -= record.size;
  }
  return std::make_shared<MappedReader>(file);
}

}  // namespace

MappedArchive::MappedArchive(const std::filesystem::path& path)
    : file_(std::make_shared<MappedFile>(path, MappedFile::Access::kWrite, ErrorKind::kModel)),
      reader_(bounded_reader(file_)) {}

std::string MappedArchive::text(const std::string& record) {
  const auto [data, size] = reader_.getRecord(record);
  return {static_cast<const char*>(data.get()), size};
}

bool MappedArchive::is_usable_in_place(const std::string& record, std::size_t offset, std::size_t size) {
  // The compression method in a zip file's local header: 0 is none.
  constexpr std::size_t kMethodAt = 8;
  const std::span<const std::byte> bytes = file_->bytes();
  const std::size_t header = reader_.getRecordHeaderOffset(record);
  if (header > bytes.size() || bytes.size() - header < kMethodAt + 2) return false;
  if (bytes[header + kMethodAt] != std::byte{0} || bytes[header + kMethodAt + 1] != std::byte{0})
    return false;
  // A record of another writer may lie anywhere; it is then copied to memory that is aligned.
  return offset % kAlignment == 0 && offset <= bytes.size() && size <= bytes.size() - offset;
}

c10::Storage MappedArchive::storage(const std::string& record) {
  const std::size_t size = reader_.getRecordSize(record);
  const std::size_t offset = reader_.getRecordOffset(record);
  if (is_usable_in_place(record, offset, size))
    return mapped_storage(file_, file_->bytes().subspan(offset, size));
  // Not resizable: a model must not grow a tensor beyond its record.
  return {c10::Storage::use_byte_size_t(), size, std::get<0>(reader_.getRecord(record)),
          /*allocator=*/nullptr,
          /*resizable=*/false};
}

std::shared_ptr<torch::jit::DeserializationStorageContext> MappedArchive::storages(
    const std::string& folder) {
  auto storages = std::make_shared<torch::jit::DeserializationStorageContext>();
  for (const std::string& record : reader_.getAllRecords()) {
    if (record.starts_with(folder)) storages->addStorage(record.substr(folder.size()), storage(record));
  }
  return storages;
}

}  // namespace clipcls
