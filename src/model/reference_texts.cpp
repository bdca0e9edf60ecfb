#include "model/model_reference.h"

namespace clipcls {

// scripts/export/reference_inputs.py has the same list and says what each group is there for;
// tests/cli/models/test_import.py compares the two.
const std::vector<std::string>& reference_texts() {
  static const std::vector<std::string> texts = {
      // clang-format off
    "a photo of a shark.",
    "a photo of a dolphin.",
    "a photo of a aquarium_fish.",
    "a drawing of a red apple",
    "an origami bicycle, seen from above",
    "a black and white photo of the Eiffel Tower at night.",
    "cat",
    "two dogs playing in the snow",
    "a blurry photo of a hot-air balloon!",
    "a diagram",
    "A PHOTO OF A GOLDEN RETRIEVER.",
    "  leading,   inner \t and trailing   white space \n",
    "it's what we've said: they'll don't, I'd, you're, I'm",
    "IT'S WHAT WE'VE SAID",
    "rock'n'roll o'clock",
    "...!?;:,--__/\\|@#$%^&*()[]{}<>~`+=",
    "route 66, 1999, 3.14159 and 10,000,000",
    "B2B mp3 4x4 7up 2nd",
    "C++20 & C# <b>bold</b>",
    "e-mail: someone@example.com, https://example.com/?a=1&b=2",
    "state-of-the-art",
    "snake_case and camelCase and kebab-case",
    "black &amp; white &lt;3",
    "Tom &amp;amp; Jerry &quot;live&quot;",
    "caf&eacute; &copy; 2026 &#8364;5 &#x1F600;",
    "\342\200\234curly\342\200\235 \342\200\230quotes\342\200\231 \342\200\223 dash \342\200\224 dots\342\200\246",
    "\357\254\201sh in an o\357\254\203ce",
    "\357\274\241\357\274\242\357\274\243\357\274\221\357\274\222\357\274\223\357\274\201",
    "cr\303\250me br\303\273l\303\251e, na\303\257ve, \303\205ngstr\303\266m",
    "cre\314\200me bru\314\202le\314\201e",
    "\304\260stanbul, STRA\341\272\236E, stra\303\237e, \316\243\316\257\317\203\317\205\317\206\316\277\316\243",
    "\320\272\320\276\321\210\320\272\320\260 \320\270 \321\201\320\276\320\261\320\260\320\272\320\260",
    "\316\274\316\271\316\261 \317\206\317\211\317\204\316\277\316\263\317\201\316\261\317\206\316\257\316\261",
    "\347\214\253\343\201\256\345\206\231\347\234\237",
    "\344\270\200\345\274\240\347\213\227\347\232\204\347\205\247\347\211\207",
    "\352\260\225\354\225\204\354\247\200 \354\202\254\354\247\204",
    "\330\265\331\210\330\261\330\251 \331\202\330\267\330\251",
    "\327\252\327\236\327\225\327\240\327\224 \327\251\327\234 \327\233\327\234\327\221",
    "\340\244\254\340\244\277\340\244\262\340\245\215\340\244\262\340\245\200 \340\244\225\340\245\200 \340\244\244\340\244\270\340\245\215\340\244\265\340\245\200\340\244\260",
    "\340\271\201\340\270\241\340\270\247 \340\271\221\340\271\222\340\271\223",
    "\302\275 cup, x\302\262, \342\205\243, \331\243",
    "\360\237\246\210 shark",
    "\360\237\221\213\360\237\217\275\360\237\221\250\342\200\215\360\237\221\251\342\200\215\360\237\221\247\360\237\207\253\360\237\207\267",
    "",
    " ",
    ".",
    "a",
    "<start_of_text> inside <end_of_text> a text",
    "supercalifragilisticexpialidocious pneumonoultramicroscopicsilicovolcanoconiosis",
    "a very long description that goes on and on, a very long description that goes on and on, a very long description that goes on and on, a very long description that goes on and on, a very long description that goes on and on, a very long description that goes on and on, a very long description that goes on and on, a very long description that goes on and on, a very long description that goes on and on, a very long description that goes on and on, a very long description that goes on and on, a very long description that goes on and on, until it is cut",
      // clang-format on
  };
  return texts;
}

}  // namespace clipcls
