#include "model/precision_trial.h"

#include <chrono>
#include <cmath>

#include "clipcls/error.h"
#include "model/long_run.h"
#include "text_output/format_number.h"

namespace clipcls {
namespace {

constexpr std::size_t kBatch = 8;

/// Pixel values [kBatch, 3, size, size]: waves of different directions and lengths, the long ones strongest,
/// as in photographs.
std::vector<float> test_patterns(std::size_t size) {
  std::vector<float> values(kBatch * 3 * size * size);
  std::size_t i = 0;
  for (std::size_t picture = 0; picture < kBatch; ++picture) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      for (std::size_t y = 0; y < size; ++y) {
        for (std::size_t x = 0; x < size; ++x) {
          double value = 0;
          for (std::size_t wave = 1; wave <= 8; ++wave) {
            const auto phase = static_cast<double>(wave * x * (picture + 1) + wave * y * (kBatch - picture)) /
                               static_cast<double>(size);
            value += std::sin(phase + static_cast<double>(channel * wave)) / static_cast<double>(wave);
          }
          values[i++] = static_cast<float>(value);
        }
      }
    }
  }
  return values;
}

}  // namespace

std::vector<PrecisionTrial> try_precisions(const std::function<std::unique_ptr<ClipModel>(Precision)>& load,
                                           double seconds) {
  using Clock = std::chrono::steady_clock;
  std::vector<PrecisionTrial> trials;
  std::vector<float> patterns;
  Matrix expected;
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8}) {
    PrecisionTrial& trial = trials.emplace_back();
    trial.precision = precision;
    try {
      const std::unique_ptr<ClipModel> model = load(precision);
      if (patterns.empty()) patterns = test_patterns(model->config().image.image_size);
      // As in a run over many pictures, so that the weights are packed. In a long one float32 would take the
      // place of a precision that is computed wrongly, and its figures would be shown.
      const auto encoder = model->prepare_images({.num_images = kImagesOfLongRun - 1, .batch_size = kBatch});
      const Matrix features = encoder->encode(patterns, kBatch);
      if (precision == Precision::kFloat32) expected = features;
      trial.note = model->precision_note();
      trial.smallest_cosine = smallest_cosine(features, expected);
      const double least = least_cosine(precision);
      if (trial.smallest_cosine < least) {
        trial.problem = std::string(precision_name(precision)) + " is computed wrongly here: cosine " +
                        cosine_digits(trial.smallest_cosine) + " with fp32 on a test pattern, at least " +
                        shortest_digits(least) + " is right";
      }
      const Clock::time_point begin = Clock::now();
      double passed = 0;
      std::size_t num_batches = 0;
      while (passed < seconds) {
        encoder->encode(patterns, kBatch);
        ++num_batches;
        passed = std::chrono::duration<double>(Clock::now() - begin).count();
      }
      trial.images_per_second = static_cast<double>(num_batches * kBatch) / passed;
    } catch (const Error& error) {
      trial.problem = error.what();
    }
  }
  return trials;
}

}  // namespace clipcls
