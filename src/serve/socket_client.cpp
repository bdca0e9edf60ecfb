#include "serve/socket_client.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <system_error>

#include "clipcls/error.h"
#include "files/file_descriptor.h"
#include "unix_socket.h"

namespace clipcls {
namespace {

namespace http = boost::beast::http;

// Far above the features of the largest batch.
constexpr std::uint64_t kMaxResponse = 256U << 20U;

[[noreturn]] void fail(const std::filesystem::path& socket, const std::string& problem) {
  throw Error(ErrorKind::kModel, socket.string() + ": the server there " + problem);
}

/// A wait for the server has failed.
[[noreturn]] void fail_waiting(const std::filesystem::path& socket, int number) {
  if (number == EAGAIN || number == EWOULDBLOCK) fail(socket, "does not answer");
  fail(socket, "cannot be talked to: " + std::system_category().message(number));
}

/// Its end is closed: it has ended, or has said why it takes no more.
bool is_closed(int number) { return number == EPIPE || number == ECONNRESET; }

void send_all(int connection, std::span<const std::byte> bytes, const std::filesystem::path& socket) {
  while (!bytes.empty()) {
    // Without a signal where the server has gone.
    const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && is_closed(errno)) return;
    if (sent < 0) fail_waiting(socket, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
}

HttpResponse receive(int connection, const std::filesystem::path& socket) {
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMaxResponse);
  parser.eager(true);
  std::string waiting;  // what the parser wants to see again, with more behind it
  std::array<char, 65536> block{};
  while (!parser.is_done()) {
    const ssize_t count = read_some(connection, block);
    if (count == 0 || (count < 0 && is_closed(errno))) fail(socket, "ended before it had answered");
    if (count < 0) fail_waiting(socket, errno);
    boost::system::error_code error;
    waiting.append(block.data(), static_cast<std::size_t>(count));
    const std::size_t used = parser.put(boost::asio::buffer(waiting), error);
    if (error && error != http::error::need_more) fail(socket, "is not clipcls serve: " + error.message());
    waiting.erase(0, used);
  }
  auto& response = parser.get();
  return {static_cast<int>(response.result_int()), std::move(response.body())};
}

}  // namespace

std::optional<HttpResponse> ask_server(const std::filesystem::path& socket, const std::string& method,
                                       const std::string& path, std::chrono::seconds max_wait,
                                       std::span<const std::byte> body) {
  const FileDescriptor connection = connect_to_socket(socket, max_wait);
  if (!connection.is_open()) return std::nullopt;
  const timeval limit = {max_wait.count(), 0};
  ::setsockopt(connection.number(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  const std::string head = fmt::format(
      "{} {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n",
      method, path, body.size());
  send_all(connection.number(), std::as_bytes(std::span(head)), socket);
  send_all(connection.number(), body, socket);
  return receive(connection.number(), socket);
}

}  // namespace clipcls
