#include "embedding_info.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <system_error>

#include "clipcls/error.h"
#include "clipcls/json_depth.h"
#include "features_error.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

constexpr int kFormatVersion = 1;

std::string shown(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace).substr(0, 60);
}

}  // namespace

EmbeddingInfo embedding_info(const ClipModel& model) {
  return {model.config().name, model.image_fingerprint(), model.precision(), model.config().embed_dim, 0};
}

std::string write_embedding_info(const EmbeddingInfo& info) {
  const ordered_json fields = {{"format_version", kFormatVersion},
                               {"model", info.model},
                               {"model_fingerprint", info.model_fingerprint},
                               {"precision", info.precision},
                               {"embed_dim", info.embed_dim},
                               {"num_images", info.num_images},
                               {"is_normalized", false}};
  return fields.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

EmbeddingInfo read_embedding_info(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored))
    fail(file, "is missing; clipcls embed IMAGES... --output DIR makes such a folder");
  std::ifstream stream(file, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (is_nested_too_deeply(content)) fail(file, "is nested too deeply");
  const ordered_json fields = ordered_json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (!fields.is_object()) fail(file, "is not a JSON object");

  const auto field = [&](const char* name) {
    const auto found = fields.find(name);
    if (found == fields.end()) fail(file, std::string("field ") + name + " is missing");
    return *found;
  };
  const auto text = [&](const char* name) {
    const ordered_json value = field(name);
    if (!value.is_string())
      fail(file, std::string("field ") + name + " is " + shown(value) + ", expected a text");
    return value.get<std::string>();
  };
  const auto count = [&](const char* name) {
    const ordered_json value = field(name);
    if (!value.is_number_unsigned())
      fail(file, std::string("field ") + name + " is " + shown(value) + ", expected a whole number");
    return static_cast<std::size_t>(value.get<std::uint64_t>());
  };
  if (count("format_version") != kFormatVersion) {
    fail(file, "field format_version is " + shown(field("format_version")) + ", and this program knows " +
                   std::to_string(kFormatVersion));
  }
  return {text("model"), text("model_fingerprint"), text("precision"), count("embed_dim"),
          count("num_images")};
}

}  // namespace clipcls
