#include "decode_in_worker.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/threads.h"
#include "decode_worker.h"
#include "image/decode/decoders.h"
#include "image/decode_sandbox.h"

namespace clipcls {
namespace {

/// The workers of this process: one for each thread that decodes, and idle ones of other kinds.
class DecodeWorkers {
 public:
  void set_program(const std::filesystem::path& program) {
    const std::lock_guard lock(mutex_);
    forget_those_of_another_process();
    idle_.clear();
    program_ = program;
    state_ = State::kUnknown;
  }

  void set_on_missing(OnMessage on_message) {
    const std::lock_guard lock(mutex_);
    on_missing_ = std::move(on_message);
  }

  std::string try_out() {
    const std::lock_guard lock(mutex_);
    begin(kOtherFormats);
    return problem_;
  }

  /// Nothing: there are none. Throws Error (kUnreadable) where no other can be started.
  std::unique_ptr<DecodeWorker> take(std::string_view kind, bool must_be_new) {
    std::unique_lock lock(mutex_);
    begin(kind);
    if (state_ == State::kMissing) return nullptr;
    for (bool may_wait = true;;) {
      std::unique_ptr<DecodeWorker> worker = must_be_new ? nullptr : take_idle(kind);
      if (!worker) worker = start(kind, lock, may_wait);
      if (worker) {
        ++num_busy_;
        most_in_use_ = std::max(most_in_use_, num_in_use());
        return worker;
      }
      // A limit has been reached, and another thread's worker will make room.
      may_wait = is_free_.wait_for(lock, std::chrono::minutes(1)) == std::cv_status::no_timeout;
      must_be_new = false;
    }
  }

  /// `worker`, or nothing where it has ended.
  void give_back(std::string_view kind, std::unique_ptr<DecodeWorker> worker) {
    const std::lock_guard lock(mutex_);
    --num_busy_;
    if (worker) idle_[kind].push_back(std::move(worker));
    is_free_.notify_all();
  }

  /// Ends an idle worker, if there is one.
  bool make_room() {
    const std::lock_guard lock(mutex_);
    return end_an_idle_one();
  }

 private:
  enum class State { kUnknown, kWorking, kMissing };

  /// The first worker says whether there can be any.
  void begin(std::string_view kind) {
    forget_those_of_another_process();
    if (state_ != State::kUnknown) return;
    try {
      if (program_.empty()) throw Error(ErrorKind::kUnreadable, "no program is known that could be started");
      idle_[kind].push_back(std::make_unique<DecodeWorker>(program_, kind));
      state_ = State::kWorking;
      problem_.clear();
    } catch (const Error& error) {
      state_ = State::kMissing;
      problem_ = error.what();
      if (on_missing_) on_missing_(problem_);
    }
  }

  /// After fork() they work for who has started them.
  void forget_those_of_another_process() {
    if (owner_ == getpid()) return;
    owner_ = getpid();
    for (auto& [kind, workers] : idle_) {
      for (const auto& worker : workers) worker->abandon();
    }
    idle_.clear();
    num_busy_ = 0;
    num_starting_ = 0;
  }

  std::unique_ptr<DecodeWorker> take_idle(std::string_view kind) {
    auto& idle = idle_[kind];
    while (!idle.empty()) {
      std::unique_ptr<DecodeWorker> worker = std::move(idle.back());
      idle.pop_back();
      if (worker->is_alive()) return worker;
    }
    return nullptr;
  }

  /// Ends idle workers where there is no room for one more. Nothing: there is none even so, but others are
  /// busy and will be free, if that may be waited for.
  std::unique_ptr<DecodeWorker> start(std::string_view kind, std::unique_lock<std::mutex>& lock,
                                      bool may_wait) {
    for (;;) {
      if (!may_wait || num_in_use() == 0 || num_in_use() + num_idle() < max_workers()) {
        if (auto worker = try_to_start(kind, lock, may_wait)) return worker;
      }
      if (!end_an_idle_one()) return nullptr;
    }
  }

  /// Nothing: it did not work, and another way is left.
  std::unique_ptr<DecodeWorker> try_to_start(std::string_view kind, std::unique_lock<std::mutex>& lock,
                                             bool may_wait) {
    const std::filesystem::path program = program_;
    ++num_starting_;
    lock.unlock();
    std::unique_ptr<DecodeWorker> worker;
    std::exception_ptr problem;
    // Twice: the system may have ended one for want of memory while it started.
    for (int i = 0; i < 2 && !worker; ++i) {
      try {
        worker = std::make_unique<DecodeWorker>(program, kind);
      } catch (const std::exception&) {
        problem = std::current_exception();
      }
    }
    lock.lock();
    --num_starting_;
    if (worker || num_idle() > 0 || (may_wait && num_in_use() > 0)) return worker;
    is_free_.notify_all();
    std::rethrow_exception(problem);
  }

  std::size_t num_in_use() const { return num_busy_ + num_starting_; }

  std::size_t num_idle() const {
    std::size_t count = 0;
    for (const auto& [kind, workers] : idle_) count += workers.size();
    return count;
  }

  bool end_an_idle_one() {
    for (auto& [kind, workers] : idle_) {
      if (workers.empty()) continue;
      workers.pop_back();
      return true;
    }
    return false;
  }

  /// An idle one keeps memory. Each takes two descriptors, and pictures have to be read, too; and three
  /// threads, while it decodes HEIC.
  std::size_t max_workers() const {
    const std::size_t max_useful = 2 * most_in_use_ + 4;
    constexpr rlim_t kOthers = 16;
    rlimit limit = {};
    getrlimit(RLIMIT_NOFILE, &limit);
    const std::size_t by_descriptors = (std::max(limit.rlim_cur, kOthers + 4) - kOthers) / 4;
    return std::min({max_useful, by_descriptors, std::max<std::size_t>(spare_threads() / 3, 1)});
  }

  std::mutex mutex_;
  std::condition_variable is_free_;
  std::filesystem::path program_;
  OnMessage on_missing_;
  State state_ = State::kUnknown;
  std::string problem_;
  pid_t owner_ = getpid();
  std::map<std::string_view, std::vector<std::unique_ptr<DecodeWorker>>> idle_;  // formats are constants
  std::size_t num_busy_ = 0;
  std::size_t num_starting_ = 0;
  std::size_t most_in_use_ = 0;
};

/// Never destroyed: threads may decode while the process ends. Its workers end with it.
DecodeWorkers& decode_workers() {
  static auto& workers = *new DecodeWorkers();
  return workers;
}

/// A worker for the time of a picture: until nobody looks at its pixels any more.
class BusyWorker {
 public:
  BusyWorker(std::string_view kind, bool must_be_new)
      : kind_(kind), worker_(decode_workers().take(kind, must_be_new)) {}
  ~BusyWorker() {
    if (!worker_) return;
    if (owner_ != getpid()) {  // a child of fork() has the picture, too
      worker_->abandon();
      return;
    }
    if (is_well_) worker_->give_back_memory();
    decode_workers().give_back(kind_, is_well_ ? std::move(worker_) : nullptr);
  }
  BusyWorker(const BusyWorker&) = delete;
  BusyWorker& operator=(const BusyWorker&) = delete;
  BusyWorker(BusyWorker&&) = delete;
  BusyWorker& operator=(BusyWorker&&) = delete;

  bool is_there() const { return worker_ != nullptr; }
  bool is_used() const { return worker_->is_used(); }
  WorkerResult decode(std::span<const std::uint8_t> bytes, const DecodeOptions& options) {
    WorkerResult result =
        worker_->decode(bytes, options, WorkerLimits::of(options.max_megapixels, bytes.size()));
    is_well_ = result.end.empty();
    return result;
  }

 private:
  std::string_view kind_;
  std::unique_ptr<DecodeWorker> worker_;
  pid_t owner_ = getpid();
  bool is_well_ = false;
};

}  // namespace

std::optional<RgbImage> decode_in_worker(std::string_view kind, std::string_view format,
                                         std::span<const std::uint8_t> bytes, const DecodeOptions& options,
                                         DecodeNotes* notes) {
  bool is_second = false;
  for (int num_ended = 0;;) {
    const auto worker = std::make_shared<BusyWorker>(kind, is_second);
    if (!worker->is_there()) return std::nullopt;
    // What a worker dies of may come of an earlier picture; a new one's end is this picture's.
    const bool is_in_doubt = worker->is_used() && !is_second;
    const WorkerResult result = worker->decode(bytes, options);
    // A thread that it lacks is had by one that does nothing.
    constexpr int kMaxEnded = 8;
    if (result.error && result.error->kind() == ErrorKind::kUnreadable && num_ended++ < kMaxEnded &&
        decode_workers().make_room())
      continue;
    if (result.error) throw Error(*result.error);
    if (result.end.empty()) {
      if (notes != nullptr) *notes = result.notes;
      RgbImage image;
      image.width = result.width;
      image.height = result.height;
      image.pixels = Pixels(result.pixels, worker);
      return image;
    }
    if (!is_in_doubt || result.is_at_limit) throw_broken(format, result.end);
    is_second = true;
  }
}

void set_decode_program(const std::filesystem::path& program) { decode_workers().set_program(program); }

void require_decode_program(const std::filesystem::path& program) {
  try {
    const DecodeWorker worker(program, kOtherFormats);
  } catch (const Error& error) {
    throw Error(ErrorKind::kInvalidArgument, program.string() + " cannot decode pictures: " + error.what());
  }
  set_decode_program(program);
  require_decode_sandbox();
}

void on_missing_sandbox(OnMessage on_message) { decode_workers().set_on_missing(std::move(on_message)); }

std::string try_decode_sandbox() { return decode_workers().try_out(); }

void require_decode_sandbox() {
  const std::string problem = try_decode_sandbox();
  if (!problem.empty())
    throw Error(ErrorKind::kInvalidArgument, "`decode_sandbox` cannot be on here: " + problem);
}

}  // namespace clipcls
