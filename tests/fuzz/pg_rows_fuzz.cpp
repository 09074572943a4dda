// Any bytes as rows: whatever is accepted can be read as what it was declared to be, and its memory
// is bounded. The first byte chooses:
//   'c'   a binary COPY stream
//   'v'   one value, behind a byte for its type
//   else  replies to a pipeline of two statements, of which the first gives rows. First the limit
//         of all rows, in units of 64 bytes, the number of columns, the type of each; then frames.
//         'P': those are the rows alone, and what belongs around them is added.
#include "base/utf8.hpp"
#include "pg/fsm/pipeline.hpp"
#include "pg/wire/copy_binary.hpp"
#include "pg/wire/copy_binary_reader.hpp"
#include "pg/wire/frame_buffer.hpp"
#include "pg/wire/query.hpp"
#include "pg/wire/reader.hpp"
#include "readable_types.hpp"
#include "require.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace {

using namespace ingestor;
using namespace ingestor::pg;
using wire::oid;

constexpr std::size_t declared_max = 32;

const readable& readable_of(std::uint8_t choice) {
  return readables[choice % readables.size()];
}

void check_one_value(wire::reader in) {
  const auto& known = readable_of(in.byte());
  const auto value = in.rest();
  if (wire::well_formed(known.type, value)) known.check(known.type, value);
  require(!wire::well_formed(oid{}, value));
}

void check_copy(const_bytes stream) {
  wire::copy_binary_reader reader{stream};
  wire::copy_buffer again;
  for (;;) {
    const auto row = reader.next();
    if (!row) return;
    if (row->empty()) break;
    again.begin_row(static_cast<std::int16_t>(row->size()));
    for (const auto& field : *row) {
      if (field) again.bytea(*field);
      if (!field) again.null();
    }
  }
  require(as_text(stream).starts_with(as_text(again.bytes())));
}

/// A line for people, whatever the server said.
void check_error(const error& failure) {
  const auto line = failure.text();
  require(check_utf8(line).valid_bytes == line.size());
  require(std::ranges::none_of(line, [](char each) { return each >= 0 && each < ' '; }));
}

void check_results(const std::vector<row_set>& results, const std::vector<oid>& types,
                   std::size_t limit_bytes) {
  require(results.size() == 2 && results[1].empty());
  const auto& rows = results[0];
  if (!rows.empty()) require(rows.bytes() - rows.command_tag().size() <= limit_bytes);
  for (std::size_t column = 0; column < types.size(); ++column) {
    const auto known = std::ranges::find(readables, types[column], &readable::type);
    for (std::size_t row = 0; row < rows.size(); ++row) known->read(rows, row, column);
  }
}

void write_beginning(wire::writer& out, const std::vector<oid>& types) {
  wire::row_description description;
  for (const auto type : types) {
    description.columns.push_back({"column", 0, 0, type, 0, -1, wire::format::binary});
  }
  wire::parse_complete{}.encode(out);
  wire::bind_complete{}.encode(out);
  description.encode(out);
}

void write_end(wire::writer& out) {
  wire::command_complete{"SELECT 1"}.encode(out);
  wire::parse_complete{}.encode(out);
  wire::bind_complete{}.encode(out);
  wire::no_data{}.encode(out);
  wire::command_complete{"COMMIT"}.encode(out);
  wire::ready_for_query{'I'}.encode(out);
}

void check_replies(const_bytes sent, const std::vector<oid>& types, std::size_t limit_bytes) {
  const std::array statements{statement{"rows", "", {}, types}, statement{"end", "", {}, {}}};
  fsm::pipeline_replies handler{statements, limit_bytes};
  fsm::session_state session;
  wire::frame_buffer buffer;
  for (;;) {
    const auto frame = buffer.next({wire::stage::established});
    if (!frame || (!*frame && sent.empty())) return;
    if (!*frame) {
      const auto room = buffer.prepare();
      const auto piece = sent.first(std::min(sent.size(), room.size()));
      std::ranges::copy(piece, room.begin());
      buffer.commit(piece.size());
      sent = sent.subspan(piece.size());
      continue;
    }
    const auto step = handler.receive(**frame, session);
    if (!step) return check_error(step.error());
    if (handler.failure()) check_error(*handler.failure());
    if (*step == fsm::next::receive) continue;
    require(handler.finished());
    if (!handler.failure()) check_results(handler.take(), types, limit_bytes);
    return;
  }
}

void check_pipeline(bool rows_alone, wire::reader in) {
  const auto limit_bytes = std::size_t{64} * in.byte();
  std::vector<oid> types(in.byte() % declared_max);
  for (auto& each : types) each = readable_of(in.byte()).type;
  wire::writer sent;
  if (rows_alone) write_beginning(sent, types);
  sent.bytes(in.rest());
  if (rows_alone) write_end(sent);
  check_replies(*sent.finish(), types, limit_bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wire::reader in{std::as_bytes(std::span{data, size})};
  switch (in.byte()) {
    case 'c':
      check_copy(in.rest());
      break;
    case 'v':
      check_one_value(in);
      break;
    default:
      check_pipeline(size > 0 && data[0] == 'P', in);
  }
  return 0;
}
