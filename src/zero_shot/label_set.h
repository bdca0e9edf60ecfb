#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/matrix.h"
#include "zero_shot/labels.h"
#include "zero_shot/prompt_template.h"

namespace clipcls {

// Note [Labels files]. A list of labels is text or JSON; whole-file JSON that starts with '[' or '{' is JSON.
//
//   text   one label a line, by the rules of labels.h; behind it, each after a tab, prompts of its own
//   JSON   {"cat": ["a cat.", "a kitten."], "dog": []}
//          ["cat", {"label": "dog", "prompts": […], "synonyms": […], "bin": […], "negative_prompts": […]}]
//          {"labels": [as above]}, also with "templates": ["a photo of {}, a type of food."]
//          {"format": "clipcls-labels", "format_version": 1, "labels": [as above], …}   what write_label_set
//          writes
//
// A prompt is a whole text, in which {} stands for the label; templates are not applied to it. Synonyms are
// names that the templates are filled with besides the label's own; all its prompts are averaged to one
// embedding. The members of a bin are names, too, but each keeps an embedding of its own, and the label has
// their scores together.

/// A label and what stands for it.
struct Label {
  std::string name;
  std::vector<std::string> prompts;           ///< in place of the templates
  std::vector<std::string> synonyms;          ///< besides the name
  std::vector<std::string> bin;               ///< in place of the name
  std::vector<std::string> negative_prompts;  ///< what a picture without it is called; empty: the default

  bool operator==(const Label&) const = default;
};

/// Weights of labels that were made from example pictures, in place of prompts.
struct LabelWeights {
  std::string model;              ///< its name, for messages
  std::string image_fingerprint;  ///< of the model that they belong to
  std::string text_fingerprint;
  Matrix class_embeddings;     ///< [num_labels, embed_dim], unit rows
  std::vector<double> norms;   ///< [num_labels]: logit = logit_scale * norm * cosine + bias
  std::vector<double> biases;  ///< [num_labels]
};

/// A list of labels.
struct LabelSet {
  std::vector<Label> labels;
  std::optional<LabelWeights> weights;      ///< none: the labels are embedded by their prompts
  std::vector<PromptTemplate> templates{};  ///< that belong to these labels; empty: the model's own do
};

/// The labels of a file's text. `place` names it in errors. Throws Error (kLabels) that names the line or the
/// field.
LabelSet parse_label_set(std::string_view text, const std::string& place);

/// The labels of `file_or_name`: a file if there is one ("-" is standard input), else the built-in list of
/// that name ("cifar100"), which a folder does not take the place of, else the words between commas
/// ("cat,dog"). `read` gives the text of a file. Throws Error (kLabels) that lists the built-in names when it
/// is none of them.
LabelSet find_label_set(const std::string& file_or_name, const ReadText& read = read_list);

/// Labels that were given more than once.
struct RepeatedLabels {
  std::string first;      ///< the name of the first of them
  std::size_t count = 0;  ///< entries that were one label too many
};

/// A label counts once, where it stands first: takes out later ones of the same name that say the same of it,
/// or nothing. Throws Error (kLabels) where one has prompts of its own that the first does not have, or
/// weights.
RepeatedLabels drop_repeated_labels(LabelSet& label_set);

/// The JSON text of `label_set`: parse_label_set() gives it back bit for bit.
std::string write_label_set(const LabelSet& label_set);

/// What the text encoder is given for a list of labels.
struct PromptRows {
  std::vector<std::vector<std::string>> prompts;  ///< [num_rows]: those that are averaged to one embedding
  std::vector<std::size_t> label_of_row;          ///< [num_rows]: several rows of a label are its bin
};

/// The prompts of all labels: a row each, or one for each member of a bin. A member or synonym that is given
/// twice counts once.
PromptRows fill_prompts(const LabelSet& label_set, const std::vector<PromptTemplate>& templates);

/// `text` with every {} replaced by `label`.
std::string fill_prompt(std::string_view text, std::string_view label);

}  // namespace clipcls
