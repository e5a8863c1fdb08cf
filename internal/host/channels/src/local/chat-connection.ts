import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { lineSocket, readFrame } from "@gatehouse/socket-server";
import { fail, ok, type Result } from "@gatehouse/std";
import { troubleOf } from "@gatehouse/dispatch";
import type { ChatHost } from "./chat-host.ts";
import { diskFull, isDiskFull } from "./disk-full.ts";
import { refusedOf, type ChatRefusal } from "./find-speaker.ts";
import { chatVersion, clientFrame, hostFailedCode, maxLineBytes } from "./frames.ts";
import type { ChatError, ClientFrame, Hello, ServerFrame, ShownWriting } from "./frames.ts";
import type { Guest } from "./greet.ts";
import { messageShower } from "./show-messages.ts";
import { isSentTo } from "./transcript.ts";
import { upload, type Upload } from "./upload.ts";

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
  /** Resolves when the connection uses the database no more, once it is closed. */
  readonly idle: () => Promise<void>;
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
  const uploading = upload(host.files);
  const endWith = (error: ChatError): void => {
    void send(error);
    lines.end();
  };
  const dismiss = ({ code, message }: ChatRefusal): void => endWith(refusal(code, message));
  /** Checked for every frame and every batch, because the person may have lost the right since the hello. */
  const isServed = async ({ user }: Guest): Promise<boolean> => {
    const refused = (await refusedOf(host.db, [user.id])).get(user.id);
    if (refused !== undefined) dismiss(refused);
    return refused === undefined;
  };
  const shower = messageShower({ host, isServed, send });

  const begin = async (hello: Hello): Promise<void> => {
    if (guest !== null) return refuse(refusal("second-hello", "A connection says hello once."));
    clearTimeout(timer);
    const greeted = await host.greet(hello);
    if (!greeted.ok) return refuse(refusal(greeted.error.code, greeted.error.message));
    const { historyOnly = false, history = 0 } = hello;
    if (!historyOnly) guest = greeted.value;
    await shower.show(greeted.value, hello, (past) =>
      send({ ...welcomeOf(greeted.value, shower.shownUpTo), ...(history > 0 ? { past } : {}) }),
    );
    if (historyOnly) lines.end();
  };

  const handle = async (frame: ClientFrame): Promise<void> => {
    if (frame.type === "hello") return begin(frame);
    if (guest === null) return refuse(refusal("no-hello", "The first frame is a hello.", frame.id));
    if (!(await isServed(guest))) return;
    const handled = await handleFor(guest, frame, { host, uploading, send });
    if (!handled.ok) await refuse(refusal(handled.error.code, handled.error.message, frame.id));
  };
  /** The client reconnects, and repeats a few times what was not stored. On a full disk that would be of no use. */
  const reportFailure = async (error: unknown, frame: ClientFrame): Promise<void> => {
    host.report(error);
    if (isDiskFull(error)) return refuse(refusal(diskFull.code, diskFull.message, idOf(frame)));
    const why = troubleOf(error) ?? "The host failed on this frame; its log has the details.";
    endWith(refusal(hostFailedCode, why, idOf(frame)));
  };
  const lines = lineSocket(socket, {
    maxLineBytes,
    line: async (line) => {
      const frame = frameOf(line);
      if (!frame.ok) return refuse({ type: "error", ...frame.error });
      await handle(frame.value).catch((error: unknown) => reportFailure(error, frame.value));
    },
    tooLong: () =>
      endWith(refusal("line-too-long", `A line is at most ${maxLineBytes} bytes: the connection ends.`)),
  });
  const timer = setTimeout(() => void refuse(refusal("no-hello", "No hello came in time.")), helloMs);
  socket.once("close", () => {
    clearTimeout(timer);
    void uploading.close().catch(host.report);
  });
  return {
    nudge: shower.nudge,
    writing: shower.writing,
    shownUpTo: shower.shownUpTo,
    dismiss,
    stop: lines.stop,
    idle: async () => {
      await lines.idle();
      await shower.idle();
    },
    userId: () => guest?.user.id ?? null,
  };
};

const welcomeOf = ({ user, group, chat }: Guest, shownUpTo: ReadonlyMap<string, number>): ServerFrame => ({
  type: "welcome",
  version: chatVersion,
  userId: user.id,
  chat,
  groupId: group?.id ?? null,
  group: group?.name ?? null,
  readUpTo: Object.fromEntries(shownUpTo),
});

const idOf = (frame: ClientFrame): string | undefined => ("id" in frame ? frame.id : undefined);

const frameOf = (line: Buffer): ReturnType<typeof clientFrame> => {
  const parsed = readFrame(line);
  return parsed.ok ? clientFrame(parsed.value) : fail({ code: "not-json", ...parsed.error });
};

type Handling = {
  readonly host: ChatHost;
  readonly uploading: Upload;
  readonly send: (frame: ServerFrame) => Promise<boolean>;
};

/** Handles a frame of a person: a message, a part of a file before it, or the note that files were copied. */
const handleFor = async (
  guest: Guest,
  frame: Exclude<ClientFrame, Hello>,
  { host, uploading, send }: Handling,
): Promise<Result<null, ChatRefusal>> => {
  if (frame.type === "chunk") return uploading.receive(frame);
  if (frame.type === "fetched") {
    if (await isSentTo(host.db, frame.id, guest.chats)) await host.files.fetched(frame.id);
    return ok(null);
  }
  const files = await uploading.finish(frame);
  if (!files.ok) return files;
  const said = await host.say(guest, frame);
  if (said.ok) await send({ type: "taken", id: frame.id });
  return said;
};
