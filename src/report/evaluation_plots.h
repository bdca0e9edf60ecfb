#pragma once

#include <string>

#include "report/evaluation_report.h"

namespace clipcls {

/// The colour of the run's line in plots and legends: a few that people with colour blindness tell apart.
std::string run_colour(std::size_t run);

/// SVG of accuracy against coverage, a line a run: what is gained by leaving out the least confident answers.
std::string coverage_plot(const Evaluation& evaluation);

/// SVG of accuracy against confidence in bins: on the diagonal a score means what it says.
std::string reliability_plot(const EvaluatedRun& run);

/// SVG of the confusion matrix: a row a class, a column an answer, the darker the larger the class's share.
std::string confusion_plot(const EvaluatedRun& run);

}  // namespace clipcls
