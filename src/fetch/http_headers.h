#pragma once

#include <string_view>

#include "http_request.h"

namespace clipcls {

/// Reads the header lines of a chain of responses, one after the other, into an GetResponse.
class HttpHeaders {
 public:
  /// One line as it came, the status line of each response included.
  void read_line(std::string_view line);

  const GetResponse& response() const { return response_; }

 private:
  void start_response(std::string_view status_line);

  GetResponse response_;
  int num_responses_ = 0;
};

}  // namespace clipcls
