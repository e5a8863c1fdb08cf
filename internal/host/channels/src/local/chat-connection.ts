import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { lineSocket, readFrame } from "@gatehouse/socket-server";
import { fail } from "@gatehouse/std";
import type { ChatHost } from "./chat-host.ts";
import { diskFull, isDiskFull } from "./disk-full.ts";
import type { ChatRefusal } from "./find-speaker.ts";
import { chatVersion, clientFrame, maxLineBytes, type ChatError, type Hello, type Said } from "./frames.ts";
import type { Chunk, ClientFrame, Fetched, ServerFrame, ShownWriting } from "./frames.ts";
import type { Guest } from "./greet.ts";
import { messageShower } from "./show-messages.ts";
import type { Upload } from "./upload.ts";

/** A connected client. */
export type ChatConnection = {
  /** Shows new messages of a chat, if it is one of this client's. */
  readonly nudge: (chat: string) => void;
  /** Shows what an agent is writing in a chat, if the chat is one of this client's and the client reads. */
  readonly writing: (writing: ShownWriting) => void;
  /** The last places of its chats that were shown to it. */
  readonly shownUpTo: ReadonlyMap<string, number>;
  /** The user of the client; null before the hello. */
  readonly userId: () => string | null;
  /** Tells the client the reason, and closes the connection. */
  readonly dismiss: (refusal: ChatRefusal) => void;
  readonly stop: () => void;
};

/** Time for a client to send its hello, ms. It ends before the database is asked, which may take long on a busy server. */
const helloMs = 10_000;

const refusal = (code: string, message: string, id?: string): ChatError => ({
  type: "error",
  code,
  message,
  ...(id === undefined ? {} : { id }),
});

/**
 * Serves one client. Its messages stay in the database until the client reads them, so a slow client costs
 * the memory of one batch, and an idle one only its socket.
 */
export const chatConnection = (socket: Socket, host: ChatHost): ChatConnection => {
  let guest: Guest | null = null;
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
  /** Checked for every frame and every batch, because the person may have lost the right since the hello. */
  const isServed = async ({ user }: Guest): Promise<boolean> => {
    const refused = (await host.refusedOf([user.id])).get(user.id);
    if (refused !== undefined) dismiss(refused);
    return refused === undefined;
  };
  const shower = messageShower({ host, isServed, send });

  const begin = async (hello: Hello): Promise<void> => {
    if (guest !== null) return refuse(refusal("second-hello", "A connection says hello once."));
    clearTimeout(timer);
    const greeted = await host.greet(hello);
    if (!greeted.ok) return refuse(refusal(greeted.error.code, greeted.error.message));
    guest = greeted.value;
    await shower.begin(guest, hello);
    await send(welcomeOf(guest, shower.shownUpTo));
    await shower.showAll(guest, hello);
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
    ...{ nudge: shower.nudge, writing: shower.writing, shownUpTo: shower.shownUpTo },
    ...{ dismiss, stop: lines.stop },
    userId: () => guest?.user.id ?? null,
  };
};

const welcomeOf = ({ user, group, chat }: Guest, shownUpTo: ReadonlyMap<string, number>): ServerFrame => ({
  ...{ type: "welcome", version: chatVersion, userId: user.id, chat },
  ...{ groupId: group?.id ?? null, group: group?.name ?? null },
  readUpTo: Object.fromEntries(shownUpTo),
});

type Failing = Pick<Hearing, "host" | "refuse" | "send"> & { readonly end: () => void };

/**
 * The client reconnects and repeats what was not stored. On a full disk it would reconnect at once, so it is
 * told.
 */
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

type Hearing = {
  readonly host: ChatHost;
  readonly uploading: Upload;
  readonly send: (frame: ServerFrame) => Promise<boolean>;
  readonly refuse: (error: ChatError) => Promise<void>;
  readonly isServed: (guest: Guest) => Promise<boolean>;
  readonly guest: () => Guest | null;
};

/** Handles a person's messages, and the files before them. */
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
    const received = await uploading.receive(chunk);
    if (!received.ok) await refuse(refusal(received.error.code, received.error.message, chunk.id));
  },
});

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
