#include "mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "clipcls/error.h"

namespace clipcls {

MappedFile::MappedFile(const std::filesystem::path& path) {
  const auto fail = [&](const std::string& problem) {
    throw Error(ErrorKind::kModel, path.string() + ": " + problem);
  };
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

}  // namespace clipcls
