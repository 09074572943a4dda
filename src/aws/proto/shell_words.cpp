#include "aws/proto/shell_words.hpp"

#include <cstddef>

namespace ingestor::aws {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

class splitter {
 public:
  explicit splitter(std::string_view line) : line_{line} {}

  std::optional<std::vector<std::string>> run() {
    while (at_ < line_.size()) {
      const char c = line_[at_++];
      if (is_blank(c)) {
        end_word();
      } else if (c == '\'' || c == '"') {
        if (!quotation(c)) return std::nullopt;
      } else if (c == '\\') {
        if (at_ == line_.size()) return std::nullopt;
        add(line_[at_++]);
      } else {
        add(c);
      }
    }
    end_word();
    return std::move(words_);
  }

 private:
  /// Behind its opening quote. An empty one makes a word too.
  bool quotation(char quote) {
    in_word_ = true;
    for (; at_ < line_.size(); ++at_) {
      char c = line_[at_];
      if (c == quote) {
        ++at_;
        return true;
      }
      const char next = at_ + 1 < line_.size() ? line_[at_ + 1] : '\0';
      if (quote == '"' && c == '\\' && (next == '"' || next == '\\')) {
        c = next;
        ++at_;
      }
      word_.push_back(c);
    }
    return false;
  }

  void add(char c) {
    in_word_ = true;
    word_.push_back(c);
  }

  void end_word() {
    if (in_word_) words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  std::string_view line_;
  std::size_t at_ = 0;
  bool in_word_ = false;
  std::string word_;
  std::vector<std::string> words_;
};

}  // namespace

std::optional<std::vector<std::string>> shell_words(std::string_view line) {
  return splitter{line}.run();
}

}  // namespace ingestor::aws
