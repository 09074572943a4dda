// One object's bytes → rows and rejected lines. No I/O: it is fed, asked for a step, and says what
// it needs next.
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "codec/line_reader.hpp"
#include "config/settings.hpp"
#include "ingest/failure.hpp"
#include "ingest/object_totals.hpp"
#include "ingest/staging.hpp"
#include "normalise/format_decision.hpp"
#include "normalise/normaliser.hpp"

#include <cstddef>
#include <optional>

namespace ingestor::ingest {

enum class object_format { json_lines, text };

struct decoder_terms {
  codec::limits limits;
  /// Rejected lines ÷ lines above which the object fails, 0–1.
  double reject_share_max = 1.0;
};

/// For whatever reads objects as ingestion does.
decoder_terms decoder_terms_of(const config::settings& settings);

class object_decoder {
 public:
  enum class step {
    need_input,
    /// About a millisecond's work is done (a line is never cut: one of many megabytes takes as long
    /// as it takes); there is more.
    slice_done,
    /// The staging is full: take its rows, then go on.
    staging_full,
    /// None of the first lines was a JSON object: begin again with object_format::text and the
    /// object's first byte. Nothing has been staged. (An object that is not text fails instead.)
    restart_as_text,
    end
  };

  explicit object_decoder(const decoder_terms& terms);

  /// Makes it ready for an object; buffers are kept from the one before.
  void begin(const normalise::source& from, object_format format);

  /// The next bytes as stored; they must stay where they are until advance() asks for more.
  void feed(const_bytes stored);

  /// There are no more.
  void finish();

  result<step, failure> advance(staging& into);

  /// Why an object with these totals fails, if more of its lines were rejected than may be. Asked
  /// at its end; to be asked again when the database has rejected some, too.
  std::optional<failure> too_many_rejected(const object_totals& of) const;

  const object_totals& totals() const { return totals_; }
  object_format format() const { return format_; }
  std::string_view compression() const { return reader_.compression(); }

 private:
  result<step, failure> take(const codec::line& line, staging& into);
  normalise::evidence encode(const codec::line& line, staging& into);
  void reject(const codec::line& line, const normalise::rejection& why, staging& into);
  result<step, failure> at_end(staging& into);
  result<step, failure> restart_as_text(staging& into);

  decoder_terms terms_;
  codec::line_reader reader_;
  normalise::normaliser normaliser_;
  normalise::source from_{};
  object_format format_ = object_format::json_lines;
  normalise::format_decision decision_;
  object_totals totals_;
};

}  // namespace ingestor::ingest
