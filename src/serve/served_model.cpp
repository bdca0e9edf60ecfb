#include "serve/served_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "clipcls/error.h"
#include "json/json_fields.h"
#include "json/parse_json.h"
#include "serve/socket_client.h"

namespace clipcls {
namespace {

// Too many others are waiting: as long as an image takes.
constexpr std::chrono::milliseconds kPause(50);
constexpr std::chrono::minutes kMaxPatience(10);
// The server answers at once who it is. It encodes behind what others have asked for.
constexpr std::chrono::seconds kMaxGreeting(10);
constexpr std::chrono::seconds kMaxEncoding(600);

[[noreturn]] void refuse(const std::filesystem::path& socket, const std::string& problem) {
  throw Error(ErrorKind::kInvalidArgument, socket.string() + ": the server there " + problem);
}

/// The message in a response of JSON, else all of it, else its status.
std::string problem_of(const HttpResponse& response) {
  const auto body = nlohmann::json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  const nlohmann::json::json_pointer message("/error/message");
  const bool has_message = body.is_object() && body.contains(message) && body.at(message).is_string();
  if (has_message) return body.at(message).get<std::string>();
  return response.body.empty() ? fmt::format("HTTP status {}", response.status) : response.body;
}

/// As ask_server(), and again while the server is too busy.
std::optional<HttpResponse> ask_patiently(const std::filesystem::path& socket, const std::string& method,
                                          const std::string& path, std::chrono::seconds max_wait,
                                          std::span<const std::byte> body = {}) {
  const auto end = std::chrono::steady_clock::now() + kMaxPatience;
  for (;;) {
    auto response = ask_server(socket, method, path, max_wait, body);
    if (!response || response->status != 503 || std::chrono::steady_clock::now() > end) return response;
    std::this_thread::sleep_for(kPause);
  }
}

class ServedImageEncoder final : public ImageEncoder {
 public:
  ServedImageEncoder(std::filesystem::path socket, const std::string& name, std::size_t embed_dim,
                     std::size_t max_batch)
      : socket_(std::move(socket)),
        path_(std::string(kEncode) + "?encoder=" + name),
        embed_dim_(embed_dim),
        max_batch_(max_batch) {}

  Matrix encode(std::span<const float> pixel_values, std::size_t batch) const override {
    Matrix features(batch, embed_dim_);
    const std::size_t num_pixels = batch == 0 ? 0 : pixel_values.size() / batch;
    for (std::size_t first = 0; first < batch; first += max_batch_) {
      const std::size_t count = std::min(max_batch_, batch - first);
      const std::string body = ask(pixel_values.subspan(first * num_pixels, count * num_pixels));
      const std::size_t num_bytes = count * embed_dim_ * sizeof(float);
      if (body.size() != num_bytes) {
        throw Error(ErrorKind::kModel,
                    fmt::format("{}: the server there gave {} bytes of features, expected {}",
                                socket_.string(), body.size(), num_bytes));
      }
      std::memcpy(features.values.data() + first * embed_dim_, body.data(), num_bytes);
    }
    return features;
  }

 private:
  std::string ask(std::span<const float> pixel_values) const {
    const auto response = ask_patiently(socket_, "POST", path_, kMaxEncoding, std::as_bytes(pixel_values));
    if (response && response->status == 200) return response->body;
    throw Error(ErrorKind::kModel, socket_.string() + ": the server there " +
                                       (response ? "did not encode: " + problem_of(*response) : "has ended"));
  }

  std::filesystem::path socket_;
  std::string path_;
  std::size_t embed_dim_;
  std::size_t max_batch_;
};

}  // namespace

std::string encoder_name(const std::string& image_fingerprint, const std::string& precision,
                         const std::string& device) {
  return image_fingerprint + "-" + precision + "-" + device + "-" CLIPCLS_VERSION;
}

std::unique_ptr<ServedModel> ServedModel::connect(const std::filesystem::path& socket, WantedModel wanted) {
  const std::optional<HttpResponse> response = ask_patiently(socket, "GET", kEncoder, kMaxGreeting);
  if (!response) return nullptr;
  if (response->status == 404) refuse(socket, "has no encoder for other programs");
  if (response->status != 200) refuse(socket, "gave no answer: " + problem_of(*response));
  const std::string place = socket.string() + ": the server's answer";
  const nlohmann::json about = parse_json(response->body, place, ErrorKind::kModel);
  const JsonFields fields(about, place, ErrorKind::kModel);
  if (const std::string version = fields.text("version"); version != CLIPCLS_VERSION)
    refuse(socket, "is clipcls " + version + ", and this is clipcls " CLIPCLS_VERSION "; restart it");
  if (wanted.image_fingerprint.empty())
    refuse(socket, "cannot be compared: the files of " + wanted.config.name +
                       " have no checksums, or cannot be read");
  if (fields.text("image_fingerprint") != wanted.image_fingerprint)
    refuse(socket, "has another model than " + wanted.config.name + ", or an older state of it");
  const auto require_same = [&](const std::string& name, const std::string& asked) {
    const std::string served = fields.text(name);
    if (served != asked)
      refuse(socket, "computes in `" + name + "` " + served + ", and this asks for " + asked);
  };
  require_same("precision", wanted.precision);
  require_same("device", wanted.device);
  const auto max_batch = static_cast<std::size_t>(fields.integer("max_batch", 1, 1 << 20));
  return std::unique_ptr<ServedModel>(new ServedModel(socket, std::move(wanted), max_batch));
}

ServedModel::ServedModel(std::filesystem::path socket, WantedModel wanted, std::size_t max_batch)
    : socket_(std::move(socket)), wanted_(std::move(wanted)), max_batch_(max_batch) {}

std::unique_ptr<const ImageEncoder> ServedModel::prepare_images(const EncodingPlan& /*plan*/) {
  const std::string name = encoder_name(wanted_.image_fingerprint, wanted_.precision, wanted_.device);
  return std::make_unique<ServedImageEncoder>(socket_, name, wanted_.config.embed_dim, max_batch_);
}

std::unique_ptr<const TextEncoder> ServedModel::prepare_texts(const TextEncodingPlan& plan) {
  return model_here().prepare_texts(plan);
}

ClipModel& ServedModel::model_here() {
  const std::lock_guard lock(mutex_);
  if (!model_here_) model_here_ = wanted_.load();
  return *model_here_;
}

}  // namespace clipcls
