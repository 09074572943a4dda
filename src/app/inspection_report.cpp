#include "app/inspection_report.hpp"

#include "app/column_text.hpp"
#include "base/utf8.hpp"
#include "normalise/column.hpp"
#include "normalise/rejection.hpp"
#include "telemetry/escape.hpp"
#include "telemetry/figures.hpp"

#include <tao/json/events/to_string.hpp>

#include <functional>
#include <map>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>

namespace ingestor::app {
namespace {

class json_writer : public tao::json::events::to_string {
 public:
  /// A value that is JSON already, digit for digit: no number type of ours holds all that jsonb
  /// does.
  void verbatim(std::string_view json) {
    next();
    os << json;
  }
};

template <class Write>
void member(json_writer& out, const char* key, const Write& write) {
  out.key(std::string_view{key});
  write();
  out.member();
}

void write_field(json_writer& out, std::size_t column, const pg::wire::copy_field& field) {
  if (!field) {
    out.null();
    return;
  }
  const auto text = column_text(column, *field);
  switch (kind_of(column)) {
    case column_kind::text:
      out.string(text);
      return;
    case column_kind::boolean:
      out.boolean(text == "true");
      return;
    case column_kind::number:
    case column_kind::json:
      out.verbatim(text);
      return;
  }
}

void write_sample(json_writer& out, const pg::wire::copy_buffer& sample) {
  pg::wire::copy_binary_reader reader{sample.bytes()};
  out.begin_array();
  for (auto row = reader.next(); row && !row->empty(); row = reader.next()) {
    out.begin_object();
    for (std::size_t i = 0; i < row->size(); ++i) {
      out.key(normalise::name(static_cast<normalise::column>(i)));
      write_field(out, i, (*row)[i]);
      out.member();
    }
    out.end_object();
    out.element();
  }
  out.end_array();
}

void write_rejects(json_writer& out, const std::vector<ingest::inspected_reject>& rejects) {
  out.begin_array();
  for (const auto& reject : rejects) {
    out.begin_object();
    member(out, "line", [&] { out.number(reject.line); });
    member(out, "byte_offset", [&] { out.number(reject.byte_offset); });
    member(out, "reason", [&] { out.string(reject.reason); });
    out.end_object();
    out.element();
  }
  out.end_array();
}

// What a log line holds must not steer the terminal that it is shown on.
std::string printable(std::string_view text) {
  std::string out;
  telemetry::append_printable(out, text);
  return out;
}

// Paths and what is said of them may hold any byte.
std::string as_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto first = first_character(text);
    if (first.well_formed) {
      out += text.substr(0, first.bytes);
    } else {
      out += replacement_character;
    }
    text.remove_prefix(first.bytes);
  }
  return out;
}

void print_rows(std::ostream& out, const pg::wire::copy_buffer& sample) {
  pg::wire::copy_binary_reader reader{sample.bytes()};
  std::size_t number = 0;
  for (auto row = reader.next(); row && !row->empty(); row = reader.next()) {
    out << "row " << ++number << '\n';
    for (std::size_t i = 0; i < row->size(); ++i) {
      if (!(*row)[i]) continue;
      out << "  " << normalise::name(static_cast<normalise::column>(i)) << ": "
          << printable(column_text(i, *(*row)[i])) << '\n';
    }
  }
}

using counts = std::map<std::string, std::uint64_t, std::less<>>;

// The one that all have; of none there is nothing to say.
std::string_view common(const counts& of) {
  if (of.empty()) return "none";
  return of.size() == 1 ? std::string_view{of.begin()->first} : "mixed";
}

void write_counts(json_writer& out, const counts& of) {
  out.begin_object();
  for (const auto& [key, count] : of) member(out, key.c_str(), [&] { out.number(count); });
  out.end_object();
}

counts rejected_by_reason(const ingest::object_totals& of) {
  counts out;
  for (const auto code : normalise::reject_codes) {
    const auto lines = of.rejected_by_code.at(static_cast<std::size_t>(code));
    if (lines > 0) out[std::string{normalise::name(code)}] = lines;
  }
  return out;
}

void write_rejects(json_writer& out, const std::vector<ingest::surveyed_reject>& rejects) {
  out.begin_array();
  for (const auto& reject : rejects) {
    out.begin_object();
    member(out, "key", [&] { out.string(as_utf8(reject.name)); });
    member(out, "line", [&] { out.number(reject.what.line); });
    member(out, "byte_offset", [&] { out.number(reject.what.byte_offset); });
    member(out, "reason", [&] { out.string(reject.what.reason); });
    out.end_object();
    out.element();
  }
  out.end_array();
}

void write_failures(json_writer& out, const std::vector<ingest::unreadable_file>& unreadable) {
  out.begin_array();
  for (const auto& file : unreadable) {
    out.begin_object();
    member(out, "key", [&] { out.string(as_utf8(file.name)); });
    member(out, "stage", [&] { out.string(ingest::name(file.why.at)); });
    member(out, "error", [&] { out.string(as_utf8(file.why.text)); });
    out.end_object();
    out.element();
  }
  out.end_array();
}

void write_files(json_writer& out, const ingest::survey& found) {
  out.begin_object();
  member(out, "listed", [&] { out.number(found.files_listed); });
  member(out, "read", [&] { out.number(found.files_read); });
  member(out, "unreadable", [&] { out.number(found.files_unreadable); });
  member(out, "bytes_compressed", [&] { out.number(found.totals.bytes_compressed); });
  member(out, "bytes_inflated", [&] { out.number(found.totals.bytes_inflated); });
  member(out, "formats", [&] { write_counts(out, found.formats); });
  member(out, "compressions", [&] { write_counts(out, found.compressions); });
  member(out, "failures", [&] { write_failures(out, found.unreadable); });
  out.end_object();
}

// json_lines 12, text 3
std::string text_of(const counts& of) {
  std::string out;
  for (const auto& [key, count] : of) {
    if (!out.empty()) out += ", ";
    out += key + ' ' + telemetry::with_separators(count);
  }
  return out.empty() ? "none" : out;
}

void print_more(std::ostream& out, std::uint64_t in_all, std::size_t shown) {
  if (in_all > shown) out << "  … and " << telemetry::with_separators(in_all - shown) << " more\n";
}

void print_failures(std::ostream& out, const ingest::survey& found) {
  if (found.files_unreadable == 0) return;
  out << "unreadable files:\n";
  for (const auto& file : found.unreadable) {
    out << "  " << printable(file.name) << " (" << ingest::name(file.why.at)
        << "): " << printable(file.why.text) << '\n';
  }
  print_more(out, found.files_unreadable, found.unreadable.size());
}

void print_rejects(std::ostream& out, const ingest::survey& found) {
  if (found.totals.lines_rejected == 0) return;
  out << "rejected lines:\n";
  for (const auto& reject : found.rejects) {
    out << "  " << printable(reject.name) << " line " << reject.what.line << " at byte "
        << reject.what.byte_offset << ": " << printable(reject.what.reason) << '\n';
  }
  print_more(out, found.totals.lines_rejected, found.rejects.size());
}

}  // namespace

std::string as_json(const ingest::inspection& found) {
  json_writer out;
  out.begin_object();
  member(out, "format", [&] { out.string(name(found.format)); });
  member(out, "compression", [&] { out.string(found.compression); });
  member(out, "rows", [&] { out.number(found.totals.rows); });
  member(out, "lines_rejected", [&] { out.number(found.totals.lines_rejected); });
  member(out, "rejects", [&] { write_rejects(out, found.rejects); });
  member(out, "sample", [&] { write_sample(out, found.sample); });
  out.end_object();
  return out.value();
}

std::string as_readable(const ingest::inspection& found) {
  std::ostringstream out;
  out << "format: " << name(found.format) << "\ncompression: " << found.compression
      << "\nrows: " << found.totals.rows << "\nlines rejected: " << found.totals.lines_rejected
      << '\n';
  for (const auto& reject : found.rejects) {
    out << "  line " << reject.line << " at byte " << reject.byte_offset << ": "
        << printable(reject.reason) << '\n';
  }
  if (found.totals.lines_rejected > found.rejects.size()) {
    out << "  … and " << found.totals.lines_rejected - found.rejects.size() << " more\n";
  }
  print_rows(out, found.sample);
  return out.str();
}

std::string as_json(const ingest::survey& found) {
  json_writer out;
  out.begin_object();
  member(out, "format", [&] { out.string(common(found.formats)); });
  member(out, "compression", [&] { out.string(common(found.compressions)); });
  member(out, "rows", [&] { out.number(found.totals.rows); });
  member(out, "lines_rejected", [&] { out.number(found.totals.lines_rejected); });
  member(out, "rejected_by_reason", [&] { write_counts(out, rejected_by_reason(found.totals)); });
  member(out, "rejects", [&] { write_rejects(out, found.rejects); });
  member(out, "files", [&] { write_files(out, found); });
  member(out, "sample", [&] { write_sample(out, found.sample); });
  out.end_object();
  return out.value();
}

std::string as_readable(const ingest::survey& found, double seconds) {
  using telemetry::mebibytes;
  using telemetry::with_separators;
  std::ostringstream out;
  out << "files: " << with_separators(found.files_read) << " read, "
      << with_separators(found.files_unreadable)
      << " unreadable\nformats: " << text_of(found.formats)
      << "\ncompressions: " << text_of(found.compressions)
      << "\nrows: " << with_separators(found.totals.rows)
      << "\nlines rejected: " << with_separators(found.totals.lines_rejected);
  if (found.totals.lines_rejected > 0) {
    out << " (" << text_of(rejected_by_reason(found.totals)) << ')';
  }
  out << "\nbytes: " << mebibytes(found.totals.bytes_compressed) << " compressed, "
      << mebibytes(found.totals.bytes_inflated)
      << " inflated\ntime: " << telemetry::seconds_text(seconds) << '\n';
  print_failures(out, found);
  print_rejects(out, found);
  print_rows(out, found.sample);
  return out.str();
}

}  // namespace ingestor::app
