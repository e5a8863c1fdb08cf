import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";
import { multipart } from "./multipart.ts";

/** A message in a channel, as people see it. */
export type DiscordSeen = {
  readonly id: string;
  readonly channel: string;
  readonly user: string;
  /** The text, or those of all embeds, each under the name of its author. */
  readonly text: string;
  readonly buttons: readonly { readonly label: string; readonly custom_id: string }[];
  /** The message that it answers. */
  readonly reply?: string;
  /** Only this person sees it. */
  readonly onlyFor?: string;
  readonly file?: { readonly name: string; readonly text: string };
};

/**
 * A fault of the next calls of a route such as `POST /channels/:id/messages`. `drop-after`: done, but the answer is lost.
 * `drop-before`: not done. `page`: 502 of somebody on the way. `cloudflare`: 429 without JSON. `error`: a refusal with Discord's
 * number, or 429 with `retryAfter`.
 */
export type DiscordFault = {
  readonly route: string;
  /** Only calls whose path has this id. */
  readonly of?: string;
  readonly kind: "error" | "drop-after" | "drop-before" | "page" | "cloudflare";
  readonly status?: number;
  readonly number?: number;
  /** s. */
  readonly retryAfter?: number;
  readonly times?: number;
  /** So many calls of the route come through before. */
  readonly after?: number;
};

type Said = {
  readonly text: string;
  /** By default the direct chat of the person. */
  readonly channel?: string;
  readonly user?: string;
  readonly files?: readonly { readonly name: string; readonly text: string }[];
  /** The message that it answers. */
  readonly reply?: string;
  /** The message that it changes. */
  readonly edit?: string;
};

export type DiscordStandin = {
  readonly url: string;
  readonly token: string;
  /** The id of the bot as a host keeps it. */
  readonly id: string;
  /** The user of the bot. */
  readonly bot: string;
  /** A person writes, by default `discordIds.user(7)` in their direct chat. Returns the message's id. */
  readonly say: (said: Said) => string;
  /** A person begins a thread at a message. Returns its id. */
  readonly beginThread: (channel: string, message: string) => string;
  /** Returns the interaction's id. */
  readonly press: (pressed: {
    readonly message: string;
    readonly data: string;
    readonly channel?: string;
    readonly user?: string;
  }) => string;
  /** Another event of the gateway. */
  readonly happen: (name: string, data: object) => void;
  readonly seen: (channel?: string) => readonly DiscordSeen[];
  /** The bodies of the calls of a route. */
  readonly calls: (route: string) => readonly Readonly<Record<string, unknown>>[];
  /** The paths of the calls of a route. */
  readonly paths: (route: string) => readonly string[];
  readonly fault: (fault: DiscordFault) => void;
  /** Presses that nobody has acknowledged, or too late: their person sees a failure. */
  readonly failedPresses: () => readonly string[];
  /** The sockets over which a session has begun: what is said from then on is told there. */
  readonly sockets: () => number;
  /** How sockets began their sessions. */
  readonly sessions: () => readonly ("identify" | "resume")[];
  /** Ends each socket without a word; `refuse`: so many connections after it are refused. */
  readonly cut: (refuse?: number) => void;
  /** Ends each socket with a code. */
  readonly end: (code: number) => void;
  /** Tells each socket to reconnect (opcode 7). */
  readonly reconnect: () => void;
  /** Each socket goes silent: no event, no acknowledgement of a heartbeat. Calls go on. */
  readonly freeze: () => void;
  /** No session goes on after its socket. */
  readonly forget: () => void;
  readonly close: () => Promise<void>;
};

type Options = {
  /** ms. */
  readonly heartbeatMs?: number;
  /** The code with which the gateway ends each connection that would begin a session. */
  readonly refuses?: number;
  /** The app may have the texts of messages. */
  readonly hasIntent?: boolean;
  /** Time for which a nonce is known, ms. */
  readonly nonceMs?: number;
  /** Time in which a press is to be acknowledged, ms. */
  readonly pressMs?: number;
  /** Sessions that may begin today. */
  readonly sessionsLeft?: number;
};

type Body = Readonly<Record<string, unknown>>;

type Embed = { readonly author?: { readonly name: string }; readonly description?: string };

type Message = {
  id: string;
  channel_id: string;
  type: number;
  author: object & { readonly id: string };
  content: string;
  timestamp: string;
  edited_timestamp: string | null;
  mentions: readonly object[];
  attachments: readonly {
    readonly id: string;
    readonly filename: string;
    readonly size: number;
    readonly url: string;
  }[];
  embeds: readonly Embed[];
  components: readonly { readonly components?: readonly Component[] }[];
  nonce?: string;
  message_reference?: { readonly message_id: string };
  referenced_message?: object | null;
  onlyFor?: string;
};

type Component = { readonly type?: number; readonly label?: string; readonly custom_id?: string };

type Session = {
  readonly id: string;
  sequence: number;
  socket: WebSocket | null;
  readonly events: { readonly s: number; readonly text: string }[];
  hasContent: boolean;
};

/** Ids of the stand-in: the library keeps limits by channels of 17 to 19 digits. */
export const discordIds = {
  guild: "900000000000000001",
  user: (number: number): string => `1000000000000000${String(number).padStart(2, "0")}`,
  direct: (number: number): string => `2000000000000000${String(number).padStart(2, "0")}`,
  channel: (number: number): string => `3000000000000000${String(number).padStart(2, "0")}`,
};

/** GUILD_CREATE and so on need GUILDS; texts need MESSAGE_CONTENT (…/events/gateway#list-of-intents). */
const contentIntent = 1 << 15;

/**
 * A stand-in of Discord's HTTP API (version 10) and gateway on 127.0.0.1. Its rules and where Discord states them, below
 * https://docs.discord.com/developers (discord/discord-api-docs):
 * a socket begins with a hello, and identifies or resumes; a session goes on with the events after `seq`, and is unknown after a
 * while (events/gateway#resuming); a heartbeat is acknowledged (events/gateway#sending-heartbeats); close codes
 * (topics/opcodes-and-status-codes#gateway-gateway-close-event-codes); texts of others need an intent, except in direct chats and
 * where the bot is named (events/gateway#message-content-intent); messages are listed from new to old, at most 100, and say no
 * server (resources/message#get-channel-messages); a text has at most 2,000 characters, a nonce 25, and `enforce_nonce` gives back
 * the message that there is (resources/message#create-message), or Unknown Message if it was deleted (pull request 6647); embeds
 * (resources/message#embed-object-embed-limits); five rows of five buttons (components/reference#action-row); a press is
 * acknowledged within three seconds, once, and its token is valid for a quarter of an hour
 * (interactions/receiving-and-responding#interaction-callback); limits and pages of Cloudflare (topics/rate-limits).
 */
export const discordStandin = async ({
  heartbeatMs = 45_000,
  refuses,
  hasIntent = true,
  nonceMs = 180_000,
  pressMs = 3_000,
  sessionsLeft = 1_000,
}: Options = {}): Promise<DiscordStandin> => {
  const [bot, application] = ["700000000000000001", "700000000000000002"];
  const token = `${Buffer.from(bot).toString("base64url")}.Cl2FMQ.${"a".repeat(27)}`;
  const { guild } = discordIds;
  const hubSockets = new Set<WebSocket>();
  const sessions = new Map<string, Session>();
  const begun: ("identify" | "resume")[] = [];
  const messages: Message[] = [];
  const threads = new Map<string, { readonly id: string; readonly parent: string }>();
  const files = new Map<string, { readonly name: string; readonly bytes: Buffer }>();
  const calls: { readonly route: string; readonly path: string; readonly body: Body }[] = [];
  const faults: { -readonly [Key in keyof DiscordFault]: DiscordFault[Key] }[] = [];
  const presses = new Map<
    string,
    { state: "waiting" | "done" | "failed"; readonly token: string; readonly user: string }
  >();
  const timers = new Set<NodeJS.Timeout>();
  let serial = 0;
  let refuse = 0;
  let isClosed = false;
  const newId = (): string =>
    String((BigInt(Date.now() - 1_420_070_400_000) << 22n) | BigInt((serial += 1) % 4_000_000));
  const later = (work: () => void, ms: number): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!isClosed) work();
    }, ms);
    timers.add(timer);
  };
  const userOf = (id: string) => ({
    id,
    username: id === bot ? "gate" : `user${id.slice(-2)}`,
    global_name: id === discordIds.user(7) ? "Ana" : null,
    ...(id === bot ? { bot: true } : {}),
  });
  const isDirect = (channel: string): boolean => channel.startsWith("20");
  const exists = (channel: string): boolean => /^[23]0{14,15}\d{2,3}$/.test(channel) || threads.has(channel);
  const find = (id: string): Message | undefined => messages.find((one) => one.id === id);

  const dispatch = (name: string, data: object): void => {
    for (const session of sessions.values()) {
      const s = (session.sequence += 1);
      const told = name.startsWith("MESSAGE_") && !session.hasContent ? withoutTexts(data as Message) : data;
      const text = JSON.stringify({ op: 0, t: name, s, d: told });
      session.events.push({ s, text });
      session.socket?.send(text);
    }
  };
  const withoutTexts = (data: Message): object =>
    isDirect(data.channel_id) || data.mentions.some((one) => (one as { readonly id?: string }).id === bot)
      ? data
      : { ...data, content: "", attachments: [], embeds: [], components: [] };
  const asTold = (message: Message): object => ({ ...message, onlyFor: undefined });
  const inEvent = (message: Message): object => ({
    ...asTold(message),
    ...(isDirect(message.channel_id) ? {} : { guild_id: guild, member: { nick: null } }),
  });
  const mentionsIn = (content: string) =>
    [...content.matchAll(/<@!?(\d+)>/g)].map(([, id = ""]) => userOf(id));

  const say = ({ text, user = discordIds.user(7), files: sent = [], reply, edit, channel }: Said): string => {
    const at = new Date().toISOString();
    const there = edit === undefined ? undefined : find(edit);
    if (there !== undefined) {
      const changed = new Date(Math.max(Date.now(), Date.parse(there.edited_timestamp ?? at) + 1));
      Object.assign(there, {
        content: text,
        edited_timestamp: changed.toISOString(),
        mentions: mentionsIn(text),
      });
      dispatch("MESSAGE_UPDATE", inEvent(there));
      return there.id;
    }
    const other = reply === undefined ? undefined : find(reply);
    const message: Message = {
      id: newId(),
      channel_id: channel ?? discordIds.direct(Number(user.slice(-2))),
      type: reply === undefined ? 0 : 19,
      author: userOf(user),
      content: text,
      timestamp: at,
      edited_timestamp: null,
      mentions: mentionsIn(text),
      attachments: sent.map(({ name, text: of }) => {
        const id = newId();
        const bytes = Buffer.from(of);
        files.set(id, { name, bytes });
        return { id, filename: name, size: bytes.length, url: `${url}/attachments/${id}` };
      }),
      embeds: [],
      components: [],
      ...(reply === undefined ? {} : { message_reference: { message_id: reply } }),
      ...(reply === undefined ? {} : { referenced_message: other === undefined ? null : asTold(other) }),
    };
    messages.push(message);
    dispatch("MESSAGE_CREATE", inEvent(message));
    return message.id;
  };
  const threadAt = (id: string) => {
    const { parent } = threads.get(id) ?? { parent: "" };
    return { id, type: 11, guild_id: guild, parent_id: parent, name: "thread", last_message_id: lastIn(id) };
  };
  const lastIn = (channel: string): string | null =>
    messages.findLast((one) => one.channel_id === channel)?.id ?? null;

  class Refused extends Error {
    readonly status: number;
    readonly number: number;
    constructor(status: number, number: number, message: string) {
      super(message);
      this.status = status;
      this.number = number;
    }
  }
  const invalid = (message: string): never => {
    throw new Refused(400, 50035, `Invalid Form Body (${message})`);
  };
  const checked = (
    body: Body,
  ): { readonly content: string; readonly embeds: Embed[]; readonly components: Message["components"] } => {
    const { content = "", embeds = [], components = [] } = body as Partial<Message>;
    if ([...content].length > 2_000) invalid("content");
    const lengths = embeds.map(
      ({ author, description = "" }) => [...description].length + (author?.name.length ?? 0),
    );
    if (embeds.length > 10 || lengths.some((length) => length > 4_096)) invalid("embeds");
    if (lengths.reduce((sum, length) => sum + length, 0) > 6_000) invalid("embeds");
    const rows = components.map((row) => row.components ?? []);
    if (rows.length > 5 || rows.some((row) => row.length === 0 || row.length > 5)) invalid("components");
    for (const { label = "", custom_id: id = "" } of rows.flat())
      if ([...label].length > 80 || id.length > 100 || id === "") invalid("components");
    return { content, embeds: [...embeds], components };
  };
  const posted = (
    channel: string,
    body: Body,
    sent: readonly { readonly filename: string; readonly bytes: Buffer }[],
  ): Message => {
    if (!exists(channel)) throw new Refused(404, 10003, "Unknown Channel");
    const {
      nonce,
      enforce_nonce: isEnforced,
      message_reference: reference,
    } = body as {
      readonly nonce?: string;
      readonly enforce_nonce?: boolean;
      readonly message_reference?: { readonly message_id: string; readonly fail_if_not_exists?: boolean };
    };
    if (nonce !== undefined && nonce.length > 25) invalid("nonce");
    const same =
      isEnforced === true ? messages.find((one) => one.nonce === nonce && nonce !== undefined) : undefined;
    if (same !== undefined && Date.now() - Date.parse(same.timestamp) < nonceMs) return same;
    const said = checked(body);
    if (said.content === "" && said.embeds.length === 0 && sent.length === 0)
      throw new Refused(400, 50006, "Cannot send an empty message");
    const isThere = reference === undefined || find(reference.message_id)?.channel_id === channel;
    if (!isThere && reference.fail_if_not_exists !== false) invalid("message_reference");
    const message: Message = {
      ...said,
      id: newId(),
      channel_id: channel,
      type: 0,
      author: userOf(bot),
      timestamp: new Date().toISOString(),
      edited_timestamp: null,
      mentions: [],
      attachments: sent.map(({ filename, bytes }) => {
        const id = newId();
        files.set(id, { name: filename, bytes });
        return { id, filename, size: bytes.length, url: `${url}/attachments/${id}` };
      }),
      ...(nonce === undefined ? {} : { nonce }),
      ...(reference === undefined || !isThere ? {} : { message_reference: reference }),
    };
    messages.push(message);
    dispatch("MESSAGE_CREATE", inEvent(message));
    return message;
  };
  const listed = (channel: string, query: URLSearchParams): readonly object[] => {
    const limit = Number(query.get("limit") ?? 50);
    if (limit > 100) invalid("limit");
    const all = messages.filter((one) => one.channel_id === channel && one.onlyFor === undefined);
    const after = query.get("after");
    const found =
      after === null
        ? all.slice(-limit)
        : all.filter((one) => BigInt(one.id) > BigInt(after)).slice(0, limit);
    return found.toReversed().map(asTold);
  };

  type Asked = {
    readonly ids: readonly string[];
    readonly body: Body;
    readonly query: URLSearchParams;
    readonly sent: readonly { readonly filename: string; readonly bytes: Buffer }[];
  };
  const channelsOfGuild = () =>
    [...new Set(messages.map(({ channel_id }) => channel_id))].filter(
      (id) => !isDirect(id) && !threads.has(id),
    );
  const channelAt = (id: string) => {
    if (threads.has(id)) return threadAt(id);
    if (!exists(id)) throw new Refused(404, 10003, "Unknown Channel");
    return isDirect(id)
      ? { id, type: 1 }
      : { id, type: 0, guild_id: guild, name: "hall", last_message_id: lastIn(id) };
  };
  /** Routes with the ids of their paths. Those without a token in their address need that of the bot. */
  const routes: Readonly<Record<string, (asked: Asked) => object | null>> = {
    "GET /gateway/bot": () => ({
      url: url.replace("http", "ws"),
      shards: 1,
      session_start_limit: {
        total: 1_000,
        remaining: sessionsLeft - begun.filter((one) => one === "identify").length,
        reset_after: 3_600_000,
        max_concurrency: 1,
      },
    }),
    "GET /users/@me": () => userOf(bot),
    "GET /applications/@me": () => ({ id: application, flags: hasIntent ? 1 << 19 : 0 }),
    "GET /users/@me/guilds": ({ query }) => (query.get("after") === "0" ? [{ id: guild }] : []),
    "GET /guilds/:id/channels": () => channelsOfGuild().map(channelAt),
    "GET /guilds/:id/threads/active": () => ({ threads: [...threads.keys()].map(threadAt), members: [] }),
    "POST /users/@me/channels": ({ body }) => {
      const { recipient_id: user } = body as { readonly recipient_id: string };
      if (!/^10{14,15}\d{2}$/.test(user) || user.endsWith("99"))
        throw new Refused(400, 50033, "Invalid Recipient(s)");
      return channelAt(discordIds.direct(Number(user.slice(-2))));
    },
    "GET /channels/:id": ({ ids: [id = ""] }) => channelAt(id),
    "GET /channels/:id/messages": ({ ids: [id = ""], query }) => listed(id, query),
    "GET /channels/:id/messages/:id": ({ ids: [, id = ""] }) => {
      const message = find(id);
      if (message === undefined) throw new Refused(404, 10008, "Unknown Message");
      return asTold(message);
    },
    "POST /channels/:id/messages": ({ ids: [id = ""], body, sent }) => asTold(posted(id, body, sent)),
    "PATCH /channels/:id/messages/:id": ({ ids: [, id = ""], body }) => {
      const message = find(id);
      if (message === undefined) throw new Refused(404, 10008, "Unknown Message");
      Object.assign(message, checked({ ...message, ...body }));
      dispatch("MESSAGE_UPDATE", inEvent(message));
      return asTold(message);
    },
    "POST /channels/:id/typing": () => null,
    "POST /interactions/:id/:token/callback": ({ ids: [id = ""] }) => {
      const press = presses.get(id);
      if (press?.state === "done")
        throw new Refused(400, 40060, "Interaction has already been acknowledged.");
      if (press?.state !== "waiting") throw new Refused(404, 10062, "Unknown interaction");
      press.state = "done";
      return null;
    },
    "POST /webhooks/:id/:token": ({ ids: [, key = ""], body }) => {
      const press = [...presses.values()].find((one) => one.token === key);
      if (press?.state !== "done") throw new Refused(404, 10015, "Unknown Webhook");
      const { flags } = body as { readonly flags?: number };
      const message: Message = {
        ...checked(body),
        id: newId(),
        channel_id: discordIds.channel(5),
        type: 19,
        author: userOf(bot),
        timestamp: new Date().toISOString(),
        edited_timestamp: null,
        mentions: [],
        attachments: [],
        ...(flags === 1 << 6 ? { onlyFor: press.user } : {}),
      };
      messages.push(message);
      return asTold(message);
    },
  };
  const withoutIds = (path: string): { readonly route: string; readonly ids: readonly string[] } => {
    const ids: string[] = [];
    const route = path.replaceAll(/\/(\d{17,20}|secret-[\w-]+)(?=\/|$)/g, (_, id: string) => {
      ids.push(id);
      return id.startsWith("secret-") ? "/:token" : "/:id";
    });
    return { route, ids };
  };
  const faultOf = (route: string, ids: readonly string[]): DiscordFault | undefined => {
    const at = faults.findIndex(
      (one) => one.route === route && (one.of === undefined || ids.includes(one.of)),
    );
    const fault = faults[at];
    if (fault?.after !== undefined && fault.after > 0) {
      fault.after -= 1;
      return undefined;
    }
    if (fault !== undefined && (fault.times = (fault.times ?? 1) - 1) <= 0) faults.splice(at, 1);
    return fault;
  };
  const answer = (response: ServerResponse, value: object | null, status = 200, headers = {}): void => {
    if (value === null) return void response.writeHead(204).end();
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
  };
  const answerApi = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const { pathname, searchParams: query } = new URL(request.url ?? "", url);
    if (pathname.startsWith("/attachments/")) {
      const file = files.get(pathname.slice("/attachments/".length));
      return void response.writeHead(file === undefined ? 404 : 200).end(file?.bytes);
    }
    const path = pathname.replace("/api/v10", "");
    const { route: withoutMethod, ids } = withoutIds(path);
    const route = `${request.method ?? ""} ${withoutMethod}`;
    const type = request.headers["content-type"] ?? "";
    const form = type.startsWith("multipart/") ? multipart(raw, type) : null;
    const text = form === null ? raw.toString() : String(form.payload["payload_json"] ?? "{}");
    const body = text === "" ? {} : (JSON.parse(text) as Body);
    calls.push({ route, path: `${path}${query.size === 0 ? "" : `?${query}`}`, body });
    const fault = faultOf(route, ids);
    if (fault?.kind === "drop-before") return void request.socket.destroy();
    if (fault?.kind === "page")
      return void response.writeHead(502, { "content-type": "text/html" }).end("<html>Bad gateway</html>");
    if (fault?.kind === "cloudflare")
      return void response.writeHead(429, { "content-type": "text/plain" }).end("error code: 1015");
    if (fault?.kind === "error") {
      const { status = 400, number = 0, retryAfter } = fault;
      if (retryAfter === undefined) return answer(response, { message: "No.", code: number }, status);
      const limited = { message: "You are being rate limited.", retry_after: retryAfter, global: false };
      return answer(response, limited, 429, {
        "retry-after": String(retryAfter),
        "x-ratelimit-scope": "user",
      });
    }
    const isOpen = /^\/(?:interactions|webhooks)\//.test(path);
    if (!isOpen && request.headers.authorization !== `Bot ${token}`)
      return answer(response, { message: "401: Unauthorized", code: 0 }, 401);
    try {
      const run = routes[route];
      if (run === undefined) throw new Refused(404, 0, "404: Not Found");
      const value = run({ ids, body, query, sent: form?.parts ?? [] });
      if (fault?.kind === "drop-after") return void request.socket.destroy();
      answer(response, value);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      answer(response, { message: error.message, code: error.number }, error.status);
    }
  };
  const server = createServer((request, response) => void answerApi(request, response));
  const hub = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket, head) => {
    if (refuse > 0) {
      refuse -= 1;
      return void socket.destroy();
    }
    hub.handleUpgrade(request, socket, head, (opened) => hub.emit("connection", opened, request));
  });
  const sessionOf = (socket: WebSocket): Session | undefined =>
    [...sessions.values()].find((one) => one.socket === socket);
  const send = (socket: WebSocket, data: object): void => socket.send(JSON.stringify(data));
  type Sent = { readonly op: number; readonly d: unknown };
  const heard = (socket: WebSocket, { op, d }: Sent): void => {
    if (op === 1) return send(socket, { op: 11 });
    const {
      token: given,
      intents,
      session_id: id,
      seq,
    } = d as {
      readonly token?: string;
      readonly intents?: number;
      readonly session_id?: string;
      readonly seq?: number;
    };
    if (given !== token) return socket.close(4004, "Authentication failed.");
    if (op === 2) {
      if (refuses !== undefined) return socket.close(refuses, "No.");
      const hasContent = ((intents ?? 0) & contentIntent) !== 0;
      if (hasContent && !hasIntent) return socket.close(4014, "Disallowed intent(s).");
      begun.push("identify");
      const session: Session = { id: `s${(serial += 1)}`, sequence: 0, socket, events: [], hasContent };
      sessions.set(session.id, session);
      const s = (session.sequence += 1);
      const ready = {
        v: 10,
        user: userOf(bot),
        session_id: session.id,
        resume_gateway_url: url.replace("http", "ws"),
      };
      return send(socket, {
        op: 0,
        t: "READY",
        s,
        d: { ...ready, guilds: [{ id: guild, unavailable: true }] },
      });
    }
    const session = sessions.get(id ?? "");
    if (op !== 6) return;
    if (session === undefined) return send(socket, { op: 9, d: false });
    begun.push("resume");
    session.socket = socket;
    for (const { s, text } of session.events) if (s > (seq ?? 0)) socket.send(text);
    send(socket, { op: 0, t: "RESUMED", s: (session.sequence += 1), d: {} });
  };
  hub.on("connection", (socket: WebSocket) => {
    hubSockets.add(socket);
    socket.on("close", (code) => {
      hubSockets.delete(socket);
      const session = sessionOf(socket);
      if (session === undefined) return;
      session.socket = null;
      // Discord ends the session with these two.
      if (code === 1000 || code === 1001) sessions.delete(session.id);
    });
    socket.on("message", (raw) => heard(socket, JSON.parse(String(raw as Buffer)) as Sent));
    send(socket, { op: 10, d: { heartbeat_interval: heartbeatMs } });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const shown = ({ content, embeds }: Message): string =>
    [content, ...embeds.flatMap(({ author, description }) => [author?.name ?? "", description ?? ""])]
      .filter((text) => text !== "")
      .join("\n")
      .replaceAll(/\\([^\w\s])/g, "$1");
  return {
    url,
    token,
    id: `${application}:${bot}`,
    bot,
    say,
    beginThread: (channel, message) => {
      threads.set(message, { id: message, parent: channel });
      dispatch("THREAD_CREATE", threadAt(message));
      return message;
    },
    press: ({ message, data, user = discordIds.user(7), channel = discordIds.direct(7) }) => {
      const id = newId();
      const press = { state: "waiting" as const, token: `secret-${id}`, user };
      presses.set(id, press);
      later(() => {
        const there = presses.get(id);
        if (there?.state === "waiting") there.state = "failed";
      }, pressMs);
      dispatch("INTERACTION_CREATE", {
        id,
        application_id: application,
        type: 3,
        token: press.token,
        version: 1,
        channel_id: channel,
        channel: channelAt(channel),
        message: { id: message },
        data: { component_type: 2, custom_id: data },
        ...(isDirect(channel)
          ? { user: userOf(user) }
          : { guild_id: guild, member: { user: userOf(user), nick: null } }),
      });
      return id;
    },
    happen: dispatch,
    seen: (channel = discordIds.direct(7)) =>
      messages
        .filter((one) => one.channel_id === channel)
        .map((message) => {
          const [file] = message.attachments;
          const bytes = file === undefined ? undefined : files.get(file.id)?.bytes;
          return {
            id: message.id,
            channel,
            user: message.author.id,
            text: message.author.id === bot ? shown(message) : message.content,
            buttons: message.components.flatMap(({ components = [] }) =>
              components.map(({ label = "", custom_id = "" }) => ({ label, custom_id })),
            ),
            ...(message.message_reference === undefined
              ? {}
              : { reply: message.message_reference.message_id }),
            ...(message.onlyFor === undefined ? {} : { onlyFor: message.onlyFor }),
            ...(file === undefined ? {} : { file: { name: file.filename, text: bytes?.toString() ?? "" } }),
          };
        }),
    calls: (route) => calls.filter((one) => one.route === route).map(({ body }) => body),
    paths: (route) => calls.filter((one) => one.route === route).map(({ path }) => path),
    fault: (fault) => void faults.push({ ...fault }),
    failedPresses: () => [...presses].flatMap(([id, { state }]) => (state === "done" ? [] : [id])),
    sockets: () => [...hubSockets].filter((socket) => sessionOf(socket) !== undefined).length,
    sessions: () => begun,
    cut: (refused = 0) => {
      refuse = refused;
      for (const socket of hubSockets) socket.terminate();
    },
    end: (code) => {
      for (const socket of hubSockets) socket.close(code);
    },
    reconnect: () => {
      for (const socket of hubSockets) send(socket, { op: 7, d: null });
    },
    freeze: () => {
      for (const socket of hubSockets) {
        hubSockets.delete(socket);
        const session = sessionOf(socket);
        if (session !== undefined) session.socket = null;
        socket.pause();
      }
    },
    forget: () => sessions.clear(),
    close: async () => {
      isClosed = true;
      for (const timer of timers) clearTimeout(timer);
      for (const client of hub.clients) client.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
};
