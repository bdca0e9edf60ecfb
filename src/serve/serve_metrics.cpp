#include "serve/serve_metrics.h"

#include <algorithm>

#include "classification_request.h"
#include "text_output/format_number.h"

namespace clipcls {
namespace {

/// The two lines before a metric's values.
std::string describe(const std::string& name, const std::string& type, const std::string& help) {
  return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

}  // namespace

void Histogram::observe(double value) {
  // Prometheus's buckets hold what is less than or equal to their bound.
  const auto bound = std::ranges::lower_bound(bounds_, value);
  ++counts_[static_cast<std::size_t>(bound - bounds_.begin())];
  sum_ += value;
}

void Histogram::write(const std::string& name, std::string& text) const {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    // Buckets are cumulative in the format, and kept apart here.
    count += counts_[i];
    text += name + "_bucket{le=\"" + (i < bounds_.size() ? shortest_digits(bounds_[i]) : "+Inf") + "\"} " +
            std::to_string(count) + "\n";
  }
  text += name + "_sum " + shortest_digits(sum_) + "\n" + name + "_count " + std::to_string(count) + "\n";
}

void ServeMetrics::note_response(const std::string& path, int status, double seconds) {
  const std::lock_guard lock(mutex_);
  ++responses_[{path, status}];
  if (path == kClassify) seconds_.observe(seconds);
}

void ServeMetrics::note_batch(std::size_t num_images) {
  const std::lock_guard lock(mutex_);
  batch_sizes_.observe(static_cast<double>(num_images));
}

void ServeMetrics::note_image(bool is_classified) {
  const std::lock_guard lock(mutex_);
  ++(is_classified ? num_classified_ : num_failed_);
}

std::uint64_t ServeMetrics::num_requests() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = 0;
  for (const auto& [ignored, count] : responses_) sum += count;
  return sum;
}

std::uint64_t ServeMetrics::num_classified() const {
  const std::lock_guard lock(mutex_);
  return num_classified_;
}

// Prometheus's text format, version 0.0.4.
std::string ServeMetrics::write(std::size_t queue_depth, std::size_t num_connections) const {
  const std::lock_guard lock(mutex_);
  std::string text = describe("clipcls_http_requests_total", "counter", "Requests that were answered.");
  for (const auto& [key, count] : responses_) {
    text += "clipcls_http_requests_total{path=\"" + key.first + "\",code=\"" + std::to_string(key.second) +
            "\"} " + std::to_string(count) + "\n";
  }
  text += describe("clipcls_classify_seconds", "histogram",
                   "Time from the last byte of a request to /classify to its response.");
  seconds_.write("clipcls_classify_seconds", text);
  text += describe("clipcls_batch_size", "histogram", "Images that were encoded together.");
  batch_sizes_.write("clipcls_batch_size", text);
  text += describe("clipcls_images_total", "counter", "Images by what became of them.");
  text += "clipcls_images_total{result=\"classified\"} " + std::to_string(num_classified_) + "\n";
  text += "clipcls_images_total{result=\"failed\"} " + std::to_string(num_failed_) + "\n";
  text += describe("clipcls_queue_depth", "gauge", "Images that wait or are being classified.");
  text += "clipcls_queue_depth " + std::to_string(queue_depth) + "\n";
  text += describe("clipcls_connections", "gauge", "Connections that are open.");
  text += "clipcls_connections " + std::to_string(num_connections) + "\n";
  return text;
}

}  // namespace clipcls
