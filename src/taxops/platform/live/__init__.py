"""Live events (实时推送): what changed, told to open pages by SSE.

**Telling.** `services.publish("monitoring.checks@100000/145000/", {"state": "down"}, key="check-17")`
inside or outside a transaction: the event is stored after the commit and reaches every web process
within a second (at once in the process that published it). The part after `@` is the organisation path
the event concerns; listeners hear it only when their permission covers that path.

**Listening** (the contract with the page's script). Open
`/live/?topic=monitoring.checks&topic=notify.person.7&since=4711` with `EventSource`. `since` is
`queries.position()` taken when the page was rendered, so that nothing between rendering and connecting
is lost; on reconnecting the browser sends `Last-Event-ID` itself, which wins. Events:

* `diff`: `{"topic": "monitoring.checks", "id": "4712", "items": [{"key": "check-17", "path":
  "100000/145000/", …payload}]}`. At most one batch a second; of several events with one key only the
  last is there. The event without a key is never merged.
* `snapshot`: `{"topics": […], "reason": "gap" | "overflow", "id": "4712"}`: more was missed than is kept;
  reload the partials that depend on these topics, then go on listening.
* `bye`: `{"reason": "session" | "renew" | "shutdown"}`: the server closes the stream. After `session`
  do not reconnect (the login has ended); otherwise `EventSource` reconnects by itself.

Comments (`: ping`) come every 15 seconds. Ids are opaque text. Refusals before the stream begins are
JSON `{code, what, todo}` with 401 (not logged in), 403, 404 (no such topic) or 429 (too many streams).
"""
