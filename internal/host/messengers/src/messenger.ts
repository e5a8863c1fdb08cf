import type { MessengerBot } from "@gatehouse/data-folder";
import type { Attachment, FromPerson, ToChat } from "@gatehouse/channels";
import type { Card, Result } from "@gatehouse/std";

/** Why a call to a platform had no effect, or may have had one. Its texts never contain the bot's token. */
export type CallError = {
  /**
   * `unsent`: the request never left this machine. `unknown`: it may have been carried out. `wait`: the platform asks for a
   * pause. `conflict`: another program receives the bot's updates. `muted`: the chat is there, and the bot may not write in it.
   * All others are refusals.
   */
  readonly code:
    | "unsent"
    | "unknown"
    | "wait"
    | "conflict"
    | "no-such-chat"
    | "blocked"
    | "muted"
    | "unauthorized"
    | "refused";
  /** A sentence. */
  readonly message: string;
  /** With `wait`: ms. */
  readonly retryAfterMs?: number;
  /** With `no-such-chat`: the chat goes on under this platform id. */
  readonly movedTo?: string;
};

/** An update of a bot as the inbox keeps it. */
export type KeptUpdate = {
  readonly updateId: number;
  /** The platform id of its chat. */
  readonly chat: string;
  /** The id under which the host gets it. Several updates are one message if they have one id. */
  readonly messageId: string;
  /** The platform's JSON. */
  readonly content: string;
  /** A chat goes on under another platform id. */
  readonly move?: { readonly from: string; readonly to: string };
};

/** A file of a person's message, which the platform hands over later. */
export type RemoteFile = {
  /** The platform's id of it. */
  readonly id: string;
  readonly name: string;
  /** Bytes; null if the platform does not say. */
  readonly size: number | null;
};

/** A person's answer to a card, as the platform tells it. */
export type GivenAnswer =
  /** A button, by its data. */
  | { readonly by: "button"; readonly data: string }
  /** A reply to the message of a card. */
  | { readonly by: "reply" };

/** The content of an update. */
export type ReadUpdate =
  | {
      readonly type: "message";
      readonly message: Omit<FromPerson, "attachments" | "answer">;
      readonly files: readonly RemoteFile[];
      /** Other updates may be parts of the same message, such as the photos of an album. */
      readonly isPart: boolean;
      /** The message that the person has replied to or whose button was pressed. */
      readonly about: { readonly platformMessageId: string; readonly answer: GivenAnswer } | null;
    }
  /** The platform does not say which person has written it, so nobody can be asked for their rights. */
  | {
      readonly type: "without-person";
      /** For the log. */
      readonly why: string;
      /** What the chat reads, if it named the bot; null for a message to others. */
      readonly answer: string | null;
      readonly message: Pick<FromPerson, "id" | "platformId" | "instance" | "threadId">;
    }
  /** The bot was blocked or removed. */
  | { readonly type: "lost"; readonly why: string }
  | { readonly type: "none" };

/** A part of a message to a chat: one call. */
export type Part = {
  /** In the platform's own form, as JSON. */
  readonly content: string;
  /** The card whose buttons it has. */
  readonly card: Card | null;
};

/** A shown part with a card, as the outbox kept it. */
export type ShownCard = { readonly content: string; readonly platformMessageId: string };

/** A bot's connection to its platform. */
export type Connection = {
  /** Waits for updates, and confirms all before `from`. Null confirms none. */
  readonly poll: (
    from: number | null,
    signal: AbortSignal,
  ) => Promise<Result<readonly KeptUpdate[], CallError>>;
  readonly read: (content: string) => ReadUpdate;
  /** The files with their bytes, and a note for each that the platform does not hand over. */
  readonly openFiles: (
    files: readonly RemoteFile[],
  ) => Promise<
    Result<{ readonly attachments: readonly Attachment[]; readonly notes: readonly string[] }, CallError>
  >;
  /** True for the platform id of a possible chat. */
  readonly isChat: (platformId: string) => boolean;
  readonly directChatOf: (userId: string) => string | null;
  readonly partsOf: (message: ToChat) => readonly Part[];
  /** Asks for the words of an option. */
  readonly askForWords: (label: string, threadId: string | null) => Part;
  /** The change of a shown card: its outcome, no buttons. */
  readonly closeCard: (shown: ShownCard, outcome: string) => Part;
  readonly send: (
    chat: string,
    content: string,
    attachments: readonly Attachment[],
    signal: AbortSignal,
  ) => Promise<Result<string | null, CallError>>;
  /** Tells the platform that a press was handled, if no answer to it was sent. */
  readonly settle: (messageId: string) => Promise<void>;
  /** Shows that the agent is writing. */
  readonly writing: (chat: string, threadId: string | null) => void;
};

/** How a bot of a platform is added, and looked at. Commands and doctor know a platform only by this. */
export type BotSetUp = {
  /** The platform's name as people write it. */
  readonly title: string;
  /** Where this machine has to reach it. */
  readonly address: string;
  /** Where a person gets a token: a sentence. */
  readonly whereFrom: string;
  /** The bot of a token, the same for each of its tokens; null if the text has not the form of a token. */
  readonly botIn: (token: string) => string | null;
  /** That form, and where to copy it. */
  readonly tokenForm: string;
  /** Where the token of a bot is copied again. */
  readonly copyAgain: string;
  /** How a token is revoked: the end of a sentence. */
  readonly revoke: string;
  /** Asks the platform for the bot's name there. */
  readonly whoAmI: (
    token: string,
    options: Pick<ConnectOptions, "root"> & { readonly timeoutMs: number },
  ) => Promise<Result<string, CallError>>;
  /** What people have to do next: sentences. */
  readonly afterAdding: (username: string) => readonly string[];
};

/** A platform. To add one, add a folder and a row in `messengers.ts`. */
export type Messenger = {
  readonly type: string;
  readonly setUp: BotSetUp;
  readonly connect: (bot: MessengerBot, options: ConnectOptions) => Connection;
};

export type ConnectOptions = {
  /** The address of the platform; only tests have another one. */
  readonly root?: string;
  /** Ends all calls except those of `send`, which have their own signal. */
  readonly signal: AbortSignal;
};
