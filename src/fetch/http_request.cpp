#include "http_request.h"

// libcurl's checks of option types are macros around its functions; here the functions are looked up.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#undef curl_easy_setopt
#undef curl_easy_getinfo

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <memory>

#include "base/shared_library.h"
#include "clipcls/error.h"
#include "http_headers.h"

namespace clipcls {
namespace {

// Below this a transfer counts as silent: at that speed a model would take days.
constexpr long kSlowestBytesPerSecond = 1000;
constexpr long kMaxRedirects = 10;
constexpr long kReceiveBuffer = 256L * 1024;

/// The functions of libcurl that are used here.
/// Opened when it is first needed, so that the program starts, and runs, where libcurl is not installed.
struct LibCurl {
  SharedLibrary library{"libcurl.so.4", "libcurl4", "fetching a model", ErrorKind::kFetch};
  decltype(&curl_easy_init) create = library.symbol<decltype(&curl_easy_init)>("curl_easy_init");
  decltype(&curl_easy_cleanup) destroy = library.symbol<decltype(&curl_easy_cleanup)>("curl_easy_cleanup");
  decltype(&curl_easy_setopt) set = library.symbol<decltype(&curl_easy_setopt)>("curl_easy_setopt");
  decltype(&curl_easy_getinfo) get = library.symbol<decltype(&curl_easy_getinfo)>("curl_easy_getinfo");
  decltype(&curl_easy_perform) perform = library.symbol<decltype(&curl_easy_perform)>("curl_easy_perform");
  decltype(&curl_easy_strerror) describe =
      library.symbol<decltype(&curl_easy_strerror)>("curl_easy_strerror");
  decltype(&curl_slist_append) append = library.symbol<decltype(&curl_slist_append)>("curl_slist_append");
  decltype(&curl_slist_free_all) free_list =
      library.symbol<decltype(&curl_slist_free_all)>("curl_slist_free_all");

  LibCurl() { library.symbol<decltype(&curl_global_init)>("curl_global_init")(CURL_GLOBAL_DEFAULT); }
};

const LibCurl& lib_curl() {
  static const LibCurl curl;
  return curl;
}

/// What the callbacks of one transfer share. They are called from C: no exception may leave them.
struct Transfer {
  Transfer(const HttpCallbacks& to_call, std::chrono::seconds silence)
      : callbacks(to_call), longest_silence(silence) {}

  const HttpCallbacks& callbacks;
  std::chrono::seconds longest_silence;
  HttpHeaders headers;
  curl_off_t num_received = 0;
  std::chrono::steady_clock::time_point last_received = std::chrono::steady_clock::now();
  bool is_stalled = false;
  bool has_started = false;
  bool is_stopped = false;

  bool keep(const std::function<bool()>& callback) {
    try {
      is_stopped = is_stopped || !callback();
    } catch (...) {
      problem = std::current_exception();
      is_stopped = true;
    }
    return !is_stopped;
  }

  std::exception_ptr problem;  ///< thrown on once libcurl has returned
};

std::size_t on_header(const char* data, std::size_t /*size*/, std::size_t count, void* user) {
  static_cast<Transfer*>(user)->headers.read_line({data, count});
  return count;
}

std::size_t on_body(const char* data, std::size_t /*size*/, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  const GetResponse& response = transfer.headers.response();
  if (response.status != 200 && response.status != 206) return count;  // a page that explains an error
  const bool is_kept = transfer.keep([&] {
    if (!transfer.has_started && !transfer.callbacks.on_start(response)) return false;
    transfer.has_started = true;
    return transfer.callbacks.on_body({data, count});
  });
  return is_kept ? count : 0;
}

int on_progress(void* user, curl_off_t /*num_expected*/, curl_off_t num_received, curl_off_t /*num_to_send*/,
                curl_off_t /*num_sent*/) {
  auto& transfer = *static_cast<Transfer*>(user);
  // libcurl's own limit below takes the mean of five seconds, and so sees a silence late.
  const auto now = std::chrono::steady_clock::now();
  if (num_received != transfer.num_received) transfer.last_received = now;
  transfer.num_received = num_received;
  transfer.is_stalled = now - transfer.last_received > transfer.longest_silence;
  if (transfer.is_stalled) return 1;
  return transfer.keep(transfer.callbacks.keep_going) ? 0 : 1;
}

/// Whether another attempt may end in another way. Everything of the network may; what was asked for or
/// promised in a way that is not allowed here stays so.
bool may_retry(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_UNKNOWN_OPTION:
      return false;
    default:
      return true;
  }
}

std::string describe(CURLcode code, bool is_stalled, const char* details, const GetRequest& request) {
  if (code == CURLE_UNSUPPORTED_PROTOCOL && !request.allows_http) {
    return "its URL or a redirect is not https; http is allowed only where `mirror` begins with http://";
  }
  if (code == CURLE_OPERATION_TIMEDOUT || is_stalled) {
    return "no data for " + std::to_string(request.stall_seconds) + " seconds (`stall_seconds`)";
  }
  return *details != '\0' ? details : lib_curl().describe(code);
}

}  // namespace

HttpOutcome http_get(const GetRequest& request, const HttpCallbacks& callbacks) {
  const LibCurl& curl = lib_curl();
  const std::unique_ptr<CURL, decltype(curl.destroy)> handle(curl.create(), curl.destroy);
  if (!handle) throw Error(ErrorKind::kFetch, "libcurl cannot be started: out of memory");
  Transfer transfer(callbacks, std::chrono::seconds(request.stall_seconds));
  std::array<char, CURL_ERROR_SIZE> details{};
  const auto set = [&](CURLoption option, auto value) {
    const CURLcode code = curl.set(handle.get(), option, value);
    if (code != CURLE_OK) {
      throw Error(ErrorKind::kFetch, std::string("libcurl refuses option ") + std::to_string(option) + ": " +
                                         curl.describe(code) + "; clipcls needs libcurl 7.85 or newer");
    }
  };
  // Also for redirects: https must not be left on the way.
  const char* protocols = request.allows_http ? "http,https" : "https";
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, protocols);
  set(CURLOPT_REDIR_PROTOCOLS_STR, protocols);
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, kMaxRedirects);
  // libcurl's own use of signals does not go with several threads.
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_USERAGENT, "clipcls/" CLIPCLS_VERSION);
  // No limit for the whole transfer, which may take hours: only silence ends it.
  set(CURLOPT_CONNECTTIMEOUT, static_cast<long>(request.stall_seconds));
  set(CURLOPT_LOW_SPEED_LIMIT, kSlowestBytesPerSecond);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(request.stall_seconds));
  set(CURLOPT_BUFFERSIZE, kReceiveBuffer);
  // A proxy's answer to CONNECT is no response of the server.
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  // The callbacks, and what they share.
  set(CURLOPT_ERRORBUFFER, details.data());
  set(CURLOPT_HEADERFUNCTION, &on_header);
  set(CURLOPT_HEADERDATA, &transfer);
  set(CURLOPT_WRITEFUNCTION, &on_body);
  set(CURLOPT_WRITEDATA, &transfer);
  set(CURLOPT_XFERINFOFUNCTION, &on_progress);
  set(CURLOPT_XFERINFODATA, &transfer);
  set(CURLOPT_NOPROGRESS, 0L);
  if (!request.ca_file.empty()) set(CURLOPT_CAINFO, request.ca_file.c_str());
  if (!request.bearer_token.empty()) {
    // This way libcurl leaves the token out where a redirect leads to another host.
    set(CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
    set(CURLOPT_XOAUTH2_BEARER, request.bearer_token.c_str());
  }
  if (request.offset > 0) set(CURLOPT_RANGE, (std::to_string(request.offset) + "-").c_str());
  using Headers = std::unique_ptr<curl_slist, decltype(curl.free_list)>;
  Headers headers(nullptr, curl.free_list);
  // If-Range (RFC 9110, 13.1.5): the rest where the file is still the same, else all of it with status 200.
  if (request.offset > 0 && !request.validator.empty()) {
    headers.reset(curl.append(nullptr, ("If-Range: " + request.validator).c_str()));
    set(CURLOPT_HTTPHEADER, headers.get());
  }

  const CURLcode code = curl.perform(handle.get());
  if (transfer.problem) std::rethrow_exception(transfer.problem);
  HttpOutcome outcome;
  outcome.response = transfer.headers.response();
  curl_off_t retry_after = 0;
  curl.get(handle.get(), CURLINFO_RETRY_AFTER, &retry_after);
  // A server may ask for any pause; nobody waits longer than a minute without a word.
  outcome.retry_after_seconds = static_cast<int>(std::min<curl_off_t>(retry_after, 60));
  // Before the code: a transfer that was stopped ends with an error of libcurl's as well.
  if (transfer.is_stopped) {
    outcome.end = HttpEnd::kStopped;
  } else if (code != CURLE_OK) {
    outcome.end = may_retry(code) ? HttpEnd::kBroken : HttpEnd::kRefused;
    outcome.problem = describe(code, transfer.is_stalled, details.data(), request);
  } else if (!transfer.has_started && (outcome.response.status == 200 || outcome.response.status == 206)) {
    callbacks.on_start(outcome.response);  // an empty file has no body to start
  }
  return outcome;
}

}  // namespace clipcls
