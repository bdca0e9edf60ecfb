#include "http_headers.h"

#include <algorithm>
#include <charconv>

#include "base/trim.h"

namespace clipcls {
namespace {

constexpr std::size_t kSha256Digits = 64;

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The digest in an entity tag of the hub: "<64 hexadecimal digits>", with or without quotes.
std::string to_sha256(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  std::string digits = lower_case(etag);
  const bool is_digest =
      digits.size() == kSha256Digits && digits.find_first_not_of("0123456789abcdef") == std::string::npos;
  return is_digest ? digits : "";
}

/// "bytes 100-199/200" or "bytes */200".
void read_content_range(std::string_view value, GetResponse& response) {
  constexpr std::string_view kUnit = "bytes ";
  const std::size_t slash = value.find('/');
  if (!value.starts_with(kUnit) || slash == std::string_view::npos) return;
  const std::string_view range = value.substr(kUnit.size(), slash - kUnit.size());
  response.range_start = to_number(range.substr(0, range.find('-')));
  response.total_length = to_number(value.substr(slash + 1));
}

}  // namespace

void HttpHeaders::start_response(std::string_view status_line) {
  GetResponse next;  // what is of the file and not of one response stays
  next.sha256 = response_.sha256;
  next.linked_size = response_.linked_size;
  next.commit = response_.commit;
  response_ = std::move(next);
  const std::size_t blank = std::min(status_line.find(' '), status_line.size());
  response_.status = static_cast<int>(to_number(trim(status_line.substr(blank)).substr(0, 3)).value_or(0));
  ++num_responses_;
}

void HttpHeaders::read_line(std::string_view line) {
  line = trim(line);
  // libcurl hands over the headers of each response in turn: redirects and all.
  if (line.starts_with("HTTP/")) return start_response(line);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string name = lower_case(line.substr(0, colon));
  const std::string_view value = trim(line.substr(colon + 1));
  if (name == "etag") {
    response_.etag = value;
    // Behind a redirect it is the storage's own tag, which may be a digest of another kind.
    const bool is_file = response_.status == 200 || response_.status == 206;
    if (num_responses_ == 1 && is_file && response_.sha256.empty()) response_.sha256 = to_sha256(value);
  } else if (name == "last-modified") {
    response_.last_modified = value;
  } else if (name == "content-length") {
    response_.content_length = to_number(value);
    if (response_.status == 200) response_.total_length = response_.content_length;
  } else if (name == "content-range") {
    read_content_range(value, response_);
  } else if (name == "x-linked-etag") {
    // The hub's own headers on its redirect: checksum, size and commit of the file that the storage will
    // send.
    response_.sha256 = to_sha256(value);
  } else if (name == "x-linked-size") {
    response_.linked_size = to_number(value);
  } else if (name == "x-repo-commit") {
    response_.commit = value;
  }
}

}  // namespace clipcls
