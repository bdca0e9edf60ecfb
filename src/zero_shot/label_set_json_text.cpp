#include "label_set_json_text.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <vector>

#include "clipcls/error.h"
#include "files/text_file.h"
#include "json/json_depth.h"
#include "json/write_json.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

// Limits, since more would fill the memory before they could be counted: labels and prompts; then also the
// numbers of embeddings.
constexpr std::size_t kMaxTexts = 10'000'000;
constexpr std::size_t kMaxValues = 200'000'000;
constexpr std::string_view kJsonBlanks = " \t\r\n";

std::string_view skip_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kJsonBlanks), text.size()));
  return text;
}

/// Behind blanks and what people write as comments: `// …`, `# …` and `/* … */`.
std::string_view skip_comments(std::string_view text) {
  for (;;) {
    text = skip_blanks(text);
    if (text.starts_with("//") || text.starts_with('#')) {
      take_line(text);
    } else if (text.starts_with("/*")) {
      const std::size_t end = text.find("*/");
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
    } else {
      return text;
    }
  }
}

bool is_json_name(std::string_view place) {
  constexpr std::string_view kEnding = ".json";
  if (place.size() < kEnding.size()) return false;
  return std::ranges::equal(place.substr(place.size() - kEnding.size()), kEnding, {},
                            [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
}

/// Whether nobody calls a label so: `["`, `[{`, `[[`, `{"`.
bool begins_as_json(std::string_view text) {
  if (text.empty()) return false;
  const std::string_view next = skip_blanks(text.substr(1));
  if (text.front() == '[') return next.starts_with('"') || next.starts_with('{') || next.starts_with('[');
  return text.front() == '{' && next.starts_with('"');
}

/// What a person may have meant by the byte at `position`, which the parser stopped at.
std::string explain(std::string_view text, std::size_t position) {
  const std::string_view rest = text.substr(std::min(position, text.size()));
  if (skip_blanks(rest).empty()) return " ends too early";
  if (rest.starts_with('/') || rest.starts_with('#')) return " has a comment, and JSON has none";
  const std::size_t before = text.substr(0, position).find_last_not_of(kJsonBlanks);
  const bool is_end = rest.starts_with(']') || rest.starts_with('}');
  // The commonest mistakes of people who write JSON by hand, each with its own words.
  if (is_end && before != std::string_view::npos && text[before] == ',')
    return " has a comma before " + std::string(rest.substr(0, 1)) + ", which is one too many";
  if (rest.starts_with('\'')) return " has a text in single quotes; JSON has double ones";
  return " is wrong at \"" + std::string(rest.substr(0, rest.find_first_of("\r\n"))).substr(0, 20) + "\"";
}

std::size_t line_at(std::string_view text, std::size_t position) {
  std::string_view before = text.substr(0, position);
  std::size_t line = 1;
  for (; before.find_first_of("\r\n") != std::string_view::npos; ++line) take_line(before);
  return line;
}

}  // namespace

std::optional<ordered_json> parse_label_json(std::string_view text, const std::string& place,
                                             std::size_t max_keys) {
  text = drop_byte_order_mark(text);
  const std::string_view content = skip_comments(text);
  const bool has_bracket = content.starts_with('[') || content.starts_with('{');
  // A label may begin with a bracket, as in "[REC]". What is not surely meant as JSON, and is none, is a text
  // list.
  const bool is_meant = is_json_name(place) || begins_as_json(content);
  if (!is_meant && (!has_bracket || content.size() < skip_blanks(text).size())) return std::nullopt;
  const auto refuse = [&](const std::string& problem) -> std::optional<ordered_json> {
    if (!is_meant) return std::nullopt;
    throw Error(ErrorKind::kLabels, place + ": is " + problem);
  };
  if (is_nested_too_deeply(text)) return refuse("nested too deeply for a list of labels");
  const auto fail = [&](const std::string& problem) {
    throw Error(ErrorKind::kLabels, place + ": " + problem);
  };
  std::vector<std::set<std::string>> keys;  // of the objects that are open
  std::size_t num_values = 0;
  std::size_t num_texts = 0;
  const auto check = [&](int, ordered_json::parse_event_t event, const ordered_json& parsed) {
    using Event = ordered_json::parse_event_t;
    // The parser takes two equal keys in one object in silence, so they are counted while it runs.
    if (event == Event::object_start) keys.emplace_back();
    if (event == Event::object_end) keys.pop_back();
    if (event == Event::value) {
      num_texts += parsed.is_string() ? 1 : 0;
      if (num_texts > kMaxTexts || ++num_values > kMaxValues) fail("has too many values; give fewer labels");
    }
    if (event != Event::key) return true;
    if (!keys.back().insert(parsed.get<std::string>()).second)
      fail("has the key " + show_json(parsed) + " twice in one object; give what belongs to it in one list");
    if (keys.back().size() > max_keys) {
      fail("has more than " + std::to_string(max_keys) +
           R"( keys in one object; give a list, as in ["cat", {"label": "dog", "prompts": […]}])");
    }
    return true;
  };
  try {
    return ordered_json::parse(text, check);
  } catch (const ordered_json::parse_error& error) {
    const std::size_t position = error.byte > 0 ? error.byte - 1 : 0;
    return refuse("not JSON: line " + std::to_string(line_at(text, position)) + explain(text, position));
    // A number such as 1e999.
  } catch (const ordered_json::out_of_range&) {
    // A number such as 1e999.
    return refuse("not JSON that is read here: it has a number that is too large");
  }
}

}  // namespace clipcls
