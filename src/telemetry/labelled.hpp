// A metric with labels whose number of series has a limit.
#pragma once

#include <prometheus/family.h>

#include <cstddef>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ingestor::telemetry {

/// The values of labels are codes of ours or of S3's, never keys or texts; should one come from
/// outside all the same, what is beyond the limit is counted under "other".
inline constexpr std::size_t series_max = 50;

/// Metric is prometheus::Counter or prometheus::Gauge.
template <class Metric>
class labelled {
 public:
  labelled(prometheus::Family<Metric>& family, std::vector<std::string> names)
      : family_{family}, names_{std::move(names)} {}

  /// As many values as there are names, in their order. Asking creates the series, at zero.
  Metric& with(std::initializer_list<std::string_view> values);

  /// Of all series.
  double sum() const;

  /// Each series by the value of its first label, in the order of these values.
  std::map<std::string, double> by_first_label() const;

 private:
  Metric& add(const std::string& key, std::initializer_list<std::string_view> values);

  prometheus::Family<Metric>& family_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, Metric*> known_;
  Metric* other_ = nullptr;
};

template <class Metric>
Metric& labelled<Metric>::with(std::initializer_list<std::string_view> values) {
  std::string key;
  for (const auto value : values) key.append(value).push_back('\0');
  if (const auto found = known_.find(key); found != known_.end()) return *found->second;
  if (known_.size() < series_max) return add(key, values);
  if (other_ == nullptr) {
    prometheus::Labels labels;
    for (const auto& name : names_) labels.emplace(name, "other");
    other_ = &family_.Add(labels);
  }
  return *other_;
}

template <class Metric>
double labelled<Metric>::sum() const {
  double out = other_ == nullptr ? 0 : other_->Value();
  for (const auto& [key, metric] : known_) out += metric->Value();
  return out;
}

template <class Metric>
std::map<std::string, double> labelled<Metric>::by_first_label() const {
  std::map<std::string, double> out;
  for (const auto& [key, metric] : known_) out[key.substr(0, key.find('\0'))] += metric->Value();
  if (other_ != nullptr) out["other"] += other_->Value();
  return out;
}

template <class Metric>
Metric& labelled<Metric>::add(const std::string& key,
                              std::initializer_list<std::string_view> values) {
  prometheus::Labels labels;
  auto name = names_.begin();
  for (const auto value : values) labels.emplace(*name++, value);
  auto& out = family_.Add(labels);
  known_.emplace(key, &out);
  return out;
}

}  // namespace ingestor::telemetry
