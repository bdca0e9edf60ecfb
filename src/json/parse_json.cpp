#include "json/parse_json.h"

#include "files/read_file.h"
#include "files/text_file.h"
#include "json/json_depth.h"

namespace clipcls {

using nlohmann::json;

json parse_json(std::string_view text, const std::string& place, ErrorKind kind) {
  // Before parsing: parser and destructor recurse, and a file of brackets would overflow the stack.
  if (is_nested_too_deeply(text)) throw Error(kind, place + ": is nested too deeply");
  try {
    return json::parse(text);
  } catch (const json::parse_error& error) {
    throw Error(kind, place + ": is not valid JSON at byte " + std::to_string(error.byte));
  } catch (const json::out_of_range&) {
    throw Error(kind, place + ": has a number that is too large");
  }
}

json parse_json_file(const std::filesystem::path& path, ErrorKind kind, const std::string& remedy) {
  const std::string text = read_file(path, kind, remedy);
  // The parser would say "not valid at byte 1", which helps nobody.
  if (const std::string problem = wide_text_problem(text); !problem.empty())
    throw Error(kind, path.string() + ": " + problem);
  return parse_json(text, path.string(), kind);
}

}  // namespace clipcls
