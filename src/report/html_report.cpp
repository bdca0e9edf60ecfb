#include "html_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "format_score.h"
#include "report/base64.h"
#include "text_output/format_number.h"
#include "text_output/html_text.h"

namespace clipcls {
namespace {

#include "page.inc"

constexpr const char* kStdinName = "-";

/// Four digits do for the length of a bar.
std::string bar_length(double score) { return fmt::format("{:.4f}", std::clamp(score, 0.0, 1.0)); }

std::string thumbnail(const ImageResult& result) {
  if (result.thumbnail.empty()) return "<span>no preview</span>";
  const std::string_view bytes(reinterpret_cast<const char*>(result.thumbnail.data()),
                               result.thumbnail.size());
  return "<img alt=\"\" decoding=\"async\" src=\"data:image/jpeg;base64," + encode_base64(bytes) + "\">";
}

}  // namespace

void HtmlReport::begin() {
  if (has_begun_) return;
  static constexpr std::string_view kHead = kPageHead;
  static constexpr std::string_view kModelMark = "<p id=\"model\">";
  static_assert(kHead.find(kModelMark) != std::string_view::npos);
  const std::size_t model_begin = kHead.find(kModelMark) + kModelMark.size();
  *output_ << kHead.substr(0, model_begin) << html_escape(options_.model) << kHead.substr(model_begin);
  has_begun_ = true;
}

void HtmlReport::write(const ImageResult& result) {
  begin();
  const std::string name = html_escape(result.path);
  if (result.error) {
    // Errors stand together at the page's end, so they are kept until then.
    errors_.push_back("<li><b>" + name + "</b>: " + html_escape(result.error->what()) +
                      " <span class=\"none\">(" + std::string(error_kind_name(result.error->kind())) +
                      ")</span></li>\n");
    return;
  }
  // The page sorts and filters its cards by this number.
  const double best = result.predictions.empty() ? 0 : result.predictions.front().score;
  // A card is written at once: memory holds no page, however many pictures there are.
  std::string card = "<li class=\"image\" data-score=\"" + shortest_digits(result_number(best)) +
                     "\"><div class=\"thumbnail\">" + thumbnail(result) +
                     "</div><div class=\"about\"><p class=\"name\" title=\"" + name + "\">";
  const std::string& file = result.sorted_into.empty() ? result.path : result.sorted_into;
  // Nothing to link to.
  if (file == kStdinName) {
    card += name;
  } else {
    card += "<a href=\"" + html_link(file, options_.folder) + "\" tabindex=\"-1\">" + name + "</a>";
  }
  card += "</p>";
  if (!result.sorted_into.empty()) card += "<p class=\"moved\">→ " + html_escape(result.sorted_into) + "</p>";
  if (result.predictions.empty()) card += "<p class=\"none\">no label</p>";
  card += "<ol class=\"labels\">";
  for (const RankedAnswer& prediction : result.predictions) {
    card += "<li><span class=\"label\">" + html_escape(options_.labels[prediction.label_index]) +
            "</span> <span class=\"score\">" + format_score(prediction.score, options_.score_kind) +
            "</span><span class=\"bar\"><i style=\"--s:" + bar_length(prediction.score) +
            "\"></i></span></li>";
  }
  *output_ << card << "</ol></div></li>\n";
}

void HtmlReport::finish() {
  begin();
  *output_ << "</ul>\n";
  if (!errors_.empty()) {
    *output_ << "<section id=\"errors\" tabindex=\"-1\" aria-labelledby=\"errors-title\"><h2 "
                "id=\"errors-title\">Errors ("
             << errors_.size() << ")</h2>\n<ul class=\"errors\">\n";
    for (const std::string& error : errors_) *output_ << error;
    *output_ << "</ul>\n</section>\n";
  }
  *output_ << kPageTail;
  output_->flush();
}

}  // namespace clipcls
