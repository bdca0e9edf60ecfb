#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/matrix.h"
#include "image/image.h"

namespace clipcls {

/// A picture that is made by formula (models/README.md) and the checksums of its pixels.
struct ReferencePicture {
  int width = 0;
  int height = 0;
  std::string source_checksum;   ///< fnv1a_64 of the picture itself
  std::string resized_checksum;  ///< after resize and crop, 8 bit
};

struct ReferenceText {
  std::string text;
  std::vector<std::int64_t> token_ids;
};

/// A model folder's reference.json: known inputs and what the reference implementation makes of them.
struct ModelReference {
  std::string computed_by;
  std::vector<ReferencePicture> pictures;
  std::vector<ReferenceText> texts;
  Matrix image_features;  ///< [num_pictures, embed_dim], not normalised
  Matrix text_features;   ///< [n, embed_dim], of the first n texts, not normalised
  Matrix logits;          ///< [num_pictures, n]
};

/// Reads `folder`/reference.json. Throws Error (kModel) that names the file and the field.
ModelReference read_model_reference(const std::filesystem::path& folder);

/// Writes `folder`/reference.json. Throws Error (kOutput) that names the file.
void write_model_reference(const ModelReference& reference, const std::filesystem::path& folder);

/// The fifty texts of every reference. The first kNumFeatureTexts have features in it.
const std::vector<std::string>& reference_texts();
inline constexpr std::size_t kNumFeatureTexts = 10;

/// Width and height of the pictures of every reference.
inline constexpr std::array<std::array<int, 2>, 3> kReferencePictureSizes = {
    {{224, 224}, {640, 480}, {37, 91}}};

/// Picture `index` of every reference, by the formula of models/README.md.
RgbImage make_reference_picture(int index, int width, int height);

/// The 64-bit FNV-1a checksum as 16 hexadecimal digits.
std::string fnv1a_64(std::span<const std::uint8_t> bytes);

}  // namespace clipcls
