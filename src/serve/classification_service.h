#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/clip_model.h"
#include "serve/http_server.h"
#include "serve/image_batcher.h"
#include "serve/request_labels.h"
#include "serve/serve_metrics.h"
#include "serve/served_labels.h"

namespace clipcls {

struct ServiceOptions {
  /// By name; the first ones are what a request gets that names none. None: requests bring labels.
  std::vector<std::pair<std::string, std::shared_ptr<const ServedLabels>>> label_sets;
  std::vector<std::string> other_paths;  ///< of other handlers, for the metrics
  std::size_t top_k = 5;
  std::size_t max_request_labels = 1000;
  std::chrono::milliseconds timeout{30000};  ///< until an image that waits is given up
  BatcherOptions batcher;
  /// Every response, for a log: method, path, status, seconds.
  std::function<void(const HttpHead&, int, double)> on_response = [](const HttpHead&, int, double) {};
};

/// What the server answers:
///
///   POST /classify  an image: the JSON object of a row for it
///   GET /healthz    {"status": "ok"}
///   GET /metrics    for Prometheus
///
/// A problem is {"error": {"kind", "message"}}, with the image's name before it where it is the image's.
class ClassificationService final : public HttpHandler {
 public:
  /// `embed` makes labels of requests ready. Throws Error (kModel).
  ClassificationService(ClipModel& model, ServiceOptions options, RequestLabels::Embed embed,
                        std::function<std::size_t()> num_connections);

  std::optional<HttpResponse> refuse(const HttpHead& head) override;
  void handle(HttpRequest request, Reply reply) override;
  HttpResponse describe_problem(int status, const std::string& problem) override;
  void note_response(const HttpHead& head, int status, double seconds) override;

  const ServeMetrics& metrics() const { return metrics_; }
  /// Another handler has had images classified.
  void note_images(std::size_t count);

 private:
  void classify(HttpRequest request, const Reply& reply);
  void submit(ImageJob job, const Reply& reply);
  static void reply_with(const ImageResult& result, const AnswerNames& names, const Reply& reply);
  HttpResponse overloaded(const std::string& problem);
  std::shared_ptr<const ServedLabels> find_labels(const std::string& name) const;

  ServiceOptions options_;
  std::function<std::size_t()> num_connections_;
  ServeMetrics metrics_;
  // In this order: labels that become ready are submitted to the batcher until the last.
  ImageBatcher batcher_;
  RequestLabels request_labels_;
};

}  // namespace clipcls
