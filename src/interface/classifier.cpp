#include "clipcls/classifier.h"

#include <cmath>
#include <future>
#include <limits>
#include <utility>

#include "files/text_file.h"
#include "interface/classifier_impl.h"
#include "interface/labels_impl.h"
#include "interface/model_impl.h"
#include "model/load_tokenizer.h"
#include "zero_shot/label_classifier.h"

namespace clipcls {
namespace {

using Score = ClassifierOptions::Score;

constexpr std::size_t kTopK = 5;

[[noreturn]] void fail(const std::string& problem) { throw Error(ErrorKind::kInvalidArgument, problem); }

std::optional<ScoreKind> score_kind(Score score) {
  switch (score) {
    case Score::kModel:
      return std::nullopt;
    case Score::kSoftmax:
      return ScoreKind::kSoftmax;
    case Score::kSigmoid:
      return ScoreKind::kSigmoid;
    case Score::kCosine:
      return ScoreKind::kCosine;
    case Score::kMultiLabel:
      return ScoreKind::kMultiLabel;
  }
  fail("`score` is none of those that there are");
}

void require_consistent(const ClassifierOptions& options) {
  const bool is_multi_label = options.score == Score::kMultiLabel;
  if (is_multi_label && !options.none.empty())
    fail("`none` and multi-label scores exclude each other: each label may be absent");
  if (!is_multi_label && !options.negatives.empty()) fail("`negatives` need multi-label scores");
  if (options.threshold && !(std::abs(*options.threshold) <= 1))
    fail("`threshold` is " + std::to_string(*options.threshold) + ", and a score is between -1 and 1");
  for (const std::string& prompt : options.none) require_label(prompt, "`none`");
  for (const std::string& prompt : options.negatives) require_label(prompt, "`negatives`");
}

LabelRequest make_request(const Labels& labels, const ClassifierOptions& options) {
  require_consistent(options);
  LabelRequest request;
  request.labels = labels.impl()->set;
  request.labels_name = labels.impl()->name;
  for (const std::string& text : options.templates) {
    require_label(text, "`templates`");
    request.templates.emplace_back(text);
  }
  request.none = options.none;
  request.negatives = options.negatives;
  request.score_kind = score_kind(options.score);
  request.threshold = options.threshold;
  if (options.score == Score::kMultiLabel && !options.threshold) request.threshold = kMultiLabelThreshold;
  if (!options.calibration.empty()) {
    request.calibration_name = options.calibration.string();
    request.calibration =
        parse_calibration(read_text_file(request.calibration_name, ErrorKind::kInvalidArgument,
                                         "clipcls calibrate makes such a file"),
                          request.calibration_name);
  }
  return request;
}

LabelEmbedding make_embedding(const Model& model, const ClassifierOptions& options) {
  LabelEmbedding embedding;
  embedding.load_tokenizer = [impl = model.impl()] {
    return load_tokenizer(impl->path, impl->clip->config().text);
  };
  const std::filesystem::path folder =
      options.cache_folder.empty() ? default_cache_folder() : options.cache_folder;
  if (options.is_cached && !folder.empty()) embedding.cache.emplace(folder, options.max_cache_bytes);
  embedding.num_workers = model.impl()->num_threads;
  if (options.on_warning) embedding.on_warning = options.on_warning;
  return embedding;
}

/// The image encoder's weights are read while the labels are embedded; where no thread can be started, behind
/// that.
ZeroShotClassifier make_ranking(const Model& model, const LabelRequest& request,
                                const ClassifierOptions& options) {
  Model::Impl& impl = *model.impl();
  std::future<void> image_encoder =
      std::async(std::launch::async | std::launch::deferred, [&impl] { impl.clip->load_image_encoder(); });
  const LabelEmbedding embedding = make_embedding(model, options);
  ZeroShotClassifier ranking = make_classifier(*impl.clip, request, embedding);
  image_encoder.get();
  return ranking;
}

}  // namespace

Classifier::Classifier(const Model& model, const Labels& labels, const ClassifierOptions& options) {
  if (options.on_warning) {
    for (const std::string& warning : labels.impl()->warnings) options.on_warning(warning);
  }
  const LabelRequest request = make_request(labels, options);
  impl_ = std::make_shared<const Impl>(Impl{model, labels, make_ranking(model, request, options),
                                            request.answers(), options.score == Score::kMultiLabel});
}

std::size_t Classifier::Impl::top_k(std::optional<std::size_t> wanted) const {
  return wanted.value_or(is_multi_label ? std::numeric_limits<std::size_t>::max() : kTopK);
}

std::vector<Prediction> Classifier::Impl::predictions(const std::vector<RankedAnswer>& answers) const {
  std::vector<Prediction> result;
  result.reserve(answers.size());
  for (const RankedAnswer& answer : answers)
    result.push_back({names[answer.label_index], answer.score, answer.similarity, answer.label_index});
  return result;
}

std::vector<Prediction> Classifier::classify(const Image& image, std::optional<std::size_t> top_k) const {
  return std::move(classify(std::span(&image, 1), top_k).front());
}

std::vector<std::vector<Prediction>> Classifier::classify(std::span<const Image> images,
                                                          std::optional<std::size_t> top_k) const {
  const Matrix features = encode_pictures(*impl_->model.impl(), images);
  std::vector<std::vector<Prediction>> result;
  result.reserve(images.size());
  for (const auto& answers : impl_->ranking.classify(features.values, features.rows, impl_->top_k(top_k)))
    result.push_back(impl_->predictions(answers));
  return result;
}

std::vector<Prediction> Classifier::classify_features(std::span<const float> image_features,
                                                      std::optional<std::size_t> top_k) const {
  const std::size_t embed_dim = impl_->model.embed_dim();
  if (image_features.size() != embed_dim)
    fail("`image_features` has " + std::to_string(image_features.size()) + " numbers, and those of model " +
         impl_->model.name() + " have " + std::to_string(embed_dim));
  for (std::size_t i = 0; i < embed_dim; ++i) {
    if (!std::isfinite(image_features[i]))
      fail("`image_features` has a number at " + std::to_string(i) + " that is not finite");
  }
  return impl_->predictions(impl_->ranking.classify(image_features, impl_->top_k(top_k)));
}

const Model& Classifier::model() const { return impl_->model; }

const Labels& Classifier::labels() const { return impl_->labels; }

}  // namespace clipcls
