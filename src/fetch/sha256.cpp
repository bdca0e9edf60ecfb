#include "sha256.h"

#include <openssl/evp.h>
#include <openssl/opensslv.h>

#include <array>
#include <fstream>
#include <memory>
#include <vector>

#include "base/shared_library.h"
#include "clipcls/error.h"

namespace clipcls {
namespace {

constexpr std::size_t kBlockSize = 1 << 20;

/// The functions of libcrypto that are used here.
struct LibCrypto {
  SharedLibrary library{("libcrypto.so." + std::to_string(OPENSSL_SHLIB_VERSION)).c_str(), "libssl3",
                        "fetching a model", ErrorKind::kFetch};
  decltype(&EVP_MD_CTX_new) create = library.symbol<decltype(&EVP_MD_CTX_new)>("EVP_MD_CTX_new");
  decltype(&EVP_MD_CTX_free) destroy = library.symbol<decltype(&EVP_MD_CTX_free)>("EVP_MD_CTX_free");
  decltype(&EVP_sha256) sha256 = library.symbol<decltype(&EVP_sha256)>("EVP_sha256");
  decltype(&EVP_DigestInit_ex) init = library.symbol<decltype(&EVP_DigestInit_ex)>("EVP_DigestInit_ex");
  decltype(&EVP_DigestUpdate) update = library.symbol<decltype(&EVP_DigestUpdate)>("EVP_DigestUpdate");
  decltype(&EVP_DigestFinal_ex) finish = library.symbol<decltype(&EVP_DigestFinal_ex)>("EVP_DigestFinal_ex");
};

}  // namespace

std::string sha256_of_file(const std::filesystem::path& path) {
  static const LibCrypto crypto;
  const std::unique_ptr<EVP_MD_CTX, decltype(crypto.destroy)> context(crypto.create(), crypto.destroy);
  const auto require = [](int status) {
    if (status != 1) throw Error(ErrorKind::kFetch, "libcrypto cannot compute a SHA-256");
  };
  require(crypto.init(context.get(), crypto.sha256(), nullptr));

  std::ifstream file(path, std::ios::binary);
  std::vector<char> block(kBlockSize);
  do {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    require(crypto.update(context.get(), block.data(), static_cast<std::size_t>(file.gcount())));
  } while (file);
  // read() ends alike at the end of the file and at a failure.
  if (!file.eof()) throw Error(ErrorKind::kFetch, path.string() + ": cannot be read back");

  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  require(crypto.finish(context.get(), digest.data(), &size));
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

}  // namespace clipcls
