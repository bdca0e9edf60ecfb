#include "evaluation/statistics/few_shot.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "seeded_random.h"

namespace clipcls {

ExampleSplit split_examples(std::span<const std::size_t> targets, std::size_t num_classes,
                            std::size_t num_examples, std::uint64_t seed) {
  std::vector<std::vector<std::size_t>> images_of_class(num_classes);
  for (std::size_t i = 0; i < targets.size(); ++i) images_of_class[targets[i]].push_back(i);
  SeededRandom random(seed);
  ExampleSplit split;
  for (std::vector<std::size_t>& images : images_of_class) {
    for (std::size_t i = 0; i < std::min(num_examples, images.size());
         ++i) {  // Fisher-Yates, as far as needed
      std::swap(images[i], images[i + random.below(images.size() - i)]);
      split.training.push_back(images[i]);
    }
    if (images.size() > num_examples) {
      split.test.insert(split.test.end(), images.begin() + static_cast<std::ptrdiff_t>(num_examples),
                        images.end());
    }
  }
  // In the order of the pictures, which no longer tells how they were drawn.
  std::ranges::sort(split.training);
  std::ranges::sort(split.test);
  return split;
}

Matrix class_means(const Matrix& unit_features, std::span<const std::size_t> targets,
                   std::size_t num_classes) {
  const std::size_t embed_dim = unit_features.cols;
  Matrix means(num_classes, embed_dim);
  for (std::size_t c = 0; c < num_classes; ++c) {
    // In double, so that many examples lose nothing by rounding.
    std::vector<double> sum(embed_dim);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (targets[i] != c) continue;
      for (std::size_t j = 0; j < embed_dim; ++j) sum[j] += static_cast<double>(unit_features.row(i)[j]);
    }
    double square_sum = 0;
    for (const double value : sum) square_sum += value * value;
    // No example, or examples that cancel out: there is no direction, and the row stays zero.
    if (square_sum == 0) continue;
    for (std::size_t j = 0; j < embed_dim; ++j)
      means.row(c)[j] = static_cast<float>(sum[j] / std::sqrt(square_sum));
  }
  return means;
}

}  // namespace clipcls
