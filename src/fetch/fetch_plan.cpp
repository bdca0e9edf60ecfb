#include "fetch/fetch_plan.h"

#include "clipcls/error.h"
#include "model/model_folders.h"

namespace clipcls {

FetchPlan make_fetch_plan(const FetchRequest& request) {
  FetchPlan plan;
  plan.published = find_published_model(request.model);
  if (plan.published == nullptr && !is_hub_reference(request.model)) {
    std::string names;
    for (const PublishedModel& model : published_models()) names += (names.empty() ? "" : ", ") + model.name;
    throw Error(ErrorKind::kInvalidArgument, request.model +
                                                 ": is not a model that can be fetched; there are " + names +
                                                 ", and hf:OWNER/NAME for the Hugging Face hub");
  }
  if (plan.published == nullptr) plan.reference = parse_hub_reference(request.model);
  plan.address = mirrored_url(plan.published != nullptr ? plan.published->url : kHubAddress, request.mirror);

  const std::string name = plan.published != nullptr
                               ? std::filesystem::path(plan.published->file).stem().string()
                               : model_folder_name(request.model);
  plan.output = request.output;
  if (plan.output.empty()) {
    if (!request.imports && plan.published == nullptr) {
      throw Error(
          ErrorKind::kInvalidArgument,
          request.model +
              ": needs an output where it is not imported: the published files are not a model folder");
    }
    // Where a model is found by its name.
    plan.output = user_data_folder() / "models" / (request.imports ? name : plan.published->file);
  }
  plan.output = std::filesystem::absolute(plan.output).lexically_normal();
  if (!plan.output.has_filename()) plan.output = plan.output.parent_path();  // DIR/
  // Not in the output's folder: bytes that are still to come must not look like a model.
  plan.download = user_data_folder() / "downloads" / name;
  return plan;
}

}  // namespace clipcls
