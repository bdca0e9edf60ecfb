#include "page_memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

#include "page_size.h"
#include "round_up.h"

namespace clipcls {
namespace {

constexpr std::size_t kLargePage = std::size_t{1} << 21;  // of x86-64, and of most others

void give_back(char* memory, std::size_t num_bytes) {
  if (num_bytes > 0) munmap(memory, num_bytes);
}

}  // namespace

PageMemory::PageMemory(std::size_t num_bytes) {
  if (num_bytes == 0) return;
  // A large page lies at a multiple of its size.
  const std::size_t num_mapped = num_bytes + (num_bytes < kLargePage ? 0 : kLargePage);
  void* const mapped = mmap(nullptr, num_mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  char* begin = static_cast<char*>(mapped);
  if (num_bytes >= kLargePage) {
    const std::size_t skipped =
        (kLargePage - reinterpret_cast<std::uintptr_t>(mapped) % kLargePage) % kLargePage;
    const std::size_t used = round_up(num_bytes, kPageBytes);
    give_back(begin, skipped);
    begin += skipped;
    give_back(begin + used, num_mapped - skipped - used);
    // Only whole ones: memory that nobody needs is not taken. Where there are none, small ones do.
    static_cast<void>(madvise(begin, num_bytes / kLargePage * kLargePage, MADV_HUGEPAGE));
  }
  memory_ = std::unique_ptr<void, UnmapPages>(begin, UnmapPages{num_bytes});
}

void UnmapPages::operator()(void* memory) const { munmap(memory, num_bytes); }

}  // namespace clipcls
