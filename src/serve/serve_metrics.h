#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace clipcls {

/// Numbers of observations below bounds, and their sum.
class Histogram {
 public:
  /// `bounds`: rising; each counts what is at most as large.
  explicit Histogram(std::vector<double> bounds) : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}
  void observe(double value);
  /// Appends the lines of `name` to `text`.
  void write(const std::string& name, std::string& text) const;

 private:
  std::vector<double> bounds_;
  std::vector<std::uint64_t> counts_;  ///< between two bounds; the last one: above all
  double sum_ = 0;
};

/// What a server counts, for Prometheus. Safe for several threads.
class ServeMetrics {
 public:
  void note_response(const std::string& path, int status, double seconds);
  void note_batch(std::size_t num_images);
  void note_image(bool is_classified);

  std::uint64_t num_requests() const;
  std::uint64_t num_classified() const;

  /// All of it in the text format 0.0.4, with what the caller knows of now.
  std::string write(std::size_t queue_depth, std::size_t num_connections) const;

 private:
  mutable std::mutex mutex_;  ///< guards what follows
  std::map<std::pair<std::string, int>, std::uint64_t> responses_;
  Histogram seconds_{{0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30}};
  Histogram batch_sizes_{{1, 2, 4, 8, 16, 32, 64, 128}};
  std::uint64_t num_classified_ = 0;
  std::uint64_t num_failed_ = 0;
};

}  // namespace clipcls
