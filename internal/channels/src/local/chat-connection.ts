import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { readFrame } from "@gatehouse/socket-server";
import { fail, type Result } from "@gatehouse/std";
import { diskFull, isDiskFull } from "./disk-full.ts";
import type { ChatRefusal } from "./find-speaker.ts";
import { chatVersion, clientFrame, maxLineBytes, type ChatError, type Hello, type Said } from "./frames.ts";
import type { Chunk, ClientFrame, Fetched, ReadUpTo, ServerFrame, ShownMessage } from "./frames.ts";
import type { Guest } from "./greet.ts";
import { lineSocket } from "./line-socket.ts";
import { pumping } from "./pumping.ts";
import type { Upload } from "./upload.ts";

/** What a connection asks of its channel. */
export type ChatHost = {
  readonly greet: (hello: Hello) => Promise<Result<Guest, ChatRefusal>>;
  /** Those of these users who are refused by now: a person may leave users.yaml while connected. */
  readonly refusedOf: (userIds: readonly string[]) => Promise<ReadonlyMap<string, ChatRefusal>>;
  /** Writes a person's message; refuses an id that another message has. */
  readonly say: (guest: Guest, said: Said) => Promise<Result<null, ChatRefusal>>;
  /** For the files of one client. */
  readonly upload: () => Upload;
  /** Notes that a client has the files of a message; one of another chat is left alone. */
  readonly fetched: (guest: Guest, fetched: Fetched) => Promise<void>;
  /** How far a chat goes now. */
  readonly readUpTo: (chats: readonly string[]) => Promise<ReadUpTo>;
  /** The last place of each chat at which there is something to show. */
  readonly lastOut: (chats: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  readonly openCards: (guest: Guest) => Promise<readonly ShownMessage[]>;
  /** The next messages of a chat, in order; empty at its end. */
  readonly after: (chat: string, seq: number) => Promise<readonly ShownMessage[]>;
  readonly report: (error: unknown) => void;
};

/** A connected client. */
export type ChatConnection = {
  /** Shows what is new in a chat, if it is one of this client's. */
  readonly nudge: (chat: string) => void;
  /** How far its chats were shown to it. */
  readonly shownUpTo: ReadonlyMap<string, number>;
  /** The user who speaks; null before the hello. */
  readonly userId: () => string | null;
  /** Tells the client why, and ends the connection. */
  readonly dismiss: (refusal: ChatRefusal) => void;
  readonly stop: () => void;
};

/** Milliseconds in which a client says who it is. */
const helloMs = 10_000;

const refusal = (code: string, message: string, id?: string): ChatError => ({
  type: "error",
  code,
  message,
  ...(id === undefined ? {} : { id }),
});

/**
 * Serves one client. What it is to be shown stays in the database until it takes it, so a slow one costs one
 * batch of messages, and an idle one its socket.
 */
export const chatConnection = (socket: Socket, host: ChatHost): ChatConnection => {
  let guest: Guest | null = null;
  const shownUpTo = new Map<string, number>();
  const send = (frame: ServerFrame): Promise<boolean> => lines.send(frame);
  const refuse = async (error: ChatError): Promise<void> => {
    await send(error);
    if (guest === null) lines.end();
  };
  const uploading = host.upload();
  const endWith = (error: ChatError): void => {
    void send(error);
    lines.end();
  };
  const dismiss = ({ code, message }: ChatRefusal): void => endWith(refusal(code, message));
  /** Asked again for every frame and every batch: the right of the hello may be gone. */
  const isServed = async ({ user }: Guest): Promise<boolean> => {
    const refused = (await host.refusedOf([user.id])).get(user.id);
    if (refused !== undefined) dismiss(refused);
    return refused === undefined;
  };
  const pump = pumping(async () => {
    if (guest !== null) await showNew(shownUpTo, guest, { ...host, isServed }, send);
  }, host.report);

  const begin = async (hello: Hello): Promise<void> => {
    if (guest !== null) return refuse(refusal("second-hello", "A connection says hello once."));
    const greeted = await host.greet(hello);
    if (!greeted.ok) return refuse(refusal(greeted.error.code, greeted.error.message));
    clearTimeout(timer);
    guest = greeted.value;
    const now = await host.readUpTo(guest.chats);
    for (const one of guest.chats) shownUpTo.set(one, hello.after?.[one] ?? now[one] ?? 0);
    await send(welcomeOf(guest, shownUpTo));
    if (hello.after === null) await sendOpenCards(guest, now, host, send);
    pump();
  };

  const heard = hearing({ host, uploading, send, refuse, isServed, guest: () => guest });

  const end = (): void => lines.end();
  const failed: Reader["failed"] = (error, frame) => answerFailure(error, frame, { host, refuse, send, end });
  const lines = lineSocket(socket, {
    maxLineBytes,
    line: (line) => readLine(line, { begin, ...heard, refuse, failed }),
    tooLong: () =>
      endWith(refusal("line-too-long", `A line is at most ${maxLineBytes} bytes: the connection ends.`)),
  });
  const timer = setTimeout(() => void refuse(refusal("no-hello", "No hello came in time.")), helloMs);
  socket.once("close", () => {
    clearTimeout(timer);
    void uploading.close().catch(host.report);
  });
  return {
    nudge: (chat) => {
      if (guest !== null && shownUpTo.has(chat)) pump();
    },
    ...{ shownUpTo, dismiss, stop: lines.stop },
    userId: () => guest?.user.id ?? null,
  };
};

const welcomeOf = ({ user, group, chat }: Guest, shownUpTo: ReadonlyMap<string, number>): ServerFrame => ({
  ...{ type: "welcome", version: chatVersion, userId: user.id, chat },
  ...{ groupId: group?.id ?? null, group: group?.name ?? null },
  readUpTo: Object.fromEntries(shownUpTo),
});

type Failing = Pick<Hearing, "host" | "refuse" | "send"> & { readonly end: () => void };

/** The client comes again, and sends again what was not taken; on a full disk it would come again at once. */
const answerFailure = async (
  error: unknown,
  frame: ClientFrame,
  { host, refuse, send, end }: Failing,
): Promise<void> => {
  host.report(error);
  const id = "id" in frame ? frame.id : undefined;
  if (isDiskFull(error)) return refuse(refusal(diskFull.code, diskFull.message, id));
  void send(refusal("host-failed", "The host failed on this frame; its log has the details."));
  end();
};

/** False for a guest who is refused by now; the connection then ends. */
type IsServed = (guest: Guest) => Promise<boolean>;

type Hearing = {
  readonly host: ChatHost;
  readonly uploading: Upload;
  readonly send: (frame: ServerFrame) => Promise<boolean>;
  readonly refuse: (error: ChatError) => Promise<void>;
  readonly isServed: IsServed;
  readonly guest: () => Guest | null;
};

/** Takes what a person says, and the files before it. */
const hearing = ({ host, uploading, send, refuse, isServed, guest }: Hearing): Heard => ({
  fetched: async (frame) => {
    const reader = guest();
    if (reader === null) return refuse(refusal("no-hello", "The first frame is a hello."));
    if (!(await isServed(reader))) return;
    await host.fetched(reader, frame);
  },
  hear: async (said) => {
    const speaker = guest();
    if (speaker === null) return refuse(refusal("no-hello", "The first frame is a hello.", said.id));
    if (!(await isServed(speaker))) return;
    const files = await uploading.finish(said);
    const heard = files.ok ? await host.say(speaker, said) : files;
    if (heard.ok) await send({ type: "taken", id: said.id });
    else await refuse(refusal(heard.error.code, heard.error.message, said.id));
  },
  takeChunk: async (chunk) => {
    const sender = guest();
    if (sender === null) return refuse(refusal("no-hello", "The first frame is a hello.", chunk.id));
    if (!(await isServed(sender))) return;
    const taken = await uploading.take(chunk);
    if (!taken.ok) await refuse(refusal(taken.error.code, taken.error.message, chunk.id));
  },
});

/** Cards behind that place are shown with what is new. */
const sendOpenCards = async (
  guest: Guest,
  upTo: ReadUpTo,
  host: ChatHost,
  send: (frame: ServerFrame) => Promise<boolean>,
): Promise<void> => {
  for (const card of await host.openCards(guest)) if (card.seq <= (upTo[card.chat] ?? 0)) await send(card);
};

type Heard = {
  readonly hear: (said: Said) => Promise<void>;
  readonly takeChunk: (chunk: Chunk) => Promise<void>;
  readonly fetched: (fetched: Fetched) => Promise<void>;
};

type Reader = Heard & {
  readonly begin: (hello: Hello) => Promise<void>;
  readonly refuse: (error: ChatError) => Promise<void>;
  readonly failed: (error: unknown, frame: ClientFrame) => Promise<void>;
};

const readLine = async (line: Buffer, reader: Reader): Promise<void> => {
  const { refuse, failed } = reader;
  const parsed = readFrame(line);
  const frame = parsed.ok ? clientFrame(parsed.value) : fail({ code: "not-json", ...parsed.error });
  if (!frame.ok) return refuse({ type: "error", ...frame.error });
  await read(frame.value, reader).catch((error: unknown) => failed(error, frame.value));
};

const read = (frame: ClientFrame, { begin, hear, takeChunk, fetched }: Reader): Promise<void> => {
  switch (frame.type) {
    case "hello":
      return begin(frame);
    case "chunk":
      return takeChunk(frame);
    case "fetched":
      return fetched(frame);
    default:
      return hear(frame);
  }
};

/** Sends what is new in each chat. A message counts as shown once the client has taken the one before it. */
const showNew = async (
  shownUpTo: Map<string, number>,
  guest: Guest,
  host: Pick<ChatHost, "after"> & { readonly isServed: IsServed },
  send: (frame: ServerFrame) => Promise<boolean>,
): Promise<void> => {
  for (const chat of shownUpTo.keys()) {
    for (;;) {
      const messages = await host.after(chat, shownUpTo.get(chat) ?? 0);
      if (messages.length === 0) break;
      if (!(await host.isServed(guest))) return;
      for (const message of messages) {
        if (!(await send(message))) return;
        shownUpTo.set(chat, message.seq);
      }
    }
  }
};
