#pragma once

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <variant>

#include "serve/http_server.h"

namespace clipcls {

/// A connection's: TCP or Unix.
using HttpSocket = boost::asio::generic::stream_protocol::socket;

class HttpSession;

/// What the connections of a server share. Only the server's thread touches it.
struct SharedByConnections {
  HttpLimits limits;
  HttpHandler* handler = nullptr;
  std::set<std::shared_ptr<HttpSession>> open;
  std::uint64_t num_body_bytes = 0;  ///< of the requests that are read or answered
  bool is_stopping = false;
};

/// One connection: read a request, have it answered, write the response, and again. Every wait for the client
/// has a deadline for the whole of what is waited for, so that a byte now and then gains it nothing.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(HttpSocket socket, SharedByConnections& shared);

  void start();

  /// No request is there, not even the whole head of one, since `waiting_since()`.
  bool is_waiting() const { return step_ == Step::kHead; }
  bool has_begun() const;  ///< a part of a request is there
  std::chrono::steady_clock::time_point waiting_since() const { return waiting_since_; }

  void close();

 private:
  using ErrorCode = boost::system::error_code;
  using Clock = std::chrono::steady_clock;
  enum class Step { kHead, kBody, kAnswer, kResponse, kRest };

  /// From now on, what the socket does must be done after `duration`.
  void set_deadline(std::chrono::milliseconds duration);
  void clear_deadline();

  void read_head();
  void on_head(ErrorCode error);
  /// Says what is wrong, or closes where nobody would read it.
  void on_read_error(ErrorCode error);
  void read_body();
  void on_body(ErrorCode error, std::uint64_t num_bytes_before);
  void have_it_answered();
  void refuse(const HttpResponse& response);
  void refuse(int status, const std::string& problem);
  void respond(const HttpResponse& given);
  void on_responded(ErrorCode error, bool is_last);
  /// Lets the client read the response before the connection is reset for what it still sends.
  void discard_the_rest();
  void forget_body();

  HttpSocket socket_;
  SharedByConnections& shared_;
  boost::asio::steady_timer timer_;
  std::uint64_t deadline_number_ = 0;
  bool is_late_ = false;
  Step step_ = Step::kHead;
  Clock::time_point waiting_since_ = Clock::now();
  Clock::time_point arrived_ = Clock::now();
  boost::beast::flat_buffer buffer_;
  std::optional<boost::beast::http::request_parser<boost::beast::http::string_body>> parser_;
  std::variant<std::monostate, boost::beast::http::response<boost::beast::http::string_body>,
               boost::beast::http::response<boost::beast::http::empty_body>>
      response_;
  HttpHead head_;
  bool must_close_ = false;
  std::uint64_t num_body_bytes_ = 0;
  std::array<char, 4096> rest_{};
};

}  // namespace clipcls
