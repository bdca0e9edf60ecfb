#include "error_reason.h"

#include <c10/util/Exception.h>

#include <sstream>
#include <string_view>
#include <vector>

namespace clipcls {
namespace {

/// libtorch's messages run over thousands of characters with a stack trace. What a user can act on is the
/// first line that says something; where the interpreter failed that is a headline only, and the cause is the
/// last line.
std::string essence(const std::string& message) {
  std::istringstream lines(message);
  std::vector<std::string> spoken;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t start = line.find_first_not_of(" \t\r");
    if (start != std::string::npos) spoken.push_back(line.substr(start));
  }
  if (spoken.empty()) return "unknown reason";
  std::string line =
      spoken.front().starts_with("The following operation failed") ? spoken.back() : spoken.front();
  // "[enforce fail at FILE:LINE] . What happened. What to do in Python.": the middle is of use here.
  constexpr const char* kEndOfPlace = "] . ";
  const std::size_t end_of_place = line.find(kEndOfPlace);
  if (!line.starts_with("[enforce fail") || end_of_place == std::string::npos) return line;
  const std::string rest = line.substr(end_of_place + std::string_view(kEndOfPlace).size());
  return rest.substr(0, rest.find(". "));
}

}  // namespace

std::string reason(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  const std::string message = torch_error != nullptr ? torch_error->what_without_backtrace() : error.what();
  // The interpreter of TorchScript hands on the words of an exception alone.
  for (const char* words : {"std::bad_alloc", "can't allocate memory", "not enough memory"}) {
    if (message.find(words) != std::string::npos) return kNotEnoughMemory;
  }
  return essence(message);
}

}  // namespace clipcls
