#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "files/file_descriptor.h"

namespace clipcls {

/// A worker's process, and this process's side of what both have.
struct StartedWorker {
  pid_t process = -1;
  FileDescriptor socket;  ///< whole messages
  FileDescriptor memory;  ///< shared; it grows and never shrinks, so that reading it is safe
};

/// Starts `program` as a worker for `format`. It gets the socket, the memory and three streams that lead
/// nowhere, but no other descriptor, no handled or blocked signal, few variables of the environment, and a
/// process group of its own, so that Ctrl-C does not reach it. May be called from any thread. Throws Error
/// (kUnreadable).
StartedWorker start_worker(const std::filesystem::path& program, std::string_view format);

}  // namespace clipcls
