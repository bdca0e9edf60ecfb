#include <unistd.h>

#include <cerrno>
#include <optional>
#include <system_error>

#include "base/environment.h"
#include "cli/commands/commands.h"
#include "cli/flags/stored_precision.h"
#include "cli/program.h"
#include "cli/results/output_file.h"
#include "cli/terminal/download_progress.h"
#include "cli/terminal/interruption.h"
#include "cli/terminal/message.h"
#include "cli/terminal/show_license.h"
#include "clipcls/error.h"
#include "fetch/fetch_model.h"
#include "fetch/fetch_plan.h"
#include "fetch/folder_lock.h"
#include "fetch/hub_model.h"
#include "files/put_in_place.h"
#include "model/import_folder.h"
#include "model/model_folders.h"
#include "model/partial_model.h"

namespace clipcls {
namespace {

constexpr const char* kOpenAiLicense = "MIT, as the repository openai/CLIP";

struct ModelFetchFlags {
  std::string model;   ///< a name of the catalogue, or hf:OWNER/NAME[@REVISION]
  std::string output;  ///< what is made; empty: under its name in the user's models folder
  std::string mirror;  ///< in place of the publishers' scheme and host; empty: none
  int stall_seconds = 30;
  StoredPrecision precision = StoredPrecision::kFloat32;
  bool imports = true;  ///< else the published files are kept as they are
  bool replaces = false;
  bool is_quiet = false;

  /// Throws Error (kUsage).
  void validate(const CommandDeclaration& command) const;
};

void ModelFetchFlags::validate(const CommandDeclaration& command) const {
  if (!imports && command.count("--precision") > 0)
    throw Error(ErrorKind::kUsage, "--precision cannot be used with --no-import: no weights are imported");
  const bool is_url = mirror.starts_with("https://") || mirror.starts_with("http://");
  if (!mirror.empty() && (!is_url || mirror.ends_with("://"))) {
    throw Error(ErrorKind::kUsage,
                "--mirror " + mirror + ": is not an address; write https://host or https://host/path");
  }
  const PublishedModel* published = find_published_model(model);
  if (imports && published != nullptr && !published->open_clip_name.empty()) {
    throw Error(ErrorKind::kUsage,
                model +
                    ": its image encoder is none of those that can be imported. Python can export it: "
                    "clipcls model fetch " +
                    model + " --no-import --output DIR, then scripts/export_torchscript.py --model " +
                    published->open_clip_name + " --tag " + published->open_clip_tag +
                    " --checkpoint DIR/open_clip_model.safetensors --output " +
                    (user_data_folder() / "models" / model).string());
  }
}

/// Makes `folder` and everything above it, and sees that it can be written to: that is known before hundreds
/// of megabytes are downloaded.
void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && access(folder.c_str(), W_OK | X_OK) != 0) error.assign(errno, std::system_category());
  if (error) {
    throw Error(ErrorKind::kOutput, folder.string() + ": the folder cannot be written to: " +
                                        error.message() + "; set XDG_DATA_HOME, or give --output");
  }
}

/// The name that the model is found by afterwards, or the path where it has none.
std::string model_argument(const ModelFetchFlags& flags, const FetchPlan& plan) {
  return flags.output.empty() ? flags.model : plan.output.string();
}

int report(const ModelFetchFlags& flags, const FetchPlan& plan, const std::string& state) {
  if (!flags.is_quiet) {
    print_message(
        flags.model + " " + state +
        (flags.imports || !plan.repository ? "; use it with --model " + model_argument(flags, plan) : ""));
  }
  OutputFile output;
  output.stream() << plan.output.string() << '\n';
  output.check();
  return 0;
}

FetchedModel download(const ModelFetchFlags& flags, const FetchPlan& plan) {
  DownloadProgressLine line(flags.is_quiet);
  DownloadOptions how;
  how.stall_seconds = flags.stall_seconds;
  how.allows_http = flags.mirror.starts_with("http://");
  how.ca_file = variable("CURL_CA_BUNDLE");
  if (how.ca_file.empty()) how.ca_file = variable("SSL_CERT_FILE");
  how.on_progress = [&](const DownloadProgress& progress) {
    line.show(progress);
    return !Interruption::has_happened();
  };
  how.on_retry = [&](const std::string& problem) {
    if (!flags.is_quiet) print_warning(problem);
  };
  // The hub's token is for the hub: nobody else is sent it.
  if (plan.repository) how.bearer_token = variable("HF_TOKEN");
  return download_model(plan, how);
}

std::filesystem::path source_of_import(const FetchPlan& plan) {
  if (!plan.repository) return plan.download / plan.published->file;
  const bool is_file = plan.published != nullptr && !plan.published->weights.empty();
  return is_file ? plan.download / plan.published->weights : plan.download;
}

void put_in_place(const ModelFetchFlags& flags, const FetchPlan& plan, const FetchedModel& fetched) {
  if (!flags.imports) return keep_published_files(plan, fetched, flags.replaces);
  ImportOptions how;
  how.name = plan.published != nullptr ? plan.published->name : flags.model;
  how.source = fetched.source;
  how.precision = flags.precision;
  if (!plan.repository) how.license = kOpenAiLicense;
  const ModelConfig config = import_model_folder(source_of_import(plan), plan.output, how, flags.replaces);
  if (how.license.empty() && !config.license.empty() && !flags.is_quiet) show_license(config.license);
}

/// Downloads a published model and imports it, so that --model takes its name; prints where it is. Returns
/// the exit code: 0, or 130 when it was interrupted.
int fetch_model(const ModelFetchFlags& flags) {
  if (!flags.imports && flags.output.empty() && find_hub_reference(flags.model)) {
    throw Error(ErrorKind::kUsage, "--no-import of " + flags.model +
                                       " needs --output DIR: the published files are not a model folder");
  }
  const FetchPlan plan = make_fetch_plan({flags.model, flags.output, flags.mirror, flags.imports});
  if (!flags.replaces && is_there(plan.output))
    return report(flags, plan, "is there already (--force replaces it)");
  if (flags.replaces) require_replaceable(plan.output);
  make_folder(plan.output.parent_path());
  make_folder(plan.download);

  std::optional<Interruption> interruption(std::in_place);
  bool has_said = flags.is_quiet;
  const FolderLock lock(plan.download.string() + ".lock", [&] {
    if (!has_said) print_message("another clipcls is fetching " + flags.model + "; waiting for it");
    has_said = true;
    return !Interruption::has_happened();
  });
  if (!lock.is_held()) return Interruption::exit_code();
  if (!flags.replaces && is_there(plan.output)) return report(flags, plan, "is there now");
  make_folder(plan.download);  // the other process may have cleared it away
  if (!flags.is_quiet) print_message("fetching " + flags.model + " from " + plan.address);
  const FetchedModel fetched = download(flags, plan);
  if (Interruption::has_happened()) {
    print_message("interrupted; the same command resumes the download");
    return Interruption::exit_code();
  }
  interruption.reset();  // nothing half-made has the model's name: from here a signal may end the program
  put_in_place(flags, plan, fetched);
  std::error_code ignored;
  std::filesystem::remove_all(plan.download, ignored);
  return report(flags, plan, "is there");
}

}  // namespace

void add_model_fetch(Program& program) {
  CommandDeclaration& command =
      program.add("model fetch", "Download a published model, check it, and import it under its name");
  const auto flags = std::make_shared<ModelFetchFlags>();
  command
      .add_option(
          "NAME", flags->model,
          "Name of a published model (siglip2-b16-256, ViT-B/32, …: clipcls model list --available), or "
          "hf:OWNER/NAME[@REVISION] of the Hugging Face hub")
      ->required()
      ->type_name("")
      ->offers(names_of_published_models());
  command
      .add_option("-o,--output", flags->output,
                  "Make this model folder; default: the model's name in ~/.local/share/clipcls/models")
      ->type_name("DIR");
  command
      .add_option("--mirror", flags->mirror,
                  "Download from here instead of the publisher's https://host; the rest of the address is "
                  "appended. $HF_TOKEN is sent there too")
      ->type_name("URL");
  command
      .add_number("--timeout", flags->stall_seconds, 1, 3600,
                  "Seconds without data after which a transfer is tried again")
      ->type_name("SECONDS");
  command.add_choice(
      "--precision", flags->precision, kStoredPrecisions,
      "Precision of the imported weights; fp16 takes half the disk space and changes features slightly; "
      "default: fp32");
  command.add_flag_callback(
      "--no-import", [flags = flags.get()] { flags->imports = false; },
      "Keep the published files as they are, checked but not imported");
  command.add_flag("--force", flags->replaces,
                   "Fetch the model again, and replace it once the new one is complete");
  command.add_flag("-q,--quiet", flags->is_quiet, "No progress, no remarks");
  command.footer(
      "Interrupted downloads are resumed, also by a later run. Proxies are taken from $https_proxy, "
      "$http_proxy and $no_proxy, other certificates from $CURL_CA_BUNDLE or $SSL_CERT_FILE, the token for "
      "a hub repository that is not public from $HF_TOKEN. Prints the path of the model.");
  command.examples({{"clipcls model fetch ViT-B/32", "OpenAI's, 350 MB; then: -m ViT-B/32"},
                    {"clipcls model fetch siglip2-b16-256", "1.5 GB; then: -m siglip2-b16-256"},
                    {"clipcls model fetch hf:openai/clip-vit-base-patch32", "one of the Hugging Face hub"}});
  command.exit_codes({{0, "it is there"}, {2, "it is not"}, {130, "Ctrl-C interrupted it (143: SIGTERM)"}});
  command.runs([flags, &command] {
    flags->validate(command);
    return fetch_model(*flags);
  });
}

}  // namespace clipcls
