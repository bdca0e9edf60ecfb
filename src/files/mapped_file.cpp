#include "files/mapped_file.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include "files/file_descriptor.h"

namespace clipcls {

MappedFile::MappedFile(const std::filesystem::path& path, Access access, ErrorKind kind) {
  const auto fail = [&](const std::string& problem) { throw Error(kind, problem); };
  const FileDescriptor file = open_for_reading(path);
  if (!file.is_open()) fail(std::string("cannot be read: ") + std::strerror(errno));
  struct stat status = {};
  // A pipe or device has no pages to map.
  if (fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) fail("is no regular file");
  size_ = static_cast<std::size_t>(status.st_size);
  // mmap() refuses an empty range; an empty file is no bytes.
  if (size_ == 0) return;
  const int protection = access == Access::kWrite ? PROT_READ | PROT_WRITE : PROT_READ;
  // The mapping outlives the descriptor. Private: nothing that is written reaches the file.
  void* const data = mmap(nullptr, size_, protection, MAP_PRIVATE, file.number(), 0);
  if (data == MAP_FAILED) fail(std::string("cannot be mapped into memory: ") + std::strerror(errno));
  data_ = static_cast<std::byte*>(data);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(data_, size_);
}

void MappedFile::expect_one_pass() const {
  if (data_ != nullptr) static_cast<void>(madvise(data_, size_, MADV_SEQUENTIAL));
}

void MappedFile::discard(std::span<std::byte> bytes) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto start = reinterpret_cast<std::uintptr_t>(bytes.data());
  // Only whole pages may go: those at both ends hold bytes of neighbours.
  const std::uintptr_t skipped = (page - start % page) % page;
  // Not one whole page lies in it.
  if (bytes.size() < skipped + page) return;
  const std::size_t size = (bytes.size() - skipped) / page * page;
  static_cast<void>(
      madvise(bytes.data() + skipped, size, MADV_DONTNEED));  // memory only: nothing can be lost
}

}  // namespace clipcls
