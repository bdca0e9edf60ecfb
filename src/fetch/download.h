#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace clipcls {

struct DownloadProgress {
  std::string file;                ///< the last part of its path
  std::uint64_t num_received = 0;  ///< bytes, those of earlier runs included
  std::uint64_t num_total = 0;     ///< bytes; 0: not known
};

struct DownloadOptions {
  std::string bearer_token;  ///< sent to the host of the address alone, never to one that it redirects to
  std::string ca_file;       ///< certificates to trust in place of the system's; empty: the system's
  int stall_seconds = 30;    ///< this long no data, or under 1 KB a second: the transfer has stalled
  bool allows_http = false;
  /// About once a second, and as bytes come; false stops the download.
  std::function<bool(const DownloadProgress&)> on_progress;
  /// Before another attempt: what went wrong, in one line.
  std::function<void(const std::string&)> on_retry;
};

enum class DownloadEnd {
  kComplete,
  kMissing,  ///< the server has no such file (404)
  kStopped,  ///< by on_progress; what came so far is kept
};

struct DownloadResult {
  DownloadEnd end = DownloadEnd::kComplete;
  std::uint64_t num_bytes = 0;
  bool is_verified = false;  ///< a SHA-256 was known, and is that of the file
  std::string commit = {};   ///< of the hub's repository; empty: not said
};

/// Downloads `url` to `destination`, whose folder exists. Bytes of a broken download stay in
/// `destination`.partial, and are resumed, also by a later process, as long as the server says that
/// they are still of the same file. A broken transfer (stalled, cut short, a server's error) is tried again,
/// until three attempts in a row brought nothing new. The file has the length that was promised, and the
/// SHA-256 of `sha256`, else of the server's word where it gives one (the Hugging Face hub does); a file that
/// is wrong is deleted. Throws Error: kFetch, kOutput when the disk does not do its part.
DownloadResult download_file(const std::string& url, const std::filesystem::path& destination,
                             const std::string& sha256, const DownloadOptions& options);

}  // namespace clipcls
