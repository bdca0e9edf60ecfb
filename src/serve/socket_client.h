#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "serve/http_server.h"

namespace clipcls {

/// Sends a request to the server at a Unix socket and waits for its response, `max_wait` at most: `method`
/// "GET" or "POST", `path` "/encode". Nothing: no server listens there. Throws
/// Error (kModel) where the connection ends too early or the response is not HTTP.
std::optional<HttpResponse> ask_server(const std::filesystem::path& socket, const std::string& method,
                                       const std::string& path, std::chrono::seconds max_wait,
                                       std::span<const std::byte> body = {});

}  // namespace clipcls
