#include "json/write_json.h"

#include <array>
#include <charconv>
#include <fstream>

#include "clipcls/error.h"

namespace clipcls {

double shortest_decimal(float value) {
  std::array<char, 32> text{};
  const char* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  double decimal = 0;
  std::from_chars(text.data(), end, decimal);
  return decimal;
}

void write_json_lines(const nlohmann::ordered_json& object, const std::filesystem::path& path) {
  const auto flat = [](const nlohmann::ordered_json& value) {
    return value.dump(-1, ' ', /*ensure_ascii=*/true, nlohmann::ordered_json::error_handler_t::replace);
  };
  std::ofstream file(path, std::ios::binary);
  const char* separator = "{\n";
  for (const auto& [key, value] : object.items()) {
    file << separator << "  " << flat(key) << ": ";
    separator = ",\n";
    const bool is_object = value.is_object() && !value.empty();
    if (!is_object && (value.empty() || !value.is_array() || !value.front().is_structured())) {
      file << flat(value);
      continue;
    }
    const char* item_separator = is_object ? "{\n" : "[\n";
    for (const auto& [name, item] : value.items()) {
      file << item_separator << "    " << (is_object ? flat(name) + ": " : std::string()) << flat(item);
      item_separator = ",\n";
    }
    file << (is_object ? "\n  }" : "\n  ]");
  }
  file << "\n}\n";
  file.close();
  if (!file) throw Error(ErrorKind::kOutput, path.string() + ": cannot be written");
}

}  // namespace clipcls
