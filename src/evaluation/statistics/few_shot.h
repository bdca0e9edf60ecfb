#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/matrix.h"

namespace clipcls {

/// Which images are examples and which are tested; both in rising order.
struct ExampleSplit {
  std::vector<std::size_t> training;
  std::vector<std::size_t> test;
};

/// Draws `num_examples` images of each class that has any; the rest is for the test. Equal seeds draw the
/// same ones on every machine. `targets`: [num_images]; each class has at least `num_examples`.
ExampleSplit split_examples(std::span<const std::size_t> targets, std::size_t num_classes,
                            std::size_t num_examples, std::uint64_t seed);

/// The mean of each class's features, of length one: [num_classes, embed_dim]; zeros for a class without
/// images. `unit_features`: [num_images, embed_dim], unit rows; `targets`: [num_images].
Matrix class_means(const Matrix& unit_features, std::span<const std::size_t> targets,
                   std::size_t num_classes);

/// A linear classifier: logit_c = weights_c · x + biases_c.
struct LinearProbe {
  std::size_t embed_dim = 0;
  std::vector<double> weights;  ///< [num_classes, embed_dim]
  std::vector<double> biases;   ///< [num_classes]; their sum is 0
};

/// Multinomial logistic regression with a squared penalty of the weights, not of the biases: the minimum of
///   ½ Σ weights² + inverse_penalty · Σ_images -log softmax(logits)[target],
/// which is scikit-learn's LogisticRegression(C=inverse_penalty) of three classes or more. Newton's method
/// with conjugate gradients. `features`: [num_images, embed_dim]; `targets`: [num_images].
LinearProbe fit_linear_probe(const Matrix& features, std::span<const std::size_t> targets,
                             std::size_t num_classes, double inverse_penalty);

}  // namespace clipcls
