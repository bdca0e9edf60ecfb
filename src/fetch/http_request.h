#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace clipcls {

/// One GET request.
struct GetRequest {
  std::string url;
  std::uint64_t offset = 0;  ///< first byte that is wanted; above 0 it becomes a Range header
  std::string validator;     ///< of the bytes that are there: If-Range; empty: none
  std::string bearer_token;  ///< for the host of `url` alone, never for one that it redirects to
  std::string ca_file;       ///< certificates to trust in place of the system's; empty: the system's
  int stall_seconds = 30;    ///< this long no data, or under 1 KB a second: the transfer has stalled
  bool allows_http = false;  ///< else https alone, also where redirects lead
};

/// What the headers of the last response said, and where noted of those that redirected to it.
struct GetResponse {
  int status = 0;
  std::string etag;
  std::string last_modified;
  std::optional<std::uint64_t> content_length;
  std::optional<std::uint64_t> range_start;   ///< of Content-Range
  std::optional<std::uint64_t> total_length;  ///< of the whole file: Content-Range, else Content-Length
  std::string
      sha256;  ///< the hub's: X-Linked-Etag of any response, or the first one's ETag; empty: not given
  std::optional<std::uint64_t> linked_size;  ///< X-Linked-Size of any response
  std::string commit;                        ///< X-Repo-Commit of any response
};

enum class HttpEnd {
  kComplete,  ///< the whole response came, whatever its status is
  kStopped,   ///< by one of the callbacks
  kBroken,    ///< stalled, cut short, no connection: another attempt may do better
  kRefused,   ///< another attempt would end the same way
};

struct HttpOutcome {
  HttpEnd end = HttpEnd::kComplete;
  GetResponse response;
  std::string problem;  ///< for people, one line; empty when kComplete or kStopped
  int retry_after_seconds = 0;
};

/// False stops the transfer.
struct HttpCallbacks {
  std::function<bool(const GetResponse&)> on_start;  ///< before the first byte of a 200 or 206
  std::function<bool(std::span<const char>)> on_body;
  std::function<bool()> keep_going;  ///< about once a second, and as bytes come
};

/// Follows redirects, honours http_proxy, https_proxy and no_proxy. Throws Error (kFetch) when libcurl is not
/// there.
HttpOutcome http_get(const GetRequest& request, const HttpCallbacks& callbacks);

}  // namespace clipcls
