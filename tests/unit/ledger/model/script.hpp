// What a simulated replica does, as coroutines that the schedule resumes step by step.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace ingestor::ledger::model {

template <class T>
class script;

struct script_promise_base {
  struct back_to_caller {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      if (ended.promise().caller) return ended.promise().caller;
      return std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  back_to_caller final_suspend() const noexcept { return {}; }
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }

  std::coroutine_handle<> caller;
};

template <class T>
struct script_promise : script_promise_base {
  script<T> get_return_object();
  void return_value(T given) { value = std::move(given); }
  T take() { return std::move(*value); }

  std::optional<T> value;
};

template <>
struct script_promise<void> : script_promise_base {
  script<void> get_return_object();
  void return_void() const noexcept {}
  void take() const noexcept {}
};

/// Begins when it is awaited, or by resume() where nobody awaits it. Its end destroys what it waits
/// for: a replica dies by that.
template <class T>
class script {
 public:
  using promise_type = script_promise<T>;

  explicit script(std::coroutine_handle<promise_type> frame) : frame_{frame} {}
  script(script&& other) noexcept : frame_{std::exchange(other.frame_, nullptr)} {}
  script(const script&) = delete;
  script& operator=(const script&) = delete;
  script& operator=(script&&) = delete;
  ~script() {
    if (frame_) frame_.destroy();
  }

  std::coroutine_handle<> handle() const { return frame_; }
  bool done() const { return frame_.done(); }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> caller) noexcept {
    frame_.promise().caller = caller;
    return frame_;
  }
  T await_resume() { return frame_.promise().take(); }

 private:
  std::coroutine_handle<promise_type> frame_;
};

template <class T>
script<T> script_promise<T>::get_return_object() {
  return script<T>{std::coroutine_handle<script_promise<T>>::from_promise(*this)};
}

inline script<void> script_promise<void>::get_return_object() {
  return script<void>{std::coroutine_handle<script_promise<void>>::from_promise(*this)};
}

}  // namespace ingestor::ledger::model
