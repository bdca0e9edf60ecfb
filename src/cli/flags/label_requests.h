#pragma once

#include <filesystem>

#include "base/on_message.h"
#include "cli/flags/cache_flags.h"
#include "cli/flags/label_flags.h"
#include "cli/flags/message_flags.h"
#include "cli/flags/model_flags.h"
#include "cli/flags/score_flags.h"
#include "model/clip_model.h"
#include "zero_shot/label_classifier.h"

namespace clipcls {

/// What the flags say of labels: reads the label, template and calibration files. A label that is given
/// twice, by file, flag or both, counts once, which is warned of. Throws Error (kLabels, kInvalidArgument).
LabelRequest make_label_request(const LabelFlags& labels, const ScoreFlags& scores,
                                const MultiLabelFlags& multi_label, const OnMessage& on_warning);

/// The same with labels that are given twice in their places, for who lists them, and no scores.
LabelRequest make_label_request_as_given(const LabelFlags& labels);

/// The same without labels: what the flags say of any.
LabelRequest make_request_without_labels(const PromptFlags& prompts, const ScoreFlags& scores,
                                         const MultiLabelFlags& multi_label);

/// How the flags have labels embedded for `model`, which came from `path` and must outlive the result.
LabelEmbedding make_label_embedding(const CacheFlags& cache, const ModelFlags& model_flags,
                                    const MessageFlags& messages, const std::filesystem::path& path,
                                    const ClipModel& model);

/// Where warnings go: to standard error, or nowhere with --quiet.
OnMessage warnings_of(const MessageFlags& messages);

}  // namespace clipcls
