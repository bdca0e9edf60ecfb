#include <gtest/gtest.h>

#include <sstream>

#include "report/report.h"
#include "text_output/html_text.h"

namespace clipcls {
namespace {

std::string page(const std::vector<ImageResult>& results, std::vector<std::string> labels) {
  std::ostringstream output;
  ReportOptions options;
  options.labels = std::move(labels);
  options.folder = "/reports";
  options.model = "tiny: knows <b>";
  const auto report = make_report_writer(ReportFormat::kHtml, output, options);
  for (const ImageResult& result : results) report->write(result);
  report->finish();
  return output.str();
}

TEST(HtmlText, EscapesMarkupControlsAndDirections) {
  EXPECT_EQ(html_escape("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c&#39;");
  EXPECT_EQ(html_escape("</script>"), "&lt;/script&gt;");
  EXPECT_EQ(html_escape("a\n\x1B"), "a\\x0A\\x1B");
  EXPECT_EQ(html_escape("gpj.\u202Eexe"), "gpj.\\u202Eexe");
  EXPECT_EQ(html_escape("\xFF"), "\uFFFD");
  EXPECT_EQ(html_escape("Crème 犬"), "Crème 犬");
}

TEST(HtmlText, LinksFromTheFolderOfThePage) {
  EXPECT_EQ(html_link("/reports/a b.jpg", "/reports"), "./a%20b.jpg");
  EXPECT_EQ(html_link("/photos/a.jpg", "/reports"), "./../photos/a.jpg");
  EXPECT_EQ(html_link("/reports/javascript:alert(1)", "/reports"), "./javascript%3Aalert%281%29");
  EXPECT_EQ(html_link("/reports/\xFF\"#?", "/reports"), "./%FF%22%23%3F");
}

TEST(HtmlReport, HasACardAnImageAndTheErrorsBehind) {
  const std::string text =
      page({{"/reports/a<b>.jpg", {{1, 0.75, 0.2F}, {0, 0.25, 0.1F}}, std::nullopt, {0xFF, 0xD8}},
            {"bad\x1B.jpg", {}, Error(ErrorKind::kBrokenImage, "ends <early>")},
            {"c.jpg", {}, std::nullopt}},
           {"</li><script>", "x\" onload=\"y"});
  EXPECT_NE(text.find("a&lt;b&gt;.jpg"), std::string::npos);
  EXPECT_NE(text.find("src=\"data:image/jpeg;base64,/9g=\""), std::string::npos);
  EXPECT_NE(text.find("x&quot; onload=&quot;y</span> <span class=\"score\">75.00%</span>"),
            std::string::npos);
  EXPECT_NE(text.find("<p id=\"model\">tiny: knows &lt;b&gt;</p>"), std::string::npos);
  EXPECT_NE(text.find("--s:0.7500"), std::string::npos);
  EXPECT_EQ(text.find("</li><script>"), std::string::npos);
  EXPECT_NE(text.find("no label"), std::string::npos);
  const std::size_t errors = text.find("Errors (1)");
  ASSERT_NE(errors, std::string::npos);
  EXPECT_NE(text.find("bad\\x1B.jpg</b>: ends &lt;early&gt;", errors), std::string::npos);
  EXPECT_GT(errors, text.rfind("class=\"image\""));
  EXPECT_TRUE(text.ends_with("</html>\n"));
}

TEST(HtmlReport, IsAPageWithoutResultsToo) {
  const std::string text = page({}, {});
  EXPECT_TRUE(text.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(text.ends_with("</html>\n"));
}

}  // namespace
}  // namespace clipcls
