#include "npy_header.h"

#include <cstddef>

#include "base/trim.h"

namespace clipcls {
namespace {

/// Length of the value that `text` starts with: up to the comma that is in no quotes and no brackets.
std::size_t value_length(std::string_view text) {
  std::size_t depth = 0;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(' || c == '[') {
      ++depth;
    } else if ((c == ')' || c == ']') && depth > 0) {
      --depth;
    } else if (c == ',' && depth == 0) {
      return i;
    }
  }
  return text.size();
}

}  // namespace

// NumPy's header is the text of a Python dictionary, {'descr': '<f4', 'fortran_order': False, 'shape': (3,
// 4), }. Only that form is read: values are kept as text, and there is no general parser of Python.
bool parse_npy_header(std::string_view text, NpyHeader& header) {
  text = trim(text);
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return false;
  text = trim(text.substr(1, text.size() - 2));
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return false;
    const std::string_view key = trim(text.substr(0, colon));
    text.remove_prefix(colon + 1);
    const std::size_t length = value_length(text);
    const std::string_view value = trim(text.substr(0, length));
    text = trim(text.substr(length == text.size() ? length : length + 1));

    std::string_view* field = nullptr;
    if (key == "'descr'" || key == "\"descr\"") field = &header.descr;
    if (key == "'fortran_order'" || key == "\"fortran_order\"") field = &header.fortran_order;
    if (key == "'shape'" || key == "\"shape\"") field = &header.shape;
    // An unknown key, or a key that is there twice, which would leave open which one counts.
    if (field == nullptr || !field->empty()) return false;
    *field = value;
  }
  return true;
}

}  // namespace clipcls
