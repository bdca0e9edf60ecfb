#include "text/html_unescape.h"

#include <gtest/gtest.h>

#include <string>

namespace clipcls {
namespace {

TEST(UnescapeHtml, reads_names_with_and_without_semicolon) {
  EXPECT_EQ(unescape_html(U"R&amp;D"), U"R&D");
  EXPECT_EQ(unescape_html(U"R&ampD"), U"R&D");
  EXPECT_EQ(unescape_html(U"&CounterClockwiseContourIntegral;"), U"\u2233");
  EXPECT_EQ(unescape_html(U"&NotEqualTilde;"), U"\u2242\u0338");
}

TEST(UnescapeHtml, takes_the_longest_name) {
  EXPECT_EQ(unescape_html(U"&notit;"), U"\u00ACit;");
  EXPECT_EQ(unescape_html(U"&notin;"), U"\u2209");
  EXPECT_EQ(unescape_html(U"&notin"), U"\u00ACin");
}

TEST(UnescapeHtml, leaves_what_is_no_reference) {
  for (const char32_t* text :
       {U"&", U"&;", U"& amp;", U"&nosuchname;", U"&#;", U"&#x;", U"&#xg;", U"&#a;", U"a&b"}) {
    EXPECT_EQ(unescape_html(text), text);
  }
}

TEST(UnescapeHtml, reads_numbers) {
  EXPECT_EQ(unescape_html(U"&#65;&#65a&#x41;&#X41g"), U"AAaAAg");
  EXPECT_EQ(unescape_html(U"&#128512;"), U"\U0001F600");
  EXPECT_EQ(unescape_html(U"&#0;&#xD800;&#x110000;&#99999999999999999999;"), U"\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(unescape_html(U"&#128;&#x85;&#150;"), U"\u20AC\u2026\u2013");
  EXPECT_EQ(unescape_html(U"[&#1;&#11;&#127;&#xFDD0;&#x1FFFF;]"), U"[]");
  EXPECT_EQ(unescape_html(U"&#13;&#12;"), U"\r\f");
}

TEST(UnescapeHtml, does_not_read_its_own_output) { EXPECT_EQ(unescape_html(U"&amp;lt;"), U"&lt;"); }

TEST(UnescapeHtmlCautiously, wants_the_semicolon) {
  EXPECT_EQ(unescape_html_cautiously(U"P&eacute;rez"), U"P\u00E9rez");
  EXPECT_EQ(unescape_html_cautiously(U"this&not that&notit;"), U"this&not that&notit;");
  EXPECT_EQ(unescape_html_cautiously(U"&#65 &#65;"), U"&#65 A");
}

TEST(UnescapeHtmlCautiously, reads_lower_case_names_in_capitals) {
  EXPECT_EQ(unescape_html_cautiously(U"P&EACUTE;REZ"), U"P\u00C9REZ");
  EXPECT_EQ(unescape_html_cautiously(U"BUNDESSTRA&SZLIG;E"), U"BUNDESSTRASSE");
  EXPECT_EQ(unescape_html_cautiously(U"&nTILDE;"), U"&nTILDE;");
}

TEST(UnescapeHtmlCautiously, leaves_numbers_it_cannot_read_whole) {
  EXPECT_EQ(unescape_html_cautiously(U"&#65a;"), U"&#65a;");
  EXPECT_EQ(unescape_html_cautiously(U"&#59;"), U"&#59;");
  EXPECT_EQ(unescape_html_cautiously(U"&#x;"), U"&#x;");
}

TEST(UnescapeHtmlCautiously, leaves_names_of_more_than_24_letters) {
  EXPECT_EQ(unescape_html_cautiously(U"&CounterClockwiseContourIntegral;"),
            U"&CounterClockwiseContourIntegral;");
}

}  // namespace
}  // namespace clipcls
