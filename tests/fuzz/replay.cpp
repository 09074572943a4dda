// Runs a fuzz target in the ordinary build: on each file of a folder, and on each beginning of it.
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<std::uint8_t> bytes_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void replay(const fs::path& path) {
  const auto whole = bytes_of(path);
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    // A copy of its own, so that a sanitizer sees what is read behind its end.
    const std::vector<std::uint8_t> input{whole.begin(),
                                          whole.begin() + static_cast<std::ptrdiff_t>(size)};
    (void)LLVMFuzzerTestOneInput(input.data(), input.size());
  }
}

int replay_all(const fs::path& corpus) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator{corpus}) {
    // The last line before an abort names the file.
    std::printf("%s\n", entry.path().filename().c_str());
    std::fflush(stdout);
    replay(entry.path());
    ++files;
  }
  return files > 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  try {
    return replay_all(arguments[1]);
  } catch (const std::exception& failed) {
    std::printf("%s\n", failed.what());
    return 1;
  }
}
