#include "serve/http_server.h"

#include <algorithm>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <vector>

#include "clipcls/error.h"
#include "http_session.h"
#include "unix_socket.h"

namespace clipcls {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// How long accept() rests after a failure.
constexpr std::chrono::milliseconds kRest(100);
// A connection that has sent no whole head for so long gives way where there is room for no more.
constexpr std::chrono::seconds kSpared(1);

std::string with_port(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

}  // namespace

struct HttpServer::State {
  // One thread runs it, which spares the locks.
  asio::io_context context{1};
  SharedByConnections shared;
  asio::basic_socket_acceptor<asio::generic::stream_protocol> acceptor{context};
  asio::steady_timer pause{context};
  std::string address;
  std::optional<UnixSocketFile> socket_file;  ///< of a Unix socket

  void accept();
  void admit(HttpSocket socket);
  void stop();
};

HttpServer::HttpServer(const std::string& host, std::uint16_t port, const HttpLimits& limits)
    : state_(std::make_unique<State>()) {
  state_->shared.limits = limits;
  const std::string place = host + ":" + std::to_string(port);
  error_code error;
  tcp::resolver resolver(state_->context);
  // Only the first address that the name has.
  const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive, error);
  if (error || found.empty())
    throw Error(ErrorKind::kInvalidArgument,
                "`host` " + host + ": is not an address of this machine: " + error.message());
  const tcp::endpoint endpoint = found.begin()->endpoint();
  tcp::acceptor acceptor(state_->context);
  acceptor.open(endpoint.protocol(), error);
  // Otherwise a restart would have to wait for the old connections to time out.
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    throw Error(ErrorKind::kInvalidArgument, "cannot listen on " + place + ": " + error.message() +
                                                 "; give another `host` or `port` (0: one that is free)");
  }
  state_->address = "http://" + with_port(acceptor.local_endpoint());
  state_->acceptor.assign(endpoint.protocol(), acceptor.release());
}

HttpServer::HttpServer(const std::filesystem::path& socket, const HttpLimits& limits)
    : state_(std::make_unique<State>()) {
  state_->shared.limits = limits;
  try {
    state_->socket_file.emplace(socket);
  } catch (const Error& error) {
    throw Error(error.kind(), std::string("`socket` ") + error.what());
  }
  state_->address = state_->socket_file->path();
  state_->acceptor.assign({AF_UNIX, 0}, state_->socket_file->release());
}

HttpServer::~HttpServer() = default;

const std::string& HttpServer::address() const { return state_->address; }

std::size_t HttpServer::num_connections() const { return state_->shared.open.size(); }

void HttpServer::run(HttpHandler& handler, const std::stop_token& stop) {
  state_->shared.handler = &handler;
  state_->accept();
  const std::stop_callback on_stop(
      stop, [state = state_.get()] { asio::post(state->context, [state] { state->stop(); }); });
  state_->context.run();  // until nothing is left to wait for
}

void HttpServer::State::accept() {
  acceptor.async_accept([this](error_code error, HttpSocket socket) {
    if (!acceptor.is_open()) return;
    if (!error) {
      admit(std::move(socket));
      return accept();
    }
    // No file descriptor is left, as a rule: soon there may be one.
    pause.expires_after(kRest);
    pause.async_wait([this](error_code) {
      if (acceptor.is_open()) accept();
    });
  });
}

void HttpServer::State::admit(HttpSocket socket) {
  if (shared.open.size() >= shared.limits.max_connections) {
    std::shared_ptr<HttpSession> idlest;
    for (const auto& session : shared.open) {
      // Only a connection without a whole request gives way: one that keeps alive loses nothing by it.
      if (session->is_waiting() && (!idlest || session->waiting_since() < idlest->waiting_since()))
        idlest = session;
    }
    if (!idlest || std::chrono::steady_clock::now() - idlest->waiting_since() < kSpared) {
      const HttpResponse response = shared.handler->describe_problem(503, "too many connections; try again");
      const std::string text =
          "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Type: " +
          response.content_type + "\r\nContent-Length: " + std::to_string(response.body.size()) + "\r\n\r\n" +
          response.body;
      error_code ignored;
      // The answer fits into the socket's buffer; a client that does not read must not hold up the server's
      // thread.
      socket.non_blocking(true, ignored);
      asio::write(socket, asio::buffer(text), ignored);
      shared.handler->note_response({}, response.status, 0);
      return;
    }
    idlest->close();
  }
  const auto session = std::make_shared<HttpSession>(std::move(socket), shared);
  shared.open.insert(session);
  session->start();
}

void HttpServer::State::stop() {
  shared.is_stopping = true;
  error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
  // A copy, since close() takes the session out of the set.
  const std::vector<std::shared_ptr<HttpSession>> sessions(shared.open.begin(), shared.open.end());
  for (const auto& session : sessions) {
    if (!session->has_begun()) session->close();
  }
}

}  // namespace clipcls
