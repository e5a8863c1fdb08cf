#!/usr/bin/env bash
# Tool: @slack/web-api 8.2.0 (npm), the client of Slack's Web API; Node 20.20, Linux.
# Usual guess: with `retryConfig: { retries: 0 }` a call that Slack limits (429) fails at once, and its error says how long to wait.
# Seen: the call is held back for the whole Retry-After first, and only then rejects. Its code is `slack_webapi_request_error`, as
# for a broken connection, and it has no `retryAfter`. Another call of that client that comes meanwhile waits too. Only with
# `rejectRateLimitedCalls: true` as well it rejects at once, with `slack_webapi_rate_limited_error` and `retryAfter`.
# What it means: a queue that keeps the time of its next try must set both options. Else a limit of half an hour blocks its sender,
# and then looks like an error after which a message may or may not have been sent.
# Exit: 0 if it is still so, 1 if it changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @slack/web-api@8.2.0
cat >try.mjs <<'JS'
import { createServer } from "node:http";
import { once } from "node:events";
import { LogLevel, WebClient } from "@slack/web-api";

let calls = 0;
const server = createServer((request, response) => {
  calls += 1;
  if (request.url.endsWith("/api.test")) return response.end('{"ok":true}');
  response.writeHead(429, { "retry-after": "3" }).end();
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const slackApiUrl = `http://127.0.0.1:${server.address().port}/api/`;

for (const rejectRateLimitedCalls of [false, true]) {
  const client = new WebClient("xoxb-1", {
    slackApiUrl,
    rejectRateLimitedCalls,
    retryConfig: { retries: 0 },
    logLevel: LogLevel.ERROR,
  });
  calls = 0;
  const begun = Date.now();
  const seconds = () => ((Date.now() - begun) / 1000 < 2 ? "at once" : "after Retry-After");
  const limited = client.chat.postMessage({ channel: "C1", text: "one" }).catch((error) => {
    console.log(`reject=${rejectRateLimitedCalls}: ${seconds()}, ${error.code}, retryAfter ${error.retryAfter}, ${calls} call`);
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  await client.api.test();
  console.log(`reject=${rejectRateLimitedCalls}: another call answers ${seconds()}`);
  await limited;
}
server.close();
server.closeAllConnections();
JS
node try.mjs 2>&1 | tee seen
diff - seen <<'SEEN' || { echo "changed" >&2; exit 1; }
reject=false: after Retry-After, slack_webapi_request_error, retryAfter undefined, 1 call
reject=false: another call answers after Retry-After
reject=true: at once, slack_webapi_rate_limited_error, retryAfter 3, 1 call
reject=true: another call answers at once
SEEN
