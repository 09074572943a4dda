// Shows what the libraries make of files, for the scripts here to compare with PostgreSQL.
//
//   judge documents FILE…              each file as one line of JSON: "accepted" or the reason
//   judge copy ROWS REJECTS FILE…      whole objects, written as two COPY BINARY streams
//   judge id FILE LINE                 the row's id, as hexadecimal digits
//   judge functions                    the SQL that takes an id apart
#include "codec/line_reader.hpp"
#include "ledger/migrations.hpp"
#include "normalise/line_id.hpp"
#include "normalise/normaliser.hpp"

#include <fstream>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace {

using namespace ingestor;

constexpr std::size_t read_bytes = 65536;
const normalise::source origin{1,
                               timestamp{std::chrono::sys_days{std::chrono::year{2026} / 1 / 2}}};

std::string contents(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) throw std::runtime_error{"cannot read " + path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

class verdicts {
 public:
  std::string of(std::string_view line) {
    rows_.clear();
    const auto outcome = normaliser_.json_row(line, 1, origin, rows_);
    if (!outcome) return outcome.error().reason();
    return outcome->repaired ? "repaired" : "accepted";
  }

 private:
  normalise::normaliser normaliser_;
  pg::wire::copy_buffer rows_;
};

struct streams {
  pg::wire::copy_buffer rows;
  pg::wire::copy_buffer rejects;
  std::size_t repaired = 0;
};

void take(const codec::line& line, std::int64_t file, normalise::normaliser& normaliser,
          streams& out) {
  const normalise::source from{file, origin.last_modified};
  const auto outcome = normaliser.json_row(line.text, line.number, from, out.rows);
  if (outcome) {
    if (outcome->repaired) ++out.repaired;
  } else {
    normalise::encode_rejection(file, line.number, line.byte_offset, outcome.error(), line.text,
                                out.rejects);
  }
}

void read_object(std::string_view object, std::int64_t file, streams& out) {
  codec::line_reader reader{{}};
  normalise::normaliser normaliser;
  while (true) {
    const auto next = reader.next();
    if (!next) throw std::runtime_error{next.error().message};
    if (std::holds_alternative<codec::end>(*next)) return;
    if (const auto* line = std::get_if<codec::line>(&*next)) {
      take(*line, file, normaliser, out);
    } else if (std::holds_alternative<codec::need_input>(*next)) {
      if (object.empty()) reader.finish();
      const auto piece = object.substr(0, read_bytes);
      object.remove_prefix(piece.size());
      if (!piece.empty()) reader.feed(as_bytes(piece));
    }
  }
}

void write(const std::string& path, pg::wire::copy_buffer& buffer) {
  buffer.finish();
  std::ofstream{path, std::ios::binary} << as_text(buffer.bytes());
}

int copy(std::span<const std::string> arguments) {
  streams out;
  std::int64_t file = 0;
  for (const auto& path : arguments.subspan(2)) read_object(contents(path), ++file, out);
  std::cout << out.rows.rows() << ' ' << out.rejects.rows() << ' ' << out.repaired << '\n';
  write(arguments[0], out.rows);
  write(arguments[1], out.rejects);
  return 0;
}

int run(std::span<const std::string> arguments) {
  verdicts judge;
  if (arguments.size() > 1 && arguments[0] == "documents") {
    for (const auto& path : arguments.subspan(1)) std::cout << judge.of(contents(path)) << '\n';
    return 0;
  }
  if (arguments.size() == 1 && arguments[0] == "functions") {
    for (const auto& step : ledger::migrations()) {
      if (step.name == "functions") std::cout << step.sql;
    }
    return 0;
  }
  if (arguments.size() == 3 && arguments[0] == "id") {
    const auto id = normalise::line_id(std::stoll(arguments[1]), std::stoull(arguments[2]));
    for (const auto each : id) {
      std::cout << std::hex << std::setw(2) << std::setfill('0') << std::to_integer<int>(each);
    }
    return 0;
  }
  if (arguments.size() > 3 && arguments[0] == "copy") return copy(arguments.subspan(1));
  std::cerr
      << "usage: judge documents FILE... | copy ROWS REJECTS FILE... | id FILE LINE | functions\n";
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(std::vector<std::string>{argv + 1, argv + argc});
  } catch (const std::exception& problem) {
    std::cerr << "judge: " << problem.what() << '\n';
    return 1;
  }
}
