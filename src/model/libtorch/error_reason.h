#pragma once

#include <exception>
#include <string>

namespace clipcls {

/// The reason of what failed for lack of memory, whichever part of libtorch noticed it.
inline constexpr const char* kNotEnoughMemory =
    "there is not enough memory; lower `batch_size` or `num_threads`";

/// What libtorch says, in one line without its stack trace.
std::string reason(const std::exception& error);

}  // namespace clipcls
