// Plots are SVG, written by hand: a page of them needs no script, no library and no network.
#include "evaluation_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "evaluation_formats.h"
#include "text_output/html_text.h"

namespace clipcls {
namespace {

// In units of the drawing, which a page scales.
constexpr double kWidth = 460;
constexpr double kHeight = 300;
constexpr double kLeft = 66;
constexpr double kTop = 12;
constexpr double kBottom = 44;
constexpr double kRight = 24;
// Okabe and Ito's colours, which people who confuse red and green tell apart, too.
constexpr std::array<const char*, 7> kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                 "#56b4e9", "#e69f00", "#555555"};

// Four digits are finer than a pixel, and keep a page of many marks small.
std::string number(double value) { return fmt::format("{:.4g}", value); }

void append(std::string& svg, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) svg += part;
}

/// A plot of two shares. `low` is where the vertical axis starts.
class SharePlot {
 public:
  SharePlot(const std::string& title, double low, const std::string& horizontal, const std::string& vertical)
      : low_(low) {
    svg_ = "<svg class=\"plot\" viewBox=\"0 0 " + number(kWidth) + " " + number(kHeight) +
           "\" role=\"img\"><title>" + title + "</title>\n";
    for (int i = 0; i <= 4; ++i) {
      const double share = i / 4.0;
      const double level = low_ + (1 - low_) * share;
      line(0, level, 1, level, "#ddd");
      text(kLeft - 6, y(level) + 4, "end", percent(level));
      text(x(share), kHeight - kBottom + 18, "middle", percent(share));
    }
    text(x(0.5), kHeight - 6, "middle", horizontal);
    svg_ += "<text transform=\"rotate(-90)\" x=\"" + number(-y((1 + low_) / 2)) +
            "\" y=\"11\" text-anchor=\"middle\">" + vertical + "</text>\n";
  }

  static double x(double share) { return kLeft + share * (kWidth - kLeft - kRight); }
  double y(double share) const {
    return kTop + (1 - (share - low_) / (1 - low_)) * (kHeight - kTop - kBottom);
  }

  void line(double x1, double y1, double x2, double y2, const std::string& colour) {
    svg_ += "<line x1=\"" + number(x(x1)) + "\" y1=\"" + number(y(y1)) + "\" x2=\"" + number(x(x2)) +
            "\" y2=\"" + number(y(y2)) + "\" stroke=\"" + colour + "\"/>\n";
  }
  void text(double at_x, double at_y, const char* anchor, const std::string& words) {
    svg_ += "<text x=\"" + number(at_x) + "\" y=\"" + number(at_y) + "\" text-anchor=\"" + anchor + "\">" +
            words + "</text>\n";
  }
  void add(const std::string& element) { svg_ += element; }
  std::string finish() { return svg_ + "</svg>\n"; }

 private:
  static std::string percent(double share) { return number(std::round(1000 * share) / 10) + "%"; }

  double low_;
  std::string svg_;
};

}  // namespace

std::string run_colour(std::size_t run) { return kColours[run % kColours.size()]; }

std::string coverage_plot(const Evaluation& evaluation) {
  double low = 1;
  for (const EvaluatedRun& run : evaluation.runs) {
    for (const CoveragePoint& point : run.metrics.coverage) low = std::min(low, point.accuracy);
  }
  // The axis begins at a tenth below all points: good models would be a flat line at the top of a full one.
  low = std::min(0.9, std::floor(low * 10) / 10);
  SharePlot plot("accuracy against coverage", low, "share of the images that are answered",
                 "accuracy of the answers");
  for (std::size_t i = 0; i < evaluation.runs.size(); ++i) {
    const EvaluatedRun& run = evaluation.runs[i];
    std::string points;
    for (const CoveragePoint& point : run.metrics.coverage)
      points += number(SharePlot::x(point.coverage)) + "," + number(plot.y(point.accuracy)) + " ";
    plot.add("<polyline fill=\"none\" stroke-width=\"2\" stroke=\"" + run_colour(i) + "\" points=\"" +
             points + "\"><title>" + html_escape(run.name) + "</title></polyline>\n");
    // A mark for each tenth of the images says which threshold that is.
    double next = 0.1;
    for (const CoveragePoint& point : run.metrics.coverage) {
      if (point.coverage < next) continue;
      next = std::floor(point.coverage * 10) / 10 + 0.1;
      plot.add("<circle cx=\"" + number(SharePlot::x(point.coverage)) + "\" cy=\"" +
               number(plot.y(point.accuracy)) + "\" r=\"3.5\" fill=\"" + run_colour(i) + "\"><title>" +
               html_escape(run.name) + ": threshold " + number(point.threshold) + " answers " +
               percent(point.coverage) + " of the images, " + percent(point.accuracy) +
               " of them correctly</title></circle>\n");
    }
  }
  return plot.finish();
}

std::string reliability_plot(const EvaluatedRun& run) {
  SharePlot plot("accuracy against confidence", 0, "confidence", "accuracy");
  const auto num_bins = static_cast<double>(kNumReliabilityBins);
  for (std::size_t i = 0; i < run.metrics.bins.size(); ++i) {
    const ReliabilityBin& bin = run.metrics.bins[i];
    if (bin.num_images == 0) continue;
    const double left = SharePlot::x(static_cast<double>(i) / num_bins);
    const double right = SharePlot::x(static_cast<double>(i + 1) / num_bins);
    plot.add("<rect x=\"" + number(left + 1) + "\" y=\"" + number(plot.y(bin.accuracy)) + "\" width=\"" +
             number(right - left - 2) + "\" height=\"" + number(plot.y(0) - plot.y(bin.accuracy)) +
             "\" fill=\"#0072b2\" fill-opacity=\"0.6\"><title>" + std::to_string(bin.num_images) +
             " images, mean confidence " + percent(bin.mean_confidence) + ", accuracy " +
             percent(bin.accuracy) + "</title></rect>\n");
  }
  plot.line(0, 0, 1, 1, "#888");
  return plot.finish();
}

std::string confusion_plot(const EvaluatedRun& run) {
  const Metrics& metrics = run.metrics;
  const std::size_t num_classes = run.class_names.size();
  // Only labels that were met: of a thousand most are in no picture of a small set.
  std::vector<std::size_t> shown;
  for (std::size_t c = 0; c < num_classes; ++c) {
    if (metrics.classes[c].num_images > 0 || metrics.classes[c].num_predicted > 0) shown.push_back(c);
  }
  const auto count = static_cast<double>(shown.size());
  // 640 wide where that is possible, cells that can be pointed at, and no giants for two classes.
  const double cell = std::clamp(640 / count, 4.0, 28.0);
  // Smaller than its letters a row cannot have a name.
  const bool has_names = cell >= 9;
  const double margin = has_names ? 120 : 4;
  const double size = margin + cell * count + 4;
  std::string svg = "<svg class=\"matrix\" width=\"" + number(size) + "\" height=\"" + number(size) +
                    "\" role=\"img\"><title>confusion matrix</title>\n<rect x=\"" + number(margin) +
                    "\" y=\"" + number(margin) + "\" width=\"" + number(cell * count) + "\" height=\"" +
                    number(cell * count) + "\" fill=\"#f4f4f4\"/>\n";
  for (std::size_t row = 0; row < shown.size(); ++row) {
    const double y = margin + cell * static_cast<double>(row);
    const std::string name = html_escape(run.class_names[shown[row]]);
    if (has_names) {
      append(svg, {"<text x=\"", number(margin - 5), "\" y=\"", number(y + cell * 0.7),
                   "\" text-anchor=\"end\">", name, "</text>\n<text transform=\"translate(",
                   number(y + cell * 0.7), ",", number(margin - 5), ") rotate(-90)\">", name, "</text>\n"});
    }
    for (std::size_t column = 0; column < shown.size(); ++column) {
      const std::size_t images = metrics.confusion[shown[row] * num_classes + shown[column]];
      if (images == 0) continue;
      const double share =
          static_cast<double>(images) / static_cast<double>(metrics.classes[shown[row]].num_images);
      // The share is the cell's opacity, from 0.15 on: one mistake among a thousand pictures can still be
      // seen.
      const double x = margin + cell * static_cast<double>(column);
      const std::string answer = html_escape(run.class_names[shown[column]]);
      append(svg, {"<rect x=\"",
                   number(x),
                   "\" y=\"",
                   number(y),
                   "\" width=\"",
                   number(cell),
                   "\" height=\"",
                   number(cell),
                   "\" fill=\"",
                   row == column ? "#009e73" : "#d55e00",
                   "\" fill-opacity=\"",
                   number(0.15 + 0.85 * share),
                   "\"><title>",
                   std::to_string(images),
                   " of ",
                   std::to_string(metrics.classes[shown[row]].num_images),
                   " images of ",
                   name,
                   " taken for ",
                   answer,
                   "</title></rect>\n"});
      if (cell >= 18) {
        svg += "<text class=\"count\" x=\"" + number(x + cell / 2) + "\" y=\"" + number(y + cell * 0.68) +
               "\" text-anchor=\"middle\">" + std::to_string(images) + "</text>\n";
      }
    }
  }
  return svg + "</svg>\n";
}

}  // namespace clipcls
