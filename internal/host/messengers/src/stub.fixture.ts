import { fail, ok } from "@gatehouse/std";
import type { Connection, KeptUpdate, Messenger, ReadMessage, ReadUpdate, RemoteFile } from "./messenger.ts";
import type { MessengerRow } from "./messengers.ts";

type Content = { readonly text?: string; readonly buttons?: readonly string[]; readonly file?: number };

type TextFile = { readonly name: string; readonly text: string };

/** A message of the bot as a person sees it. */
type StubMessage = {
  readonly id: string;
  readonly text: string;
  readonly buttons: readonly string[];
  readonly files: readonly TextFile[];
};

export type StubPlatform = {
  readonly stub: Messenger;
  /** Its row in the table of messengers. */
  readonly row: MessengerRow;
  /** The secrets that it was asked about. */
  readonly asked: readonly unknown[];
  readonly shown: readonly StubMessage[];
  /** What the person `stub:7` does. Each returns the message's id. */
  readonly say: (text: string, sent?: readonly TextFile[]) => string;
  readonly edit: (edits: string, text: string) => string;
  readonly reply: (platformMessageId: string, text: string) => string;
  readonly press: (platformMessageId: string, data: string) => string;
};

/** A platform in memory, as a contributor would add one: two secrets, no album, and its bots begin chats. */
export const stubPlatform = (): StubPlatform => {
  /** Updates that are not confirmed, and the number of those that were received. */
  let waiting: KeptUpdate[] = [];
  let received = 0;
  let count = 0;
  let arrived = (): void => {};
  const shown: StubMessage[] = [];
  const files = new Map<string, string>();
  const asked: unknown[] = [];
  const known = (userId: string): string | null => (userId === "stub:7" ? "stub:dm-7" : null);

  const update = (read: Omit<ReadMessage, "type">): string => {
    const updateId = (count += 1);
    const messageId = `stub:m${updateId}`;
    const content = JSON.stringify({ type: "message", ...read } satisfies ReadUpdate);
    waiting.push({ updateId, chat: "stub:dm-7", messageId, content });
    arrived();
    return messageId;
  };
  const said = (text: string) => ({
    threadId: null,
    userId: "stub:7",
    userName: "Ana",
    text,
    isMention: true,
    isDirect: true,
    at: new Date().toISOString(),
  });
  const connection = (): Connection => ({
    poll: async (areStored, signal) => {
      if (areStored) waiting = waiting.slice(received);
      if (waiting.length === 0 && !signal.aborted)
        await new Promise<void>((resolve) => {
          arrived = resolve;
          signal.addEventListener("abort", () => resolve(), { once: true });
        });
      received = waiting.length;
      return ok([...waiting]);
    },
    read: (content) => JSON.parse(content) as ReadUpdate,
    openFiles: (remote) =>
      Promise.resolve(
        ok({
          attachments: remote.map(({ id, name }) => {
            const bytes = new TextEncoder().encode(files.get(id) ?? "");
            return {
              name,
              size: bytes.length,
              content: async function* () {
                yield await Promise.resolve(bytes);
              },
            };
          }),
          notes: [],
        }),
      ),
    isChat: (platformId) => platformId.startsWith("stub:dm-"),
    directChatOf: (userId) => Promise.resolve(known(userId)),
    partsOf: ({ text, card, attachments = [] }) =>
      [
        { text, buttons: card?.options.map(({ label }) => label) ?? [], card: card ?? null },
        ...attachments.map((_, file) => ({ file, card: null })),
      ].map(({ card: of, ...content }) => ({ content: JSON.stringify(content), card: of })),
    askForWords: (label) => ({ content: JSON.stringify({ text: label } satisfies Content), card: null }),
    closeCard: (_, outcome) => ({ content: JSON.stringify({ text: outcome } satisfies Content), card: null }),
    send: async (_, content, attachments) => {
      const { text = "", buttons = [], file } = JSON.parse(content) as Content;
      const found = file === undefined ? [] : [attachments[file]];
      const sent: TextFile[] = [];
      for (const each of found) {
        if (each === undefined) return fail({ code: "refused", message: "The file is no longer there." });
        let bytes = "";
        for await (const chunk of each.content()) bytes += new TextDecoder().decode(chunk);
        sent.push({ name: each.name, text: bytes });
      }
      const id = `s${shown.length}`;
      shown.push({ id, text, buttons, files: sent });
      return ok(id);
    },
  });
  const secret = (name: string, what: string, form: RegExp) => ({
    name,
    what,
    whereFrom: `Ask the stub for ${what}.`,
    form,
    formText: `${what} begins with st${name[0] ?? ""}_`,
    copyAgain: "the stub's page",
  });
  const secrets = [
    secret("token", "the bot's token", /^stt_\w+$/),
    secret("app", "the app's token", /^sta_\w+$/),
  ] as const;
  const stub: Messenger = {
    type: "stub",
    sentAtOnce: null,
    beginsChats: true,
    setUp: {
      address: "https://stub.example",
      secrets: [...secrets],
      revoke: "the stub's page ends both",
      ifSilent: "let this machine reach the stub",
      whoAmI: (given) => {
        asked.push(given);
        const isKnown = given.more?.["app"] === "sta_good";
        const refused = { code: "unauthorized", message: "The stub says: no.", secret: secrets[1] } as const;
        return Promise.resolve(isKnown ? ok({ id: given.token, username: "stubby" }) : fail(refused));
      },
      idOf: ({ id = "" }) => id,
      afterAdding: ({ username }) => [`Write to ${username}.`],
    },
    connect: connection,
  };
  return {
    stub,
    row: { title: "Stub", load: () => Promise.resolve(stub) },
    asked,
    shown,
    say: (text, sent = []) => {
      const remote = sent.map(({ name, text: bytes }, at): RemoteFile => {
        const id = `${count}-${at}`;
        files.set(id, bytes);
        return { id, name, size: null };
      });
      return update({ message: said(text), files: remote, about: null });
    },
    edit: (edits, text) => update({ message: { ...said(text), edits }, files: [], about: null }),
    reply: (platformMessageId, text) =>
      update({ message: said(text), files: [], about: { platformMessageId, answer: { by: "reply" } } }),
    press: (platformMessageId, data) =>
      update({ message: said(""), files: [], about: { platformMessageId, answer: { by: "button", data } } }),
  };
};
