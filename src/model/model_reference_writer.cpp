#include "json/write_json.h"
#include "model/model_reference.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

ordered_json rows_of(const Matrix& matrix) {
  ordered_json rows = ordered_json::array();
  for (std::size_t row = 0; row < matrix.rows; ++row) {
    ordered_json values = ordered_json::array();
    for (const float value : matrix.row(row)) values.push_back(shortest_decimal(value));
    rows.push_back(std::move(values));
  }
  return rows;
}

}  // namespace

void write_model_reference(const ModelReference& reference, const std::filesystem::path& folder) {
  ordered_json root;
  root["format_version"] = 1;
  root["computed_by"] = reference.computed_by;
  ordered_json& pictures = root["pictures"] = ordered_json::array();
  for (const ReferencePicture& picture : reference.pictures) {
    pictures.push_back({{"width", picture.width},
                        {"height", picture.height},
                        {"source_fnv1a64", picture.source_checksum},
                        {"resized_fnv1a64", picture.resized_checksum}});
  }
  ordered_json& texts = root["texts"] = ordered_json::array();
  for (const ReferenceText& text : reference.texts) {
    texts.push_back({{"text", text.text}, {"token_ids", text.token_ids}});
  }
  root["image_features"] = rows_of(reference.image_features);
  root["text_features"] = rows_of(reference.text_features);
  root["logits"] = rows_of(reference.logits);
  write_json_lines(root, folder / "reference.json");
}

}  // namespace clipcls
