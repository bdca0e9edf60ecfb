#include "clipcls/error.h"

namespace clipcls {

std::string_view error_kind_name(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
    case ErrorKind::kInvalidArgument:
      return "usage";
    case ErrorKind::kLabels:
      return "labels";
    case ErrorKind::kModel:
      return "model";
    case ErrorKind::kFeatures:
      return "features";
    case ErrorKind::kFetch:
      return "fetch";
    case ErrorKind::kOutput:
      return "output";
    case ErrorKind::kNotFound:
      return "not_found";
    case ErrorKind::kUnreadable:
      return "unreadable";
    case ErrorKind::kNotAnImage:
      return "not_an_image";
    case ErrorKind::kUnsupportedFormat:
      return "unsupported_format";
    case ErrorKind::kBrokenImage:
      return "broken_image";
    case ErrorKind::kTooLarge:
      return "too_large";
  }
  return "unknown";
}

}  // namespace clipcls
