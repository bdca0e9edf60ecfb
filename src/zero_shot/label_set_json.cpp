#include "label_set_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "clipcls/error.h"
#include "json/write_json.h"
#include "label_set_json_text.h"
#include "text_output/format_number.h"
#include "zero_shot/labels.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

constexpr const char* kFormat = "clipcls-labels";
constexpr int kLabelSetVersion = 1;

/// Reads the fields of one file, whose errors all name it.
class LabelSetReader {
 public:
  explicit LabelSetReader(std::string place) : place_(std::move(place)) {}

  LabelSet read(const ordered_json& document) const {
    if (!document.is_structured())
      fail("is " + show_json(document) + R"(, expected a list of labels, as in ["cat", "dog"])");
    LabelSet label_set;
    // Our own format says its version. Everything else is a list that somebody wrote by hand.
    const bool is_versioned = document.is_object() && document.contains("format_version");
    if (is_versioned) require_version(document);
    // Three forms: our own with a version, {"labels": …} alone, or the list itself.
    const ordered_json& labels = is_versioned           ? field(document, "labels")
                                 : is_wrapper(document) ? document["labels"]
                                                        : document;
    if (!labels.is_array() && (is_versioned || !labels.is_object()))
      fail("field labels is " + show_json(labels) + ", expected a list");
    for (const auto& [key, value] : labels.items())
      label_set.labels.push_back(labels.is_array() ? label(value, "label " + key) : mapped_label(key, value));
    if (label_set.labels.empty()) fail("has no label");
    if (document.is_object() && (is_versioned || &labels != &document)) read_templates(document, label_set);
    if (is_versioned && document.contains("embed_dim")) label_set.weights = weights(document, labels);
    return label_set;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw Error(ErrorKind::kLabels, place_ + ": " + message);
  }

  const ordered_json& field(const ordered_json& object, const char* name) const {
    const auto found = object.find(name);
    if (found == object.end()) fail(std::string("field ") + name + " is missing");
    return *found;
  }

  void read_templates(const ordered_json& document, LabelSet& label_set) const {
    if (!document.contains("templates")) return;
    for (const std::string& template_text : texts(document["templates"], "field templates")) {
      try {
        label_set.templates.emplace_back(template_text);
      } catch (const Error& error) {
        fail(error.what());
      }
    }
  }

  /// Whether the labels are a field of an object, alone or beside their templates: {"labels": ["cat",
  /// "dog"]}.
  bool is_wrapper(const ordered_json& document) const {
    if (!document.is_object() || !document.contains("labels")) return false;
    const std::string other = other_field(document);
    if (!other.empty() && document["labels"].is_structured()) {
      fail(
          "has a field labels and others, such as " + other +
          R"(; beside a list of labels stand its templates alone, and a label of that name is {"label": "labels", "prompts": […]})");
    }
    return document.size() == 1 || (other.empty() && document["labels"].is_structured());
  }

  static std::string other_field(const ordered_json& document) {
    for (const auto& [name, value] : document.items()) {
      if (name != "labels" && name != "templates") return show_json(ordered_json(name));
    }
    return "";
  }

  void require_version(const ordered_json& document) const {
    if (field(document, "format") != kFormat)
      fail("field format is " + show_json(document["format"]) + ", expected \"" + kFormat + "\"");
    if (document["format_version"] != kLabelSetVersion) {
      fail("field format_version is " + show_json(document["format_version"]) + ", and this program knows " +
           std::to_string(kLabelSetVersion));
    }
  }

  std::string text(const ordered_json& value, const std::string& name) const {
    if (!value.is_string()) fail(name + " is " + show_json(value) + ", expected a text");
    return clean_label(value.get_ref<const std::string&>(), place_ + ": " + name);
  }

  std::vector<std::string> texts(const ordered_json& value, const std::string& name) const {
    if (value.is_string()) return {text(value, name)};
    if (!value.is_array()) fail(name + " is " + show_json(value) + ", expected a list of texts");
    std::vector<std::string> result;
    for (const ordered_json& entry : value) result.push_back(text(entry, name));
    return result;
  }

  Label mapped_label(const std::string& name, const ordered_json& prompts) const {
    Label result;
    result.name = clean_label(name, place_ + ": a label");
    result.prompts = texts(prompts, "label \"" + name + "\"");
    return result;
  }

  Label label(const ordered_json& value, const std::string& place) const {
    Label result;
    if (value.is_string()) {
      result.name = text(value, place);
      return result;
    }
    if (!value.is_object() || !value.contains("label"))
      fail(place + " is " + show_json(value) +
           R"(, expected a text or {"label": TEXT, "prompts": [TEXT, …]})");
    result.name = text(value["label"], place);
    for (const auto& [key, entry] : value.items()) {
      const std::string name = "field " + key + " of label \"" + result.name + "\"";
      if (key == "prompts") {
        result.prompts = texts(entry, name);
      } else if (key == "synonyms") {
        result.synonyms = texts(entry, name);
      } else if (key == "bin") {
        result.bin = texts(entry, name);
      } else if (key == "negative_prompts") {
        result.negative_prompts = texts(entry, name);
      } else if (key != "label" && key != "embedding" && key != "norm" && key != "bias") {
        // An unknown field is an error: a mistyped one would change the scores in silence.
        fail(name + " is not known; known are prompts, synonyms, bin and negative_prompts");
      }
    }
    // The members of a bin take the name's place, so that nothing would be left for the others to describe.
    if (!result.bin.empty() && !(result.prompts.empty() && result.synonyms.empty()))
      fail("label \"" + result.name + "\" has a bin, and prompts or synonyms besides");
    return result;
  }

  double number(const ordered_json& value, const std::string& name) const {
    if (!value.is_number() || !std::isfinite(value.get<double>()))
      fail(name + " is " + show_json(value) + ", expected a finite number");
    return value.get<double>();
  }

  LabelWeights weights(const ordered_json& document, const ordered_json& labels) const {
    LabelWeights result;
    result.model = text(field(document, "model"), "field model");
    result.image_fingerprint = text(field(document, "image_fingerprint"), "field image_fingerprint");
    result.text_fingerprint = text(field(document, "text_fingerprint"), "field text_fingerprint");
    const ordered_json& embed_dim = document["embed_dim"];
    if (!embed_dim.is_number_unsigned() || embed_dim.get<std::size_t>() > 65536)
      fail("field embed_dim is " + show_json(embed_dim) + ", expected a whole number up to 65536");
    const auto dim = embed_dim.get<std::size_t>();
    for (std::size_t i = 0; i < labels.size();
         ++i) {  // before memory is taken for as many as there should be
      if (!labels[i].is_object()) fail("label " + std::to_string(i) + " has no embedding");
      const ordered_json& embedding = field(labels[i], "embedding");
      // All lengths are compared first: embed_dim is a claim of the file.
      if (!embedding.is_array() || embedding.size() != dim) {
        fail("field embedding of label " + std::to_string(i) + " has " + std::to_string(embedding.size()) +
             " numbers, and field embed_dim is " + std::to_string(dim));
      }
    }
    result.class_embeddings = Matrix(labels.size(), dim);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const std::string name = " of label " + std::to_string(i);
      const ordered_json& embedding = labels[i]["embedding"];
      // In double, as is the check below: it must not fail by rounding.
      double square_sum = 0;
      for (std::size_t j = 0; j < embedding.size(); ++j) {
        const double value = number(embedding[j], "field embedding" + name);
        result.class_embeddings.row(i)[j] = static_cast<float>(value);
        square_sum += value * value;
      }
      // Looser than rounding needs, and tight enough to see an embedding that was never normalised.
      if (std::abs(square_sum - 1) > 1e-3) fail("field embedding" + name + " is not of length one");
      result.norms.push_back(labels[i].contains("norm") ? number(labels[i]["norm"], "field norm" + name) : 1);
      result.biases.push_back(labels[i].contains("bias") ? number(labels[i]["bias"], "field bias" + name)
                                                         : 0);
    }
    return result;
  }

  std::string place_;
};

}  // namespace

std::optional<LabelSet> parse_label_set_json(std::string_view text, const std::string& place) {
  const std::optional<ordered_json> document = parse_label_json(text, place);
  if (!document) return std::nullopt;
  return LabelSetReader(place).read(*document);
}

std::string write_label_set(const LabelSet& label_set) {
  const auto dump = [](const ordered_json& value) { return write_json(value); };
  // Written by hand and not by the JSON library, which would put each number of an embedding on a line or all
  // labels on one; so a label is a line.
  std::string text = "{\"format\": \"" + std::string(kFormat) +
                     "\", \"format_version\": " + std::to_string(kLabelSetVersion) + ",\n";
  const LabelWeights* const weights = label_set.weights ? &*label_set.weights : nullptr;
  if (weights != nullptr) {
    text += " \"model\": " + dump(weights->model) +
            ",\n \"image_fingerprint\": " + dump(weights->image_fingerprint) +
            ", \"text_fingerprint\": " + dump(weights->text_fingerprint) +
            ",\n \"embed_dim\": " + std::to_string(weights->class_embeddings.cols) + ",\n";
  }
  if (!label_set.templates.empty()) {
    std::vector<std::string> texts;
    for (const PromptTemplate& prompt_template : label_set.templates) texts.push_back(prompt_template.text());
    text += " \"templates\": " + dump(texts) + ",\n";
  }
  text += " \"labels\": [";
  for (std::size_t i = 0; i < label_set.labels.size(); ++i) {
    const Label& label = label_set.labels[i];
    text += i == 0 ? "\n" : ",\n";
    text += "  {\"label\": " + dump(label.name);
    const auto add = [&](const char* name, const std::vector<std::string>& texts) {
      if (!texts.empty()) text += std::string(", \"") + name + "\": " + dump(texts);
    };
    add("prompts", label.prompts);
    add("synonyms", label.synonyms);
    add("bin", label.bin);
    add("negative_prompts", label.negative_prompts);
    if (weights != nullptr) {
      if (weights->norms[i] != 1) text += ", \"norm\": " + dump(weights->norms[i]);
      if (weights->biases[i] != 0) text += ", \"bias\": " + dump(weights->biases[i]);
      text += ", \"embedding\": [";
      // The shortest digits that give the same float again, so that a file that is read is the same to the
      // last bit.
      for (const float value : weights->class_embeddings.row(i)) text += shortest_digits(value) + ",";
      text.back() = ']';
    }
    text += "}";
  }
  return text + "]}\n";
}

}  // namespace clipcls
