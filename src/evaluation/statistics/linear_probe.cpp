#include <algorithm>
#include <cmath>
#include <numeric>

#include "evaluation/statistics/few_shot.h"

namespace clipcls {
namespace {

constexpr std::size_t kMaxNewtonSteps = 100;
constexpr double kGradientTolerance = 1e-9;  // times the inverse penalty and the number of images

using Values = std::vector<double>;

double dot(const Values& a, const Values& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// The objective and its derivatives. Parameters are [num_classes, embed_dim + 1], the bias last in each row.
/// Multinomial logistic regression as in scikit-learn: inverse_penalty * (sum over images of -log p(target))
/// + |weights|^2 / 2, biases unpenalised.
class Objective {
 public:
  Objective(const Matrix& features, std::span<const std::size_t> targets, std::size_t num_classes,
            double inverse_penalty)
      : features_(features),
        targets_(targets),
        num_classes_(num_classes),
        inverse_penalty_(inverse_penalty) {}

  std::size_t num_parameters() const { return num_classes_ * width(); }

  /// Its value; keeps the probabilities for the derivatives at the same place.
  double evaluate(const Values& parameters) {
    probabilities_ = times_features(parameters);
    double loss = 0;
    for (std::size_t i = 0; i < features_.rows; ++i) {
      const std::span<double> logits = std::span(probabilities_).subspan(i * num_classes_, num_classes_);
      const double max_logit = std::ranges::max(logits);
      const double target_logit = logits[targets_[i]];
      double sum = 0;
      for (double& logit : logits) sum += logit = std::exp(logit - max_logit);
      for (double& probability : logits) probability /= sum;
      loss += std::log(sum) + max_logit - target_logit;
    }
    return inverse_penalty_ * loss + dot(parameters, penalised(parameters)) / 2;
  }

  Values gradient(const Values& parameters) const {
    Values residuals = probabilities_;
    for (std::size_t i = 0; i < features_.rows; ++i) residuals[i * num_classes_ + targets_[i]] -= 1;
    return add_penalty(features_times(residuals), parameters);
  }

  /// The second derivative times `direction`.
  /// Never as a matrix: its side would be num_classes * (embed_dim + 1), half a million for 1000 labels.
  Values curvature(const Values& direction) const {
    Values change = times_features(direction);
    for (std::size_t i = 0; i < features_.rows; ++i) {
      const std::size_t begin = i * num_classes_;
      double mean = 0;
      for (std::size_t c = 0; c < num_classes_; ++c) mean += probabilities_[begin + c] * change[begin + c];
      for (std::size_t c = 0; c < num_classes_; ++c)
        change[begin + c] = probabilities_[begin + c] * (change[begin + c] - mean);
    }
    return add_penalty(features_times(change), direction);
  }

 private:
  std::size_t width() const { return features_.cols + 1; }

  Values penalised(const Values& parameters) const {
    Values result = parameters;
    for (std::size_t c = 0; c < num_classes_; ++c) result[c * width() + features_.cols] = 0;
    return result;
  }

  Values add_penalty(Values of_loss, const Values& parameters) const {
    const Values penalty = penalised(parameters);
    for (std::size_t i = 0; i < of_loss.size(); ++i) of_loss[i] = inverse_penalty_ * of_loss[i] + penalty[i];
    return of_loss;
  }

  /// [num_images, num_classes]: features · parametersᵀ
  Values times_features(const Values& parameters) const {
    Values product(features_.rows * num_classes_);
    for (std::size_t i = 0; i < features_.rows; ++i) {
      const std::span<const float> row = features_.row(i);
      for (std::size_t c = 0; c < num_classes_; ++c) {
        const double* const of_class = parameters.data() + c * width();
        double sum = of_class[features_.cols];
        for (std::size_t j = 0; j < row.size(); ++j) sum += static_cast<double>(row[j]) * of_class[j];
        product[i * num_classes_ + c] = sum;
      }
    }
    return product;
  }

  /// Like the parameters: valuesᵀ · features
  Values features_times(const Values& values) const {
    Values product(num_parameters());
    for (std::size_t i = 0; i < features_.rows; ++i) {
      const std::span<const float> row = features_.row(i);
      for (std::size_t c = 0; c < num_classes_; ++c) {
        const double value = values[i * num_classes_ + c];
        double* const of_class = product.data() + c * width();
        for (std::size_t j = 0; j < row.size(); ++j) of_class[j] += value * static_cast<double>(row[j]);
        of_class[features_.cols] += value;
      }
    }
    return product;
  }

  const Matrix& features_;
  std::span<const std::size_t> targets_;
  std::size_t num_classes_;
  double inverse_penalty_;
  Values probabilities_;  ///< [num_images, num_classes]
};

/// Solves curvature · step = -gradient by conjugate gradients, the more exactly the smaller the gradient is.
Values newton_step(const Objective& objective, const Values& gradient) {
  Values step(gradient.size());
  Values residual = gradient;
  for (double& value : residual) value = -value;
  Values direction = residual;
  double square = dot(residual, residual);
  const double norm = std::sqrt(square);
  // Far from the minimum a rough step does as well; near it the square root makes convergence faster than
  // linear.
  const double enough = norm * std::min(0.1, std::sqrt(norm));
  for (std::size_t i = 0; i < 2 * gradient.size() && std::sqrt(square) > enough; ++i) {
    // Textbook conjugate gradients: the step along the direction, then a new direction that is conjugate to
    // the old.
    const Values curved = objective.curvature(direction);
    const double along = dot(direction, curved);
    if (along <= 0) break;  // rounding: the objective is convex
    const double length = square / along;
    for (std::size_t j = 0; j < step.size(); ++j) {
      step[j] += length * direction[j];
      residual[j] -= length * curved[j];
    }
    const double next = dot(residual, residual);
    for (std::size_t j = 0; j < step.size(); ++j) direction[j] = residual[j] + next / square * direction[j];
    square = next;
  }
  return step;
}

}  // namespace

LinearProbe fit_linear_probe(const Matrix& features, std::span<const std::size_t> targets,
                             std::size_t num_classes, double inverse_penalty) {
  Objective objective(features, targets, num_classes, inverse_penalty);
  Values parameters(objective.num_parameters());
  double value = objective.evaluate(parameters);
  const double tolerance = kGradientTolerance * inverse_penalty * static_cast<double>(features.rows);
  for (std::size_t iteration = 0; iteration < kMaxNewtonSteps; ++iteration) {
    const Values gradient = objective.gradient(parameters);
    // Newton's method with a line search, until no component of the gradient is worth another step.
    const double largest =
        std::abs(*std::ranges::max_element(gradient, {}, [](double g) { return std::abs(g); }));
    if (largest <= tolerance) break;
    const Values step = newton_step(objective, gradient);
    const double slope = dot(gradient, step);
    // Halved until the value falls as it should (Armijo).
    double length = 1;
    Values next(parameters.size());
    double next_value = value;
    while (length > 1e-10) {
      for (std::size_t j = 0; j < next.size(); ++j) next[j] = parameters[j] + length * step[j];
      next_value = objective.evaluate(next);
      if (next_value <= value + 1e-4 * length * slope) break;
      length /= 2;
    }
    if (length <= 1e-10) break;  // nothing is left to gain but rounding errors
    parameters = std::move(next);
    value = next_value;
  }

  LinearProbe probe;
  probe.embed_dim = features.cols;
  for (std::size_t c = 0; c < num_classes; ++c) {
    const auto row = parameters.begin() + static_cast<std::ptrdiff_t>(c * (features.cols + 1));
    probe.weights.insert(probe.weights.end(), row, row + static_cast<std::ptrdiff_t>(features.cols));
    probe.biases.push_back(row[static_cast<std::ptrdiff_t>(features.cols)]);
  }
  return probe;
}

}  // namespace clipcls
