#include "session_play.hpp"

#include "open_descriptors.hpp"
#include "scram_server.hpp"
#include "scripted_peer.hpp"
#include "test_certificate.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <span>
#include <unistd.h>

namespace ingestor::pg {
namespace {

/// Few, so that thousands of logins cost nothing; what the real number costs, others test.
constexpr std::uint32_t scram_iterations = 4;

/// The certificate of all servers, and a file in which the client finds it.
class certificate {
 public:
  certificate() {
    const auto made = testing_support::make_certificate("IP:127.0.0.1");
    context = testing_support::server_context(made);
    std::ofstream{path} << made.certificate_pem;
  }
  ~certificate() { std::filesystem::remove(path); }
  certificate(const certificate&) = delete;
  certificate& operator=(const certificate&) = delete;

  std::string path = testing::TempDir() + "session_play." + std::to_string(::getpid()) + ".crt";
  asio::ssl::context context{asio::ssl::context::tls_server};
};

/// Follows the script of one case.
class server_role {
 public:
  server_role(const session_case& of, scripted_peer& peer, certificate& identity)
      : of_{of}, peer_{peer}, identity_{identity}, steps_left_{of.fails_at} {}

  asio::awaitable<void> run();
  void leave() {
    for (const auto& each : open_) each->close();
  }

  std::string heard;
  std::size_t bytes_sent = 0;
  bool was_cut = false;

 private:
  asio::awaitable<void> perform(const step& one);
  asio::awaitable<void> accept();
  asio::awaitable<void> deliver(std::string bytes, bool slowly);
  asio::awaitable<std::string> answer_of(const step& one);
  asio::awaitable<std::string> failure_of(const step& instead_of);
  asio::awaitable<void> fail(const step& instead_of);
  asio::awaitable<void> answer_queries();
  void begin_to_count();

  scripted_session& on() { return *open_.back(); }

  const session_case& of_;
  scripted_peer& peer_;
  certificate& identity_;
  scram_server scram_{std::string{password_of_plays}, scram_iterations};
  /// The last is the one that the script speaks of; a request to cancel has one of its own.
  std::vector<std::unique_ptr<scripted_session>> open_;
  std::string last_heard_;
  bool counting_ = false;
  bool logged_in_ = false;
  std::size_t steps_left_;
  std::size_t sent_before_ = 0;
};

asio::awaitable<void> server_role::run() {
  for (std::size_t i = 0; i < of_.steps.size(); ++i) {
    const auto& one = of_.steps[i];
    if (i == of_.from) begin_to_count();
    if (counting_ && of_.fails != fault::none && is_answer(one) && steps_left_-- == 0) {
      co_await fail(one);
      break;
    }
    co_await perform(one);
    was_cut = on().was_cut();
    if (was_cut) break;
  }
  bytes_sent = on().sent() - sent_before_;
  co_await answer_queries();
  // What asked to cancel is gone; what it spoke of is not.
  if (open_.size() < 2) co_return;
  open_.pop_back();
  co_await answer_queries();
}

/// Where the script begins by accepting, accept() does it.
void server_role::begin_to_count() {
  counting_ = true;
  if (open_.empty()) return;
  sent_before_ = on().sent();
  if (of_.cut) on().cut_after(*of_.cut);
}

asio::awaitable<void> server_role::accept() {
  auto session = co_await peer_.accept_another();
  open_.push_back(std::make_unique<scripted_session>(std::move(session)));
  on().record_into(heard);
  if (counting_) begin_to_count();
}

asio::awaitable<void> server_role::perform(const step& one) {
  switch (one.what) {
    case step::act::accept:
      co_return co_await accept();
    case step::act::receive_untyped:
      last_heard_ = co_await on().receive_untyped();
      co_return;
    case step::act::receive:
      for (;;) {
        const auto message = co_await on().receive_message();
        last_heard_ = message.body;
        if (message.type == one.type || message.type == 0) co_return;
      }
    case step::act::start_tls:
      co_await on().start_tls(identity_.context);
      co_return;
    case step::act::close:
      open_.pop_back();
      co_return;
    default:
      auto answer = co_await answer_of(one);
      if (one.edit) answer = one.edit(std::move(answer));
      co_await deliver(std::move(answer), one.one_byte_at_a_time);
  }
}

asio::awaitable<void> server_role::deliver(std::string bytes, bool slowly) {
  logged_in_ = logged_in_ || bytes == bytes_of(wire::authentication{wire::authentication_ok{}});
  if (slowly) {
    co_await on().send_slowly(std::move(bytes));
  } else {
    co_await on().send(std::move(bytes));
  }
}

asio::awaitable<std::string> server_role::answer_of(const step& one) {
  if (one.what == step::act::send) co_return one.bytes;
  wire::authentication answer;
  std::string text;
  if (one.what == step::act::challenge) {
    const auto first = wire::sasl_initial_response::decode(as_bytes(last_heard_));
    text = scram_.challenge(first && first->data ? as_text(*first->data) : std::string_view{});
    answer.request = wire::authentication_sasl_continue{text};
  } else {
    text = scram_.verdict(last_heard_);
    answer.request = wire::authentication_sasl_final{text};
  }
  co_return bytes_of(answer);
}

/// What is sent instead; nothing where nothing is.
asio::awaitable<std::string> server_role::failure_of(const step& instead_of) {
  std::string text;
  switch (of_.fails) {
    case fault::silence_in_a_message:
      if (!is_message(instead_of)) break;
      text = co_await answer_of(instead_of);
      text.resize(text.size() / 2);
      break;
    case fault::error:
      text = server_error("23505");
      if (logged_in_) text += ready();
      break;
    case fault::fatal:
      text = server_error("57P01", "FATAL");
      break;
    case fault::out_of_place:
      text = bytes_of(wire::negotiate_protocol_version{0, {}});
      break;
    case fault::garbage:
      text = "HTTP/1.1 400 Bad Request\r\n\r\n";
      break;
    default:
      break;
  }
  co_return text;
}

asio::awaitable<void> server_role::fail(const step& instead_of) {
  // What comes before the client has begun its handshake would stand beside the 'S'.
  if (instead_of.what == step::act::start_tls) co_await on().receive(5);
  auto text = co_await failure_of(instead_of);
  if (!text.empty()) co_await on().send(std::move(text));
  if (of_.fails == fault::reset) on().reset();
  if (of_.fails == fault::end || of_.fails == fault::fatal) on().end();
}

/// Until the client is gone.
asio::awaitable<void> server_role::answer_queries() {
  bool parsed = false;
  for (;;) {
    const auto message = co_await on().receive_message();
    if (message.type == 0) co_return;
    parsed = parsed || message.type == wire::parse::type;
    if (message.type != wire::sync::type) continue;
    auto answer = parsed ? one_bigint(value_of_queries_behind_the_script) : ready();
    co_await on().send(std::move(answer));
    parsed = false;
  }
}

/// One case under way.
class session_play {
 public:
  session_play(asio::io_context& io, const session_case& of, certificate& identity,
               key_deriver& keys)
      : of_{of},
        peer_{io},
        server_{of, peer_, identity},
        client_{client_options(identity), keys, of.limit} {
    asio::co_spawn(io, server_.run(), [this](const std::exception_ptr&) {
      --running_;
      server_.leave();
    });
    asio::co_spawn(io, of.client(client_), [this](const std::exception_ptr& thrown) {
      --running_;
      thrown_ = thrown;
      client_.session.reset();
      peer_.stop_listening();
    });
  }

  bool ended() const { return running_ == 0; }
  void abandon() {
    peer_.stop_listening();
    server_.leave();
  }
  std::exception_ptr thrown() const { return thrown_; }

  played_session played() const {
    return {client_.outcomes, server_.heard, server_.bytes_sent, server_.was_cut};
  }

 private:
  connection_options client_options(const certificate& identity) {
    auto options = options_for(peer_);
    options.password = secret{std::string{password_of_plays}};
    options.result_bytes_max = 1024U * 1024;
    if (of_.over_tls) {
      options.sslmode = ssl_mode::verify_full;
      options.sslrootcert = identity.path;
    }
    return options;
  }

  const session_case& of_;
  scripted_peer peer_;
  server_role server_;
  client_role client_;
  int running_ = 2;
  std::exception_ptr thrown_;
};

/// How long nothing may happen where something is under way. What is only slow is taken for
/// waiting.
constexpr auto quiet = 30ms;

/// Some of the cases, at a time.
class wave {
 public:
  wave(std::span<const session_case> cases, certificate& identity, key_deriver& keys)
      : cases_{cases} {
    std::optional<scripted_peer> first_of_all{io_};  // opens what the loop itself needs
    open_before_ = open_descriptors() - 1;
    first_of_all.reset();
    for (const auto& each : cases) {
      plays_.push_back(std::make_unique<session_play>(io_, each, identity, keys));
    }
  }

  void run() { io_.run_for(test_timeout); }

  /// Says which do not move any more, and ends them.
  std::vector<std::size_t> run_until_quiet() {
    while (io_.run_one_for(quiet) > 0) {
    }
    std::vector<std::size_t> waiting;
    for (std::size_t i = 0; i < plays_.size(); ++i) {
      if (plays_[i]->ended()) continue;
      waiting.push_back(i);
      plays_[i]->abandon();
    }
    io_.restart();
    run();
    return waiting;
  }

  void judge_all(const judgement& judge, const std::vector<std::size_t>& but = {}) const {
    EXPECT_EQ(open_descriptors(), open_before_) << cases_.front().name << " and others";
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      SCOPED_TRACE(cases_[i].name);
      EXPECT_TRUE(plays_[i]->ended()) << "somebody still waits";
      EXPECT_FALSE(plays_[i]->thrown()) << "nothing that a server does is a mistake in the program";
      const bool judged = std::find(but.begin(), but.end(), i) == but.end();
      if (judged) judge(cases_[i], plays_[i]->played());
    }
  }

 private:
  std::span<const session_case> cases_;
  asio::io_context io_;
  std::ptrdiff_t open_before_ = 0;
  std::vector<std::unique_ptr<session_play>> plays_;
};

/// Until one fails.
void for_each_wave(const std::vector<session_case>& cases,
                   const std::function<void(wave&, std::size_t first)>& run) {
  certificate identity;
  key_deriver keys;
  for (std::size_t first = 0; first < cases.size(); first += sessions_at_a_time) {
    const auto size = std::min(sessions_at_a_time, cases.size() - first);
    wave one{{cases.data() + first, size}, identity, keys};
    run(one, first);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace

void play_all(const std::vector<session_case>& cases, const judgement& judge) {
  for_each_wave(cases, [&judge](wave& one, std::size_t) {
    one.run();
    one.judge_all(judge);
  });
}

std::vector<std::size_t> play_all_that_move(const std::vector<session_case>& cases,
                                            const judgement& judge) {
  std::vector<std::size_t> all_waiting;
  for_each_wave(cases, [&](wave& one, std::size_t first) {
    const auto waiting = one.run_until_quiet();
    one.judge_all(judge, waiting);
    for (const auto each : waiting) all_waiting.push_back(first + each);
  });
  return all_waiting;
}

}  // namespace ingestor::pg
