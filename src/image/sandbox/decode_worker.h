#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "clipcls/error.h"
#include "files/file_descriptor.h"
#include "image/decode_image.h"
#include "messages.h"
#include "worker_limits.h"

namespace clipcls {

/// What came of a picture: the picture, an error, or the worker's end.
struct WorkerResult {
  int width = 0;
  int height = 0;
  std::span<std::uint8_t> pixels;  ///< [height, width, 3], until the worker is asked again or ends
  DecodeNotes notes;
  std::optional<Error> error;  ///< what decode_image() throws
  std::string end;             ///< of the worker: why; empty: it goes on
  bool is_at_limit = false;    ///< it has ended for want of time, which it used
};

struct UnmapMemory {
  std::size_t num_bytes = 0;
  void operator()(std::uint8_t* memory) const;
};
using MappedMemory = std::unique_ptr<std::uint8_t, UnmapMemory>;

/// A process that decodes pictures for this one, and has no other right. It ends with this object, and with
/// this process however that ends. For one thread at a time.
class DecodeWorker {
 public:
  /// Starts `program` for a `format`, whose library it opens. Throws Error (kUnreadable): no process, memory
  /// or descriptor is to be had, the program is another one, the system has no such restrictions.
  DecodeWorker(const std::filesystem::path& program, std::string_view format);
  ~DecodeWorker();
  DecodeWorker(const DecodeWorker&) = delete;
  DecodeWorker& operator=(const DecodeWorker&) = delete;
  DecodeWorker(DecodeWorker&&) = delete;
  DecodeWorker& operator=(DecodeWorker&&) = delete;

  /// Has a file decoded. After a result with an `end` nothing may be asked any more. Throws Error
  /// (kUnreadable) where this process lacks memory or is not allowed so large a file, std::bad_alloc.
  WorkerResult decode(std::span<const std::uint8_t> bytes, const DecodeOptions& options,
                      const WorkerLimits& limits);

  /// To be called when nobody looks at its picture any more: memory of a large one is given back.
  void give_back_memory();

  /// Whether it was asked before. What it does then may come of an earlier picture.
  bool is_used() const { return is_used_; }
  /// Whether it waits for a picture.
  bool is_alive() const;
  /// The thread group's number.
  pid_t process() const { return process_; }

  /// Lets go of the process without ending it: after fork() it is another process's.
  void abandon();

 private:
  void wait_for_hello();
  void set_limits(const WorkerLimits& limits);
  void make_room(std::uint64_t size);
  void hand_over(std::span<const std::uint8_t> bytes);
  /// False: such a picture cannot be.
  bool take_picture(const WorkerRequest& request, const WorkerAnswer& answer, WorkerResult& result);
  /// Bytes of a message, 0: it has ended; nothing: it has taken too long, or has done nothing for too long.
  std::optional<std::size_t> receive(std::span<char> message, std::chrono::seconds patience,
                                     std::chrono::seconds idle_time);
  /// Of a processor, in all; nothing: it has ended.
  std::optional<std::chrono::nanoseconds> used_time() const;
  /// Ends the process if it has not ended. Returns its wait status; -1: nobody knows.
  int reap();

  FileDescriptor socket_;
  FileDescriptor memory_;
  MappedMemory window_;   ///< the beginning of memory_, which is mapped once
  MappedMemory picture_;  ///< one that does not lie in there
  std::uint64_t memory_size_ = 0;
  std::uint64_t address_limit_ = 0;
  pid_t process_ = -1;
  bool is_used_ = false;
  bool is_stuck_ = false;  ///< receive() has seen it do nothing
};

}  // namespace clipcls
