// What a fetcher is doing at this moment, for people to see.
#pragma once

#include "ledger/claim.hpp"
#include "telemetry/replica_report.hpp"

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace ingestor::ingest {

class activity {
 public:
  enum class phase { idle, claim, load, commit };

  void enter(phase next) { phase_ = next; }

  /// A claim begins: what is counted begins at zero.
  void claimed(std::span<const ledger::claimed_file> files);

  /// One of them is opened, and read to its end or to where it broke off, by then so many bytes.
  void opened(const ledger::claimed_file& file);
  void read_up(std::uint64_t bytes);

  void copied(std::uint64_t rows) { told_.rows += rows; }

  /// While one lives the fetcher reads, or writes. Several may: files of a group are read at once.
  class mark {
   public:
    explicit mark(int& count) : count_{count} { ++count_; }
    mark(const mark&) = delete;
    mark& operator=(const mark&) = delete;
    ~mark() { --count_; }

   private:
    int& count_;
  };

  mark reading() { return mark{reading_}; }
  mark writing() { return mark{writing_}; }

  /// `bytes_under_way` of files that are opened and not read up yet.
  telemetry::fetcher_report report(std::uint64_t bytes_under_way) const;

 private:
  telemetry::fetcher_stage stage() const;

  phase phase_ = phase::idle;
  int reading_ = 0;
  int writing_ = 0;
  telemetry::fetcher_report told_;
  std::chrono::steady_clock::time_point claimed_at_;
};

}  // namespace ingestor::ingest
