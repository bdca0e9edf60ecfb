// The life of a connection: read_head() → on_head() → read_body() → have_it_answered() → respond() →
// on_responded(), and from there back to read_head() or, behind the last response, discard_the_rest() →
// close(). All of it runs on the server's thread. Each handler holds the session by shared_from_this(), so
// that it lives as long as something is outstanding; close() may come at any time, so each handler asks
// first whether the socket is still open.
#include "http_session.h"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>

namespace clipcls {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

// For a client to read the last response while it still sends.
constexpr std::chrono::milliseconds kRestTime(2000);

std::string text(boost::beast::string_view view) { return {view.data(), view.size()}; }

/// Path and query of a request's target, which may also be a whole address (RFC 9112, 3.2.2).
void read_target(std::string_view target, HttpHead& head) {
  if (target.starts_with("http://")) {
    const std::size_t slash = target.find('/', std::string_view("http://").size());
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  const std::size_t mark = target.find('?');
  head.path = target.substr(0, mark);
  head.query = mark == std::string_view::npos ? "" : target.substr(mark + 1);
}

/// As RFC 9110 writes it: Sun, 06 Nov 1994 08:49:37 GMT
std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 64> date{};
  const std::size_t length = std::strftime(date.data(), date.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return {date.data(), length};
}

/// The status for a request that Beast's parser refuses; 0: it is the connection that failed.
int status_of(error_code error) {
  if (error == http::error::header_limit) return 431;
  if (error == http::error::body_limit) return 413;
  if (error == http::error::bad_version) return 505;
  return error.category() == make_error_code(http::error::bad_method).category() ? 400 : 0;
}

template <typename Response>
void fill_in(Response& response, const HttpResponse& given, bool is_last) {
  response.result(static_cast<unsigned>(given.status));
  response.set(http::field::date, http_date());
  response.set(http::field::content_type, given.content_type);
  // Messages quote what a client has sent; no browser is to take one for a page.
  response.set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : given.headers) response.set(name, value);
  response.keep_alive(!is_last);
  response.content_length(given.body.size());
}

}  // namespace

HttpSession::HttpSession(HttpSocket socket, SharedByConnections& shared)
    : socket_(std::move(socket)), shared_(shared), timer_(socket_.get_executor()) {}

void HttpSession::start() {
  error_code ignored;
  // A response goes out in one piece; Nagle's algorithm would only hold it back. Unix sockets know no such.
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  read_head();
}

bool HttpSession::has_begun() const {
  return step_ != Step::kHead || buffer_.size() > 0 || (parser_ && parser_->got_some());
}

void HttpSession::close() {
  clear_deadline();
  forget_body();
  error_code ignored;
  socket_.close(ignored);
  shared_.open.erase(shared_from_this());
}

void HttpSession::set_deadline(std::chrono::milliseconds duration) {
  is_late_ = false;
  timer_.expires_after(duration);
  // The number, because a timer that has just fired calls its handler even where it is set anew meanwhile.
  timer_.async_wait([self = shared_from_this(), number = ++deadline_number_](error_code error) {
    if (error || number != self->deadline_number_) return;
    self->is_late_ = true;
    error_code ignored;
    // It ends the read or write that is going on with an error; who started that sees is_late_.
    self->socket_.cancel(ignored);
  });
}

void HttpSession::clear_deadline() {
  ++deadline_number_;
  timer_.cancel();
}

void HttpSession::read_head() {
  step_ = Step::kHead;
  waiting_since_ = Clock::now();
  head_ = {};
  parser_.emplace();
  parser_->header_limit(shared_.limits.max_head_bytes);
  parser_->body_limit(shared_.limits.max_body_bytes);
  set_deadline(shared_.limits.timeout);
  http::async_read_header(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](error_code error, std::size_t) { self->on_head(error); });
}

void HttpSession::on_head(ErrorCode error) {
  if (!socket_.is_open()) return;
  // A body that is too long is known when the whole head is there.
  if (error && error != http::error::body_limit) return on_read_error(error);
  // The order of the checks: what is wrong with the head, whether its path and type are served, whether the
  // body has a length, whether the client waits for leave to send it.
  const auto& request = parser_->get();
  head_.method = text(request.method_string());
  read_target(text(request.target()), head_);
  head_.content_type = text(request[http::field::content_type]);
  head_.content_encoding = text(request[http::field::content_encoding]);
  if (error) return on_read_error(error);
  must_close_ = !request.keep_alive();
  // From here on the connection is busy, and no longer among those that give way to others.
  step_ = Step::kBody;
  if (const std::optional<HttpResponse> refusal = shared_.handler->refuse(head_)) {
    // The body was not read: what follows on this connection is no request.
    must_close_ = must_close_ || !parser_->is_done();
    return refuse(*refusal);
  }
  const bool has_length = parser_->chunked() || parser_->content_length();
  // By RFC 9112, 6.3, a request without either has no body, and a POST needs one here.
  if (request.method() == http::verb::post && !has_length) {
    must_close_ = true;
    return refuse(411, "the request has no Content-Length, and is not chunked");
  }
  set_deadline(shared_.limits.timeout);
  const auto expectation = request[http::field::expect];
  if (expectation.empty() || parser_->is_done()) return read_body();
  if (!boost::beast::iequals(expectation, "100-continue")) {
    must_close_ = true;
    return refuse(417, "Expect: " + text(expectation) + ": only 100-continue is known");
  }
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(kContinue),
                    [self = shared_from_this()](error_code failure, std::size_t) {
                      if (!self->socket_.is_open()) return;
                      if (failure) return self->on_read_error(failure);
                      self->read_body();
                    });
}

void HttpSession::on_read_error(ErrorCode error) {
  must_close_ = true;
  if (is_late_ && has_begun()) {
    return refuse(
        408, "the request did not arrive within " +
                 std::to_string(std::chrono::ceil<std::chrono::seconds>(shared_.limits.timeout).count()) +
                 " s");
  }
  const int status = status_of(error);
  // Nobody is there to read an answer, or nothing was asked.
  if (is_late_ || status == 0 || error == http::error::end_of_stream) return close();
  if (status == 413) {
    return refuse(413, "the body is larger than " + std::to_string(shared_.limits.max_body_bytes) +
                           " bytes (`max_body_bytes`)");
  }
  refuse(status, "the request is malformed: " + error.message());
}

void HttpSession::read_body() {
  if (parser_->is_done()) return have_it_answered();
  http::async_read_some(socket_, buffer_, *parser_,
                        [self = shared_from_this(), before = parser_->get().body().size()](
                            error_code error, std::size_t) { self->on_body(error, before); });
}

void HttpSession::on_body(ErrorCode error, std::uint64_t num_bytes_before) {
  if (!socket_.is_open()) return;
  const std::uint64_t num_new = parser_->get().body().size() - num_bytes_before;
  num_body_bytes_ += num_new;
  shared_.num_body_bytes += num_new;
  if (error) return on_read_error(error);
  // Many uploads, each within its own limit, could still fill the memory.
  if (shared_.num_body_bytes > shared_.limits.max_body_bytes_in_all) {
    must_close_ = true;
    HttpResponse response =
        shared_.handler->describe_problem(503, "too much is being uploaded at once; try again");
    response.headers.emplace_back("Retry-After", "1");
    return refuse(response);
  }
  read_body();
}

void HttpSession::have_it_answered() {
  clear_deadline();
  // No deadline: how long an answer takes is the batcher's business, which has its own.
  step_ = Step::kAnswer;
  arrived_ = Clock::now();
  // The body is moved: an image is in memory once.
  HttpRequest request{head_, std::move(parser_->get().body())};
  // The connection waits for nothing that Asio knows of: the guard keeps the server running until the answer.
  const auto guard = asio::make_work_guard(socket_.get_executor());
  shared_.handler->handle(std::move(request), [self = shared_from_this(), guard](HttpResponse response) {
    // The handler replies on a thread of its own; sockets belong to the server's thread alone.
    asio::post(self->socket_.get_executor(), [self, given = std::move(response)] { self->respond(given); });
  });
}

void HttpSession::refuse(int status, const std::string& problem) {
  refuse(shared_.handler->describe_problem(status, problem));
}

void HttpSession::refuse(const HttpResponse& response) {
  arrived_ = Clock::now();
  respond(response);
}

void HttpSession::respond(const HttpResponse& given) {
  if (!socket_.is_open()) return;
  forget_body();
  step_ = Step::kResponse;
  const double seconds = std::chrono::duration<double>(Clock::now() - arrived_).count();
  shared_.handler->note_response(head_, given.status, seconds);
  const bool is_last = must_close_ || shared_.is_stopping;
  set_deadline(shared_.limits.timeout);
  const auto on_done = [self = shared_from_this(), is_last](error_code error, std::size_t) {
    self->on_responded(error, is_last);
  };
  if (head_.method == "HEAD") {
    auto& response = response_.emplace<2>();
    fill_in(response, given, is_last);
    http::async_write(socket_, response, on_done);
  } else {
    auto& response = response_.emplace<1>();
    fill_in(response, given, is_last);
    response.body() = given.body;
    http::async_write(socket_, response, on_done);
  }
}

void HttpSession::on_responded(ErrorCode error, bool is_last) {
  if (!socket_.is_open()) return;
  if (error) return close();
  if (!is_last) return read_head();
  step_ = Step::kRest;
  ErrorCode ignored;
  // Closing with unread bytes makes TCP reset the connection, and the client would lose the response.
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  set_deadline(kRestTime);
  discard_the_rest();
}

void HttpSession::discard_the_rest() {
  socket_.async_read_some(asio::buffer(rest_), [self = shared_from_this()](error_code error, std::size_t) {
    if (!self->socket_.is_open()) return;
    if (error || self->is_late_) return self->close();
    self->discard_the_rest();
  });
}

void HttpSession::forget_body() {
  shared_.num_body_bytes -= num_body_bytes_;
  num_body_bytes_ = 0;
}

}  // namespace clipcls
