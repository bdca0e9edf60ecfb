#include "model/reference.h"

#include <algorithm>
#include <numeric>

#include "image/preprocess.h"

namespace clipcls {
namespace {

void add_pictures(ClipModel& model, ModelReference& reference) {
  const PreprocessConfig& config = model.config().image;
  const std::size_t num_values = config.num_pixel_values();
  std::vector<float> pixel_values(kReferencePictureSizes.size() * num_values);
  for (std::size_t i = 0; i < kReferencePictureSizes.size(); ++i) {
    const auto [width, height] = kReferencePictureSizes[i];
    const RgbImage image = make_reference_picture(static_cast<int>(i), width, height);
    reference.pictures.push_back(
        {width, height, fnv1a_64(image.pixels), fnv1a_64(resize_and_crop(image, config).pixels)});
    preprocess(image, config, std::span(pixel_values).subspan(i * num_values, num_values));
  }
  reference.image_features = model.encode_image(pixel_values, kReferencePictureSizes.size());
}

void add_texts(ClipModel& model, const Tokenizer& tokenizer, ModelReference& reference) {
  for (const std::string& text : reference_texts()) {
    reference.texts.push_back({text, tokenizer.tokenize(text, model.config().text.context_length).token_ids});
  }
  // Features of a few texts only: the file stays small, and ids are what differs between vocabularies.
  reference.text_features = Matrix(kNumFeatureTexts, model.config().embed_dim);
  for (std::size_t row = 0; row < kNumFeatureTexts; ++row) {
    const std::vector<std::int64_t>& ids = reference.texts[row].token_ids;
    std::ranges::copy(model.encode_text({1, ids.size(), ids}).values,
                      reference.text_features.row(row).begin());
  }
}

Matrix unit_rows(Matrix matrix) {
  for (std::size_t row = 0; row < matrix.rows; ++row) normalize_l2(matrix.row(row));
  return matrix;
}

}  // namespace

ModelReference make_reference(ClipModel& model, const Tokenizer& tokenizer) {
  ModelReference reference;
  reference.computed_by = std::string("clipcls ") + CLIPCLS_VERSION;
  add_pictures(model, reference);
  add_texts(model, tokenizer, reference);
  // As ClipModel hands features out, they are not normalised; a logit is made of unit vectors.
  const Matrix images = unit_rows(reference.image_features);
  const Matrix texts = unit_rows(reference.text_features);
  reference.logits = Matrix(images.rows, texts.rows);
  for (std::size_t image = 0; image < images.rows; ++image) {
    for (std::size_t text = 0; text < texts.rows; ++text) {
      const auto a = images.row(image);
      const double cosine = std::inner_product(a.begin(), a.end(), texts.row(text).begin(), 0.0);
      const double logit = model.config().logit_scale * cosine + model.config().logit_bias.value_or(0.0);
      reference.logits.row(image)[text] = static_cast<float>(logit);
    }
  }
  return reference;
}

}  // namespace clipcls
