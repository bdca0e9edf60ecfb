#include "model/model_reference.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "clipcls/error.h"
#include "json/parse_json.h"

namespace clipcls {
namespace {

using nlohmann::json;

constexpr int kMaxPictureSide = 10000;

/// Rows of equal length. Throws std::runtime_error when they are not.
Matrix read_matrix(const json& rows) {
  Matrix matrix;
  if (!rows.is_array()) throw std::runtime_error("a matrix is not a list of rows");
  for (const json& row : rows) {  // memory is taken as it is filled: the lengths may be lies
    const auto values = row.get<std::vector<float>>();
    if (matrix.rows == 0) matrix.cols = values.size();
    if (values.size() != matrix.cols) throw std::runtime_error("rows of a matrix differ in length");
    matrix.values.insert(matrix.values.end(), values.begin(), values.end());
    ++matrix.rows;
  }
  return matrix;
}

int read_side(const json& value) {
  if (!value.is_number_unsigned() || value == 0 || value > kMaxPictureSide)
    throw std::runtime_error("a picture's side is out of range");
  return value.get<int>();
}

ReferencePicture read_picture(const json& picture) {
  return {read_side(picture.at("width")), read_side(picture.at("height")), picture.at("source_fnv1a64"),
          picture.at("resized_fnv1a64")};
}

std::vector<std::int64_t> read_token_ids(const json& ids) {
  for (const json& id : ids) {
    if (!id.is_number_integer()) throw std::runtime_error("a token id is not a whole number");
  }
  return ids.get<std::vector<std::int64_t>>();
}

ModelReference read_reference(const json& root) {
  ModelReference reference;
  reference.computed_by = root.at("computed_by");
  for (const json& picture : root.at("pictures")) reference.pictures.push_back(read_picture(picture));
  for (const json& text : root.at("texts"))
    reference.texts.push_back({text.at("text"), read_token_ids(text.at("token_ids"))});
  reference.image_features = read_matrix(root.at("image_features"));
  reference.text_features = read_matrix(root.at("text_features"));
  reference.logits = read_matrix(root.at("logits"));
  // All matrices come from one file that may be edited: whoever uses them indexes one by the sizes of
  // another.
  const bool fits = reference.image_features.rows == reference.pictures.size() &&
                    reference.text_features.rows <= reference.texts.size() &&
                    reference.image_features.cols == reference.text_features.cols &&
                    reference.logits.rows == reference.image_features.rows &&
                    reference.logits.cols == reference.text_features.rows;
  if (!fits) throw std::runtime_error("the numbers of pictures, texts and features contradict each other");
  return reference;
}

}  // namespace

ModelReference read_model_reference(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "reference.json";
  const json root =
      parse_json_file(path, ErrorKind::kModel, "scripts/export_torchscript.py --add-reference writes it");
  try {
    return read_reference(root);
  } catch (const std::exception& error) {  // nlohmann's and our own: each names the field or the byte
    throw Error(ErrorKind::kModel, path.string() + ": is not a reference of a model: " + error.what());
  }
}

// scripts/export/reference_inputs.py has the same formula. Whole numbers alone, so that Python and C++ agree
// on each pixel.
RgbImage make_reference_picture(int index, int width, int height) {
  RgbImage image(width, height);
  std::size_t i = 0;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        const int value = x * (channel + 2) + y * (5 - channel) + x * y / (8 * (channel + 1)) + 40 * index;
        image.pixels[i++] = static_cast<std::uint8_t>(value % 256);
      }
    }
  }
  return image;
}

std::string fnv1a_64(std::span<const std::uint8_t> bytes) {
  // FNV-1a's own start and factor. It tells accidents apart, not attacks.
  std::uint64_t value = 0xCBF29CE484222325U;
  for (const std::uint8_t byte : bytes) value = (value ^ byte) * 0x100000001B3U;
  return fmt::format("{:016x}", value);
}

}  // namespace clipcls
