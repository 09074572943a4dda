#include "aws/credentials_source.hpp"

#include <utility>

namespace ingestor::aws {
namespace {

class fixed final : public credentials_source {
 public:
  fixed(credentials creds, std::string origin)
      : creds_{std::move(creds)}, origin_{std::move(origin)} {}

  boost::asio::awaitable<result<credentials>> get() override { co_return creds_; }
  bool refused(const credentials&) override { return false; }
  std::string origin() const override { return origin_; }

 private:
  credentials creds_;
  std::string origin_;
};

}  // namespace

std::shared_ptr<credentials_source> fixed_credentials(credentials creds, std::string origin) {
  return std::make_shared<fixed>(std::move(creds), std::move(origin));
}

}  // namespace ingestor::aws
