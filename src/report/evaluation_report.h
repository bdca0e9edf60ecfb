#pragma once

#include <ostream>

#include "evaluation/evaluation.h"

namespace clipcls {

enum class EvaluationFormat { kText, kJson, kHtml };

/// Writes the figures; the text has details of the last run where there are two by few-shot learning, else of
/// the first alone when there is one. `output` gets one document.
void write_evaluation(EvaluationFormat format, std::ostream& output, const Evaluation& evaluation);

}  // namespace clipcls
