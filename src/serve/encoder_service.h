#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/threads.h"
#include "model/clip_model.h"
#include "serve/http_server.h"

namespace clipcls {

struct EncoderServiceOptions {
  std::string device;           ///< what clients are told: "cpu"
  std::size_t num_threads = 0;  ///< of a call of the encoder; 0: one a core
  std::size_t max_batch = 64;   ///< images of a request
  std::size_t max_waiting = 128;
  /// The images of a request that was answered, on a thread of the service.
  std::function<void(std::size_t)> on_encoded = [](std::size_t) {};
};

/// Encodes what other processes have decoded, see Note [Served encoders]: a request after the other, each by
/// all threads, as a process does that has a few pictures. All other paths are `others`'.
class EncoderService final : public HttpHandler {
 public:
  /// `model` and `others` must outlive it. Throws Error (kModel).
  EncoderService(ClipModel& model, HttpHandler& others, EncoderServiceOptions options);
  /// Finishes all requests.
  ~EncoderService() override;
  EncoderService(const EncoderService&) = delete;
  EncoderService& operator=(const EncoderService&) = delete;
  EncoderService(EncoderService&&) = delete;
  EncoderService& operator=(EncoderService&&) = delete;

  std::optional<HttpResponse> refuse(const HttpHead& head) override;
  void handle(HttpRequest request, Reply reply) override;
  HttpResponse describe_problem(int status, const std::string& problem) override;
  void note_response(const HttpHead& head, int status, double seconds) override;

 private:
  struct Job {
    std::vector<float> pixel_values;  ///< [batch, 3, image_size, image_size]
    std::size_t batch = 0;
    Reply reply;
  };

  std::string describe() const;
  void work(const std::stop_token& stop);
  HttpResponse encode(const Job& job) const;

  ClipModel& model_;
  HttpHandler& others_;
  EncoderServiceOptions options_;
  std::unique_ptr<const ImageEncoder> encoder_;
  std::mutex mutex_;  ///< guards what follows
  std::condition_variable_any changed_;
  std::deque<Job> waiting_;
  ThreadGroup thread_;  // the last member: it ends before the others are gone
};

}  // namespace clipcls
