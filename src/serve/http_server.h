#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace clipcls {

/// What is known of a request before its body is read.
struct HttpHead {
  std::string method;  ///< "POST"
  std::string path;    ///< "/classify", as it was sent
  std::string query;   ///< what follows '?', as it was sent
  std::string content_type;
  std::string content_encoding;
};

struct HttpRequest : HttpHead {
  std::string body;
};

struct HttpResponse {
  int status = 200;
  std::string body{};
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers{};  ///< others than those that every response has
};

/// What a server does with requests. All but the reply happens on the server's thread, which no call may
/// hold up.
class HttpHandler {
 public:
  using Reply = std::function<void(HttpResponse)>;

  virtual ~HttpHandler() = default;

  /// Asked when a request's head is there: a response refuses it, and its body is not read.
  virtual std::optional<HttpResponse> refuse(const HttpHead& head) = 0;

  /// Answers `request` by calling `reply` once, now or later, on any thread.
  virtual void handle(HttpRequest request, Reply reply) = 0;

  /// The response where the server itself refuses: a request that is malformed, late or too large.
  virtual HttpResponse describe_problem(int status, const std::string& problem) = 0;

  /// Every response that is sent. `head` is empty where the request's could not be read. `seconds`: from the
  /// request's last byte.
  virtual void note_response(const HttpHead& head, int status, double seconds) = 0;

 protected:
  HttpHandler() = default;
  HttpHandler(const HttpHandler&) = default;
  HttpHandler& operator=(const HttpHandler&) = default;
  HttpHandler(HttpHandler&&) = default;
  HttpHandler& operator=(HttpHandler&&) = default;
};

/// What no client gets past, whatever it sends.
struct HttpLimits {
  std::uint64_t max_body_bytes = 16ULL << 20U;
  std::uint64_t max_body_bytes_in_all = 1ULL << 30U;  ///< of the requests that are read or answered
  std::size_t max_connections = 512;
  std::uint32_t max_head_bytes = 16U << 10U;
  /// For each of: a request's head, its body, and the response on its way out, whole.
  std::chrono::milliseconds timeout{30000};
};

/// An HTTP/1.1 server: keep-alive, pipelining, chunked bodies, Expect: 100-continue. One thread serves all
/// connections, so that a client that is slow costs its socket and what it has sent, no thread.
class HttpServer {
 public:
  /// Takes the address: connections wait from here on. `port` 0: one that is free. Throws Error
  /// (kInvalidArgument) that names it.
  HttpServer(const std::string& host, std::uint16_t port, const HttpLimits& limits);
  /// The same at a Unix socket, a file that its owner alone may use, and that is removed at the end. One that
  /// a server left which no longer answers is replaced. Throws Error (kInvalidArgument) that names it.
  HttpServer(const std::filesystem::path& socket, const HttpLimits& limits);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  HttpServer(HttpServer&&) = delete;
  HttpServer& operator=(HttpServer&&) = delete;

  /// "http://127.0.0.1:8080"; of a Unix socket its absolute path.
  const std::string& address() const;
  /// Those that are open; only for the handler, on the server's thread.
  std::size_t num_connections() const;

  /// Serves until `stop` is requested; then takes no more connections, answers the requests that have begun
  /// to arrive, and returns.
  void run(HttpHandler& handler, const std::stop_token& stop);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace clipcls
