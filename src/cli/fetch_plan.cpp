#include "cli/fetch_plan.h"

#include "cli/model_folders.h"
#include "clipcls/error.h"

namespace clipcls {

FetchPlan make_fetch_plan(const FetchModelOptions& options) {
  FetchPlan plan;
  plan.published = find_published_model(options.model);
  if (plan.published == nullptr && !is_hub_reference(options.model)) {
    std::string names;
    for (const PublishedModel& model : published_models()) names += (names.empty() ? "" : ", ") + model.name;
    throw Error(ErrorKind::kUsage, options.model + ": is no model that can be fetched; there are " + names +
                                       ", and hf:OWNER/NAME for the Hugging Face hub");
  }
  if (plan.published == nullptr) plan.reference = parse_hub_reference(options.model);
  plan.address = mirrored_url(plan.published != nullptr ? plan.published->url : kHubAddress, options.mirror);

  const std::string name = plan.published != nullptr
                               ? std::filesystem::path(plan.published->file).stem().string()
                               : model_folder_name(options.model);
  plan.output = options.output;
  if (plan.output.empty()) {
    if (!options.imports && plan.published == nullptr) {
      throw Error(
          ErrorKind::kUsage,
          "--no-import of " + options.model +
              " needs --output DIR: what the hub has is no model folder yet, and has no place among them");
    }
    plan.output = user_data_folder() / "models" / (options.imports ? name : plan.published->file);
  }
  plan.output = std::filesystem::absolute(plan.output).lexically_normal();
  if (!plan.output.has_filename()) plan.output = plan.output.parent_path();  // DIR/
  plan.download = user_data_folder() / "downloads" / name;
  return plan;
}

}  // namespace clipcls
