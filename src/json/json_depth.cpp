#include "json/json_depth.h"

namespace clipcls {

bool is_nested_too_deeply(std::string_view json, int max_depth) {
  // Only brackets outside of texts count. Whether it is JSON at all is the parser's business.
  int depth = 0;
  bool is_in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (is_in_string) {
      // An escaped quote does not end the text.
      if (c == '\\') ++i;
      if (c == '"') is_in_string = false;
    } else if (c == '"') {
      is_in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > max_depth) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace clipcls
