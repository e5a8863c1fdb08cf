import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { multipart, type FilePart } from "./multipart.ts";
import { fitting, markupProblem, shownText, textProblem } from "./telegram-rules.ts";

/** The parameters of a call. */
export type Payload = Readonly<Record<string, unknown>>;

/** A button, as people see it. */
export type SeenButton = { readonly text: string; readonly callback_data: string };

/** A message in a chat, as people see it. */
export type SeenMessage = {
  readonly message_id: number;
  readonly date: number;
  /** Each chat of several people is called Family. */
  readonly chat: { readonly id: number; readonly type: string; readonly title?: string };
  readonly from: Person;
  /** As it was sent; `plain` is without HTML. */
  text?: string;
  plain?: string;
  caption?: string;
  edit_date?: number;
  reply_markup?: {
    readonly inline_keyboard?: readonly (readonly SeenButton[])[];
    readonly force_reply?: boolean;
  };
  document?: RemoteDocument;
  readonly message_thread_id?: number;
  readonly reply_to_message?: SeenMessage;
};

type Person = { readonly id: number; readonly is_bot: boolean; readonly first_name: string };

type RemoteDocument = { readonly file_id: string; readonly file_name: string; readonly file_size: number };

/** One call of a bot, with its outcome: `done`, a fault, or the words of a refusal. */
export type Call = { readonly method: string; readonly payload: Payload; outcome: string };

/**
 * A fault of the next calls. `drop-after`: done, but the answer is lost. `drop-before`: not done. `hang`: no answer at all.
 * `error`: a refusal, by default 429.
 */
export type Fault = {
  readonly method: string;
  readonly kind: "error" | "drop-after" | "drop-before" | "hang";
  readonly times?: number;
  readonly code?: number;
  readonly description?: string;
  readonly retryAfter?: number;
};

type Said = {
  readonly text?: string;
  /** The id of the chat: positive for a chat with one person, who has the same id. */
  readonly chat?: number;
  readonly from?: number;
  readonly name?: string;
  readonly files?: readonly { readonly name: string; readonly text: string; readonly size?: number }[];
  readonly topic?: number;
  /** The message that it replies to. */
  readonly replyTo?: number;
  /** The message of which it is a new version. */
  readonly edit?: number;
};

/** What people do in Telegram's place, and what they see. */
export type TelegramStandin = {
  /** The address of the stand-in's Bot API. */
  readonly url: string;
  readonly token: string;
  readonly username: string;
  /** Resolves with the number of the message. */
  readonly say: (said: Said) => number;
  /** A message as Telegram describes it: these fields beside a number, a date and the chat. */
  readonly sayRaw: (message: Readonly<Record<string, unknown>>, chat?: number) => number;
  readonly press: (pressed: {
    readonly chat?: number;
    readonly from?: number;
    readonly message: number;
    readonly data: string;
  }) => string;
  readonly block: (chat?: number) => void;
  readonly unblock: (chat?: number) => void;
  readonly migrate: (chat: number, to: number) => void;
  readonly fault: (fault: Fault) => void;
  /** Delivers confirmed updates once more, from this one on. */
  readonly repeat: (from: number) => void;
  readonly seen: (chat?: number) => readonly SeenMessage[];
  readonly calls: (method: string) => readonly Call[];
  /** The texts that were shown over a chat as the answers to presses. */
  readonly toasts: () => readonly string[];
  /** The content of a sent file. */
  readonly fileText: (fileId: string) => string;
  /** The ids of the updates that no request has confirmed. */
  readonly pending: () => readonly number[];
  /** True while a program waits for updates. */
  readonly isPolled: () => boolean;
  /** Another bot at the same address. Its chats are its own. */
  readonly addBot: (bot: Bot) => TelegramStandin;
  /** Ends the address of all its bots. */
  readonly close: () => Promise<void>;
};

type Bot = { readonly token: string; readonly username: string };

type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> };

type Room = {
  readonly chat: SeenMessage["chat"];
  readonly messages: Map<number, SeenMessage>;
  isBlocked: boolean;
  movedTo: number | null;
};

type Update = { readonly update_id: number; readonly [kind: string]: unknown };

const reply = (result: unknown): Answer => ({ status: 200, body: { ok: true, result } });

const refuse = (code: number, description: string, parameters?: object): Answer => ({
  status: code,
  body: { ok: false, error_code: code, description, ...(parameters === undefined ? {} : { parameters }) },
});

/** Longest time for which a request for updates stays open, ms. Telegram itself keeps it open for as long as asked. */
const longestPollMs = 2_000;

/**
 * A stand-in of the Telegram Bot API on 127.0.0.1. Its rules are those of the documentation: limits of texts, buttons and
 * files, unpaired HTML, 409 for a second receiver, blocked and upgraded chats, "not modified".
 */
export const telegramStandin = async (): Promise<TelegramStandin> => {
  const bots = new Map<string, StandinBot>();
  const server = createServer((request, response) => {
    const path = pathOf(request);
    const [, token = ""] = fitting(/^\/(?:file\/)?bot([^/]+)\//, path);
    const bot = bots.get(token);
    if (bot === undefined) return send(response, refuse(401, "Unauthorized"));
    bot
      .serve(request, response, path.slice(path.indexOf(token) + token.length))
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    for (const { end } of bots.values()) end();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const addBot = (named: Bot): TelegramStandin => {
    // Telegram counts the updates of each bot from another number.
    const bot = standinBot(named, 1_000 * (bots.size + 1));
    bots.set(named.token, bot);
    return { ...named, ...bot.standin, url, addBot, close };
  };
  return addBot({ token: "42:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0", username: "gate_bot" });
};

const pathOf = ({ url = "" }: IncomingMessage): string =>
  decodeURIComponent(new URL(url, "http://x").pathname);

const send = (response: ServerResponse, { status, body }: Answer): void =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

type StandinBot = {
  /** `path`: the rest of the path, after the token. */
  readonly serve: (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;
  readonly standin: Omit<TelegramStandin, "url" | "addBot" | "close" | keyof Bot>;
  /** Ends the open request for updates. */
  readonly end: () => void;
};

const standinBot = ({ token, username }: Bot, firstUpdate: number): StandinBot => {
  const me = { id: Number(token.split(":")[0]), is_bot: true, first_name: "Gate", username };
  const rooms = new Map<number, Room>();
  const files = new Map<string, { readonly bytes: Buffer; readonly size: number }>();
  const queries = new Set<string>();
  const faults: (Fault & { left: number })[] = [];
  const calls: Call[] = [];
  const toasts: string[] = [];
  const confirmed: Update[] = [];
  let updates: Update[] = [];
  let again: Update[] = [];
  let [nextUpdate, nextMessage, nextFile] = [firstUpdate, 1, 1];
  let poller: { readonly end: (answer: Answer) => void; readonly wake: () => void } | null = null;

  const roomOf = (id: number): Room => {
    const known = rooms.get(id);
    if (known !== undefined) return known;
    const type = id > 0 ? "private" : "supergroup";
    const room: Room = {
      chat: { id, type, ...(id < 0 ? { title: "Family" } : {}) },
      messages: new Map(),
      isBlocked: false,
      movedTo: null,
    };
    rooms.set(id, room);
    return room;
  };
  const push = (update: Readonly<Record<string, unknown>>): number => {
    const id = nextUpdate++;
    updates.push({ ...update, update_id: id });
    poller?.wake();
    return id;
  };
  const add = (room: Room, message: Omit<SeenMessage, "message_id" | "date" | "chat">): SeenMessage => {
    const full = {
      ...message,
      message_id: nextMessage++,
      date: Math.floor(Date.now() / 1000),
      chat: room.chat,
    };
    room.messages.set(full.message_id, full);
    return full;
  };
  const keep = (name: string, bytes: Buffer, size = bytes.length): RemoteDocument => {
    const file_id = `f${nextFile++}`;
    files.set(file_id, { bytes, size });
    return { file_id, file_name: name, file_size: size };
  };
  const member = (status: string) => ({ user: me, status });
  const setBlocked = (chat: number, isBlocked: boolean): void => {
    const room = roomOf(chat);
    room.isBlocked = isBlocked;
    push({
      my_chat_member: {
        chat: room.chat,
        from: { id: chat, is_bot: false, first_name: "Ana" },
        date: 1,
        old_chat_member: member(isBlocked ? "member" : "kicked"),
        new_chat_member: member(isBlocked ? "kicked" : "member"),
      },
    });
  };
  const say: TelegramStandin["say"] = ({ text = "", chat = 7, from = chat, name = "Ana", ...more }) => {
    const room = roomOf(chat);
    const person = { id: Math.abs(from), is_bot: false, first_name: name };
    const [file] = more.files ?? [];
    if (more.edit !== undefined) {
      const old = room.messages.get(more.edit) ?? add(room, { from: person });
      Object.assign(old, { text, edit_date: Math.floor(Date.now() / 1000) });
      push({ edited_message: { ...old } });
      return old.message_id;
    }
    const replied = more.replyTo === undefined ? undefined : room.messages.get(more.replyTo);
    const isAlbum = (more.files ?? []).length > 1;
    const media_group_id = `g${nextMessage}`;
    const [first, ...others] = (more.files ?? []).map((each) => ({
      ...(isAlbum ? { media_group_id } : {}),
      document: keep(each.name, Buffer.from(each.text), each.size),
    }));
    const place = {
      from: person,
      ...(replied === undefined ? {} : { reply_to_message: replied }),
      ...(more.topic === undefined ? {} : { message_thread_id: more.topic, is_topic_message: true }),
    };
    const sent = add(room, {
      ...place,
      ...(file === undefined ? { text, ...entitiesOf(text) } : { ...first, caption: text }),
    });
    // A copy, because an edit changes the message of the chat.
    push({ message: { ...sent } });
    for (const other of others) push({ message: add(room, { ...place, ...other }) });
    return sent.message_id;
  };

  const roomFor = (payload: Payload): { readonly room: Room } | { readonly problem: Answer } => {
    const room = rooms.get(Number(payload["chat_id"]));
    if (room === undefined) return { problem: refuse(400, "Bad Request: chat not found") };
    if (room.isBlocked) return { problem: refuse(403, "Forbidden: bot was blocked by the user") };
    if (room.movedTo !== null) {
      const parameters = { migrate_to_chat_id: room.movedTo };
      const words = "Bad Request: group chat was upgraded to a supergroup chat";
      return { problem: refuse(400, words, parameters) };
    }
    return { room };
  };
  const shown = (payload: Payload, document?: RemoteDocument): Answer => {
    const found = roomFor(payload);
    if ("problem" in found) return found.problem;
    const { text, caption } = payload as { readonly text?: string; readonly caption?: string };
    const mode = payload["parse_mode"];
    const problem = textProblem({ text, caption, mode }) ?? markupProblem(payload["reply_markup"]);
    if (problem !== null) return refuse(400, problem);
    const topic = payload["message_thread_id"];
    return reply(
      add(found.room, {
        from: me,
        ...(text === undefined ? {} : { text, plain: shownText(text, mode) }),
        ...(caption === undefined ? {} : { caption }),
        ...(document === undefined ? {} : { document }),
        ...(topic === undefined ? {} : { message_thread_id: Number(topic) }),
        ...(payload["reply_markup"] === undefined
          ? {}
          : { reply_markup: payload["reply_markup"] as NonNullable<SeenMessage["reply_markup"]> }),
      }),
    );
  };
  const edited = (payload: Payload): Answer => {
    const found = roomFor(payload);
    if ("problem" in found) return found.problem;
    const old = found.room.messages.get(Number(payload["message_id"]));
    if (old?.from.id !== me.id) return refuse(400, "Bad Request: message to edit not found");
    const text = String(payload["text"]);
    const mode = payload["parse_mode"];
    const problem = textProblem({ text, mode });
    if (problem !== null) return refuse(400, problem);
    if (old.text === text && old.reply_markup === undefined)
      return refuse(400, "Bad Request: message is not modified: specified new message content is the same");
    delete old.reply_markup;
    return reply(Object.assign(old, { text, plain: shownText(text, mode), edit_date: 1 }));
  };
  const getUpdates = (payload: Payload): Promise<Answer> | Answer => {
    const conflict =
      "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
    poller?.end(refuse(409, conflict));
    const from = Number(payload["offset"] ?? 0);
    confirmed.push(...updates.filter(({ update_id: id }) => id < from));
    updates = updates.filter(({ update_id: id }) => id >= from);
    const taken = (): Answer => {
      const all = [...again, ...updates].slice(0, 100);
      again = [];
      return reply(all);
    };
    if (again.length + updates.length > 0) return taken();
    return new Promise((resolve) => {
      const timer = setTimeout(() => mine.end(reply([])), longestPollMs);
      const mine = {
        end: (answer: Answer) => {
          clearTimeout(timer);
          if (poller === mine) poller = null;
          resolve(answer);
        },
        wake: () => mine.end(taken()),
      };
      poller = mine;
    });
  };
  const getFile = ({ file_id: id }: Payload): Answer => {
    const file = files.get(String(id));
    if (file === undefined) return refuse(400, "Bad Request: invalid file_id");
    if (file.size > 20 * 2 ** 20) return refuse(400, "Bad Request: file is too big");
    return reply({ file_id: id, file_size: file.size, file_path: `documents/${String(id)}` });
  };
  const methods: Readonly<
    Record<string, (payload: Payload, parts: readonly FilePart[]) => Answer | Promise<Answer>>
  > = {
    getMe: () => reply(me),
    getUpdates,
    getFile,
    sendChatAction: (payload) => {
      const found = roomFor(payload);
      return "problem" in found ? found.problem : reply(true);
    },
    sendMessage: (payload) => shown(payload),
    sendDocument: (payload, [file]) =>
      file === undefined
        ? refuse(400, "Bad Request: there is no document in the request")
        : shown({ caption: "", ...payload }, keep(file.filename, file.bytes)),
    editMessageText: edited,
    answerCallbackQuery: ({ callback_query_id: id, text }) => {
      const words = "Bad Request: query is too old and response timeout expired or query ID is invalid";
      if (!queries.delete(String(id))) return refuse(400, words);
      if (text !== undefined) toasts.push(String(text));
      return reply(true);
    },
  };

  const serve: StandinBot["serve"] = async (request, response, path) => {
    const [, fileId] = fitting(/^\/documents\/(\w+)$/, path);
    if (fileId !== undefined) {
      calls.push({ method: "download", payload: { file_id: fileId }, outcome: "done" });
      return void response.writeHead(200).end(files.get(fileId)?.bytes);
    }
    const method = path.slice(1);
    const { payload, parts } = await bodyOf(request);
    const call: Call = { method, payload, outcome: "done" };
    calls.push(call);
    const index = faults.findIndex((one) => one.method === method);
    const fault = faults[index];
    if (fault !== undefined) {
      call.outcome = fault.kind;
      if ((fault.left -= 1) <= 0) faults.splice(index, 1);
    }
    if (fault?.kind === "error") {
      const after = fault.retryAfter === undefined ? undefined : { retry_after: fault.retryAfter };
      return send(
        response,
        refuse(fault.code ?? 429, fault.description ?? "Too Many Requests: retry later", after),
      );
    }
    if (fault?.kind === "drop-before") return void request.socket.destroy();
    if (fault?.kind === "hang") return;
    const answer = (await methods[method]?.(payload, parts)) ?? refuse(404, "Not Found: method not found");
    if (answer.body["ok"] !== true) call.outcome = String(answer.body["description"]);
    if (fault?.kind === "drop-after") return void request.socket.destroy();
    send(response, answer);
  };
  const standin: StandinBot["standin"] = {
    say,
    sayRaw: (message, chat = 7) => {
      const room = roomOf(chat);
      const from = { id: chat > 0 ? chat : 7, is_bot: false, first_name: "Ana" };
      const { message_id: number, date } = add(room, { from });
      push({ message: { message_id: number, date, chat: room.chat, from, ...message } });
      return number;
    },
    press: ({ chat = 7, from = chat, message, data }) => {
      const id = `q${nextUpdate}`;
      queries.add(id);
      const person = { id: Math.abs(from), is_bot: false, first_name: "Ana" };
      const pressed = roomOf(chat).messages.get(message) ?? {
        message_id: message,
        chat: roomOf(chat).chat,
        date: 0,
      };
      push({ callback_query: { id, from: person, chat_instance: "1", message: pressed, data } });
      return id;
    },
    block: (chat = 7) => setBlocked(chat, true),
    unblock: (chat = 7) => setBlocked(chat, false),
    migrate: (chat, to) => {
      const [old, next] = [roomOf(chat), roomOf(to)];
      old.movedTo = to;
      const from = { id: 1087968824, is_bot: true, first_name: "Group" };
      push({ message: { ...add(old, { from }), migrate_to_chat_id: to } });
      push({ message: { ...add(next, { from }), migrate_from_chat_id: chat } });
    },
    fault: (fault) => void faults.push({ ...fault, left: fault.times ?? 1 }),
    repeat: (from) => {
      again = confirmed.filter(({ update_id: id }) => id >= from);
      poller?.wake();
    },
    seen: (chat = 7) => [...roomOf(chat).messages.values()],
    calls: (method) => calls.filter((call) => call.method === method),
    toasts: () => toasts,
    fileText: (fileId) => files.get(fileId)?.bytes.toString() ?? "",
    pending: () => updates.map(({ update_id: id }) => id),
    isPolled: () => poller !== null,
  };
  return { serve, standin, end: () => poller?.end(reply([])) };
};

/** The entities that Telegram finds in a text: orders and names. */
const entitiesOf = (text: string): { readonly entities?: readonly object[] } => {
  const found = [...text.matchAll(/(?<![\w@/])[/@]\w+(?:@\w+)?/g)].map(({ 0: word, index: offset }) => ({
    type: word.startsWith("/") ? "bot_command" : "mention",
    offset,
    length: word.length,
  }));
  return found.length === 0 ? {} : { entities: found };
};

const bodyOf = async (
  request: IncomingMessage,
): Promise<{ readonly payload: Payload; readonly parts: readonly FilePart[] }> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const type = request.headers["content-type"] ?? "";
  if (type.startsWith("multipart/")) return multipart(raw, type);
  return { payload: raw.length === 0 ? {} : (JSON.parse(raw.toString()) as Payload), parts: [] };
};
