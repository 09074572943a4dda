// One session with a PostgreSQL server.
#pragma once

#include "base/bytes.hpp"
#include "pg/fsm/connection_options.hpp"
#include "pg/fsm/error.hpp"
#include "pg/fsm/late_cancel.hpp"
#include "pg/fsm/row_set.hpp"
#include "pg/fsm/statement.hpp"
#include "pg/key_deriver.hpp"
#include "pg/login.hpp"
#include "pg/message_stream.hpp"
#include "pg/wire/copy_binary.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ingestor::pg {

class copy_writer;

/// Made by connect(). Not thread-safe; one operation at a time (a second one meanwhile throws
/// std::logic_error).
///
/// Every operation has a deadline; when it passes the connection is closed and the error is of
/// category timeout. Cancelling a coroutine that waits for an operation closes the connection.
/// After any other outcome ask usable(). What is passed by reference or view must outlive the
/// operation; the connection must outlive it too.
class connection {
 public:
  using duration = std::chrono::steady_clock::duration;

  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  boost::asio::awaitable<result<row_set>> query(const statement& s, duration timeout);

  /// The same for a statement whose rows nobody wants: how many it affected.
  boost::asio::awaitable<result<std::uint64_t>> execute(const statement& s, duration timeout);

  /// All in one write with one Sync: they run in one implicit transaction unless they open another,
  /// and none runs after one that failed. The first error is returned; its `statement` names it, or
  /// is "commit" where all had run and the end of their transaction failed.
  boost::asio::awaitable<result<std::vector<row_set>>> pipeline(
      std::span<const statement> statements, duration timeout);

  /// Several statements in one string, without parameters; their rows are dropped.
  boost::asio::awaitable<result<std::vector<row_set>>> run_script(std::string_view name,
                                                                  std::string_view sql,
                                                                  duration timeout);

  /// `sql` is one COPY … FROM STDIN (FORMAT binary); `rows` is finished. Says how many rows the
  /// server counted: fewer than were sent means that a trigger dropped some, and is the caller's to
  /// notice. After an error of the server the connection is usable again.
  boost::asio::awaitable<result<std::uint64_t>> copy_in(std::string_view name, std::string_view sql,
                                                        const wire::copy_buffer& rows,
                                                        duration timeout);

  /// Whether another operation may begin.
  bool usable() const;
  /// Whether an idle connection has been left in peace: neither closed by the server nor sent
  /// anything but notices, settings and notifications, which are taken. Otherwise it is closed now,
  /// and the next operation says why. Does not wait; true is no promise.
  bool quiet();
  /// Why quiet() closed it.
  const std::optional<error>& last_words() const { return last_words_; }
  /// Asks for a sign of life, by an empty round trip. Without one the connection is closed now.
  boost::asio::awaitable<bool> answers(duration timeout);
  /// When the server last brought an operation to its end.
  std::chrono::steady_clock::time_point heard() const { return heard_; }
  /// The server has said that it stops, that it is read-only, or that it is of another role by now:
  /// what connect() made sure of may no longer hold, even where the session goes on.
  bool outdated() const;
  /// 'I' idle, 'T' in a transaction, 'E' in a failed one.
  char transaction_status() const { return stream_->session().transaction_status(); }
  /// A setting that the server reported, such as "server_version"; empty if it did not.
  std::string_view parameter(std::string_view name) const {
    return stream_->session().parameter(name);
  }
  /// The process that serves this session, as in pg_stat_activity; 0 when the server did not say.
  std::int32_t process_id() const {
    const auto& key = stream_->session().key();
    return key ? key->process_id : 0;
  }
  /// "host:port", or the path of the socket.
  std::string_view server() const { return server_; }
  /// By TLS.
  bool encrypted() const { return stream_->below().tls() != nullptr; }

  /// Asks the server, over a connection of its own, to cancel what this one does; may be called
  /// while an operation waits, which then ends with 57014, or, if it was quicker, as usual: then
  /// the next one may be hit, as late_cancel() says. Fails with category statement where the server
  /// gave no key to cancel with, and when the server did not take note of the request in time: then
  /// it may take effect or not. Cancelling the coroutine that waits here is safe.
  boost::asio::awaitable<result<void>> cancel(duration timeout);
  /// Whether a cancel() may still hit the next operation. Any that ends well for the connection
  /// settles what the server had taken note of when it began; answers() does nothing else.
  fsm::late_cancel::risk late_cancel() const { return cancels_.current(); }

  /// Says goodbye. Without it the destructor just closes the socket.
  boost::asio::awaitable<void> close();
  /// Closes the socket at once, which makes the server roll back.
  void drop() { stream_->below().close(); }

 private:
  friend class copy_writer;
  class operation;
  enum class use { idle, busy, copying };

  connection(login_request how, std::unique_ptr<message_stream> stream);
  static boost::asio::awaitable<result<std::unique_ptr<connection>>> connect_to(
      login_request request, key_deriver& keys);
  friend boost::asio::awaitable<result<std::unique_ptr<connection>>> connect(connection_options,
                                                                             duration,
                                                                             key_deriver&);
  /// Sends, receives until the handler is done with it, and says why if that failed.
  boost::asio::awaitable<result<void>> run(const_bytes bytes, fsm::replies& handler,
                                           std::string_view name, duration timeout);

  login_request how_;
  std::string server_;
  std::unique_ptr<message_stream> stream_;
  use use_ = use::idle;
  bool outdated_ = false;
  std::chrono::steady_clock::time_point heard_ = std::chrono::steady_clock::now();
  fsm::late_cancel cancels_;
  std::optional<error> last_words_;
};

/// Tries the servers in order, all under one deadline: `timeout`, or connect_timeout for each
/// server where that is more. A session that comes back is idle, in UTF-8, and of the role that
/// target_session_attrs asks for. `keys` must outlive the operation; without it a login has a
/// thread of its own.
boost::asio::awaitable<result<std::unique_ptr<connection>>> connect(connection_options options,
                                                                    connection::duration timeout,
                                                                    key_deriver& keys);
boost::asio::awaitable<result<std::unique_ptr<connection>>> connect(connection_options options,
                                                                    connection::duration timeout);

}  // namespace ingestor::pg
