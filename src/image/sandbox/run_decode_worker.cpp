// The worker's side: a process that opens a library, gives up its rights, and decodes picture after picture.
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "base/quiet_thread.h"
#include "image/decode/decoders.h"
#include "image/decode_sandbox.h"
#include "lock_process.h"
#include "messages.h"

namespace clipcls {
namespace {

constexpr int kNotAsked = 2;

template <std::size_t size>
void copy_text(std::string_view text, std::array<char, size>& to) {
  text = text.substr(0, size - 1);
  std::ranges::copy(text, to.begin());
}

/// False: there is nobody to read it any more.
bool send(const void* message, std::size_t size) {
  return write(kWorkerSocket, message, size) == static_cast<ssize_t>(size);
}

/// Ends this process with the program that it works for, also in the middle of a picture.
void end_with_the_program() {
  std::thread([] {
    pollfd socket = {kWorkerSocket, 0, 0};  // the end is always told
    while (poll(&socket, 1, -1) < 0 && errno == EINTR) {
    }
    _exit(0);
  }).detach();
}

/// Memory that a picture has used serves the next one: new pages cost a tenth of the time of a fast decoder.
void keep_memory() {
  constexpr int kKeptBytes = 64 << 20;
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, kKeptBytes);
}

/// Threads of a limit on stacks (ulimit -s) would take all the memory that this process may have.
void make_stacks_small() {
  constexpr std::size_t kStackBytes = 8 << 20;
  pthread_attr_t attributes;
  if (pthread_attr_init(&attributes) != 0) return;
  if (pthread_attr_setstacksize(&attributes, kStackBytes) == 0) pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

/// The memory that is shared with the program.
class SharedMemory {
 public:
  /// As large as the program has made it. Throws std::bad_alloc.
  std::uint8_t* map(std::size_t size) {
    if (size == size_) return memory_;
    if (memory_ != nullptr) munmap(memory_, size_);
    memory_ = nullptr;
    size_ = 0;
    void* const mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, kWorkerMemory, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    memory_ = static_cast<std::uint8_t*>(mapped);
    size_ = size;
    return memory_;
  }

 private:
  std::uint8_t* memory_ = nullptr;
  std::size_t size_ = 0;
};

WorkerAnswer error_answer(ErrorKind kind, std::string_view text) {
  WorkerAnswer answer;
  answer.is_error = 1;
  answer.kind = static_cast<std::uint32_t>(kind);
  answer.text_size = static_cast<std::uint32_t>(std::min(text.size(), answer.text.size()));
  std::copy_n(text.begin(), answer.text_size, answer.text.begin());
  return answer;
}

/// `missing`: why the library is not here; empty: it is.
WorkerAnswer decode(const WorkerRequest& request, SharedMemory& shared, const std::string& missing) {
  try {
    if (!missing.empty()) return error_answer(ErrorKind::kUnsupportedFormat, missing);
    std::uint8_t* const memory = shared.map(request.memory_size);
    DecodeOptions options = request.options;
    options.sandbox = DecodeSandbox::kOff;
    DecodeNotes notes;
    place_pixels_in({memory + request.pixels_at, request.memory_size - request.pixels_at});
    const RgbImage image = decode_image({memory, request.num_bytes}, options, &notes);
    WorkerAnswer answer;
    answer.pixels_at = request.pixels_at;
    const std::uint8_t* const pixels = image.pixels.data();
    if (pixels >= memory && pixels < memory + request.memory_size) {
      answer.pixels_at = static_cast<std::uint64_t>(pixels - memory);
    } else {  // a small one, or the last of several
      if (image.pixels.size() > request.memory_size - request.pixels_at) throw std::bad_alloc();
      std::memcpy(memory + request.pixels_at, pixels, image.pixels.size());
    }
    answer.width = image.width;
    answer.height = image.height;
    answer.notes = pack_notes(notes);
    return answer;
  } catch (const Error& error) {
    return error_answer(error.kind(), error.what());
  } catch (const std::bad_alloc&) {
    return error_answer(ErrorKind::kTooLarge, "takes more memory than there is; lower `max_megapixels`");
  } catch (const std::exception& error) {
    return error_answer(ErrorKind::kBrokenImage, error.what());
  }
}

}  // namespace

bool is_decode_worker(int argc, const char* const* argv) {
  return argc == 2 && std::string_view(argv[0]) == kWorkerName;
}

int run_decode_worker(int argc, const char* const* argv) {
  prctl(PR_SET_NAME, kWorkerName);  // top would call it "exe"
  keep_memory();
  make_stacks_small();
  const std::string missing = argc > 1 ? open_library_of(argv[1]) : "";
  // The first word comes from here, so that whoever only has that name writes into nothing.
  WorkerHello hello;
  copy_text(CLIPCLS_VERSION, hello.version);
  hello.request_size = sizeof(WorkerRequest);
  try {
    end_with_the_program();
    copy_text(lock_process(), hello.problem);
  } catch (const std::system_error& error) {
    copy_text("it has no thread: " + error.code().message(), hello.problem);
  } catch (const std::exception& error) {
    copy_text(error.what(), hello.problem);
  }
  if (!send(&hello, sizeof hello) || hello.problem[0] != '\0') return kNotAsked;
  if (is_lock_real()) note_quiet_process();
  SharedMemory shared;
  WorkerRequest request;
  for (;;) {
    const ssize_t size = read(kWorkerSocket, &request, sizeof request);
    if (size < 0 && errno == EINTR) continue;
    if (size != sizeof request) return size == 0 ? 0 : kNotAsked;
    const WorkerAnswer answer = decode(request, shared, missing);
    if (!send(&answer, kAnswerHead + answer.text_size)) return kNotAsked;
  }
}

}  // namespace clipcls
