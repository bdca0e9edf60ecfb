#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "serve/http_server.h"

namespace clipcls {

/// Sends a request to the server at a Unix socket and waits for its response: `method` "GET" or "POST",
/// `path` "/encode". Connecting, sending and receiving each take `max_wait` at most. Nothing: no server
/// listens there. Throws Error (kModel) where the connection ends too early or the response is not HTTP, and
/// what connect_to_socket() throws.
std::optional<HttpResponse> ask_server(const std::filesystem::path& socket, const std::string& method,
                                       const std::string& path, std::chrono::seconds max_wait,
                                       std::span<const std::byte> body = {});

}  // namespace clipcls
