#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "clipcls/matrix.h"

namespace clipcls {

class DoubleRows;

/// What a label's score is made of its logit.
enum class ScoreKind {
  kSoftmax,  ///< share among the labels offered; sums to 1 over them
  kSigmoid,  ///< each label on its own, for models trained so
  kCosine,   ///< the similarity itself
};

/// One label's rank on one image.
struct Prediction {
  std::size_t label_index = 0;
  double score = 0;      ///< what ScoreKind says
  float similarity = 0;  ///< cosine, -1 to 1
};

/// Ranks labels for image features: logit = logit_scale * cosine + logit_bias.
class Classifier {
 public:
  /// `class_embeddings`: [num_labels, embed_dim], unit rows. `logit_scale` is the multiplier, already
  /// exponentiated.
  Classifier(const Matrix& class_embeddings, double logit_scale, double logit_bias, ScoreKind score_kind);

  /// The `top_k` best labels, best first; all of them when top_k is above their number. Equal logits keep the
  /// order of the labels. `image_features`: [embed_dim], of any length other than zero.
  std::vector<Prediction> classify(std::span<const float> image_features, std::size_t top_k) const;

  /// The same for several images, many times faster and equal to the last bit. `image_features`:
  /// [num_images, embed_dim]. May be called from several threads at once.
  std::vector<std::vector<Prediction>> classify(std::span<const float> image_features, std::size_t num_images,
                                                std::size_t top_k) const;

 private:
  std::vector<Prediction> rank(std::span<const double> similarities, std::size_t top_k) const;

  std::shared_ptr<const DoubleRows> class_embeddings_;  ///< [num_labels, embed_dim]
  std::size_t embed_dim_;
  double logit_scale_;
  double logit_bias_;
  ScoreKind score_kind_;
};

}  // namespace clipcls
