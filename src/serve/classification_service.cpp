#include "serve/classification_service.h"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <sstream>

#include "classification_request.h"
#include "clipcls/error.h"
#include "json/write_json.h"
#include "report/report.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

constexpr const char* kHealth = "/healthz";
constexpr const char* kMetrics = "/metrics";

bool is_known(const std::string& path) { return path == kClassify || path == kHealth || path == kMetrics; }

HttpResponse problem_response(int status, std::string_view kind, const std::string& message) {
  const ordered_json body = {{"error", {{"kind", kind}, {"message", message}}}};
  return {status, write_json(body) + "\n"};
}

std::string_view kind_of(int status) {
  switch (status) {
    case 404:
      return "not_found";
    case 405:
      return "method_not_allowed";
    case 408:
      return "timeout";
    case 413:
    case 431:
      return "too_large";
    case 415:
      return "unsupported_media_type";
    case 503:
      return "overloaded";
    default:
      return status < 500 ? "bad_request" : "internal";
  }
}

// What the client can change is 4xx; all else is the server's own.
int status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidArgument:
    case ErrorKind::kLabels:
    case ErrorKind::kBrokenImage:
    case ErrorKind::kNotFound:  // such a page
      return 400;
    case ErrorKind::kNotAnImage:
    case ErrorKind::kUnsupportedFormat:
      return 415;
    case ErrorKind::kTooLarge:
      return 413;
    default:
      return 500;
  }
}

}  // namespace

ClassificationService::ClassificationService(ClipModel& model, ServiceOptions options,
                                             RequestLabels::Embed embed,
                                             std::function<std::size_t()> num_connections)
    : options_(std::move(options)),
      num_connections_(std::move(num_connections)),
      batcher_(model,
               [this] {
                 BatcherOptions batcher = options_.batcher;
                 batcher.on_batch = [this](std::size_t num_images) { metrics_.note_batch(num_images); };
                 return batcher;
               }()),
      request_labels_(std::move(embed)) {}

HttpResponse ClassificationService::describe_problem(int status, const std::string& problem) {
  return problem_response(status, kind_of(status), problem);
}

HttpResponse ClassificationService::overloaded(const std::string& problem) {
  HttpResponse response = describe_problem(503, problem);
  // A client that obeys it does not come back at once.
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

// Asked before the body is read, so that what would be refused anyway is not uploaded.
std::optional<HttpResponse> ClassificationService::refuse(const HttpHead& head) {
  if (!is_known(head.path)) {
    return describe_problem(404, "unknown path; available are POST /classify, GET /healthz and GET /metrics");
  }
  const bool is_post = head.path == kClassify;
  if (is_post ? head.method != "POST" : head.method != "GET" && head.method != "HEAD") {
    HttpResponse response = describe_problem(
        405, head.path + " takes " + (is_post ? "POST" : "GET") + ", not " + head.method.substr(0, 20));
    response.headers.emplace_back("Allow", is_post ? "POST" : "GET, HEAD");
    return response;
  }
  if (!is_post) return std::nullopt;
  if (!head.content_encoding.empty() && head.content_encoding != "identity")
    return describe_problem(415, "Content-Encoding: " + head.content_encoding + ": send the body as it is");
  if (!is_known_media_type(head.content_type)) {
    return describe_problem(415,
                            "Content-Type: " + head.content_type +
                                ": send an image (image/*, application/octet-stream), multipart/form-data "
                                "or application/json");
  }
  // submit() asks again: the queue may fill while the body comes.
  if (batcher_.is_full()) return overloaded("too many images are waiting; try again");
  return std::nullopt;
}

void ClassificationService::handle(HttpRequest request, Reply reply) {
  // Both answer at once, also where all encoders are busy: they do not go through the queue.
  if (request.path == kHealth) return reply({200, "{\"status\":\"ok\"}\n"});
  if (request.path == kMetrics) {
    return reply({200, metrics_.write(batcher_.num_waiting(), num_connections_()),
                  "text/plain; version=0.0.4; charset=utf-8"});
  }
  try {
    classify(std::move(request), reply);
  } catch (const Error& error) {
    reply(problem_response(status_of(error.kind()), error_kind_name(error.kind()), error.what()));
  } catch (const std::exception& error) {
    reply(describe_problem(500, error.what()));
  }
}

std::shared_ptr<const ServedLabels> ClassificationService::find_labels(const std::string& name) const {
  if (name.empty() && options_.label_sets.empty())
    throw Error(ErrorKind::kLabels, "field label is missing, and the server has no labels of its own");
  if (name.empty()) return options_.label_sets.front().second;
  const auto found = std::ranges::find(options_.label_sets, name, [](const auto& set) { return set.first; });
  if (found != options_.label_sets.end()) return found->second;
  std::string known;
  for (const auto& [set, ignored] : options_.label_sets) known += (known.empty() ? "" : ", ") + set;
  throw Error(ErrorKind::kLabels, "field labels: there is no label set \"" + name.substr(0, 60) +
                                      "\" here; there are " + known +
                                      ", and field label takes labels one by one");
}

void ClassificationService::classify(HttpRequest request, const Reply& reply) {
  ClassificationRequest asked = parse_classification_request(std::move(request), options_.max_request_labels);
  ImageJob job{std::move(asked.name),
               std::move(asked.image),
               nullptr,
               asked.top_k.value_or(options_.top_k),
               asked.threshold,
               std::chrono::steady_clock::now() + options_.timeout,
               {},
               asked.page};
  if (!asked.label_set) {
    job.labels = find_labels(asked.labels);
    return submit(std::move(job), reply);
  }
  // std::function wants what it holds to be copyable, and a job with an image's bytes should not be copied.
  const auto shared_job = std::make_shared<ImageJob>(std::move(job));
  // The request's own labels may have to be embedded first; the image waits for them outside of the queue.
  const bool is_taken = request_labels_.find(
      std::move(*asked.label_set), [this, shared_job, reply](std::shared_ptr<const ServedLabels> labels,
                                                             const std::optional<Error>& error) {
        if (error) {
          return reply(
              problem_response(status_of(error->kind()), error_kind_name(error->kind()), error->what()));
        }
        shared_job->labels = std::move(labels);
        submit(std::move(*shared_job), reply);
      });
  if (!is_taken) reply(overloaded("too many lists of labels are waiting to be embedded; try again"));
}

void ClassificationService::submit(ImageJob job, const Reply& reply) {
  // The lambda keeps the labels: the set may be dropped from the cache before the image's turn.
  job.on_result = [this, reply, labels = job.labels](const ImageResult& result, ImageJob::Outcome outcome) {
    metrics_.note_image(outcome == ImageJob::Outcome::kDone && !result.error);
    if (outcome == ImageJob::Outcome::kLate)
      return reply(overloaded("the image has waited too long; try again"));
    reply_with(result, labels->names, reply);
  };
  if (!batcher_.submit(std::move(job))) reply(overloaded("too many images are waiting; try again"));
}

void ClassificationService::reply_with(const ImageResult& result, const AnswerNames& names,
                                       const Reply& reply) {
  std::ostringstream row;
  ReportOptions report;
  report.labels = names;
  // The same writer as the command line's, so that a client reads one format.
  make_report_writer(ReportFormat::kJsonl, row, std::move(report))->write(result);
  reply({result.error ? status_of(result.error->kind()) : 200, row.str()});
}

void ClassificationService::note_images(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) metrics_.note_image(true);
}

void ClassificationService::note_response(const HttpHead& head, int status, double seconds) {
  // Paths that clients invent are not kept.
  const bool is_served = is_known(head.path) || std::ranges::count(options_.other_paths, head.path) > 0;
  metrics_.note_response(is_served ? head.path : "other", status, seconds);
  options_.on_response(head, status, seconds);
}

}  // namespace clipcls
