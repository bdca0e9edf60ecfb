#include "text_output/html_text.h"

#include <gtest/gtest.h>

namespace clipcls {
namespace {

TEST(HtmlEscape, MarkupAndQuotes) {
  EXPECT_EQ(html_escape("<a href='x'>\"&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
  EXPECT_EQ(html_escape("größe \u7AAF"), "größe \u7AAF");
}

TEST(HtmlEscape, WhatTurnsTheDirectionOfTextIsShown) {
  // Without it "photo\u202Egpj.exe" looks like photoexe.jpg.
  EXPECT_EQ(html_escape("photo\u202Egpj.exe"), "photo\\u202Egpj.exe");
  for (const char* control : {"\u061C", "\u200E", "\u200F", "\u2028", "\u2029", "\u202A", "\u202B", "\u202C",
                              "\u202D", "\u202E", "\u2066", "\u2067", "\u2068", "\u2069"}) {
    EXPECT_EQ(html_escape(control).substr(0, 2), "\\u") << html_escape(control);
  }
}

TEST(HtmlEscape, ControlCharactersAreShown) { EXPECT_EQ(html_escape("a\nb\x1B"), "a\\x0Ab\\x1B"); }

}  // namespace
}  // namespace clipcls
