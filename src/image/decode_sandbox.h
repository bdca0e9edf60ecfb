#pragma once

#include <filesystem>
#include <string>

#include "base/on_message.h"

namespace clipcls {

// Pictures can be decoded by workers: processes that have no rights, so that whoever takes one over, makes it
// crash or makes it hang has spoiled a picture and nothing else. DecodeOptions::sandbox says which pictures
// are; here is what the program says of them once.

/// From here on `program` is started as the worker: a clipcls of this version, whose main() asks
/// is_decode_worker(). "/proc/self/exe" is the running program. Until this is called, no worker is started.
void set_decode_program(const std::filesystem::path& program);

/// Called once, from any thread, where no worker can be had and pictures are decoded in this process: why.
void on_missing_sandbox(OnMessage on_message);

/// Starts a worker, if none has been started yet. Returns why none can be had; empty: it works, and from here
/// on a picture that is to be decoded by a worker is never decoded in this process.
std::string try_decode_sandbox();

/// set_decode_program(), where a worker of it works. Throws Error (kInvalidArgument) where none does, and
/// then all stays as it was.
void require_decode_program(const std::filesystem::path& program);

/// try_decode_sandbox(). Throws Error (kInvalidArgument) where no worker can be had.
void require_decode_sandbox();

/// Whether main() was started to be a worker.
bool is_decode_worker(int argc, const char* const* argv);

/// Decodes for the program that has started this process, until that ends. Returns the exit code.
int run_decode_worker(int argc, const char* const* argv);

}  // namespace clipcls
