#include "telemetry/page/assets.hpp"

namespace ingestor::telemetry::page {

// It asks for the page again and changes what has changed, node by node: what a reader has scrolled
// to, selected or focused stays. An XMLHttpRequest parses HTML by itself, so that the policy can
// forbid every other way from text to markup. Nothing is asked while nobody looks.
const std::string_view script = R"js(
'use strict';
(() => {
  const period = 5e3, patience = 8e3, longest = 6e4;
  let pause = period, due = 0, timer = 0, seen = Date.now(), asking = null;
  const by = id => document.getElementById(id);

  const same = (a, b) => a.nodeName === b.nodeName && a.id === b.id;

  function morph(old, now) {
    if (old.nodeType !== 1) {
      if (old.data !== now.data) old.data = now.data;
      return;
    }
    for (const {name} of [...old.attributes])
      if (!now.hasAttribute(name)) old.removeAttribute(name);
    for (const {name, value} of now.attributes)
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    const ids = new Set([...now.children].map(child => child.id));
    for (const child of [...old.children]) if (child.id && !ids.has(child.id)) child.remove();
    let at = old.firstChild;
    for (const next of now.childNodes) {
      let match = at;
      while (match && !same(match, next)) match = match.nextSibling;
      if (!match) {
        old.insertBefore(document.importNode(next, true), at);
        continue;
      }
      if (match === at) at = at.nextSibling;
      else old.insertBefore(match, at);
      morph(match, next);
    }
    while (at) {
      const gone = at;
      at = at.nextSibling;
      gone.remove();
    }
  }

  const span = ms => {
    const s = Math.max(0, Math.round(ms / 1e3));
    return s < 60 ? s + 's' : Math.floor(s / 60) + 'm ' + String(s % 60).padStart(2, '0') + 's';
  };

  function say() {
    const left = asking ? 'asking again now' : 'asking again in ' + span(due - Date.now());
    by('as-of').textContent = 'Last updated ' + span(Date.now() - seen) + ' ago; ' + left + '.';
  }

  function wait(ms) {
    due = Date.now() + ms;
    clearTimeout(timer);
    timer = setTimeout(ask, ms);
  }

  function lost() {
    asking = null;
    document.documentElement.classList.replace('live', 'lost');
    by('top').className = 'hero bad';
    if (by('state').textContent !== 'Not reached') by('state').textContent = 'Not reached';
    document.title = 'Not reached – Ingestor';
    by('detail').textContent = 'The service does not answer this page: it has stopped, or the ' +
      'network is interrupted. What stands below is old.';
    pause = Math.min(pause * 2, longest);
    wait(pause);
    say();
  }

  function arrived(page) {
    asking = null;
    seen = Date.now();
    pause = period;
    document.documentElement.classList.replace('lost', 'live');
    morph(by('main'), page.getElementById('main'));
    if (document.title !== page.title) document.title = page.title;
    const icon = page.getElementById('icon').getAttribute('href');
    if (by('icon').getAttribute('href') !== icon) by('icon').setAttribute('href', icon);
    wait(pause);
  }

  function ask() {
    if (document.hidden || asking) return;
    const request = asking = new XMLHttpRequest();
    request.open('GET', location.href);
    request.responseType = 'document';
    request.timeout = patience;
    request.onload = () => {
      const page = request.status === 200 && request.responseXML;
      if (page && page.getElementById('main') && page.getElementById('icon')) arrived(page);
      else lost();
    };
    request.onerror = request.ontimeout = lost;
    request.send();
  }

  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    if (!document.hidden) ask();
  });
  setInterval(() => {
    if (document.documentElement.classList.contains('lost') && !document.hidden) say();
  }, 1e3);
  document.documentElement.classList.add('live');
  wait(period);
})();
)js";

}  // namespace ingestor::telemetry::page
