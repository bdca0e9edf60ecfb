#include "serve/encoder_service.h"

#include <fmt/format.h>

#include <cstring>
#include <exception>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/threads.h"
#include "clipcls/error.h"
#include "json/write_json.h"
#include "serve/served_model.h"

namespace clipcls {
namespace {

bool is_of_encoder(const std::string& path) { return path == kEncoder || path == kEncode; }

}  // namespace

EncoderService::EncoderService(ClipModel& model, HttpHandler& others, EncoderServiceOptions options)
    : model_(model), others_(others), options_(std::move(options)) {
  EncodingPlan plan;
  // As a process prepares it that has one picture: clients get the same bytes as without a server.
  plan.num_images = 1;
  plan.num_workers = usable_threads(options_.num_threads);
  encoder_ = model_.prepare_images(plan);
  // The first call of an encoder takes several times as long as the others.
  encoder_->encode(std::vector<float>(model_.config().image.num_pixel_values()), 1);
  thread_.start(1, [this](const std::stop_token& stop) { work(stop); });
}

EncoderService::~EncoderService() = default;

std::optional<HttpResponse> EncoderService::refuse(const HttpHead& head) {
  if (!is_of_encoder(head.path)) return others_.refuse(head);
  const char* const method = head.path == kEncode ? "POST" : "GET";
  if (head.method == method) return std::nullopt;
  HttpResponse response = describe_problem(405, head.path + " takes " + method);
  response.headers.emplace_back("Allow", method);
  return response;
}

void EncoderService::handle(HttpRequest request, Reply reply) {
  if (request.path == kEncoder) return reply({200, describe()});
  if (request.path != kEncode) return others_.handle(std::move(request), std::move(reply));
  Job job;
  job.reply = std::move(reply);
  // Neither part has a character that a query would write otherwise.
  if (request.query !=
      "encoder=" + encoder_name(model_.image_fingerprint(), model_.precision(), options_.device))
    return job.reply(describe_problem(409, "has another encoder than when the run began"));
  const std::size_t num_pixels = model_.config().image.num_pixel_values();
  const std::size_t image_bytes = num_pixels * sizeof(float);
  job.batch = request.body.size() / image_bytes;
  if (job.batch == 0 || job.batch > options_.max_batch || request.body.size() % image_bytes != 0) {
    return job.reply(
        describe_problem(400, fmt::format("the body has {} bytes, expected {} for each of at most {} images",
                                          request.body.size(), image_bytes, options_.max_batch)));
  }
  job.pixel_values.resize(job.batch * num_pixels);
  std::memcpy(job.pixel_values.data(), request.body.data(), request.body.size());
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < options_.max_waiting) {
      waiting_.push_back(std::move(job));
      changed_.notify_one();
      return;
    }
  }
  job.reply(describe_problem(503, "too many images are waiting; try again"));
}

std::string EncoderService::describe() const {
  const nlohmann::ordered_json about = {{"version", CLIPCLS_VERSION},
                                        {"image_fingerprint", model_.image_fingerprint()},
                                        {"precision", model_.precision()},
                                        {"device", options_.device},
                                        {"max_batch", options_.max_batch}};
  return write_json(about) + "\n";
}

void EncoderService::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    const Job job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    job.reply(encode(job));
    lock.lock();
  }
}

HttpResponse EncoderService::encode(const Job& job) const {
  try {
    const Matrix features = encoder_->encode(job.pixel_values, job.batch);
    options_.on_encoded(job.batch);
    HttpResponse response;
    response.content_type = "application/octet-stream";
    response.body.assign(reinterpret_cast<const char*>(features.values.data()),
                         features.values.size() * sizeof(float));
    return response;
  } catch (const std::exception& error) {
    const nlohmann::ordered_json body = {{"error", {{"kind", "model"}, {"message", error.what()}}}};
    return {500, write_json(body) + "\n"};
  }
}

HttpResponse EncoderService::describe_problem(int status, const std::string& problem) {
  return others_.describe_problem(status, problem);
}

void EncoderService::note_response(const HttpHead& head, int status, double seconds) {
  others_.note_response(head, status, seconds);
}

}  // namespace clipcls
