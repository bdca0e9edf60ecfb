#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "clipcls/error.h"
#include "support/temporary_folder.h"

namespace clipcls {

/// CLIPCLS_FUZZ_TARGET(name) { ... return 0; } defines a fuzzer: what is done with the `size` bytes at
/// `data`. An exception other than clipcls::Error, a failed require() and whatever a sanitizer sees are
/// findings. With libFuzzer it is the one of its program; else replay.cpp has all of them, by name.
#ifdef CLIPCLS_LIBFUZZER
#define CLIPCLS_FUZZ_TARGET(name) \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
#else
using FuzzTarget = int (*)(const std::uint8_t* data, std::size_t size);

std::map<std::string, FuzzTarget>& fuzz_targets();

#define CLIPCLS_FUZZ_TARGET(name)                                                                           \
  static int fuzz_##name(const std::uint8_t* data, std::size_t size);                                       \
  [[maybe_unused]] static const bool is_target_##name = fuzz_targets().emplace(#name, &fuzz_##name).second; \
  static int fuzz_##name(const std::uint8_t* data, std::size_t size)
#endif

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

/// Where as_file() puts files, one folder for the whole process.
inline const TemporaryFolder& folder_of_inputs() {
  static const TemporaryFolder folder;
  return folder;
}

/// The input as a file of that name, for what reads paths.
inline std::string as_file(const std::string& name, std::span<const std::uint8_t> input) {
  return folder_of_inputs().write(name, as_text(input));
}

}  // namespace clipcls
