// A download goes on where an earlier one ended: the bytes lie in a .partial file, and beside it stands what
// they are of (.origin). The server is asked for the rest on the condition that the file is still the same.
// A response that begins at the start empties the partial file; the finished one is checked and gets its
// name.
#include "fetch/download.h"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "clipcls/error.h"
#include "http_request.h"
#include "partial_file.h"
#include "sha256.h"

namespace clipcls {
namespace {

constexpr int kMaxFruitlessAttempts = 3;
constexpr std::chrono::milliseconds kFirstPause(500);  // doubled at each attempt

std::string count_of_bytes(std::uint64_t count) { return std::to_string(count) + " bytes"; }

/// What If-Range takes: a strong entity tag, else the date.
std::string validator_of(const GetResponse& response) {
  const bool is_strong = response.etag.starts_with('"');
  return is_strong ? response.etag : response.last_modified;
}

// 408 timeout, 425 too early, 429 too many requests, and whatever the server did wrong itself.
bool is_retryable(int status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

/// The state of one download over its attempts.
class Download {
 public:
  Download(std::string url, const std::filesystem::path& destination, std::string sha256,
           const DownloadOptions& options)
      : url_(std::move(url)),
        sha256_(std::move(sha256)),
        options_(options),
        partial_(destination, url_, !sha256_.empty()),
        progress_{destination.filename().string(), partial_.size(), 0} {}

  DownloadResult run() {
    std::uint64_t furthest = partial_.size();
    for (int num_fruitless = 0;;) {
      const HttpOutcome outcome = attempt();
      // on_start() also stops the transfer to begin anew, which is not the user's wish.
      if (outcome.end == HttpEnd::kStopped && !is_restart_wanted_) return {.end = DownloadEnd::kStopped};
      // An answer and no failure: whoever asks for optional files wants to know it.
      if (outcome.response.status == 404 || outcome.response.status == 410) {
        partial_.remove();
        return {.end = DownloadEnd::kMissing, .commit = outcome.response.commit};
      }
      const std::string problem = problem_of(outcome);
      if (problem.empty()) return finish(outcome.response);
      // Attempts count only where they bring nothing: a line that breaks every minute still gets there.
      num_fruitless = partial_.size() > furthest ? 0 : num_fruitless + 1;
      furthest = std::max(furthest, partial_.size());
      if (num_fruitless == kMaxFruitlessAttempts) give_up(problem + ", also at the third attempt");
      if (options_.on_retry) options_.on_retry(url_ + ": " + problem + "; trying again");
      if (!pause(num_fruitless, outcome.retry_after_seconds)) return {.end = DownloadEnd::kStopped};
    }
  }

 private:
  bool report() {
    progress_.num_received = partial_.size();
    return !options_.on_progress || options_.on_progress(progress_);
  }

  HttpOutcome attempt() {
    is_restart_wanted_ = false;
    // Nothing would tell whether the rest is of the same file.
    if (partial_.validator().empty() && sha256_.empty()) partial_.remove();
    GetRequest request;
    request.url = url_;
    request.offset = partial_.size();
    request.validator = partial_.validator();
    request.bearer_token = options_.bearer_token;
    request.ca_file = options_.ca_file;
    request.stall_seconds = options_.stall_seconds;
    request.allows_http = options_.allows_http;
    HttpCallbacks callbacks;
    callbacks.on_start = [&](const GetResponse& response) {
      progress_.num_total = response.linked_size.value_or(response.total_length.value_or(0));
      if (response.status == 200) {  // the whole file: from the start, changed, or by a server without ranges
        partial_.restart(validator_of(response));
        return true;
      }
      // A part that does not begin where ours ends would make a file of two halves that do not fit.
      is_restart_wanted_ = response.range_start != request.offset;
      return !is_restart_wanted_;
    };
    callbacks.on_body = [&](std::span<const char> bytes) {
      partial_.append(bytes);
      return report();
    };
    // Asked also while no bytes come, so that a silent server can be left.
    callbacks.keep_going = [&] { return report(); };
    HttpOutcome outcome = http_get(request, callbacks);
    if (is_restart_wanted_) partial_.remove();
    return outcome;
  }

  /// Why the attempt did not bring the file to its end; empty: it did. Throws where another cannot either.
  std::string problem_of(const HttpOutcome& outcome) {
    const GetResponse& response = outcome.response;
    if (is_restart_wanted_) return "the server sent another part than was asked for";
    if (outcome.end == HttpEnd::kRefused) give_up(outcome.problem);
    if (outcome.end == HttpEnd::kBroken) return outcome.problem;
    // Range not satisfiable: nothing is left to send, or the file has become shorter.
    if (response.status == 416) {
      if (response.total_length == partial_.size()) return "";  // it was whole already
      partial_.remove();
      return "the server has no such part of the file (HTTP 416)";
    }
    std::string status = "the server answers HTTP " + std::to_string(response.status);
    if (is_retryable(response.status)) return status;
    if (response.status == 401 || response.status == 403) {
      give_up(status +
              ": there is no such model, or it may not be read without a token; check the name, or set "
              "HF_TOKEN");
    }
    if (response.status != 200 && response.status != 206) give_up(status);
    // A connection may have ended early in a way that looks like the end of the file.
    if (response.linked_size && partial_.size() < *response.linked_size) {
      return "only " + count_of_bytes(partial_.size()) + " of " + count_of_bytes(*response.linked_size) +
             " came";
    }
    return "";
  }

  [[noreturn]] void give_up(const std::string& problem) {
    const std::string kept = partial_.size() == 0 ? ""
                                                  : "; " + count_of_bytes(partial_.size()) +
                                                        " are kept, and the same command resumes it";
    throw Error(ErrorKind::kFetch, url_ + ": cannot be downloaded: " + problem + kept);
  }

  [[noreturn]] void refuse(const std::string& problem) {
    partial_.remove();
    throw Error(ErrorKind::kFetch, url_ + ": is not the file that it should be, and was deleted: " + problem);
  }

  DownloadResult finish(const GetResponse& response) {
    if (response.linked_size && partial_.size() != *response.linked_size) {
      refuse("it has " + count_of_bytes(partial_.size()) + ", expected " +
             count_of_bytes(*response.linked_size));
    }
    // On the disk before it is read back and checked.
    partial_.close();
    // The catalogue's checksum counts more than what the server says of its own file.
    const std::string expected = sha256_.empty() ? response.sha256 : sha256_;
    // Without any checksum the size is all that can be compared; the result says so.
    if (!expected.empty()) {
      const std::string actual = sha256_of_file(partial_.path());
      if (actual != expected) refuse("its SHA-256 is " + actual + ", expected " + expected);
    }
    partial_.commit();
    return {DownloadEnd::kComplete, partial_.size(), !expected.empty(), response.commit};
  }

  /// False: stopped meanwhile.
  bool pause(int num_fruitless, int retry_after_seconds) {
    const auto end = std::chrono::steady_clock::now() +
                     std::max<std::chrono::milliseconds>(kFirstPause * (1 << num_fruitless) / 2,
                                                         std::chrono::seconds(retry_after_seconds));
    while (std::chrono::steady_clock::now() < end) {
      if (!report()) return false;
      // In short steps, so that an interruption is felt at once.
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return true;
  }

  std::string url_;
  std::string sha256_;
  const DownloadOptions& options_;
  PartialFile partial_;
  DownloadProgress progress_;
  bool is_restart_wanted_ = false;
};

}  // namespace

DownloadResult download_file(const std::string& url, const std::filesystem::path& destination,
                             const std::string& sha256, const DownloadOptions& options) {
  return Download(url, destination, sha256, options).run();
}

}  // namespace clipcls
