#include "cli/commands/classify.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include "cli/commands/commands.h"
#include "cli/flags/flag_numbers.h"
#include "cli/flags/label_requests.h"
#include "cli/help/exit_codes.h"
#include "cli/help/option_groups.h"
#include "cli/program.h"
#include "cli/terminal/message.h"
#include "cli/terminal/shell_word.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

constexpr int kThumbnailSize = 160;

/// The words of `values` for those flags that came to something else than they say.
void resolve_words(FlagValues& values, const ClassifyPlan& plan) {
  for (auto& [flag, value] : values) {
    if (flag == "--precision") value = precision_name(plan.load.precision);
    if (flag == "--device") value = device_text(plan.load);
    if (flag == "--threshold") value = plan.threshold ? number_text(*plan.threshold) : "none";
    if (flag == "--top-k") value = std::to_string(plan.batch.top_k);
  }
}

/// `--label cat dog photo.jpg` has one label: a word behind it that names no file was meant for another.
void warn_of_labels_among_images(const ClassifyFlags& flags) {
  if (flags.labels.prompts.label.empty()) return;
  for (const std::string& image : flags.input.images) {
    std::error_code ignored;
    if (image.find_first_of("./*") != std::string::npos || std::filesystem::exists(image, ignored)) continue;
    warnings_of(flags.messages)(shell_word(image) +
                                " is taken for a picture; several labels are written --labels cat,dog");
  }
}

}  // namespace

void ClassifyFlags::add(CommandDeclaration& command) {
  input.add(command);
  decode.add(command);
  batch.add(command);
  features.add(command, "Rank features that clipcls embed wrote, in place of images");
  model.add(command);
  via.add(command);
  progress.add(command);
  messages.add(command, kQuietRunHelp);
  labels.add(command);
  scores.add(command);
  multi_label.add(command);
  command.group(kOutputGroup);
  command.add_number("-k,--top-k", top_k, 1, 1000000000, "Labels to print for each image")
      ->type_name("N")
      ->brief("Labels to print for each image; default: 5");
  results.add(command);
  command.add_flag("--timings", shows_timings, "Print to standard error where the time went")
      ->group(kSpeedGroup);
  cache.add(command);
  photos.add(command);
}

void ClassifyFlags::validate(const CommandDeclaration& command) const {
  const bool has_images = !input.images.empty() || !input.files_from.empty();
  if (!features.are_given()) {
    input.validate();
  } else if (has_images) {
    throw Error(ErrorKind::kUsage, "--image-features and images exclude each other");
  } else if (shows_timings) {
    throw Error(ErrorKind::kUsage, "--timings cannot be used with --image-features: no images are read");
  }
  features.validate(command, /*reads_pictures=*/results.format() == ReportFormat::kHtml);
  if (features.are_given() && results.is_resumed)
    throw Error(ErrorKind::kUsage,
                "--resume cannot be used with --image-features: ranking features is as fast as reading rows");
  messages.validate();
  progress.validate(messages);
  results.validate();
  if (labels.labels.empty() && labels.prompts.label.empty())
    throw Error(ErrorKind::kUsage, no_labels_message());
  scores.validate();
  multi_label.validate();
  require_inputs_once(inputs());
  photos.validate(command,
                  {std::ranges::count(input.images, kStdinName) > 0, features.are_given(), results.is_resumed,
                   input.raw.raw_files() == RawFiles::kAll && input.shard.num_shards > 1,
                   top_k_of(top_k, command.is_given("--top-k"), multi_label), results.output.path()});
}

NamedInputs ClassifyFlags::inputs() const {
  return joined(joined(input.inputs(), labels.inputs()), scores.inputs());
}

NamedInputs ClassifyFlags::inputs_besides_images() const {
  NamedInputs all = inputs();
  std::erase_if(all, [](const auto& named) { return named.first == kImageInput; });
  return all;
}

ClassifyPlan resolve(const ClassifyFlags& flags, const CommandDeclaration& command) {
  ClassifyPlan plan;
  plan.format = flags.results.format();
  plan.load = resolve_device(flags.model);
  plan.load.on_warning = warnings_of(flags.messages);
  static_cast<EncodeOptions&>(plan.batch) =
      encode_options(flags.batch, flags.decode, flags.model, flags.messages);
  plan.batch.top_k = top_k_of(flags.top_k, command.is_given("--top-k"), flags.multi_label);
  if (plan.format == ReportFormat::kHtml) plan.batch.thumbnail_size = kThumbnailSize;
  plan.threshold = threshold_of(flags.scores, flags.multi_label);
  plan.values = [&command, plan] {
    FlagValues values = command.values();
    resolve_words(values, plan);
    return values;
  };
  return plan;
}

void add_classify(Program& program) {
  CommandDeclaration& command = program.root();
  const auto flags = std::make_shared<ClassifyFlags>();
  flags->add(command);
  command.examples({{"clipcls photo.jpg -l cat,dog,fish", "which of three labels fits best"},
                    {"clipcls photo.jpg -l imagenet -m ViT-B/32", "1000 labels, OpenAI's model"},
                    {"clipcls -r photos -l my_labels.txt -o rows.csv", "a folder into a table"},
                    {"clipcls -r photos -l pets --sort-into 'by/{label}'", "a folder into folders"},
                    {"curl -s https://example.org/a.jpg | clipcls - -l food101", "a picture of the web"},
                    {"clipcls model fetch ViT-B/32", "fetch that model first"}});
  command.exit_codes(image_exit_codes());
  command.footer("A command is the first word: clipcls man is one; clipcls ./man classifies the folder man.");
  command.runs([flags, &command] {
    flags->validate(command);
    if (flags->results.style.color == StyleFlags::When::kNever) leave_messages_plain();
    warn_of_labels_among_images(*flags);
    const ClassifyPlan plan = resolve(*flags, command);
    return flags->features.are_given() ? rank_features(*flags, plan) : classify_images(*flags, plan);
  });
}

}  // namespace clipcls
