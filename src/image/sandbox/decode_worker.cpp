#include "decode_worker.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <new>
#include <system_error>
#include <utility>

#include "base/page_size.h"
#include "base/round_up.h"
#include "lock_process.h"
#include "start_worker.h"

namespace clipcls {
namespace {

// What one picture has used serves the next, up to here; the rest is given back.
constexpr std::uint64_t kKeptMemory = 96U << 20;
// Room is made in large steps: each step costs the worker its map.
constexpr std::uint64_t kRoomStep = 64U << 20;
constexpr std::chrono::seconds kTimeToStart{60};

[[noreturn]] void fail_to_decode(const std::string& what) {
  throw Error(ErrorKind::kUnreadable, what + ": " + std::system_category().message(errno));
}

/// Pixels that a picture may have.
std::uint64_t max_pixels(const DecodeOptions& options) {
  return static_cast<std::uint64_t>(std::clamp(options.max_megapixels * 1e6, 1.0, 1e12));
}

/// A text from a worker, of which nothing is believed.
std::string plain_text(std::string_view text) {
  std::string plain(text);
  std::ranges::replace_if(
      plain, [](char c) { return c < ' ' || c > '~'; }, '?');
  return plain;
}

/// Throws std::bad_alloc.
MappedMemory map_memory(const FileDescriptor& file, std::uint64_t at, std::uint64_t num_bytes) {
  void* const mapped =
      mmap(nullptr, num_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file.number(), static_cast<off_t>(at));
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  return {static_cast<std::uint8_t*>(mapped), UnmapMemory{num_bytes}};
}

/// The kinds that decode_image() throws.
bool is_decode_error(std::uint32_t kind) {
  return kind == static_cast<std::uint32_t>(ErrorKind::kNotAnImage) ||
         kind == static_cast<std::uint32_t>(ErrorKind::kUnreadable) ||
         kind == static_cast<std::uint32_t>(ErrorKind::kNotFound) ||
         kind == static_cast<std::uint32_t>(ErrorKind::kUnsupportedFormat) ||
         kind == static_cast<std::uint32_t>(ErrorKind::kBrokenImage) ||
         kind == static_cast<std::uint32_t>(ErrorKind::kTooLarge);
}

/// Of a process with this wait status.
std::string how_it_ended(int status) {
  if (status == -1) return "its decoder has ended";
  if (!WIFSIGNALED(status)) return "its decoder ended with exit code " + std::to_string(WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  if (signal == SIGSYS) return "its decoder asked the system for what it may not do, and was ended";
  const char* const name = sigdescr_np(signal);
  return "its decoder was ended by signal " + std::to_string(signal) +
         (name != nullptr ? std::string(" (") + name + ")" : "");
}

}  // namespace

void UnmapMemory::operator()(std::uint8_t* memory) const { munmap(memory, num_bytes); }

DecodeWorker::DecodeWorker(const std::filesystem::path& program, std::string_view format) {
  StartedWorker started = start_worker(program, format);
  socket_ = std::move(started.socket);
  memory_ = std::move(started.memory);
  process_ = started.process;
  wait_for_hello();
}

DecodeWorker::~DecodeWorker() { reap(); }

void DecodeWorker::wait_for_hello() {
  WorkerHello hello;
  const auto size = receive({reinterpret_cast<char*>(&hello), sizeof hello}, kTimeToStart, kTimeToStart);
  const auto fail = [this](const std::string& problem) {
    reap();
    throw Error(ErrorKind::kUnreadable, problem);
  };
  if (!size) fail("the decoder's process did not begin");
  if (*size == 0) fail("the decoder's process did not begin: " + how_it_ended(reap()));
  const std::string version(hello.version.data(), strnlen(hello.version.data(), hello.version.size()));
  if (*size != sizeof hello || version != CLIPCLS_VERSION || hello.request_size != sizeof(WorkerRequest))
    fail("the decoder's process is another program, or of another version than " CLIPCLS_VERSION);
  if (hello.problem[0] != '\0')
    fail(plain_text({hello.problem.data(), strnlen(hello.problem.data(), hello.problem.size())}));
}

bool DecodeWorker::is_alive() const {
  pollfd socket = {socket_.number(), POLLIN, 0};
  return poll(&socket, 1, 0) == 0;  // it says nothing by itself
}

std::optional<std::chrono::nanoseconds> DecodeWorker::used_time() const {
  clockid_t clock = 0;
  timespec used = {};
  if (clock_getcpuclockid(process_, &clock) != 0 || clock_gettime(clock, &used) != 0) return std::nullopt;
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

void DecodeWorker::set_limits(const WorkerLimits& limits) {
  // The kernel ends it when it has used so much time in all.
  const auto used = used_time();
  rlimit time = {};
  if (!used || getrlimit(RLIMIT_CPU, &time) != 0) return;  // it has ended, which is noticed soon
  const auto seconds =
      static_cast<rlim_t>(std::chrono::floor<std::chrono::seconds>(*used).count() + 1 + limits.time.count());
  time.rlim_cur = std::min(seconds, time.rlim_max);
  if (prlimit(process_, RLIMIT_CPU, &time, nullptr) != 0 && errno != ESRCH)
    fail_to_decode("the decoder's time cannot be limited");
  if (!is_lock_real() || limits.num_address_bytes <= address_limit_) return;
  rlimit addresses = {};
  if (getrlimit(RLIMIT_AS, &addresses) != 0) return;
  addresses.rlim_cur = std::min<rlim_t>(limits.num_address_bytes, addresses.rlim_max);
  if (prlimit(process_, RLIMIT_AS, &addresses, nullptr) != 0 && errno != ESRCH)
    fail_to_decode("the decoder's memory cannot be limited");
  address_limit_ = limits.num_address_bytes;
}

void DecodeWorker::make_room(std::uint64_t size) {
  if (size <= memory_size_) return;
  size = round_up(size, kRoomStep);
  // Beyond the limit on files' sizes (ulimit -f) the system would send a signal.
  rlimit limit = {};
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < size)
    throw Error(ErrorKind::kUnreadable,
                "the limit on the size of files (ulimit -f) leaves no room for the decoder's memory");
  if (ftruncate(memory_.number(), static_cast<off_t>(size)) != 0)
    fail_to_decode("there is no memory for the decoder");
  memory_size_ = size;
}

std::optional<std::size_t> DecodeWorker::receive(std::span<char> message, std::chrono::seconds patience,
                                                 std::chrono::seconds idle_time) {
  // Counted in steps: while this process is stopped (Ctrl-Z) no time passes.
  pollfd socket = {socket_.number(), POLLIN, 0};
  std::optional<std::chrono::nanoseconds> used;
  std::int64_t waited = 0;
  std::int64_t waited_idle = 0;
  while (waited < patience.count() && !is_stuck_) {
    const int count = poll(&socket, 1, 1000);
    if (count == 0) {
      ++waited;
      const auto used_before = std::exchange(used, used_time());
      waited_idle = used == used_before ? waited_idle + 1 : 0;
      is_stuck_ = waited_idle >= idle_time.count();
    }
    if (count <= 0) continue;
    const ssize_t size = recv(socket_.number(), message.data(), message.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    return size < 0 ? 0 : static_cast<std::size_t>(size);
  }
  return std::nullopt;
}

void DecodeWorker::hand_over(std::span<const std::uint8_t> bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t count =
        pwrite(memory_.number(), bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    if (count < 0 && errno != EINTR) fail_to_decode("there is no memory for the decoder");
    if (count > 0) at += static_cast<std::size_t>(count);
  }
}

bool DecodeWorker::take_picture(const WorkerRequest& request, const WorkerAnswer& answer,
                                WorkerResult& result) {
  if (answer.width < 1 || answer.height < 1) return false;
  const std::uint64_t num_pixels =
      static_cast<std::uint64_t>(answer.width) * static_cast<std::uint64_t>(answer.height);
  if (num_pixels > max_pixels(request.options)) return false;
  const std::size_t num_bytes = num_pixels * 3;
  if (answer.pixels_at % kPageBytes != 0 || answer.pixels_at > memory_size_ ||
      num_bytes > memory_size_ - answer.pixels_at)
    return false;
  // A window for each worker is too much where memory is limited.
  if (answer.pixels_at + num_bytes <= kKeptMemory && !is_memory_limited()) {
    const std::uint64_t window_size = std::min(memory_size_, kKeptMemory);
    if (window_.get_deleter().num_bytes < window_size) window_ = map_memory(memory_, 0, window_size);
    result.pixels = {window_.get() + answer.pixels_at, num_bytes};
  } else {
    picture_ = map_memory(memory_, answer.pixels_at, num_bytes);
    result.pixels = {picture_.get(), num_bytes};
  }
  result.width = answer.width;
  result.height = answer.height;
  result.notes = unpack_notes(answer.notes);
  return true;
}

void DecodeWorker::give_back_memory() {
  picture_.reset();
  // As much as is there, whatever the worker has said.
  struct stat status = {};
  constexpr std::uint64_t kBlockBytes = 512;
  if (fstat(memory_.number(), &status) == 0 &&
      static_cast<std::uint64_t>(status.st_blocks) * kBlockBytes <= kKeptMemory)
    return;
  static_cast<void>(fallocate(memory_.number(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, kKeptMemory,
                              static_cast<off_t>(memory_size_ - std::min(memory_size_, kKeptMemory))));
}

WorkerResult DecodeWorker::decode(std::span<const std::uint8_t> bytes, const DecodeOptions& options,
                                  const WorkerLimits& limits) {
  is_used_ = true;
  picture_.reset();
  WorkerRequest request;
  request.num_bytes = bytes.size();
  request.pixels_at = round_up<std::uint64_t>(bytes.size(), kPageBytes);
  // Twice: a picture that is turned exists twice for a moment.
  make_room(request.pixels_at +
            std::min(2 * round_up(3 * max_pixels(options), kPageBytes), room_for_pixels()));
  request.memory_size = memory_size_;
  request.options = options;
  set_limits(limits);
  hand_over(bytes);
  WorkerResult result;
  WorkerAnswer answer;
  std::optional<std::size_t> size = 0;
  if (send(socket_.number(), &request, sizeof request, MSG_NOSIGNAL) == sizeof request)
    size = receive({reinterpret_cast<char*>(&answer), sizeof answer}, 4 * limits.time, limits.idle_time);
  if (!size || *size == 0) {
    const int status = reap();
    if (is_stuck_) {
      result.end = "its decoder did nothing for " + std::to_string(limits.idle_time.count()) + " s";
      return result;
    }
    result.is_at_limit = !size || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU);
    result.end = result.is_at_limit
                     ? "it took longer than " + std::to_string(limits.time.count()) + " s to decode"
                     : how_it_ended(status);
    return result;
  }
  const bool is_whole = *size >= kAnswerHead && *size == kAnswerHead + std::size_t{answer.text_size};
  if (is_whole && answer.is_error != 0 && is_decode_error(answer.kind)) {
    result.error =
        Error(static_cast<ErrorKind>(answer.kind), plain_text({answer.text.data(), answer.text_size}));
  } else if (!is_whole || answer.is_error != 0 || !take_picture(request, answer, result)) {
    reap();
    result.end = "its decoder gave no answer that makes sense";
    return result;
  }
  return result;
}

int DecodeWorker::reap() {
  if (process_ < 0) return -1;
  socket_.close();
  kill(process_, SIGKILL);  // changes nothing of one that has ended
  int status = -1;
  while (waitpid(process_, &status, 0) < 0) {
    if (errno == EINTR) continue;
    status = -1;  // this program leaves its children to the system
    break;
  }
  process_ = -1;
  return status;
}

void DecodeWorker::abandon() { process_ = -1; }

}  // namespace clipcls
