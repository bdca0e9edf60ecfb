#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "clipcls/error.h"
#include "support/temporary_folder.h"

namespace clipcls {

/// What libFuzzer calls with each input, and tests/fuzz/replay.cpp with each file. An exception other than
/// clipcls::Error, a failed require() and whatever a sanitizer sees are findings.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Ends the process when a property does not hold that every input must leave true.
inline void require(bool holds, const char* property) {
  if (holds) return;
  std::fprintf(stderr, "violated: %s\n", property);
  std::abort();
}

inline std::string_view as_text(std::span<const std::uint8_t> input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};
}

/// Runs `action`, which may refuse the input with an Error of one of `kinds` that says something. False: it
/// did.
template <typename Action>
bool accepts(std::initializer_list<ErrorKind> kinds, const Action& action) {
  try {
    action();
    return true;
  } catch (const Error& error) {
    require(std::ranges::count(kinds, error.kind()) > 0,
            "an input is refused with a kind of error that the header promises");
    require(!std::string_view(error.what()).empty(), "an error says something");
    return false;
  }
}

template <typename Action>
bool accepts(ErrorKind kind, const Action& action) {
  return accepts(std::initializer_list<ErrorKind>{kind}, action);
}

/// The input as a file of that name, for what reads paths; the folder is one for the whole process.
inline std::string as_file(const std::string& name, std::span<const std::uint8_t> input) {
  static const TemporaryFolder folder;
  return folder.write(name, as_text(input));
}

}  // namespace clipcls
