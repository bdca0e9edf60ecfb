#include "embedding_info.h"

#include <nlohmann/json.hpp>
#include <system_error>

#include "clipcls/error.h"
#include "features_error.h"
#include "json/json_fields.h"
#include "json/parse_json.h"
#include "json/write_json.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

// Of embedding.json. It counts up when older programs could not read the folder as it is meant.
constexpr int kFormatVersion = 1;

}  // namespace

EmbeddingInfo embedding_info(const ClipModel& model) {
  return {model.config().name,
          model.image_fingerprint(),
          model.precision(),
          model.config().embed_dim,
          0,
          resize_mode_word(model.config().image.resize_mode)};
}

std::string write_embedding_info(const EmbeddingInfo& info) {
  const ordered_json fields = {{"format_version", kFormatVersion},
                               {"model", info.model},
                               {"model_fingerprint", info.model_fingerprint},
                               {"precision", info.precision},
                               {"resize_mode", info.resize_mode},
                               {"page", info.page},
                               {"embed_dim", info.embed_dim},
                               {"num_images", info.num_images},
                               // For other readers of the folder; this program does not ask for it.
                               {"is_normalized", false}};
  return write_json(fields, 2) + "\n";
}

EmbeddingInfo read_embedding_info(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored))
    fail(file, "is missing; clipcls embed makes such a folder");
  const nlohmann::json root = parse_json_file(file, ErrorKind::kFeatures, "");
  const JsonFields fields(root, file.string(), ErrorKind::kFeatures);
  if (fields.count("format_version") != kFormatVersion) {
    fields.fail("format_version", "is " + show_json(fields.at("format_version")) +
                                      ", and this program knows " + std::to_string(kFormatVersion));
  }
  return {fields.text("model"), fields.text("model_fingerprint"), fields.text("precision"),
          fields.count("embed_dim"), fields.count("num_images"), fields.optional_text("resize_mode"),
          // Older folders do not say it: of several pages they have the first.
          static_cast<std::size_t>(fields.integer_or("page", 1, 1, 1000000))};
}

}  // namespace clipcls
