import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";

/** A button, as people see it. */
export type SlackButton = { readonly text: string; readonly value: string };

/** A message in a chat, as people see it. */
export type SlackSeen = {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  /** The Markdown of an agent, or the plain text of all blocks. */
  text: string;
  buttons: readonly SlackButton[];
  readonly thread_ts?: string;
  /** Only this person sees it. */
  readonly onlyFor?: string;
  readonly file?: { readonly id: string; readonly name: string; readonly text: string };
  edited?: { readonly ts: string };
};

/**
 * A fault of the next calls. `drop-after`: done, but the answer is lost. `drop-before`: not done. `silent`: no answer. `error`: a
 * refusal by a word of Slack, with the scopes that are `needed`, or 429 with `retryAfter`.
 */
export type SlackFault = {
  /** `files`: a request for a file, which is refused. */
  readonly method: string;
  /** Only calls about this channel. */
  readonly of?: string;
  readonly kind: "error" | "drop-after" | "drop-before" | "page" | "silent";
  readonly error?: string;
  readonly needed?: string;
  /** s. */
  readonly retryAfter?: number;
  readonly times?: number;
  /** So many calls of the method come through before. */
  readonly after?: number;
};

type Said = {
  readonly text: string;
  readonly channel?: string;
  readonly user?: string;
  readonly thread?: string;
  readonly files?: readonly { readonly name: string; readonly text: string }[];
  /** The ts of a message that this one changes. */
  readonly edit?: string;
};

export type SlackStandin = {
  readonly url: string;
  readonly token: string;
  readonly appToken: string;
  /** A person writes, by default U7 in the direct chat D7. Returns the message's ts. */
  readonly say: (said: Said) => string;
  readonly press: (pressed: {
    readonly ts: string;
    readonly value: string;
    readonly channel?: string;
    readonly user?: string;
  }) => void;
  /** Another event of the Events API. */
  readonly happen: (event: Readonly<Record<string, unknown>>) => void;
  readonly seen: (channel?: string) => readonly SlackSeen[];
  readonly calls: (method: string) => readonly Readonly<Record<string, unknown>>[];
  readonly fault: (fault: SlackFault) => void;
  /** Events that no socket has acknowledged. */
  readonly unacknowledged: () => number;
  /** The number of envelopes that were sent, repeated ones included. */
  readonly sent: () => number;
  readonly sockets: () => number;
  /** Tells each socket that another is to take its place, or cuts it without a word. */
  readonly refresh: () => void;
  readonly cut: () => void;
  /** Each socket goes silent: no event, no answer to a ping or to its end. Calls go on. */
  readonly freeze: () => void;
  readonly close: () => Promise<void>;
};

type Options = {
  /** Time after which an event without an acknowledgement is repeated, ms. */
  readonly acknowledgeMs?: number;
  /** Times before each repeat, ms. Events that were not repeated any more are gone, as with Slack. */
  readonly repeatMs?: readonly number[];
};

type Body = Readonly<Record<string, string>>;
type Message = {
  channel: string;
  ts: string;
  user: string;
  text: string;
  shown: string;
  thread_ts?: string;
  parent_user_id?: string;
  latest_reply?: string;
  edited?: { user: string; ts: string };
  files?: readonly object[];
  blocks?: readonly Block[];
  onlyFor?: string;
  file?: { readonly id: string; readonly name: string; readonly text: string };
};
type Block = {
  readonly type: string;
  readonly text?: { readonly text: string };
  readonly elements?: readonly BlockElement[];
};
type BlockElement = {
  readonly text?: string | { readonly text: string };
  readonly value?: string;
  readonly elements?: readonly BlockElement[];
};

/**
 * A stand-in of Slack's Web API and socket mode on 127.0.0.1. Its rules and where Slack states them:
 * an envelope is acknowledged by its id within 3 s (docs.slack.dev/apis/events-api/using-socket-mode); an event without that is
 * repeated at once, after a minute and after five (docs.slack.dev/apis/events-api#retries); an event goes to one of an app's
 * sockets; a press is not repeated; `markdown_text` has at most 12,000 characters, and no text or blocks beside it
 * (docs.slack.dev/reference/methods/chat.postMessage); a text of a block 3,000, a button 75, 25 buttons, 50 blocks
 * (docs.slack.dev/reference/block-kit/blocks); an update with a text and without blocks removes the blocks
 * (docs.slack.dev/reference/methods/chat.update); a history has no replies of threads, and is
 * read in pages, from new to old (docs.slack.dev/reference/methods/conversations.history); an upload is shown once it is completed
 * (docs.slack.dev/reference/methods/files.completeUploadExternal).
 */
export const slackStandin = async ({
  acknowledgeMs = 3_000,
  repeatMs = [0, 60_000, 300_000],
}: Options = {}): Promise<SlackStandin> => {
  const [team, bot, token, appToken] = ["T1", "UBOT", `xoxb-${"1".repeat(20)}`, `xapp-${"1".repeat(20)}`];
  const sockets = new Set<WebSocket>();
  const messages: Message[] = [];
  const calls: { readonly method: string; readonly body: Body }[] = [];
  const faults: { -readonly [Key in keyof SlackFault]: SlackFault[Key] }[] = [];
  const pending = new Map<string, () => void>();
  const uploads = new Map<string, { readonly name: string; bytes: Buffer }>();
  const timers = new Set<NodeJS.Timeout>();
  let serial = 0;
  let sent = 0;
  let isClosed = false;
  const tsNow = (): string => `${Math.floor(Date.now() / 1000)}.${String((serial += 1)).padStart(6, "0")}`;
  const later = (work: () => void, ms: number): NodeJS.Timeout => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!isClosed) work();
    }, ms);
    timers.add(timer);
    return timer;
  };
  const deliver = (type: string, payload: object, attempt = 0): void => {
    const id = `envelope-${(serial += 1)}`;
    const again = (): void => {
      pending.delete(id);
      const ms = type === "events_api" ? repeatMs[attempt] : undefined;
      if (ms !== undefined) later(() => deliver(type, payload, attempt + 1), ms);
    };
    const socket = [...sockets].at(-1);
    if (socket === undefined) return again();
    sent += 1;
    const timer = later(again, acknowledgeMs);
    pending.set(id, () => clearTimeout(timer));
    const retry = { retry_attempt: attempt, retry_reason: attempt === 0 ? "" : "timeout" };
    socket.send(
      JSON.stringify({ envelope_id: id, type, accepts_response_payload: false, ...retry, payload }),
    );
  };
  const happen = (event: object): void =>
    deliver("events_api", { type: "event_callback", team_id: team, event_id: `Ev${(serial += 1)}`, event });
  const rootOf = (thread: string): Message | undefined => messages.find(({ ts }) => ts === thread);
  const asTold = (message: Message) => {
    const { channel, ts, user, text, thread_ts, parent_user_id, latest_reply, edited, files } = message;
    const fields = { channel, ts, user, text, thread_ts, parent_user_id, latest_reply, edited, files };
    return { type: "message", ...fields };
  };

  const say = ({ text, channel = "D7", user = "U7", thread, files = [], edit }: Said): string => {
    const channel_type = channel.startsWith("D") ? "im" : "channel";
    const ts = tsNow();
    const changed = edit === undefined ? undefined : rootOf(edit);
    if (changed !== undefined) {
      Object.assign(changed, { text, shown: text, edited: { user, ts } });
      const event = { type: "message", subtype: "message_changed", channel, channel_type, ts, event_ts: ts };
      happen({ ...event, message: asTold(changed) });
      return ts;
    }
    const held = files.map(({ name, text: of }) => {
      const id = `F${(serial += 1)}`;
      const bytes = Buffer.from(of);
      uploads.set(id, { name, bytes });
      return { id, name, size: bytes.length, url_private_download: `${url}/files/${id}` };
    });
    const root = thread === undefined ? undefined : rootOf(thread);
    const message: Message = {
      channel,
      ts,
      user,
      text,
      shown: text,
      ...(thread === undefined ? {} : { thread_ts: thread }),
      ...(root === undefined ? {} : { parent_user_id: root.user }),
      ...(held.length === 0 ? {} : { files: held }),
    };
    if (root !== undefined) root.latest_reply = ts;
    messages.push(message);
    const subtype = held.length === 0 ? {} : { subtype: "file_share" };
    happen({ ...asTold(message), ...subtype, channel_type, event_ts: ts });
    return ts;
  };

  const json = (text: string | undefined): readonly Block[] =>
    text === undefined ? [] : (JSON.parse(text) as readonly Block[]);
  const refused = (error: string) => ({ ok: false, error });
  const posted = (body: Body, onlyFor?: string) => {
    const { channel = "", markdown_text: markdown, text, thread_ts } = body;
    if (!/^[CD]\d+$/.test(channel)) return refused("channel_not_found");
    const blocks = json(body["blocks"]);
    const problem = problemOf(body, blocks);
    if (problem !== null) return refused(problem);
    const message: Message = {
      channel,
      ts: tsNow(),
      user: bot,
      text: markdown ?? text ?? "",
      shown: markdown ?? shownIn(blocks),
      blocks,
      ...(thread_ts === undefined ? {} : { thread_ts }),
      ...(onlyFor === undefined ? {} : { onlyFor }),
    };
    messages.push(message);
    return { ok: true, channel, ts: message.ts };
  };
  /** A page of messages. The cursor is the number of those before it. */
  const inPage = (found: readonly Message[], { limit = "100", cursor = "0" }: Body) => {
    const end = Number(cursor) + Number(limit);
    const next = end < found.length ? String(end) : "";
    const messages = found.slice(Number(cursor), end).map(asTold);
    return { ok: true, messages, response_metadata: { next_cursor: next } };
  };
  const methods: Readonly<Record<string, (body: Body) => object>> = {
    "apps.connections.open": () => ({ ok: true, url: `${url.replace("http", "ws")}/link` }),
    "auth.test": () => ({ ok: true, user_id: bot, user: "gate", bot_id: "B1", team_id: team }),
    "users.info": ({ user }) => ({
      ok: true,
      user: {
        id: user,
        name: "ana",
        real_name: "Ana A",
        profile: { display_name: user === "U7" ? "Ana" : "" },
      },
    }),
    "conversations.info": ({ channel }) => ({ ok: true, channel: { id: channel, name: "hall" } }),
    "conversations.open": ({ users = "" }) =>
      /^U\d{1,2}$/.test(users) && users !== "U99"
        ? { ok: true, channel: { id: users.replace("U", "D") } }
        : refused("user_not_found"),
    "users.conversations": () => ({
      ok: true,
      channels: [...new Set(messages.map(({ channel }) => channel))].map((id) => ({ id })),
    }),
    "conversations.history": ({ channel, oldest = "0", latest = "Infinity", ...page }) =>
      inPage(
        messages
          .filter((one) => one.channel === channel && Number(one.ts) >= Number(oldest))
          .filter((one) => Number(one.ts) <= Number(latest))
          .filter(({ thread_ts, onlyFor }) => thread_ts === undefined && onlyFor === undefined)
          .toReversed(),
        page,
      ),
    "conversations.replies": ({ channel, ts, oldest = "0", ...page }) =>
      inPage(
        messages.filter(
          (one) =>
            one.channel === channel &&
            (one.ts === ts || (one.thread_ts === ts && Number(one.ts) >= Number(oldest))),
        ),
        page,
      ),
    "chat.postMessage": (body) => posted(body),
    "chat.postEphemeral": (body) => posted(body, body["user"]),
    "chat.update": ({ channel, ts, text = "", blocks }) => {
      const message = messages.find((one) => one.ts === ts && one.channel === channel);
      if (message === undefined) return refused("message_not_found");
      Object.assign(message, { text, blocks: json(blocks), shown: shownIn(json(blocks)) || text });
      return { ok: true, channel, ts };
    },
    "files.getUploadURLExternal": ({ filename = "" }) => {
      const id = `F${(serial += 1)}`;
      uploads.set(id, { name: filename, bytes: Buffer.alloc(0) });
      return { ok: true, upload_url: `${url}/upload/${id}`, file_id: id };
    },
    "files.completeUploadExternal": ({ files = "[]", channel_id: channel = "", thread_ts }) => {
      for (const { id } of JSON.parse(files) as readonly { readonly id: string }[]) {
        const { name, bytes } = uploads.get(id) ?? { name: "", bytes: Buffer.alloc(0) };
        const of = {
          ts: tsNow(),
          user: bot,
          text: "",
          shown: "",
          ...(thread_ts === undefined ? {} : { thread_ts }),
        };
        messages.push({ channel, ...of, file: { id, name, text: bytes.toString() } });
      }
      return { ok: true };
    },
  };
  const faultOf = (method: string, channel: string | undefined): SlackFault | undefined => {
    const at = faults.findIndex(
      (one) => one.method === method && (one.of === undefined || one.of === channel),
    );
    const fault = faults[at];
    if (fault?.after !== undefined && fault.after > 0) {
      fault.after -= 1;
      return undefined;
    }
    if (fault !== undefined && (fault.times = (fault.times ?? 1) - 1) <= 0) faults.splice(at, 1);
    return fault;
  };
  const answerApi = (
    method: string,
    body: Body,
    request: IncomingMessage,
    response: ServerResponse,
  ): void => {
    calls.push({ method, body });
    const answer = (value: object, status = 200, headers = {}): void =>
      void response
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(JSON.stringify(value));
    const fault = faultOf(method, body["channel"]);
    if (fault?.kind === "silent") return;
    if (fault?.kind === "drop-before") return void request.socket.destroy();
    if (fault?.kind === "page") return void response.writeHead(200).end("<html>Slack is away.</html>");
    if (fault?.kind === "error")
      return fault.retryAfter === undefined
        ? answer({ ...refused(fault.error ?? "fatal_error"), needed: fault.needed })
        : answer(refused("ratelimited"), 429, { "retry-after": String(fault.retryAfter) });
    const expected = method === "apps.connections.open" ? appToken : token;
    const given = request.headers.authorization ?? `Bearer ${body["token"] ?? ""}`;
    if (given !== `Bearer ${expected}`) {
      const isOther = given === `Bearer ${token}` || given === `Bearer ${appToken}`;
      return answer(refused(isOther ? "not_allowed_token_type" : "invalid_auth"));
    }
    const result = methods[method]?.(body) ?? refused("unknown_method");
    if (fault?.kind === "drop-after") return void request.socket.destroy();
    answer(result);
  };
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const bytes = Buffer.concat(chunks);
      const [, kind, name = ""] = (request.url ?? "").split("/");
      if (kind === "upload") {
        const upload = uploads.get(name);
        if (upload !== undefined) upload.bytes = bytes;
        return void response.end("OK");
      }
      if (kind === "files") {
        if (faultOf("files", undefined) !== undefined) return void response.writeHead(403).end();
        const isBot = request.headers.authorization === `Bearer ${token}`;
        return void response.writeHead(isBot ? 200 : 403).end(uploads.get(name)?.bytes);
      }
      const body = Object.fromEntries(new URLSearchParams(bytes.toString()));
      answerApi(name, body, request, response);
    })();
  });
  const hub = new WebSocketServer({ server });
  hub.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("message", (raw) => {
      const { envelope_id: id } = JSON.parse(String(raw as Buffer)) as { readonly envelope_id: string };
      pending.get(id)?.();
      pending.delete(id);
    });
    socket.send(JSON.stringify({ type: "hello", num_connections: sockets.size }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    token,
    appToken,
    say,
    happen,
    press: ({ ts, value, channel = "D7", user = "U7" }) =>
      deliver("interactive", {
        type: "block_actions",
        user: { id: user, username: "ana", team_id: team },
        team: { id: team },
        channel: { id: channel },
        message: { ts, ...(rootOf(ts)?.thread_ts === undefined ? {} : { thread_ts: rootOf(ts)?.thread_ts }) },
        actions: [{ type: "button", action_id: "option", value, action_ts: tsNow() }],
      }),
    seen: (channel = "D7") =>
      messages
        .filter((one) => one.channel === channel)
        .map(({ shown: text, blocks = [], ...message }) => ({
          ...message,
          text,
          buttons: buttonsIn(blocks),
        })),
    calls: (method) => calls.filter((one) => one.method === method).map(({ body }) => body),
    fault: (fault) => void faults.push({ ...fault }),
    unacknowledged: () => pending.size,
    sent: () => sent,
    sockets: () => sockets.size,
    refresh: () => {
      for (const socket of sockets) {
        sockets.delete(socket);
        socket.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested" }));
      }
    },
    freeze: () => {
      for (const socket of sockets) {
        sockets.delete(socket);
        socket.pause();
      }
    },
    cut: () => {
      for (const socket of sockets) socket.terminate();
    },
    close: async () => {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      for (const client of hub.clients) client.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
};

const textIn = (text: BlockElement["text"]): string => (typeof text === "string" ? text : (text?.text ?? ""));

const elementText = ({ text, value, elements = [] }: BlockElement): string =>
  value === undefined ? `${textIn(text)}${elements.map(elementText).join("")}` : "";

const shownIn = (blocks: readonly Block[]): string =>
  blocks
    .map(({ text, elements = [] }) => `${text?.text ?? ""}${elements.map(elementText).join("")}`)
    .filter((text) => text !== "")
    .join("\n");

const buttonsIn = (blocks: readonly Block[]): readonly SlackButton[] =>
  blocks
    .filter(({ type }) => type === "actions")
    .flatMap(({ elements = [] }) => elements.map(({ text, value = "" }) => ({ text: textIn(text), value })));

/** Slack's word for a message that it does not take; null for any other. */
const problemOf = ({ markdown_text: markdown, text }: Body, blocks: readonly Block[]): string | null => {
  if (markdown !== undefined && (text !== undefined || blocks.length > 0)) return "markdown_text_conflict";
  if ((markdown ?? "").length > 12_000) return "msg_too_long";
  if ((markdown ?? text ?? "") === "" && blocks.length === 0) return "no_text";
  const isTooLong = (one: Block): boolean =>
    (one.text?.text.length ?? 0) > 3_000 ||
    (one.type === "actions" && (one.elements?.length ?? 0) > 25) ||
    (one.elements ?? []).some(
      ({ text: label, value = "" }) => value.length > 2_000 || textIn(label).length > 75,
    );
  return blocks.length > 50 || blocks.some(isTooLong) ? "invalid_blocks" : null;
};
