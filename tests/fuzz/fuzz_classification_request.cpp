// A request to the server: its query, a form, a JSON object. The input is three parts, each but the last a
// line: the media type, the query, the body.
#include "fuzzer.h"
#include "serve/classification_request.h"

namespace clipcls {
namespace {

constexpr std::size_t kMaxLabels = 10;

std::string take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return std::string(line);
}

}  // namespace

CLIPCLS_FUZZ_TARGET(classification_request) {
  std::string_view rest = as_text({data, size});
  HttpRequest request;
  request.content_type = take_line(rest);
  request.query = take_line(rest);
  request.body = rest;
  is_known_media_type(request.content_type);
  ClassificationRequest read;
  if (!accepts({ErrorKind::kInvalidArgument, ErrorKind::kLabels},
               [&] { read = parse_classification_request(std::move(request), kMaxLabels); }))
    return 0;
  require(!read.image.empty(), "what is accepted has an image");
  require(!read.top_k || *read.top_k >= 1, "top_k is at least 1");
  require(!read.threshold || (*read.threshold >= -1 && *read.threshold <= 1), "a threshold is a cosine");
  if (read.label_set) {
    require(read.labels.empty(), "labels are given once");
    require(!read.label_set->labels.empty() && read.label_set->labels.size() <= kMaxLabels,
            "there are labels, and no more than are allowed");
    for (const Label& label : read.label_set->labels) require(!label.name.empty(), "a label has a name");
  }
  return 0;
}

}  // namespace clipcls
