// What loading a claim needs, and how it can end.
#pragma once

#include "ingest/activity.hpp"
#include "ingest/bounds.hpp"
#include "ingest/care.hpp"
#include "ingest/load_transaction.hpp"
#include "ingest/object_decoder.hpp"
#include "ingest/staging.hpp"
#include "ledger/claim.hpp"
#include "s3/client.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace ingestor::ingest {

/// Follows a load before it is committed, for progress and metrics.
class load_observer {
 public:
  /// An object is about to be asked for.
  virtual void on_opening(const ledger::claimed_file& file, care how) = 0;
  /// Stored bytes of an object that went through its decoder.
  virtual void on_read(std::uint64_t bytes) = 0;
  virtual void on_copied(const copied& done) = 0;

 protected:
  ~load_observer() = default;
};

/// A decoder and a staging for one object at a time.
struct workplace {
  explicit workplace(const decoder_terms& terms) : decoder{terms} {}

  object_decoder decoder;
  staging staged;
  /// Whether an object is going through the decoder: 0 or 1; see activity::mark.
  int under_way = 0;
};

/// The buffers of one fetcher, kept from file to file.
struct workshop {
  explicit workshop(const decoder_terms& terms) {
    for (auto& place : places) place = std::make_unique<workplace>(terms);
  }

  /// Memory of the stagings, in bytes.
  std::size_t bytes() const {
    auto sum = collected.capacity();
    for (const auto& place : places) sum += place->staged.capacity();
    return sum;
  }

  /// What their fetcher does now.
  telemetry::fetcher_report report() const {
    std::uint64_t bytes_under_way = 0;
    for (const auto& place : places) {
      if (place->under_way > 0) bytes_under_way += place->decoder.totals().bytes_compressed;
    }
    return doing.report(bytes_under_way);
  }

  std::array<std::unique_ptr<workplace>, group_fetches_max> places;
  staging collected;
  activity doing;
};

/// The parts outlive every load.
struct loader {
  s3::client& s3;
  const transaction_terms& terms;
  load_observer& observer;
};

enum class load_ending {
  /// Rows and status are committed.
  completed,
  /// The failure is committed to the ledger, and nothing else.
  failed,
  /// Nothing is committed; the claim is still to be given back, unless it was lost.
  not_committed,
  /// Nothing is committed, and the claim has been given back.
  returned,
  /// Nothing is committed, since it could not be loaded with its group: to be loaded by itself.
  alone,
  /// The reply to COMMIT never came.
  unknown
};

struct load_result {
  load_ending what = load_ending::not_committed;
  /// Unless it completed.
  failure why;
  /// Why the reply to COMMIT never came; with load_ending::unknown only.
  std::optional<failure> unheard;
  object_totals totals;
  std::string_view compression;
  std::chrono::steady_clock::duration took{};
};

/// How a file is to be loaded that could not be loaded with its group.
care care_for(const load_result& left_alone);

ledger::completed_file completed(const ledger::claimed_file& file, const load_result& loaded);
ledger::failed_file failed(const ledger::claimed_file& file, const failure& why);
normalise::source source_of(const ledger::claimed_file& file);

}  // namespace ingestor::ingest
