#include "model/import_folder.h"

#include <memory>
#include <system_error>

#include "clipcls/error.h"
#include "files/atomic_file.h"
#include "files/partial_folder.h"
#include "files/put_in_place.h"
#include "model/checkpoint/model_card.h"
#include "model/checkpoint/vocabulary.h"
#include "model/load_model_folder.h"
#include "model/load_tokenizer.h"
#include "model/partial_model.h"
#include "model/reference.h"

namespace clipcls {
namespace {

void make_new_folder(const std::filesystem::path& folder) {
  std::error_code error;
  // create_directory() finds nothing wrong with a folder that exists; this one must be new.
  if (!std::filesystem::create_directory(folder, error) && !error)
    error = std::make_error_code(std::errc::file_exists);
  if (error) throw Error(ErrorKind::kOutput, folder.string() + ": cannot be made: " + error.message());
}

}  // namespace

ModelConfig import_model_folder(const std::filesystem::path& source, const std::filesystem::path& output,
                                const ImportOptions& options, bool replaces) {
  require_outside(source, output);
  // Everything is written beside the output and put in place by commit(), so that no half model has its
  // name.
  PartialModel folder(output, replaces);
  make_new_folder(folder.path());
  ImportOptions named = options;
  // Not the name of the temporary folder; and a name also where the output is "models/NAME/" or ".".
  if (named.name.empty()) named.name = tidy_path(output).filename().string();
  // A folder is a repository with its card; beside a single file there may lie anything.
  std::error_code ignored;
  if (named.license.empty() && std::filesystem::is_directory(source, ignored))
    named.license = read_card_license(source);
  ModelConfig config = write_model_folder(source, folder.path(), named);
  // The vocabulary is checked against the model before it counts as imported.
  const std::string merges = config.text.cleaning ? "" : import_vocabulary(source, config.text.vocab_size);
  if (!merges.empty()) write_file(folder.path() / "merges.txt", merges, Links::kReplaced);
  // The reference is what the written archives give, not what was in memory before.
  const std::unique_ptr<ClipModel> model = load_model_folder(folder.path());
  write_model_reference(make_reference(*model, load_tokenizer(folder.path(), config.text)), folder.path());
  folder.commit();
  return config;
}

}  // namespace clipcls
