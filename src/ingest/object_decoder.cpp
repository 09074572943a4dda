#include "ingest/object_decoder.hpp"

#include <string>
#include <utility>
#include <variant>

namespace ingestor::ingest {
namespace {

/// The work of one call of advance(), as bytes of lines: about a millisecond, but for a last line
/// that is longer than that.
constexpr std::size_t slice_bytes = std::size_t{256} * 1024;

/// What a line costs beside its bytes. A row of `{}` takes as long as some 60 bytes, a rejection as
/// long as some 300.
constexpr std::size_t line_cost_bytes = 256;

static_assert(codec::raw_bytes_max == normalise::rejected_raw_bytes_max,
              "of a line too long for the codec as much is kept as of any other rejected line");

}  // namespace

decoder_terms decoder_terms_of(const config::settings& settings) {
  decoder_terms out;
  out.limits.line_bytes_max = settings.line_bytes_max;
  out.limits.object_bytes_max = settings.object_bytes_max;
  out.reject_share_max = settings.reject_share_max;
  return out;
}

object_decoder::object_decoder(const decoder_terms& terms) : terms_{terms}, reader_{terms.limits} {}

void object_decoder::begin(const normalise::source& from, object_format format) {
  from_ = from;
  format_ = format;
  decision_ = {};
  totals_ = {};
  reader_.reset();
}

void object_decoder::feed(const_bytes stored) {
  reader_.feed(stored);
}

void object_decoder::finish() {
  reader_.finish();
}

result<object_decoder::step, failure> object_decoder::advance(staging& into) {
  std::size_t done = 0;
  while (done < slice_bytes) {
    auto event = reader_.next();
    totals_.bytes_compressed = reader_.bytes_compressed();
    totals_.bytes_inflated = reader_.bytes_inflated();
    if (!event) return from_codec(event.error());
    if (std::holds_alternative<codec::need_input>(*event)) return step::need_input;
    if (std::holds_alternative<codec::again>(*event)) return step::slice_done;
    if (std::holds_alternative<codec::end>(*event)) return at_end(into);
    const auto& line = std::get<codec::line>(*event);
    done += line_cost_bytes + line.text.size();
    auto next = take(line, into);
    if (!next || *next != step::slice_done) return next;
  }
  return step::slice_done;
}

result<object_decoder::step, failure> object_decoder::take(const codec::line& line, staging& into) {
  const auto seen = encode(line, into);
  if (format_ == object_format::text) return into.full() ? step::staging_full : step::slice_done;
  decision_.saw(seen, line.number);
  switch (decision_.now()) {
    case normalise::format_decision::state::text:
      return restart_as_text(into);
    case normalise::format_decision::state::undecided:
      // Nothing may leave yet; the lines that decide are few, and what is kept of each is bounded.
      return step::slice_done;
    case normalise::format_decision::state::json_lines:
      break;
  }
  return into.full() ? step::staging_full : step::slice_done;
}

normalise::evidence object_decoder::encode(const codec::line& line, staging& into) {
  if (line.too_long) {
    reject(line, normalise::line_too_long(line.bytes, terms_.limits.line_bytes_max), into);
    return normalise::evidence::none;
  }
  const auto row = format_ == object_format::json_lines
                       ? normaliser_.json_row(line.text, line.number, from_, into.rows)
                       : normaliser_.text_row(line.text, line.number, from_, into.rows);
  if (!row) {
    reject(line, row.error(), into);
    return normalise::evidence_of(row.error(), line.text);
  }
  totals_.count(*row);
  if (into.how == care::each_row) into.lines.add(line, *row);
  return normalise::evidence::json_object;
}

void object_decoder::reject(const codec::line& line, const normalise::rejection& why,
                            staging& into) {
  totals_.count_rejected(why.code);
  normalise::encode_rejection(from_.file_id, line.number, line.byte_offset, why, line.text,
                              into.rejects);
}

result<object_decoder::step, failure> object_decoder::at_end(staging& into) {
  if (format_ == object_format::json_lines) {
    decision_.ended();
    if (decision_.now() == normalise::format_decision::state::text) {
      return restart_as_text(into);
    }
  }
  if (auto why = too_many_rejected(totals_)) return *why;
  return step::end;
}

std::optional<failure> object_decoder::too_many_rejected(const object_totals& of) const {
  const auto lines = of.rows + of.lines_rejected;
  const auto share =
      lines == 0 ? 0.0 : static_cast<double>(of.lines_rejected) / static_cast<double>(lines);
  if (share <= terms_.reject_share_max) return std::nullopt;
  constexpr auto by_database =
      static_cast<std::size_t>(normalise::reject_code::refused_by_database);
  const auto refused = of.rejected_by_code[by_database];
  auto text =
      std::to_string(of.lines_rejected) + " of " + std::to_string(lines) + " lines were rejected, ";
  if (refused > 0) text += std::to_string(refused) + " of them by the database, ";
  text += "more than INGESTOR_REJECT_LIMIT allows";
  return failure{failure_kind::file, refused > 0 ? stage::write : stage::decode, std::move(text)};
}

result<object_decoder::step, failure> object_decoder::restart_as_text(staging& into) {
  into.clear();
  if (const auto& why = reader_.not_text()) return from_codec(*why);
  return step::restart_as_text;
}

}  // namespace ingestor::ingest
