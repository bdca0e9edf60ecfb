#include "fetch/fetch_plan.h"

#include "base/closest_word.h"
#include "clipcls/error.h"
#include "model/model_folders.h"

namespace clipcls {

FetchPlan make_fetch_plan(const FetchRequest& request) {
  FetchPlan plan;
  plan.published = find_published_model(request.model);
  plan.repository = find_hub_reference(request.model);
  if (plan.published == nullptr && !plan.repository) {
    throw Error(ErrorKind::kInvalidArgument,
                request.model + ": is not a model that can be fetched" +
                    perhaps_meant(request.model, names_of_published_models()) +
                    "; it would be a name of the list of available models, or hf:OWNER/NAME of the Hugging "
                    "Face hub");
  }
  plan.address = mirrored_url(plan.repository ? kHubAddress : plan.published->url, request.mirror);

  const std::string name = plan.repository ? model_folder_name(request.model)
                                           : std::filesystem::path(plan.published->file).stem().string();
  plan.output = request.output;
  if (plan.output.empty()) {
    if (!request.imports && plan.repository) {
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
