#include <array>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "cli/commands/commands.h"
#include "cli/flags/document_format.h"
#include "cli/program.h"
#include "cli/results/output_file.h"
#include "clipcls/error.h"
#include "json/write_json.h"
#include "model/folder_architecture.h"
#include "model/model_config.h"
#include "model/model_folders.h"
#include "text_output/format_number.h"
#include "text_output/text_table.h"
#if CLIPCLS_WITH_FETCH
#include "fetch/model_catalogue.h"
#include "model/license.h"
#endif

namespace clipcls {
namespace {

using nlohmann::ordered_json;

struct ModelListFlags {
  bool lists_available = false;  ///< those that can be fetched by name, instead of those that are here
  DocumentFormat format = DocumentFormat::kText;
};

/// What is known of a model without loading its encoders.
struct ListedModel {
  NamedModel model;
  std::uint64_t num_bytes = 0;
  std::string description;
  std::string error;  ///< why it cannot be used; empty: nothing is known against it
};

ListedModel look_at(const NamedModel& model) {
  ListedModel listed{model, size_of_model(model.path), "", ""};
  std::error_code ignored;
  if (!std::filesystem::is_directory(model.path, ignored)) {
    listed.description = "TorchScript archive of OpenAI's layout";
    return listed;
  }
  try {
    const ModelConfig config = read_model_config(model.path);
    listed.description = !config.description.empty() ? config.description : config.image_architecture;
    const EncoderFiles files = encoder_files(model.path, config.architecture);
    require_encoder_file(files.image);
    require_encoder_file(files.text);
  } catch (const Error& error) {
    listed.error = error.what();
  }
  return listed;
}

void write(const std::vector<ListedModel>& models, DocumentFormat format, std::ostream& output) {
  if (format == DocumentFormat::kJson) {
    ordered_json document = ordered_json::array();
    for (const ListedModel& listed : models) {
      ordered_json row = {{"name", listed.model.name},
                          {"path", listed.model.path.string()},
                          {"where", model_origin_name(listed.model.origin)},
                          {"size", listed.num_bytes}};
      if (listed.error.empty()) {
        row["description"] = listed.description;
      } else {
        row["error"] = listed.error;
      }
      document.push_back(std::move(row));
    }
    output << write_json(document, 1) << '\n';
    return;
  }
  std::vector<std::vector<std::string>> rows = {{"NAME", "SIZE", "WHERE", "WHAT"}};
  for (const ListedModel& listed : models) {
    rows.push_back({listed.model.name, format_bytes(listed.num_bytes),
                    std::string(model_origin_name(listed.model.origin)),
                    listed.error.empty() ? listed.description : "broken: " + listed.error});
  }
  write_text_table(output, rows);
}

#if CLIPCLS_WITH_FETCH
ordered_json available_row(const PublishedModel& model, bool is_here) {
  ordered_json row = {{"name", model.name},
                      {"is_here", is_here},
                      {"task", model.task},
                      {"size", std::uint64_t{1000000} * model.num_megabytes},
                      {"imagenet", nullptr},
                      {"imagenet_from", model.imagenet_from},
                      {"languages", model.languages},
                      {"license", model.license},
                      {"bars_commercial_use", bars_commercial_use(model.license)},
                      {"note", model.note}};
  if (model.imagenet) row["imagenet"] = *model.imagenet;
  if (model.repository.empty()) {
    row["url"] = model.url;
    row["sha256"] = model.sha256;
  } else {
    row["repository"] = model.repository;
  }
  row["is_imported"] = model.open_clip_name.empty();
  return row;
}

/// What is not the same for most.
std::string remarks(const PublishedModel& model) {
  std::string text = model.license.empty() ? "not stated" : model.license;
  if (bars_commercial_use(model.license)) text += ", bars commercial use";
  if (!model.open_clip_name.empty()) text += "; by scripts/export_torchscript.py";
  if (!model.note.empty()) text += "; " + model.note;
  return text;
}

void write_available(DocumentFormat format, std::ostream& output) {
  ordered_json document = ordered_json::array();
  std::vector<std::vector<std::string>> rows = {
      {"NAME", "HERE", "FOR", "SIZE", "IMAGENET", "LANGUAGES", "LICENCE"}};
  for (const PublishedModel& model : published_models()) {
    const bool is_here = find_named_model(model.name).has_value();
    document.push_back(available_row(model, is_here));
    rows.push_back({model.name, is_here ? "yes" : "no", model.task,
                    format_bytes(std::uint64_t{1000000} * model.num_megabytes),
                    model.imagenet ? fixed_digits(*model.imagenet, 1) + "%" : "", model.languages,
                    remarks(model)});
  }
  if (format == DocumentFormat::kJson) {
    output << write_json(document, 1) << '\n';
    return;
  }
  constexpr std::array kAlignments = {Alignment::kLeft,  Alignment::kLeft,  Alignment::kLeft,
                                      Alignment::kRight, Alignment::kRight, Alignment::kLeft,
                                      Alignment::kLeft};
  write_text_table(output, rows, kAlignments);
  output << "hf:OWNER/NAME: any CLIP, SigLIP, Chinese-CLIP or BiomedCLIP of the Hugging Face hub\n";
}
#endif

int list_models(const ModelListFlags& flags) {
  OutputFile output;
#if CLIPCLS_WITH_FETCH
  if (flags.lists_available) {
    write_available(flags.format, output.stream());
    output.check();
    return 0;
  }
#endif
  std::vector<ListedModel> models;
  for (const NamedModel& model : list_named_models()) models.push_back(look_at(model));
  write(models, flags.format, output.stream());
  output.check();
  return 0;
}

}  // namespace

void add_model_list(Program& program) {
  CommandDeclaration& command = program.add("model list", "List the models that --model takes by name");
  const auto flags = std::make_shared<ModelListFlags>();
#if CLIPCLS_WITH_FETCH
  command.add_flag("--available", flags->lists_available,
                   "List published models that clipcls model fetch knows by name: what they are for, "
                   "download, accuracy in "
                   "ImageNet without training for it, languages of labels, licence");
#endif
  command.add_choice("-f,--format", flags->format, kDocumentFormats, "Output format; default: text");
#if CLIPCLS_WITH_FETCH
  command.examples({{"clipcls model list", "those that are here"},
                    {"clipcls model list --available", "those that can be fetched by name"}});
#else
  command.examples({{"clipcls model list", "those that are here"},
                    {"clipcls model list -f json", "the same, for a program"}});
#endif
  command.exit_codes({{0, "they are printed"}, {2, "they could not be written"}});
  command.footer(
      "Searched in this order: the folders of $CLIPCLS_MODEL_PATH (separated by colons),\n"
      "$XDG_DATA_HOME/clipcls/models (default ~/.local/share/clipcls/models), the models of the "
      "installation.");
  command.runs([flags] { return list_models(*flags); });
}

}  // namespace clipcls
