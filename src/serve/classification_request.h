#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "serve/http_server.h"
#include "zero_shot/label_set.h"

namespace clipcls {

/// The path that pictures are posted to.
inline constexpr const char* kClassify = "/classify";

/// What a request to /classify asks for.
struct ClassificationRequest {
  std::string name = "-";  ///< of the image: its file's name where that is known, else as on standard input
  std::string image;       ///< the bytes of a file
  std::string labels;  ///< the name of a label set of the server; empty: its first, unless there is label_set
  std::optional<LabelSet> label_set;
  std::optional<std::size_t> top_k;
  std::optional<double> threshold;
  std::optional<int> page;
};

/// Whether a body of this media type can hold an image: image/*, application/octet-stream, JSON, a form, or
/// none. curl --data-binary says application/x-www-form-urlencoded of any file, and so that is taken for one.
bool is_known_media_type(const std::string& content_type);

/// Reads the fields of a request, from its query and its body:
///
///   image                  multipart: a file; JSON: base64; otherwise the body itself
///   labels                 the name of a label set; or JSON of labels (Note [Labels files])
///   label                  one label; repeats
///   top_k, threshold, page, name
///
/// `max_labels`: names and prompts in all, in a request. Throws Error (kInvalidArgument, kLabels) that names
/// the field.
ClassificationRequest parse_classification_request(HttpRequest request, std::size_t max_labels);

}  // namespace clipcls
