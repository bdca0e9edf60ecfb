#pragma once

// What is thrown when something goes wrong: one exception type with a kind.

#include <stdexcept>
#include <string>
#include <string_view>

namespace clipcls {

/// What went wrong. The kind decides the exit code and is the "kind" of a JSON error row.
enum class ErrorKind {
  kUsage,              ///< of a command line: flags that do not fit together, a value out of range
  kInvalidArgument,    ///< an argument of a function, or a field of a request, cannot be used
  kLabels,             ///< the label list or a prompt template cannot be used
  kModel,              ///< the model folder cannot be used
  kFeatures,           ///< a folder of image features cannot be used
  kFetch,              ///< a model cannot be downloaded
  kOutput,             ///< the results cannot be written
  kNotFound,           ///< an input path does not exist, or a picture has no such page
  kUnreadable,         ///< an input exists and cannot be read (permission, a folder, a device)
  kNotAnImage,         ///< the bytes are in no format that is decoded here
  kUnsupportedFormat,  ///< a known format that is not read here, or whose library is missing
  kBrokenImage,        ///< a known format, truncated or damaged
  kTooLarge,           ///< more pixels than the limit allows
};

/// The word for `kind` in JSON output, for example "not_found"; "usage" is that of kInvalidArgument too, as
/// clients of the server know it.
std::string_view error_kind_name(ErrorKind kind);

/// The one exception type of the library. what() is one line that names the place, the value and what
/// would be right; the library itself never prints, exits or aborts.
class Error : public std::runtime_error {
 public:
  /// Control characters of `message`, which may repeat what came from outside, are written as \xNN. Of a
  /// message beyond 4,000 bytes the middle is left out.
  Error(ErrorKind kind, const std::string& message);
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace clipcls
