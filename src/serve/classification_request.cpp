#include "classification_request.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "clipcls/error.h"
#include "files/text_file.h"
#include "json/json_depth.h"
#include "json/write_json.h"
#include "multipart.h"
#include "query.h"
#include "report/base64.h"
#include "zero_shot/labels.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

constexpr const char* kKnownFields = "image, labels, label, top_k, threshold, page, name";
constexpr std::size_t kMaxOtherParts = 16;   // of a form, besides labels
constexpr std::size_t kMaxTextBytes = 2000;  // of a label or prompt; the model reads 77 tokens of it
constexpr int kMaxDepth = 8;                 // of JSON; labels have 4

[[noreturn]] void fail(const std::string& problem) { throw Error(ErrorKind::kInvalidArgument, problem); }

/// "image/png" of "Image/PNG; q=1"
std::string media_type(const std::string& content_type) {
  std::string type = content_type.substr(0, content_type.find(';'));
  std::erase_if(type, [](char character) { return character == ' ' || character == '\t'; });
  std::ranges::transform(type, type.begin(),
                         [](unsigned char character) { return static_cast<char>(std::tolower(character)); });
  return type;
}

/// Neither the parser nor what reads the value afterwards is led into depths.
// The depth is counted before parsing.
ordered_json parse_ordered(std::string_view text, const std::string& place) {
  if (is_nested_too_deeply(text, kMaxDepth))
    fail(place + " is JSON of more than " + std::to_string(kMaxDepth) + " levels");
  try {
    return ordered_json::parse(text);
  } catch (const nlohmann::json::exception&) {
    fail(place + " is not valid JSON");
  }
}

/// Collects fields, wherever they stand.
class Fields {
 public:
  Fields(ClassificationRequest& request, std::size_t max_labels)
      : request_(request), max_labels_(max_labels) {}

  void add(const std::string& name, const std::string& value) {
    if (name == "label") {
      add_labels({{{clean_label(value, "field label"), {}, {}, {}, {}}}, {}});
    } else if (name == "labels") {
      const std::string_view text = drop_byte_order_mark(value);
      const bool is_json = text.starts_with('[') || text.starts_with('{');
      // A query or a form has only texts, so a list comes as JSON in one.
      if (is_json) return add_json_labels(parse_ordered(text, "field labels"));
      // Twice would leave open which one counts; a label may come as often as it likes.
      require_first(!request_.labels.empty(), name);
      request_.labels = value;
    } else if (name == "top_k") {
      require_first(request_.top_k.has_value(), name);
      // The bound keeps the number within any integer; more than there are labels means all of them.
      request_.top_k = number<std::size_t>(name, value, 1, 1000000000, "a whole number from 1 to 1000000000");
    } else if (name == "threshold") {
      require_first(request_.threshold.has_value(), name);
      request_.threshold = number<double>(name, value, -1.0, 1.0, "a number from -1 to 1");
    } else if (name == "page") {
      require_first(request_.page.has_value(), name);
      request_.page = number<int>(name, value, 1, 1000000, "a whole number from 1 to 1000000");
    } else if (name == "name") {
      request_.name = value;
    } else if (name == "image") {
      fail("field image is a text; send it as a file of a form, as base64 in JSON, or as the body");
    } else {
      fail("field \"" + name.substr(0, 60) + "\" is unknown; known are " + kKnownFields);
    }
  }

  void add_json_labels(const ordered_json& labels) {
    if (!labels.is_structured()) fail("field labels is " + show_json(labels) + ", expected a name or a list");
    // By way of the text, so that one reader decides what labels are, in a file as in a request.
    LabelSet label_set = parse_label_set(write_json(labels), "field labels");
    if (label_set.weights)
      fail("field labels: labels that were made from pictures must be a label set of the server");
    add_labels(std::move(label_set));
  }

  void finish() const {
    // Only at the end, as labels come from the query, the form and the body.
    if (request_.label_set) drop_repeated_labels(*request_.label_set);
    if (request_.label_set && !request_.labels.empty())
      fail("fields labels and label: give the name of a label set or labels, not both");
  }

 private:
  static void require_first(bool is_given, const std::string& name) {
    if (is_given) fail("field " + name + " is given twice");
  }

  template <typename Number>
  static Number number(const std::string& name, const std::string& text, Number low, Number high,
                       const std::string& expected) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value >= low && value <= high))
      fail("field " + name + " is \"" + text.substr(0, 60) + "\", expected " + expected);
    return value;
  }

  void count(const std::string& text) {
    if (text.size() > kMaxTextBytes)
      fail("a label or prompt is longer than " + std::to_string(kMaxTextBytes) + " bytes");
    // Each text is a run of the text encoder, so all of them count and not only the labels.
    if (++num_texts_ > max_labels_) {
      fail("the request has more than " + std::to_string(max_labels_) +
           " labels, with their synonyms and prompts (`max_request_labels`)");
    }
  }

  void add_labels(LabelSet label_set) {
    if (!request_.label_set) request_.label_set.emplace();
    for (Label& label : label_set.labels) {
      count(label.name);
      for (const auto* texts : {&label.prompts, &label.synonyms, &label.bin, &label.negative_prompts}) {
        for (const std::string& text : *texts) count(text);
      }
      request_.label_set->labels.push_back(std::move(label));
    }
  }

  ClassificationRequest& request_;
  std::size_t max_labels_;
  std::size_t num_texts_ = 0;
};

void read_form(const HttpRequest& request, std::size_t max_labels, ClassificationRequest& read,
               Fields& fields) {
  const std::optional<std::string> boundary = header_parameter(request.content_type, "boundary");
  if (!boundary || boundary->empty()) fail("Content-Type: multipart/form-data names no boundary");
  bool has_image = false;
  for (const FormPart& part : parse_multipart(request.body, *boundary, max_labels + kMaxOtherParts)) {
    if (part.name != "image") {
      fields.add(part.name, std::string(part.data));
      continue;
    }
    if (has_image) fail("field image is given twice; a request has one image");
    has_image = true;
    read.image = part.data;
    // A field "name" that came before counts more than the file's own name.
    if (part.filename && !part.filename->empty() && read.name == "-") read.name = *part.filename;
  }
  if (!has_image) fail("the form has no field image");
}

/// A field's value as a query would have it.
std::string plain(const std::string& name, const ordered_json& value) {
  // JSON's numbers become text, so that every field has one reader with one message.
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return write_json(value);
  fail("field " + name + " is " + show_json(value) + ", expected a text or a number");
}

void read_json(const HttpRequest& request, ClassificationRequest& read, Fields& fields) {
  const ordered_json body = parse_ordered(request.body, "the body");
  if (!body.is_object()) fail("the body is JSON, but no object");
  bool has_image = false;
  for (const auto& [name, value] : body.items()) {
    if (name == "image") {
      if (!value.is_string()) fail("field image is not a text; it is the file's bytes in base64");
      std::optional<std::string> bytes = decode_base64(value.get_ref<const std::string&>());
      if (!bytes) fail("field image is not base64");
      read.image = std::move(*bytes);
      has_image = true;
    } else if (name == "labels" && !value.is_string()) {
      fields.add_json_labels(value);
    } else {
      fields.add(name, plain(name, value));
    }
  }
  if (!has_image) fail("the body has no field image");
}

}  // namespace

bool is_known_media_type(const std::string& content_type) {
  static constexpr std::array<std::string_view, 5> kTypes = {"", "application/octet-stream",
                                                             "application/x-www-form-urlencoded",
                                                             "application/json", "multipart/form-data"};
  const std::string type = media_type(content_type);
  return type.starts_with("image/") || std::ranges::find(kTypes, type) != kTypes.end();
}

ClassificationRequest parse_classification_request(HttpRequest request, std::size_t max_labels) {
  ClassificationRequest read;
  Fields fields(read, max_labels);
  // The query first: fields of the body that repeat it are then refused as given twice.
  for (const auto& [name, value] : parse_query(request.query)) fields.add(name, value);
  const std::string type = media_type(request.content_type);
  if (type == "multipart/form-data") {
    read_form(request, max_labels, read, fields);
  } else if (type == "application/json") {
    read_json(request, read, fields);
  } else {
    read.image = std::move(request.body);
  }
  fields.finish();
  if (read.name.find('\0') != std::string::npos)
    fail("field name holds a NUL byte, which no file's name does");
  if (read.image.empty()) fail("there is no image: it has no bytes");
  return read;
}

}  // namespace clipcls
