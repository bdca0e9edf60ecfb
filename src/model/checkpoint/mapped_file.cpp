#include "mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include "clipcls/error.h"

namespace clipcls {

MappedFile::MappedFile(const std::filesystem::path& path) {
  const auto fail = [&](const std::string& problem) { throw Error(ErrorKind::kModel, problem); };
  // A pipe would wait for its writer: O_NONBLOCK opens it at once, and then it is no regular file.
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) fail(std::string("cannot be read: ") + std::strerror(errno));
  struct stat status = {};
  const bool is_file = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  void* data = nullptr;
  if (is_file && status.st_size > 0) {
    size_ = static_cast<std::size_t>(status.st_size);
    data = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  }
  close(file);
  if (!is_file) fail("is no regular file");
  if (data == MAP_FAILED) fail(std::string("cannot be mapped into memory: ") + std::strerror(errno));
  data_ = static_cast<std::byte*>(data);
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) munmap(data_, size_);
}

void MappedFile::discard(std::span<std::byte> bytes) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto start = reinterpret_cast<std::uintptr_t>(bytes.data());
  const std::uintptr_t skipped = (page - start % page) % page;
  if (bytes.size() < skipped + page) return;
  const std::size_t size = (bytes.size() - skipped) / page * page;
  static_cast<void>(
      madvise(bytes.data() + skipped, size, MADV_DONTNEED));  // memory only: nothing can be lost
}

}  // namespace clipcls
