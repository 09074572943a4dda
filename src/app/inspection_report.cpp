#include "app/inspection_report.hpp"

#include "app/column_text.hpp"
#include "normalise/column.hpp"
#include "telemetry/escape.hpp"

#include <tao/json/events/to_string.hpp>

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

std::string_view format_name(ingest::object_format format) {
  return format == ingest::object_format::json_lines ? "json_lines" : "text";
}

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

}  // namespace

std::string as_json(const ingest::inspection& found) {
  json_writer out;
  out.begin_object();
  member(out, "format", [&] { out.string(format_name(found.format)); });
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
  out << "format: " << format_name(found.format) << "\ncompression: " << found.compression
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

}  // namespace ingestor::app
